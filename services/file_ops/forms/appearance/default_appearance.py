"""Read a field's default appearance: font, size and colour of its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pikepdf import Array

from services.file_ops.forms.names import text_of
from services.file_ops.marks.drawing import number

_FONT = re.compile(r"/(?P<name>[^\s/]+)\s+(?P<size>[-+.\d]+)\s+Tf\b")
_COLOUR = re.compile(r"(?P<parts>(?:[-+.\d]+\s+){1,4}?)(?P<operator>rg|g|k)(?=\s|$)")
_COMPONENTS = {"g": 1, "rg": 3, "k": 4}
_LARGEST_POINTS = 2000.0


@dataclass(frozen=True)
class DefaultAppearance:
    """How text of a field is set. A size of 0 asks for one that fits."""

    font: str = "Helv"
    size_points: float = 0.0
    color: bytes = b"0 g"


def default_appearance(text: Any) -> DefaultAppearance:
    """Read the entry DA (ISO 32000-2, 12.7.4.3); what it lacks is Helvetica, black, of a size that fits."""
    operators = text_of(text) or ""
    fonts = list(_FONT.finditer(operators))
    colors = [
        each for each in _COLOUR.finditer(operators) if len(each["parts"].split()) == _COMPONENTS[each["operator"]]
    ]
    size = _number(fonts[-1]["size"]) if fonts else 0.0
    color = f"{' '.join(colors[-1]['parts'].split())} {colors[-1]['operator']}".encode() if colors else b"0 g"
    return DefaultAppearance(fonts[-1]["name"] if fonts else "Helv", min(abs(size), _LARGEST_POINTS), color)


def color_operator(components: Any, *, stroke: bool = False) -> bytes | None:
    """The operator for a colour of an annotation (1, 3 or 4 numbers); None for none, which is transparent."""
    if not isinstance(components, Array) or len(components) not in (1, 3, 4):
        return None
    try:
        values = [min(max(float(each), 0.0), 1.0) for each in components]
    except (TypeError, ValueError):
        return None
    operator = {1: "g", 3: "rg", 4: "k"}[len(values)]
    return f"{' '.join(map(number, values))} {operator.upper() if stroke else operator}".encode()


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
