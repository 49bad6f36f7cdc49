"""Show only a part of pages: a box, all but margins, or what has content. Nothing is removed, only hidden."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array

from services.file_ops.contracts.pages import CropOptions
from services.file_ops.marks.page_view import PageView, visible_box
from services.file_ops.metadata.damage import damage_is_told
from services.file_ops.pages.ink import BOX_DPI, Shares, looks_of
from services.file_ops.protection.saving import save_checked
from shared.errors import FileProcessingError
from shared.operation import Report, Result, ignore
from shared.pdf.open_document import open_document
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.signatures import settle_signatures

#: Smaller pages are not shown by every viewer (ISO 32000-2, annex C).
_SMALLEST_POINTS = 3
#: Left, bottom, right, top of a page as it is seen, in points.
_Seen = tuple[float, float, float, float]


class CropLeavesNothing(FileProcessingError):
    """The crop leaves nothing of a page."""

    code = "crop_leaves_nothing"
    remedy = "Choose a box on the page, smaller margins, or other pages; the message gives the page's size."


def crop(
    source: Path, target: Path, options: CropOptions, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Write the document with the chosen pages cropped; links, fields and destinations stay where they are.

    Raises:
        CropLeavesNothing.
        PagesOutOfRange, EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    with open_document(source, password) as pdf, damage_is_told():
        signatures = settle_signatures(pdf, break_them=options.break_signature)
        pages = sorted(set(chosen_pages(options.pages, len(pdf.pages))))
        content = _content_boxes(source, password, pages, options, report) if options.to_content else {}
        cropped = []
        for number in pages:
            page = pdf.pages[number]
            view = PageView.of(page)
            box = _wanted(view, options, content.get(number))
            if box is not None:
                _set_box(page, view, box, number)
                cropped.append(number)
        save_checked(pdf, target, password=password)
        left = [number + 1 for number in pages if number not in set(cropped)]
        return {
            "pages": len(pdf.pages),
            "pages_cropped": len(cropped),
            **({"without_content": left} if left else {}),
            "boxes_points": _boxes(pdf, cropped),
            "hidden_not_removed": True,
            "signatures_removed": signatures,
        }


def _content_boxes(
    source: Path, password: str | None, pages: list[int], options: CropOptions, report: Report
) -> dict[int, Shares]:
    boxes: dict[int, Shares] = {}
    for done, (number, looks) in enumerate(looks_of(source, password, pages, BOX_DPI), start=1):
        if looks is not None and (box := looks.content_box()) is not None:
            boxes[number] = box
        report(done, len(pages), "Looking for content")
    if options.uniform and boxes:
        lefts, bottoms, rights, tops = zip(*boxes.values(), strict=True)
        return dict.fromkeys(boxes, (min(lefts), min(bottoms), max(rights), max(tops)))
    return boxes


def _wanted(view: PageView, options: CropOptions, content: Shares | None) -> _Seen | None:
    """The part of a page that shall be seen; None to leave it as it is."""
    width, height = view.width_points, view.height_points
    if options.box is not None:
        return options.box.left, options.box.bottom, options.box.right, options.box.top
    if options.margins is not None:
        cut = options.margins
        return cut.left, cut.bottom, width - cut.right, height - cut.top
    if content is None:
        return None
    left, bottom, right, top = content
    padding = options.padding_points
    return left * width - padding, bottom * height - padding, right * width + padding, top * height + padding


def _set_box(page: pikepdf.Page, view: PageView, seen: _Seen, number: int) -> None:
    left, bottom, right, top = seen
    left, bottom = max(left, 0.0), max(bottom, 0.0)
    right, top = min(right, view.width_points), min(top, view.height_points)
    if right - left < _SMALLEST_POINTS or top - bottom < _SMALLEST_POINTS:
        size = f"{view.width_points:.0f} x {view.height_points:.0f} points"
        raise CropLeavesNothing(f"The crop leaves nothing of page {number + 1}, which has {size}.")
    x0, y0 = view.to_page.transform((left, bottom))
    x1, y1 = view.to_page.transform((right, top))
    page.obj["/CropBox"] = Array([round(side, 3) for side in (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))])


def _boxes(pdf: pikepdf.Pdf, cropped: list[int]) -> list[dict[str, Any]]:
    """The new boxes in the pages' own coordinates, pages of equal ones together."""
    together: dict[tuple[float, ...], list[int]] = {}
    for number in cropped:
        box = tuple(round(side, 2) for side in visible_box(pdf.pages[number]))
        together.setdefault(box, []).append(number + 1)
    return [{"box": list(box), "pages": pages} for box, pages in list(together.items())[:_MOST_BOXES]]


#: Different boxes that the result lists.
_MOST_BOXES = 50
