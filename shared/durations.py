"""How lengths of time are told to people."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """A length of time as people say it."""
    for unit, size_s in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size_s:
            return f"{round(seconds / size_s)} {unit}s"
    rounded = max(round(seconds), 0)
    return "less than a second" if rounded == 0 else f"{rounded} second{'s' if rounded != 1 else ''}"
