"""Write numbers as digits, with zeros in front, or as Roman numerals."""

from __future__ import annotations

from services.file_ops.contracts.marks import Numerals

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
#: Roman numerals have no sign for 4000 and none for zero.
_LARGEST_ROMAN = 3999


def written(number: int, numerals: Numerals, digits: int) -> str:
    """The number as text; what Roman numerals cannot write stands in digits."""
    if numerals is Numerals.ARABIC or not 0 < number <= _LARGEST_ROMAN:
        return str(number).zfill(digits)
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text.upper() if numerals is Numerals.ROMAN_UPPER else text
