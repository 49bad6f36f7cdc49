"""The resources of a content stream that is being rewritten: copied when something new comes in, cleared at the end."""

from __future__ import annotations

from typing import Any

import pikepdf
from pikepdf import Dictionary, Name

_PRUNED = ("/XObject", "/Pattern", "/Properties")


class Resources:
    """A view of one resource dictionary; the original, which other pages may share, is never changed."""

    def __init__(self, resources: Any) -> None:
        self.original = resources if isinstance(resources, Dictionary) else Dictionary()
        self._own: Dictionary | None = None
        self._copied: set[str] = set()

    @property
    def current(self) -> Dictionary:
        """The dictionary as it is now."""
        return self.original if self._own is None else self._own

    @property
    def changed(self) -> bool:
        """Whether there is a copy of our own."""
        return self._own is not None

    def find(self, kind: str, name: Any) -> Any:
        """The resource of a kind ("/XObject") and a name, or None."""
        entries = self.current.get(kind)
        return entries.get(str(name)) if isinstance(entries, Dictionary) and isinstance(name, Name) else None

    def add(self, kind: str, thing: Any) -> Name:
        """Take a new resource in under a name that nothing has; return the name."""
        entries = self._entries(kind)
        number = len(entries.keys())
        while f"/Bx{number}" in entries:
            number += 1
        entries[f"/Bx{number}"] = thing
        return Name(f"/Bx{number}")

    def prune(self, used: dict[str, set[str]]) -> None:
        """Drop drawings and patterns that no instruction names: they may be what was to be removed."""
        for kind in _PRUNED:
            entries = self.current.get(kind)
            if isinstance(entries, Dictionary) and any(key not in used[kind] for key in entries.keys()):  # noqa: SIM118 - a PDF dictionary iterates over values of arrays only
                own = self._entries(kind)
                for key in list(own.keys()):
                    if key not in used[kind]:
                        del own[key]

    def _entries(self, kind: str) -> Dictionary:
        if self._own is None:
            self._own = _shallow(self.original)
        if kind not in self._copied:
            entries: Any = self._own.get(kind)
            self._own[kind] = _shallow(entries) if isinstance(entries, Dictionary) else Dictionary()
            self._copied.add(kind)
        found: Any = self._own[kind]
        assert isinstance(found, pikepdf.Object)
        return found  # type: ignore[return-value]


def _shallow(dictionary: Any) -> Dictionary:
    return Dictionary(dict(dictionary.items()))


_NAMING = {
    "Do": "/XObject",
    "scn": "/Pattern",
    "SCN": "/Pattern",
    "BDC": "/Properties",
    "DP": "/Properties",
}


def names_used(instructions: list[Any]) -> dict[str, set[str]]:
    """The resources that instructions name, by kind."""
    used: dict[str, set[str]] = {kind: set() for kind in _NAMING.values()}
    for instruction in instructions:
        operands, operator = (
            instruction
            if isinstance(instruction, tuple)
            else (
                instruction.operands,
                instruction.operator,
            )
        )
        kind = _NAMING.get(str(operator))
        if kind and len(operands) and isinstance(operands[-1], Name):
            used[kind].add(str(operands[-1]))
    return used
