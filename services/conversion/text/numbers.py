"""Cells that are numbers beyond doubt, and cells that a spreadsheet program could take for a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

_NUMBER = re.compile(
    r"(?P<open>\()?(?P<sign>[-+\u2212])?\s?(?P<unit>[$€£¥])?\s?(?P<sign2>[-\u2212])?"
    r"(?P<digits>\d{1,3}(?:(?P<group>[.,'\u2019\u00a0\u202f ])\d{3})(?:(?P=group)\d{3})*|\d+)"
    r"(?:(?P<mark>[.,])(?P<fraction>\d+))?\s?(?P<unit2>[$€£¥%])?(?P<close>\))?"
)
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
#: A double holds so many digits exactly.
_MOST_DIGITS = 15
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Number:
    """A value and how a spreadsheet shows it as the page did."""

    value: float | int | date
    format: str


def starts_like_formula(text: str) -> bool:
    """Whether a spreadsheet program that opens this text as a cell may run it."""
    return text.startswith(_FORMULA_STARTS)


def decimal_mark(cells: Iterable[str]) -> str | None:
    """The decimal mark that the numbers of a table agree on; None where nothing tells, or they differ."""
    marks = {mark for cell in cells if (mark := _told_mark(cell)) is not None}
    return marks.pop() if len(marks) == 1 else None


def _told_mark(text: str) -> str | None:
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    group, mark, fraction = found["group"], found["mark"], found["fraction"]
    if mark is not None:
        if group == mark:
            return None
        # "1,234" may be either; so may "0.125", but nobody groups after a lone zero.
        if group is None and len(fraction) == 3 and found["digits"] != "0":
            return None
        return mark
    if group in (".", ",") and found["digits"].count(group) > 1:
        return "," if group == "." else "."
    return None


def number_in(text: str, mark: str | None) -> Number | None:
    """The number or the ISO date that a cell is, where the table's decimal mark is `mark`; None for anything else.

    Leading zeros (article and telephone numbers) and more than 15 digits stay text, and so does `1,234` as long as
    nothing tells whether it means a thousand or one.
    """
    text = text.strip()
    if found := _ISO_DATE.fullmatch(text):
        try:
            return Number(date(int(found[1]), int(found[2]), int(found[3])), "yyyy-mm-dd")
        except ValueError:
            return None
    found = _NUMBER.fullmatch(text)
    if found is None or bool(found["open"]) != bool(found["close"]) or (found["unit"] and found["unit2"]):
        return None
    parts = _parts(found, mark)
    if parts is None:
        return None
    digits, fraction = parts
    if len(digits) + len(fraction) > _MOST_DIGITS or (len(digits) > 1 and digits.startswith("0")):
        return None
    if found["sign"] == "+":
        return None
    negative = bool(found["open"] or found["sign"] or found["sign2"])
    return _typed(digits, fraction, found, negative=negative)


def _parts(found: re.Match[str], mark: str | None) -> tuple[str, str] | None:
    """Digits before and after the decimal mark."""
    digits, group = found["digits"], found["group"]
    fraction, own_mark = found["fraction"] or "", found["mark"]
    if group in (".", ",") and own_mark is None:
        if digits.count(group) == 1 and mark is None:
            return None
        if group == mark:
            # "1.234" where the point is the decimal mark.
            whole, _, fraction = digits.partition(group)
            return (whole, fraction) if group not in fraction else None
    elif own_mark is not None and own_mark != (mark or _told_mark(found[0])):
        return None
    return re.sub(r"\D", "", digits), fraction


def _typed(digits: str, fraction: str, found: re.Match[str], *, negative: bool) -> Number:
    value: float | int = float(f"{digits}.{fraction}") if fraction else int(digits)
    value = -value if negative else value
    shown = ("#,##0" if found["group"] else "0") + (f".{'0' * len(fraction)}" if fraction else "")
    unit = found["unit"] or found["unit2"]
    if unit == "%":
        return Number(round(value / 100, len(fraction) + 4), f"{shown}%")
    if unit:
        shown = f'"{unit}"{shown}' if found["unit"] else f'{shown} "{unit}"'
    return Number(value, shown)
