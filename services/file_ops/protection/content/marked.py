"""Marked content: layers that are hidden, and texts that stand for content and must go with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pikepdf import Dictionary, Name

#: Entries of a property list that repeat or describe content in words.
SPOKEN = ("/ActualText", "/Alt", "/E")


@dataclass
class _Mark:
    properties: Any
    #: Its place in the list of written instructions.
    written_at: int
    hidden: bool
    touched: bool = False


@dataclass
class MarkedContent:
    """The marks that are open at one point of a content stream."""

    is_hidden: Callable[[Any], bool]
    #: Numbers by which the structure tree names content, where something was erased.
    touched_ids: set[int] = field(default_factory=set)
    _open: list[_Mark] = field(default_factory=list)
    _hidden: int = 0

    @property
    def hidden(self) -> bool:
        """Whether what is drawn now belongs to a layer that is switched off."""
        return self._hidden > 0

    @property
    def is_open(self) -> bool:
        """Whether a mark waits for its end."""
        return bool(self._open)

    def begin(self, tag: str, properties: Any, written_at: int) -> None:
        """BMC or BDC; `properties` is a dictionary or None."""
        hidden = tag == "/OC" and self.is_hidden(properties)
        self._open.append(_Mark(properties, written_at, hidden))
        self._hidden += hidden

    def end(self) -> int | None:
        """EMC; the place of the opening instruction whose words must go, or None."""
        if not self._open:
            return None
        mark = self._open.pop()
        self._hidden -= mark.hidden
        return mark.written_at if mark.touched and speaks(mark.properties) else None

    def touch(self) -> None:
        """Something was erased here."""
        for mark in self._open:
            mark.touched = True
            if isinstance(mark.properties, Dictionary) and isinstance(number := mark.properties.get("/MCID"), int):
                self.touched_ids.add(number)


def speaks(properties: Any) -> bool:
    """Whether a property list holds words."""
    return isinstance(properties, Dictionary) and any(key in properties for key in SPOKEN)


def silent(properties: Any) -> Any:
    """A copy of a property list without words."""
    return Dictionary({key: value for key, value in properties.items() if key not in SPOKEN})


def named(properties: Any, resources: Any) -> Any:
    """The property list that an operand of BDC names or is."""
    if isinstance(properties, Name):
        known = resources.get("/Properties") if isinstance(resources, Dictionary) else None
        return known.get(str(properties)) if isinstance(known, Dictionary) else None
    return properties
