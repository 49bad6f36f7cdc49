"""Copy a value of one document into another, whatever kind of value it is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String


def copied(value: Any, source: pikepdf.Pdf, target: pikepdf.Pdf) -> Any:
    """The value as `target` may hold it. Objects are copied once each; pages that were not copied become null."""
    if isinstance(value, Dictionary | Array | Stream):
        # Only indirect objects can be copied; what stood inside another one becomes an object of its own.
        return target.copy_foreign(value if value.is_indirect else source.make_indirect(value))
    if isinstance(value, String):
        return String(bytes(value))
    if isinstance(value, Name):
        return Name(str(value))
    return value if isinstance(value, bool | int | float | Decimal) else None
