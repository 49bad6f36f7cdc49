"""PDF objects as JSON values: text decoded, dates as ISO 8601, nothing without end."""

from __future__ import annotations

import re
from typing import Any

from pikepdf import Array, Dictionary, Name, String

#: Longest text that is told, in characters, and the most entries of a list.
LONGEST_TEXT, MOST_ENTRIES = 2_000, 500
_DATE = re.compile(
    r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?\s*(?:([-+Z])\s*(?:(\d\d))?'?(?:(\d\d))?'?)?\s*", re.ASCII
)


def text(value: Any) -> str | None:
    """A string or name as text, cut to 2,000 characters; None for anything else."""
    if isinstance(value, Name):
        return str(value)[1:][:LONGEST_TEXT]
    return str(value)[:LONGEST_TEXT].replace("\0", "") if isinstance(value, String) else None


def date(value: Any) -> str | None:
    """A PDF date (ISO 32000-1, 7.9.4) in ISO 8601, as exact as it is given; other text as it is."""
    told = text(value)
    if not told or not (found := _DATE.fullmatch(told)):
        return told
    year, month, day, hour, minute, second, sign, hours, minutes = found.groups()
    day_part = "-".join(part for part in (year, month, day) if part)
    if hour is None:
        return day_part
    zone = "Z" if sign == "Z" else f"{sign}{hours or '00'}:{minutes or '00'}" if sign else ""
    return f"{day_part}T{hour}:{minute or '00'}:{second or '00'}{zone}"


def dictionary(value: Any, key: str) -> Any:
    """A dictionary's entry that is one itself, else an empty one."""
    entry = value.get(key) if isinstance(value, Dictionary) else None
    return entry if isinstance(entry, Dictionary) else Dictionary()


def entries(value: Any, key: str) -> list[Any]:
    """The elements of a dictionary's entry that is an array, else nothing."""
    entry = value.get(key) if isinstance(value, Dictionary) else None
    return list(entry) if isinstance(entry, Array) else []
