"""What a rule finds wrong, and the document that it looks at."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pikepdf
from pikepdf import Dictionary, Stream

from services.conversion.to_pdf.pdfa_rules.usage import Usage, read_usage


@dataclass(frozen=True)
class Finding:
    """One thing that breaks a clause of the standard."""

    #: Clause of ISO 19005-1 or -2, with the part of the standard left out: "6.3.4".
    clause: str
    message: str

    def as_record(self) -> dict[str, str]:
        """The finding as JSON values."""
        return {"clause": self.clause, "message": self.message}


@dataclass
class Examined:
    """A document under examination, and what was found so far."""

    pdf: pikepdf.Pdf
    #: The bytes of the file.
    data: bytes
    #: 1, 2 or 3.
    part: int
    findings: list[Finding] = field(default_factory=list)
    _seen: set[Finding] = field(default_factory=set)

    def found(self, clause_1: str, clause_2: str, message: str) -> None:
        """Note what breaks a clause: its number in part 1, and in parts 2 and 3. Twice the same counts once."""
        finding = Finding(clause_1 if self.part == 1 else clause_2, message[:300])
        if finding not in self._seen:
            self._seen.add(finding)
            self.findings.append(finding)

    @cached_property
    def dictionaries(self) -> list[Any]:
        """Every dictionary of the file, also inside of others; streams' dictionaries are in `streams`."""
        found: list[Any] = []
        for thing in self.pdf.objects:
            _collect(thing, found, 0)
        return found

    @cached_property
    def streams(self) -> list[Any]:
        """Every stream of the file."""
        return [thing for thing in self.pdf.objects if isinstance(thing, Stream)]

    @cached_property
    def usage(self) -> Usage:
        """What pages draw, and with what."""
        return read_usage(self.pdf)


_DEEP = 64


def _collect(thing: Any, found: list[Any], depth: int) -> None:
    if depth > _DEEP:
        return
    if isinstance(thing, Dictionary | Stream):
        if isinstance(thing, Dictionary):
            found.append(thing)
        children = [thing.get(key) for key in list(thing.keys())]
    elif isinstance(thing, pikepdf.Array):
        children = list(thing)
    else:
        return
    for child in children:
        if isinstance(child, Dictionary | pikepdf.Array) and not child.is_indirect:
            _collect(child, found, depth + 1)
