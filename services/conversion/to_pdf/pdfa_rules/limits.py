"""6.1.12 (part 1) and 6.1.13 (parts 2 and 3): how large numbers, strings, names and structures may be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pikepdf import Array, Dictionary, Name, Stream, String

from services.conversion.to_pdf.pdfa_rules.findings import Examined
from shared.pdf.inheritance import inherited

_CLAUSES = ("6.1.12", "6.1.13")
_LARGEST_INTEGER = 2**31 - 1
_LARGEST_REAL = {1: Decimal(32767), 2: Decimal("3.403e38"), 3: Decimal("3.403e38")}
_SMALLEST_REAL = Decimal("1.175e-38")
_LONGEST_STRING = {1: 65535, 2: 32767, 3: 32767}
_LONGEST_NAME = 127
_MOST_ELEMENTS, _MOST_KEYS = 8191, 4095
_MOST_COLORANTS = {1: 8, 2: 32, 3: 32}
_DEEPEST_NESTING = 28
_PAGE_POINTS = (3, 14_400)


def check(examined: Examined) -> None:
    """Find what is beyond the limits."""
    for thing in examined.pdf.objects:
        _value(examined, thing, 0)
    if examined.usage.deepest_nesting > _DEEPEST_NESTING:
        examined.found(*_CLAUSES, f"Graphics states are nested {examined.usage.deepest_nesting} deep; 28 are allowed.")
    if len(list(examined.pdf.objects)) > 8_388_607:
        examined.found(*_CLAUSES, "The file has too many objects.")
    if examined.part > 1:
        _pages(examined)


def _value(examined: Examined, value: Any, depth: int) -> None:
    if depth > 64:
        return
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        if not -_LARGEST_INTEGER - 1 <= value <= _LARGEST_INTEGER:
            examined.found(*_CLAUSES, "An integer is too large.")
    elif isinstance(value, Decimal):
        if abs(value) > _LARGEST_REAL[examined.part]:
            examined.found(*_CLAUSES, "A real number is too large.")
        elif examined.part > 1 and 0 < abs(value) < _SMALLEST_REAL:
            examined.found(*_CLAUSES, "A real number is too close to zero.")
    elif isinstance(value, String):
        if len(bytes(value)) > _LONGEST_STRING[examined.part]:
            examined.found(*_CLAUSES, "A string is too long.")
    elif isinstance(value, Name):
        _name(examined, bytes(value))
    elif isinstance(value, Array):
        _array(examined, value, depth)
    elif isinstance(value, Dictionary | Stream):
        keys = _keys(value)
        if examined.part == 1 and len(keys) > _MOST_KEYS:
            examined.found(*_CLAUSES, "A dictionary has too many entries.")
        for key in keys:
            _name(examined, key.encode("utf-8", "surrogateescape"))
            child = _child(value, key)
            if not _is_indirect(child):
                _value(examined, child, depth + 1)


def _array(examined: Examined, value: Any, depth: int) -> None:
    if examined.part == 1 and len(value) > _MOST_ELEMENTS:
        examined.found(*_CLAUSES, "An array has too many elements.")
    is_device_n = len(value) > 3 and value[0] == Name.DeviceN and isinstance(value[1], Array)
    if is_device_n and len(value[1]) > _MOST_COLORANTS[examined.part]:
        examined.found(*_CLAUSES, "A DeviceN colour space has too many colourants.")
    for child in value:
        if not _is_indirect(child):
            _value(examined, child, depth + 1)


def _is_indirect(value: Any) -> bool:
    return bool(getattr(value, "is_indirect", False))


def _child(value: Any, key: str) -> Any:
    try:
        return value.get(key)
    except TypeError:
        # A key that is no UTF-8 cannot be asked for.
        return None


def _keys(value: Any) -> list[str]:
    try:
        return list(value.keys())
    except UnicodeDecodeError:
        return []


def _name(examined: Examined, name: bytes) -> None:
    """Check a name, given with its slash."""
    if examined.part > 1 and not _is_utf8(name):
        examined.found("6.1.12", "6.1.8", "A name is not in UTF-8.")
    if len(name) - 1 > _LONGEST_NAME:
        examined.found(*_CLAUSES, "A name is too long.")


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _pages(examined: Examined) -> None:
    for page in examined.pdf.pages:
        for key in ("/MediaBox", "/CropBox", "/TrimBox", "/ArtBox", "/BleedBox"):
            box = inherited(page.obj, key)
            if isinstance(box, Array) and len(box) == 4:
                sides = (abs(float(box[2]) - float(box[0])), abs(float(box[3]) - float(box[1])))
                if not all(_PAGE_POINTS[0] <= side <= _PAGE_POINTS[1] for side in sides):
                    examined.found(*_CLAUSES, "A page is smaller than 3 or larger than 14400 units.")
