"""Reads the written document again, twice over, and looks at it: nothing that was to go may be there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2

from services.file_ops.protection.content.areas import Areas, Placed
from services.file_ops.protection.content.geometry import Rect
from services.file_ops.protection.content.walk import Walk
from services.file_ops.protection.redaction import document_text, page_annotations
from services.file_ops.protection.redaction.covering import rgb
from services.file_ops.protection.redaction.finder import Finder
from services.file_ops.protection.redaction.page_frame import PageFrame
from services.file_ops.protection.redaction.page_text import PageText, as_drawn, as_seen, in_pdfium, merged, padded
from shared.errors import BinderyError
from shared.operation import Report
from shared.pdf.inheritance import inherited

#: Resolution of the look at the boxes, and the largest page picture.
_SCALE, _MAX_PIXELS = 2.0, 8_000_000
#: Pixels along a box's edge are mixed with what is beside it.
_EDGE_PIXELS = 1.5
#: pdfium's boxes of ink reach this far beyond what our own measures say.
_EDGE_POINTS = 1.0


class RedactionNotProven(BinderyError):
    """What was to be removed could not be shown to be gone, so that nothing is handed out."""

    code = "redaction_not_proven"
    status = 422
    title = "Not redacted"
    remedy = "Convert the named pages to images first (operation 'convert'), then redact those with boxes."


@dataclass
class Findings:
    """What a look at the written document still found."""

    #: By page (from 0): where matches still stand.
    matches: dict[int, list[Rect]] = field(default_factory=dict)
    #: How many matches.
    count: int = 0
    #: Pages with a match in the looks of an annotation, or with a letter under a box, or with a box of two colours.
    failures: list[str] = field(default_factory=list)


def look(
    path: Path,
    password: str | None,
    finder: Finder,
    areas: dict[int, Areas],
    boxes: dict[int, list[Rect]],
    color: str,
    report: Report,
) -> Findings:
    """Search and look at every page of a written document."""
    found = Findings()
    document = pypdfium2.PdfDocument(path, password=password)
    fonts: dict[Any, Any] = {}
    try:
        document.init_forms()
        with pikepdf.open(path, password=password or "") as pdf:
            for index, page in enumerate(pdf.pages):
                report(index, len(pdf.pages), "Proving")
                if not finder and index not in areas:
                    continue
                _read(pdf, page.obj, document[index], index, finder, areas.get(index), found, fonts)
                if index in boxes:
                    _look_at_boxes(page.obj, document[index], index, boxes[index], color, found)
            if finder and (texts := document_text.left(pdf, finder)):
                found.failures.append(f"outside of pages: {dict(texts)}")
    finally:
        document.close()
    return found


def _read(
    pdf: pikepdf.Pdf,
    page: Any,
    shown: Any,
    index: int,
    finder: Finder,
    areas: Areas | None,
    found: Findings,
    fonts: dict[Any, Any],
) -> None:
    glyphs: list[Placed] = []
    Walk(pdf, see=glyphs.append, fonts=fonts).page(page, inherited(page, "/Resources"))
    by_pdfium = in_pdfium(shown)
    if areas:
        under = sum(areas.takes(glyph) and not glyph.text.isspace() for glyph in glyphs)
        inks = [char.rect for char in by_pdfium.chars if char.rect is not None]
        under += sum(any(rect.grown(-_EDGE_POINTS).holds(ink.center) for rect in areas.meeting(ink)) for ink in inks)
        if under:
            found.failures.append(f"page {index + 1}: {under} letters under a box")
    if not finder:
        return
    for text, is_ink in ((as_drawn(glyphs), False), (as_seen(glyphs), False), (by_pdfium, True)):
        for match in finder.find(text.chars):
            found.count += 1
            found.matches.setdefault(index, []).extend(places(text, match.indexes, is_ink=is_ink))
    in_looks: list[int] = []
    page_annotations.glyphs_shown(pdf, page, lambda seen: in_looks.append(len(finder.find(as_drawn(seen).chars))))
    if any(in_looks):
        found.failures.append(f"page {index + 1}: in an annotation")


def places(text: PageText, indexes: tuple[int, ...], *, is_ink: bool) -> list[Rect]:
    """The rectangles around the characters of a match, one for each line."""
    rects = [rect for index in indexes if (rect := text.chars[index].rect) is not None]
    return merged(padded(rects) if is_ink else rects)


def _look_at_boxes(page: Any, shown: Any, index: int, boxes: list[Rect], color: str, found: Findings) -> None:
    frame = PageFrame.of(page)
    width, height = frame.shown_size
    scale = min(_SCALE, (_MAX_PIXELS / max(width * height, 1.0)) ** 0.5)
    pixels = shown.render(scale=scale, rev_byteorder=True).to_numpy()[..., :3]
    wanted = np.array(rgb(color))
    for box in boxes:
        place = box.through(frame.to_shown)
        rows = slice(*_inner(place.bottom * scale, place.top * scale, pixels.shape[0]))
        columns = slice(*_inner(place.left * scale, place.right * scale, pixels.shape[1]))
        inside = pixels[rows, columns].astype(int)
        if inside.size and int(np.abs(inside - wanted).max()) > 2:
            found.failures.append(f"page {index + 1}: something shows in a box")
            return


def _inner(start: float, end: float, limit: int) -> tuple[int, int]:
    first, last = int(np.ceil(start + _EDGE_PIXELS)), int(np.floor(end - _EDGE_PIXELS))
    return max(0, min(first, limit)), max(0, min(last, limit))
