"""Draws the document that shows the differences: sheets with both versions, or the second one with boxes."""

from __future__ import annotations

import warnings
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name

from services.file_ops.comparing.outcome import PageOutcome
from services.file_ops.protection.content.geometry import Rect, inverse, matrix_of
from services.file_ops.protection.content.resources import Resources
from services.file_ops.protection.redaction.page_frame import PageFrame
from shared.pdf.inheritance import inherited

#: Red: only in the first version. Green: only in the second. Orange: looks different.
_RED, _GREEN, _ORANGE = "0.85 0.1 0.1", "0.1 0.6 0.2", "0.95 0.55 0"
_GAP_POINTS, _HEAD_POINTS, _MARGIN_POINTS = 12.0, 24.0, 12.0


def side_by_side(first: pikepdf.Pdf, second: pikepdf.Pdf, outcomes: list[PageOutcome]) -> pikepdf.Pdf:
    """A new document: one sheet for each pair of pages, boxes over what differs."""
    sheets = pikepdf.new()
    for document in (first, second):
        _draw_annotations_into_pages(document)
    for outcome in outcomes:
        _sheet(sheets, first, second, outcome)
    return sheets


def _draw_annotations_into_pages(pdf: pikepdf.Pdf) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pdf.flatten_annotations("screen")
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError):
        # The pages are shown without their annotations then; the comparison itself has seen them.
        return


def _sheet(sheets: pikepdf.Pdf, first: pikepdf.Pdf, second: pikepdf.Pdf, outcome: PageOutcome) -> None:
    frames = [
        PageFrame.of(pdf.pages[index].obj) if index is not None else None
        for pdf, index in ((first, outcome.first), (second, outcome.second))
    ]
    widths = [frame.shown_size[0] if frame else 0.0 for frame in frames]
    heights = [frame.shown_size[1] if frame else 0.0 for frame in frames]
    half, height = max(widths), max(heights)
    page = sheets.add_blank_page(
        page_size=(2 * half + _GAP_POINTS + 2 * _MARGIN_POINTS, height + _HEAD_POINTS + _MARGIN_POINTS)
    )
    drawings, content = Dictionary(), ["0.93 g 0 0 100000 100000 re f"]
    for side, (pdf, index, frame) in enumerate(
        ((first, outcome.first, frames[0]), (second, outcome.second, frames[1]))
    ):
        left = _MARGIN_POINTS + side * (half + _GAP_POINTS)
        label = "not in this version" if index is None else f"{('first', 'second')[side]} version, page {index + 1}"
        content.append(f"BT 0.2 g /F 9 Tf {left:.2f} {height + _MARGIN_POINTS + 8:.2f} Td ({label}) Tj ET")
        if index is None or frame is None:
            continue
        form = sheets.copy_foreign(pdf.pages[index].as_form_xobject())
        drawings[f"/P{side}"] = form
        bottom = _MARGIN_POINTS + height - heights[side]
        content.append(
            f"q 1 g {left:.2f} {bottom:.2f} {widths[side]:.2f} {heights[side]:.2f} re f "
            f"{left:.2f} {bottom:.2f} {widths[side]:.2f} {heights[side]:.2f} re W n "
            + _placed(form, frame, left, bottom, f"/P{side}")
            + " Q"
        )
        color = (_RED, _GREEN)[side]
        for places, paint in ((outcome.places(side), color), (outcome.looks, _ORANGE)):
            content += [_box(left + p.left, bottom + heights[side] - p.top, p, paint) for p in places]
        if outcome.only_one:
            content.append(_box(left, bottom, Rect(0, 0, widths[side], heights[side]), color))
    page.obj.Resources = Dictionary(
        XObject=drawings, ExtGState=Dictionary(M=_tinting()), Font=Dictionary(F=_helvetica())
    )
    page.obj.Contents = sheets.make_stream("\n".join(content).encode("latin-1"))


def _placed(form: Any, frame: PageFrame, left: float, bottom: float, name: str) -> str:
    """Draw a page as a form so that its shown lower left corner comes to a point."""
    shown = (Rect.of(form.BBox) or frame.visible).through(matrix_of(form.get("/Matrix")))
    return f"1 0 0 1 {left - shown.left:.3f} {bottom - shown.bottom:.3f} cm {name} Do"


def _tinting() -> Dictionary:
    return Dictionary(Type=Name.ExtGState, ca=0.3, CA=1, BM=Name.Multiply)


def _helvetica() -> Dictionary:
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)


def _box(x: float, y: float, place: Rect, color: str) -> str:
    """A tinted rectangle of the size of `place`, its lower left corner at a point."""
    width, height = place.right - place.left, place.top - place.bottom
    rectangle = f"{x - 1:.2f} {y - 1:.2f} {width + 2:.2f} {height + 2:.2f} re"
    return f"q /M gs {color} rg {rectangle} f Q q 0.7 w {color} RG {rectangle} S Q"


def mark(second: pikepdf.Pdf, outcomes: list[PageOutcome]) -> None:
    """Draw boxes onto the pages of the second document: green for new words, orange for different looks."""
    for outcome in outcomes:
        if outcome.second is None or not outcome.changed:
            continue
        page = second.pages[outcome.second].obj
        frame = PageFrame.of(page)
        back = inverse(frame.to_shown)
        assert back is not None, "turning and moving can be undone"
        places = [(place, _GREEN) for place in outcome.places(1)] + [(place, _ORANGE) for place in outcome.looks]
        places += [(place, _RED) for place in outcome.gaps]
        if outcome.only_one:
            places.append((Rect(0, 0, *frame.shown_size), _GREEN))
        boxes = [(place.through(back), color) for place, color in places]
        content = " ".join(_box(box.left, box.bottom, box, color) for box, color in boxes)
        resources = Resources(inherited(page, "/Resources"))
        name = str(resources.add("/ExtGState", second.make_indirect(_tinting())))
        page.Resources = resources.current
        shown = pikepdf.Page(page)
        # What the page's own content leaves of its state must not move the boxes.
        shown.contents_add(second.make_stream(b"q\n"), prepend=True)
        shown.contents_add(second.make_stream(b"\nQ " + content.replace("/M gs", f"{name} gs").encode()))
