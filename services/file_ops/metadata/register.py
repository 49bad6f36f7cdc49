"""Things by name, where a name that is taken gets a number."""

from __future__ import annotations

from typing import Any


class Register(dict[str, Any]):
    """Named things of a document that grows: `name`, `name_2`, `name_3`."""

    def __init__(self) -> None:
        super().__init__()
        # Where numbering goes on: a thousand files may bring a thousand things of one name.
        self._next: dict[str, int] = {}

    def enter(self, wanted: str, value: Any) -> str:
        """Keep the value under `wanted`, numbered where that is taken, and return its name."""
        name, number = wanted, self._next.get(wanted, 2)
        while name in self:
            name = f"{wanted}_{number}"
            number += 1
        if name != wanted:
            self._next[wanted] = number
        self[name] = value
        return name

    def share(self, wanted: str, value: Any) -> str:
        """As `enter`, but an equal value that is there already under such a name is shared."""
        name, number = wanted, 2
        while name in self and self[name] != value:
            name = f"{wanted}_{number}"
            number += 1
        self.setdefault(name, value)
        return name
