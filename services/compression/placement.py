"""How large each image really appears: the largest size in inches over everything that draws it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Stream

from shared.errors import TooComplex
from shared.pdf.inheritance import inherited

Matrix = tuple[float, float, float, float, float, float]
ObjectId = tuple[int, int]

#: Forms within forms beyond this depth are not looked into; images there keep their resolution.
MAX_FORM_DEPTH = 12
#: Forms drawn by one page, counting repetition ("billion laughs").
MAX_FORMS_DRAWN = 200_000

_OPERATORS = "q Q cm Do gs"


@dataclass
class Placement:
    """Where an image is drawn: its largest size, and on which pages (counted from 0)."""

    width_in: float = 0.0
    height_in: float = 0.0
    #: The largest share of a page's area that it covers.
    page_share: float = 0.0
    pages: set[int] = field(default_factory=set)
    #: Drawn at least once under constant alpha, a blend mode or a soft mask of the graphics state.
    blended: bool = False

    def dpi(self, width_px: int, height_px: int) -> float | None:
        """Return the resolution at its largest appearance, or None where it has no area."""
        if self.width_in <= 0 or self.height_in <= 0:
            return None
        return min(width_px / self.width_in, height_px / self.height_in)


def find_placements(pdf: pikepdf.Pdf) -> dict[ObjectId, Placement]:
    """Follow every page's content, forms, tiling patterns and annotation appearances to the images that they draw.

    Soft masks and stencil masks are placed as their images are. Content that cannot be parsed is skipped: images
    that only it draws are missing from the answer.

    Raises:
        TooComplex: the forms of a page draw each other more than `MAX_FORMS_DRAWN` times.
    """
    walk = _Walk()
    for index, page in enumerate(pdf.pages):
        walk.page(index, page.obj)
    return walk.found


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _matrix(values: Any) -> Matrix:
    a, b, c, d, e, f = (float(value) for value in values)
    return (a, b, c, d, e, f)


def _blends(state: Any) -> bool:
    if not isinstance(state, Dictionary):
        return False
    alphas = [float(state.get(key, 1)) for key in ("/ca", "/CA")]
    mode, mask = state.get("/BM", Name.Normal), state.get("/SMask", Name("/None"))
    return min(alphas) < 1 or mode not in (Name.Normal, Name.Compatible) or isinstance(mask, Dictionary)


@dataclass
class _State:
    matrix: Matrix
    blended: bool


class _Walk:
    def __init__(self) -> None:
        self.found: dict[ObjectId, Placement] = {}
        self._walked: dict[tuple[Any, ...], int] = {}
        self._holds_image: dict[ObjectId, bool] = {}
        self._instructions: dict[ObjectId, list[tuple[str, Any]]] = {}
        self._page = 0
        self._page_area_in2 = 1.0

    def page(self, index: int, page: Any) -> None:
        try:
            unit = float(page.get("/UserUnit", 1))
            left, bottom, right, top = (float(value) for value in inherited(page, "/MediaBox") or (0, 0, 612, 792))
            self._page = index
            self._page_area_in2 = max(abs(right - left) * abs(top - bottom) * unit * unit / 72 / 72, 1e-6)
            start = _State((unit, 0, 0, unit, 0, 0), False)
            self._content(page, inherited(page, "/Resources"), start, 0)
            for annotation in page.get("/Annots") or ():
                self._appearances(annotation, unit)
        except (pikepdf.PdfError, TypeError, ValueError, AttributeError, KeyError):
            # A malformed page keeps its images as they are; the renderers that matter skip it too.
            return

    def _appearances(self, annotation: Any, unit: float) -> None:
        normal = annotation.get("/AP", Dictionary()).get("/N")
        forms = [normal] if isinstance(normal, Stream) else list(normal.values()) if normal is not None else []
        for form in forms:
            if not isinstance(form, Stream):
                continue
            x0, y0, x1, y1 = (float(value) for value in annotation.Rect)
            u0, v0, u1, v1 = (float(value) for value in form.get("/BBox", [0, 0, 1, 1]))
            scale_x = abs(x1 - x0) / max(abs(u1 - u0), 1e-6) * unit
            scale_y = abs(y1 - y0) / max(abs(v1 - v0), 1e-6) * unit
            self._content(form, form.get("/Resources"), _State((scale_x, 0, 0, scale_y, 0, 0), False), 1)

    def _content(self, owner: Any, resources: Any, start: _State, depth: int) -> int:
        """Walk one content stream; return how many forms it draws, repetitions and all that they draw included."""
        if depth > MAX_FORM_DEPTH or not isinstance(resources, Dictionary) or not self._has_image(resources, 0):
            return 0
        # Where a form is drawn does not matter here, only how large: the same size again is only counted.
        key = (owner.objgen, self._page, start.blended, *(round(part, 3) for part in start.matrix[:4]))
        if key not in self._walked:
            self._walked[key] = 1
            self._walked[key] += self._drawn_by(owner, resources, start, depth)
        return self._walked[key]

    def _drawn_by(self, owner: Any, resources: Any, start: _State, depth: int) -> int:
        objects, states = resources.get("/XObject", Dictionary()), resources.get("/ExtGState", Dictionary())
        stack: list[_State] = []
        now, drawn = start, 0
        for operator, operands in self._parsed(owner):
            if operator == "q":
                stack.append(now)
            elif operator == "Q":
                now = stack.pop() if stack else now
            elif operator == "cm" and len(operands) == 6:
                now = _State(_times(_matrix(operands), now.matrix), now.blended)
            elif operator == "gs" and operands:
                now = _State(now.matrix, _blends(states.get(str(operands[0]))))
            elif operator == "Do" and operands:
                drawn += self._draw(objects.get(str(operands[0])), resources, now, depth)
        for pattern in resources.get("/Pattern", Dictionary()).values():
            if isinstance(pattern, Stream):
                matrix = _times(_matrix(pattern.get("/Matrix", (1, 0, 0, 1, 0, 0))), start.matrix)
                drawn += self._content(pattern, pattern.get("/Resources"), _State(matrix, True), depth + 1)
        if drawn > MAX_FORMS_DRAWN:
            raise TooComplex(f"Forms draw each other more than {MAX_FORMS_DRAWN} times.")
        return drawn

    def _draw(self, drawn: Any, resources: Any, state: _State, depth: int) -> int:
        if not isinstance(drawn, Stream):
            return 0
        if drawn.get("/Subtype") == Name.Image:
            self._note(drawn, state)
            return 0
        matrix = _times(_matrix(drawn.get("/Matrix", (1, 0, 0, 1, 0, 0))), state.matrix)
        return self._content(drawn, drawn.get("/Resources", resources), _State(matrix, state.blended), depth + 1)

    def _note(self, image: Any, state: _State) -> None:
        a, b, c, d, _, _ = state.matrix
        width_in, height_in = math.hypot(a, b) / 72, math.hypot(c, d) / 72
        for drawn in (image, image.get("/SMask"), image.get("/Mask")):
            if not isinstance(drawn, Stream):
                continue
            place = self.found.setdefault(drawn.objgen, Placement())
            place.width_in, place.height_in = max(place.width_in, width_in), max(place.height_in, height_in)
            place.page_share = max(place.page_share, abs(a * d - b * c) / 72 / 72 / self._page_area_in2)
            place.pages.add(self._page)
            place.blended = place.blended or state.blended

    def _parsed(self, owner: Any) -> list[tuple[str, Any]]:
        key = owner.objgen
        if key in self._instructions:
            return self._instructions[key]
        try:
            parsed = pikepdf.parse_content_stream(owner, _OPERATORS)
            instructions = [(str(step.operator), list(step.operands)) for step in parsed]
        except (pikepdf.PdfError, pikepdf.PdfParsingError, TypeError, ValueError):
            instructions = []
        # Pages are read once; a form may be drawn on every page.
        if isinstance(owner, Stream):
            self._instructions[key] = instructions
        return instructions

    def _has_image(self, resources: Any, depth: int) -> bool:
        """Whether anything below these resources can draw an image: most pages of text need no parsing."""
        if depth > MAX_FORM_DEPTH or not isinstance(resources, Dictionary):
            return False
        for kind in ("/XObject", "/Pattern"):
            entries = resources.get(kind)
            for entry in entries.values() if isinstance(entries, Dictionary) else ():
                if not isinstance(entry, Stream):
                    continue
                if entry.get("/Subtype") == Name.Image:
                    return True
                if entry.objgen not in self._holds_image:
                    self._holds_image[entry.objgen] = False
                    self._holds_image[entry.objgen] = self._has_image(entry.get("/Resources"), depth + 1)
                if self._holds_image[entry.objgen]:
                    return True
        return False
