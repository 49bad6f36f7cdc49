"""The document with a box around each value: as annotations, so that its content stays as it is, or as pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from services.ai.exports.xml_files import ExportImpossible
from services.ai.extraction import Extraction
from services.ai.figures.value import Box, Evidence, Status, Value
from services.ai.figures.walk import values_of
from shared.errors import DamagedFile
from shared.media_types import PDF, PNG
from shared.operation import Task
from shared.pdf.drawing import draw, open_for_drawing, opened, raster_of
from shared.pdf.open_document import open_document
from shared.pdf.reading import UnreadablePage, open_for_reading, open_page
from shared.pdf.text_page import Frame, open_text
from shared.pdf.words import words_of

#: Resolution of pictures of pages.
_DPI = 130
#: Longer documents have no pictures of all pages: the PDF has.
MOST_PICTURES = 200
#: Of a label, in points.
_LETTER = 4.5
_LETTER_WIDTH = 0.53 * _LETTER
_LABEL_HEIGHT = _LETTER + 1.2
_PADDING = 0.8
#: Between a label and its box.
_APART = 2.5
#: Boxes are kept by the stretch of the page that they stand on, so high.
_BAND = 20


@dataclass(frozen=True)
class _Look:
    """How a status is drawn: told apart by the line too, for eyes that do not tell red from green."""

    colour: tuple[float, float, float]
    width: float
    dashes: str


_LOOKS = {
    Status.VERIFIED: _Look((0.0, 0.45, 0.2), 0.8, "[] 0 d"),
    Status.DISCREPANCY: _Look((0.8, 0.1, 0.05), 1.8, "[5 1.5] 0 d"),
    Status.UNVERIFIABLE: _Look((0.55, 0.42, 0.0), 0.8, "[1 1.2] 0 d"),
}


@dataclass(frozen=True)
class _Mark:
    path: str
    value: Value[Any]
    place: Evidence


class _Sheet:
    """A page on which labels look for room."""

    def __init__(self, frame: Frame, words: list[Box]) -> None:
        self.frame = frame
        self._taken: dict[int, list[Box]] = defaultdict(list)
        for left, top, right, bottom in words:
            # Boxes are as high as their lines; letters are less.
            self._take((left, top + 0.15 * (bottom - top), right, bottom - 0.15 * (bottom - top)))

    def room_for(self, width: float, *, beside: Box) -> Box | None:
        """Where a label covers nothing: right of the box, left, above or below it. None where there is no room."""
        left, top, right, bottom = beside
        middle = (top + bottom - _LABEL_HEIGHT) / 2
        places = (
            (right + _APART, middle),
            (left - _APART - width, middle),
            (left - 1, top - _APART - _LABEL_HEIGHT),
            (right + 1 - width, top - _APART - _LABEL_HEIGHT),
            (left - 1, bottom + _APART),
        )
        across, along = self.frame.size
        for x, y in places:
            place = (x, y, x + width, y + _LABEL_HEIGHT)
            inside = x >= 0 and y >= 0 and place[2] <= across and place[3] <= along
            if inside and not any(_overlap(place, other) for band in _bands(place) for other in self._taken[band]):
                self._take(place)
                return place
        return None

    def _take(self, box: Box) -> None:
        for band in _bands(box):
            self._taken[band].append(box)


def _bands(box: Box) -> range:
    return range(int(box[1] // _BAND), int(box[3] // _BAND) + 1)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def mark_pdf(task: Task, extraction: Extraction[Any], stem: str) -> None:
    """Write `<stem>-marked.pdf`: green and solid is verified, red and dashed a discrepancy, amber and dotted unproven.

    Raises ExportImpossible: the document has no pages.
    """
    _check(task)
    write_marked(task, extraction, task.output(f"{stem}-marked.pdf", PDF))


def mark_pictures(task: Task, extraction: Extraction[Any], stem: str) -> None:
    """Write `<stem>-page-<number>.png` for each page that values stand on.

    Raises ExportImpossible: the document has no pages, values on none, or on more than 200.
    """
    _check(task)
    pages = sorted(_marks_of(extraction))
    if not pages:
        raise ExportImpossible("no value was found on a page")
    if len(pages) > MOST_PICTURES:
        raise ExportImpossible(f"values stand on {len(pages)} pages; pictures are made of at most {MOST_PICTURES}")
    marked = task.folder / "marked.pdf"
    write_marked(task, extraction, marked)
    with open_for_drawing(marked, task.password) as document:
        for number in pages:
            try:
                with opened(document, number - 1) as page:
                    image = Image.fromarray(draw(page, raster_of(page, dpi=_DPI)))
            except UnreadablePage:
                continue
            image.save(task.output(f"{stem}-page-{number}.png", PNG), "PNG")
    marked.unlink()


def _check(task: Task) -> None:
    if task.input.media_type != PDF.name:
        raise ExportImpossible("the document has no pages")


def write_marked(task: Task, extraction: Extraction[Any], target: Path) -> None:
    """Write the task's document with an annotation for each place of each value."""
    marks = _marks_of(extraction)
    sheets = dict(_sheets(task, marks))
    with open_document(task.input.path, task.password) as pdf:
        font = pdf.make_indirect(
            Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
        )
        for number, sheet in sheets.items():
            if number <= len(pdf.pages):
                _add(pdf, pdf.pages[number - 1], sheet, font, marks[number])
        try:
            pdf.save(target, encryption=True if pdf.is_encrypted else None)
        except (pikepdf.PdfError, RuntimeError, ValueError) as error:
            raise DamagedFile() from error


