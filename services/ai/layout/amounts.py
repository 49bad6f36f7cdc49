"""What the marks in the figures of a document mean, and the figures as decimal numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from services.ai.layout.figures import Printed
from services.ai.layout.shape import MAX_DIGITS, shape_of

#: Where figures disagree on the decimal mark, so large a share of them decides.
_MAJORITY = 0.8
#: So many figures without a mark show that the others are parted by thousands.
_FEW = 2
#: A day and month, or a time of day.
_DATE_LIKE = re.compile(r"(?:0?[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])|(?:[01]\d|2[0-3])[.,][0-5]\d")


@dataclass(frozen=True, slots=True)
class Notation:
    """What the marks in the figures of one document mean."""

    #: `.` or `,`; None where nothing in the document tells.
    decimal: str | None = None
    #: Whether thousands are parted by spaces.
    spaced: bool = False
    #: How many figures told the decimal mark.
    witnesses: int = 0

    def value(self, printed: Printed) -> Decimal | None:
        """The figure with the sign that is printed at it; None where its marks may mean either."""
        number = self.number(printed.core)
        return -number if number is not None and printed.negative else number

    def number(self, core: str) -> Decimal | None:
        """The digits as printed, as many behind the mark as there are, without a sign."""
        shape = shape_of(core)
        if shape is None:
            return None
        mark = shape.decimal or (self.decimal if shape.either else None)
        if shape.either and mark is None:
            return None
        whole, fraction = core, ""
        if mark and (shape.decimal or shape.either == mark):
            whole, _, fraction = core.rpartition(mark)
        digits = re.sub(r"[.,']", "", whole)
        if len(digits) + len(fraction) > MAX_DIGITS:
            return None
        return Decimal(f"{digits or '0'}.{fraction}" if fraction else digits)


def decide(found: Iterable[Printed], *, spaced: bool = False, money: bool = False) -> Notation:
    """What the marks mean, from all figures of a document that tell.

    A figure tells that has both marks, one mark twice, or a mark that other than three digits follow. Where more than
    a fifth disagree, or none tells, `decimal` is None. What looks like a day and month or a time counts only where
    nothing else does. `money` says that all figures come from columns of money: then figures of up to three digits
    without a mark beside 1.234 tell that there are no decimals.
    """
    votes: Counter[str] = Counter()
    weak: Counter[str] = Counter()
    either: Counter[str] = Counter()
    short = long = 0
    for printed in found:
        shape = shape_of(printed.core)
        if shape is None or printed.repaired or printed.percent:
            continue
        if shape.either:
            either[shape.either] += 1
        elif shape.decimal:
            (weak if _DATE_LIKE.fullmatch(printed.core) and not printed.currency else votes)[shape.decimal] += 1
        elif shape.group and shape.group != "'":
            votes["," if shape.group == "." else "."] += 1
        elif shape.group is None:
            short, long = short + (shape.whole <= 3), long + (shape.whole > 3)
    if not votes and money and len(either) == 1 and short >= _FEW and not long:
        votes["," if "." in either else "."] = either.total()
    mark = _winner(votes) if votes else _winner(weak)
    return Notation(mark, spaced, (votes or weak)[mark] if mark else 0)


def _winner(votes: Counter[str]) -> str | None:
    if not votes:
        return None
    mark, count = votes.most_common(1)[0]
    return mark if count >= _MAJORITY * votes.total() else None
