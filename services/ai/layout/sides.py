"""Which of the marks beside figures mean debit, and which credit."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path


class Side(StrEnum):
    """Of an account as its holder sees it: a debit takes away."""

    DEBIT = "debit"
    CREDIT = "credit"


_PAIRS = [
    (frozenset(pair["debit"]), frozenset(pair["credit"]))
    for pair in tomllib.loads(Path(__file__).with_name("marks.toml").read_text("utf-8"))["sides"]
]


def sides_of(marks: Iterable[str]) -> dict[str, Side]:
    """What the marks of one document mean; those that may mean either there are left out.

    D is debit beside C, K or H, but credit beside the Czech MD.
    """
    seen = set(marks) - {""}
    whole = [pair for pair in _PAIRS if seen <= pair[0] | pair[1]]
    # A pair of which both are seen tells more than one that merely has the letter.
    fitting = [pair for pair in whole if seen & pair[0] and seen & pair[1]] or whole
    if not fitting:
        fitting = [pair for pair in _PAIRS if seen & (pair[0] | pair[1])]
    found = {}
    for mark in seen:
        debit = any(mark in pair[0] for pair in fitting)
        credit = any(mark in pair[1] for pair in fitting)
        if debit != credit:
            found[mark] = Side.DEBIT if debit else Side.CREDIT
    return found
