"""Writes amounts and dates as documents of different countries print them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from babel.dates import format_date

Negative = Literal[
    "before", "after", "parentheses", "dr-cr", "s-h", "plus-minus", "plus-minus-after", "none", "typographic", "d-c"
]


@dataclass(frozen=True)
class Money:
    """One way to write amounts."""

    group: str = ","
    point: str = "."
    negative: Negative = "before"
    before: str = ""
    after: str = ""
    digits: int = 2
    #: Lakh and crore: 12,34,567.00
    indian: bool = False

    def __call__(self, value: Decimal | None) -> str:
        """The amount as text; nothing for None."""
        if value is None:
            return ""
        bare = f"{self.before}{self.plain(abs(value))}{self.after}"
        below = value < 0
        match self.negative:
            case "before":
                return f"-{bare}" if below else bare
            case "typographic":
                return f"\u2212{bare}" if below else bare
            case "after":
                return f"{bare}-" if below else bare
            case "parentheses":
                return f"({bare})" if below else bare
            case "dr-cr":
                return f"{bare} DR" if below else f"{bare} CR"
            case "d-c":
                return f"{bare} D" if below else f"{bare} C"
            case "s-h":
                return f"{bare} S" if below else f"{bare} H"
            case "plus-minus":
                return f"-{bare}" if below else f"+{bare}"
            case "plus-minus-after":
                return f"{bare} -" if below else f"{bare} +"
            case "none":
                return bare

    def plain(self, value: Decimal) -> str:
        """Digits and separators only."""
        whole, _, rest = f"{value:.{self.digits}f}".partition(".")
        if self.indian and len(whole) > 3:
            head, tail = whole[:-3], whole[-3:]
            pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
            whole = ",".join([*pairs, tail])
        else:
            parts = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)][::-1]
            whole = self.group.join(parts)
        return f"{whole}{self.point}{rest}" if rest else whole


def day(value: date | None, pattern: str, language: str = "en") -> str:
    """A date by a pattern of Unicode TR 35, as `dd.MM.yyyy` or `d MMMM yyyy`; nothing for None."""
    return format_date(value, pattern, locale=language) if value else ""


def quantity(value: Decimal, point: str = ".") -> str:
    """A number of pieces without needless zeros."""
    return f"{value.normalize():f}".replace(".", point)
