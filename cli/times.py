"""Times as people type them: an age (`12h`), or a moment (`2026-01-31T08:00`)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from cli.errors import UsageError

_AGE = re.compile(r"(\d{1,6})\s*([smhd])")
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def moment(text: str) -> datetime:
    """The time that a text means. Raises UsageError."""
    if age := _AGE.fullmatch(text.strip()):
        return datetime.now(UTC) - timedelta(seconds=int(age[1]) * _UNITS_S[age[2]])
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise UsageError(f"{text!r} is no age and no time.", remedy="For example 30m, 12h, 7d or 2026-01-31.") from None