def _marks_of(extraction: Extraction[Any]) -> dict[int, list[_Mark]]:
    found: dict[int, list[_Mark]] = defaultdict(list)
    for document in extraction.documents:
        for path, value in values_of(document):
            for place in value.evidence:
                found[place.page].append(_Mark(path, value, place))
    return found


def _sheets(task: Task, pages: dict[int, list[_Mark]]) -> Iterator[tuple[int, _Sheet]]:
    with open_for_reading(task.input.path, task.password) as document:
        for number in sorted(pages):
            try:
                with open_page(document, number - 1) as page, open_text(page) as text:
                    words = [(word.left, word.top, word.right, word.bottom) for word in words_of(text)]
                    yield number, _Sheet(text.frame, words)
            except UnreadablePage:
                continue


def _add(pdf: pikepdf.Pdf, page: pikepdf.Page, sheet: _Sheet, font: Any, marks: list[_Mark]) -> None:
    there = page.obj.get("/Annots")
    annotations = there if isinstance(there, Array) else Array()
    matrix = _to_page(sheet.frame)
    for number, mark in enumerate(marks, start=1):
        label = _label(mark.path)
        label_box = sheet.room_for(len(label) * _LETTER_WIDTH + 2 * _PADDING, beside=mark.place.box)
        annotations.append(pdf.make_indirect(_annotation(pdf, mark, label, label_box, matrix, font, number)))
    page.obj.Annots = annotations


def _annotation(
    pdf: pikepdf.Pdf, mark: _Mark, label: str, label_box: Box | None, matrix: tuple[float, ...], font: Any, number: int
) -> Dictionary:
    look, box = _LOOKS[mark.value.status], mark.place.box
    both = (box, label_box or box)
    left, top = min(each[0] for each in both) - 3, min(each[1] for each in both) - 3
    right, bottom = max(each[2] for each in both) + 3, max(each[3] for each in both) + 3
    corners = [_moved(matrix, left, -top), _moved(matrix, right, -bottom)]
    across, along = sorted(x for x, _ in corners), sorted(y for _, y in corners)
    rect = Array([round(edge, 3) for edge in (across[0], along[0], across[1], along[1])])
    drawn = pdf.make_stream(_drawing(look, box, label, label_box, matrix))
    drawn.update(
        Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=rect, Resources=Dictionary(Font=Dictionary(F=font)))
    )
    checks = f"; checks: {', '.join(mark.value.checks)}" if mark.value.checks else ""
    return Dictionary(
        Type=Name.Annot,
        Subtype=Name.Square,
        Rect=rect,
        Contents=String(f"{mark.path} = {mark.value.value} ({mark.value.status.value}{checks})"),
        T=String("Bindery"),
        NM=String(f"bindery-{mark.place.page}-{number}"),
        C=Array(list(look.colour)),
        F=4,
        AP=Dictionary(N=drawn),
    )


def _drawing(look: _Look, box: Box, label: str, label_box: Box | None, matrix: tuple[float, ...]) -> bytes:
    """Content in points of the shown page, y upwards from its upper edge."""
    colour = " ".join(f"{part:g}" for part in look.colour)
    left, top, right, bottom = box
    parts = [
        f"q {' '.join(f'{part:g}' for part in matrix)} cm",
        f"{colour} RG {look.width:g} w {look.dashes}",
        f"{left - 1:.2f} {-bottom - 1:.2f} {right - left + 2:.2f} {bottom - top + 2:.2f} re S",
    ]
    if label_box is None:
        return "\n".join([*parts, "Q"]).encode()
    left, top, right, bottom = label_box
    text = label.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    parts += [
        f"{colour} rg {left:.2f} {-bottom:.2f} {right - left:.2f} {bottom - top:.2f} re f",
        f"1 1 1 rg BT /F {_LETTER:g} Tf {left + _PADDING:.2f} {-bottom + 1.2:.2f} Td (",
    ]
    return "\n".join(parts).encode() + text + b") Tj ET Q"


def _label(path: str) -> str:
    """`movements.3.amount` as `4 amount`: entries count from 1 for people."""
    parts = path.split(".")
    numbered = next((int(part) + 1 for part in parts if part.isdigit()), None)
    name = " ".join(part.replace("_", " ") for part in parts[(-1 if numbered else 0) :])
    return f"{numbered} {name}" if numbered else name


def _to_page(frame: Frame) -> tuple[float, ...]:
    """The matrix from the shown page (y upwards from its upper edge) to the page's own coordinates."""
    turns = {
        0: (1, 0, 0, 1, frame.left, frame.top),
        90: (0, 1, -1, 0, frame.left, frame.bottom),
        180: (-1, 0, 0, -1, frame.right, frame.bottom),
        270: (0, -1, 1, 0, frame.right, frame.top),
    }
    return turns[frame.rotation]


def _moved(matrix: tuple[float, ...], across: float, up: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * across + c * up + e, b * across + d * up + f
