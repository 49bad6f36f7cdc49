"""Read the outline of a PDF as data, and give it one from data."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, String

from services.file_ops.contracts.metadata import EditOutlineOptions, OutlineEntry
from services.file_ops.metadata.damage import damage_is_told
from services.file_ops.metadata.destinations import Destinations, Place
from services.file_ops.metadata.edited_document import edited
from services.file_ops.metadata.outline import OutlineItem, read_outline, walk, write_outline
from shared.operation import Result
from shared.pdf.open_document import open_document
from shared.pdf.page_ranges import PagesOutOfRange

#: Items that a job's record holds; a longer outline is cut, and said to be.
_MOST_ITEMS = 20_000
#: Deepest nesting that JSON readers are sure to take.
_DEEPEST = 60


def read_outline_as_data(source: Path, *, password: str | None = None) -> Result:
    """The outline, in the form that `edit_outline` takes, and how many items and levels it has.

    Items of more than 60 levels stand at level 60.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex: see `shared.errors`.
    """
    with open_document(source, password) as pdf:
        with damage_is_told():
            ids = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
            items = read_outline(pdf, Destinations(pdf, ids))
        every = list(walk(items))
        rows: list[list[dict[str, Any]]] = [[]]
        for level, item in every[:_MOST_ITEMS]:
            entry, depth = _entry(item), min(level, _DEEPEST)
            rows[depth - 1].append(entry)
            rows[depth:] = [entry["children"]]
        return {
            "outline": rows[0],
            "items": len(every),
            "levels": max((level for level, _ in every), default=0),
            "truncated": len(every) > _MOST_ITEMS,
        }


def edit_outline(source: Path, target: Path, options: EditOutlineOptions, *, password: str | None = None) -> Result:
    """Write the document with the chosen outline instead of its own.

    Raises:
        PagesOutOfRange: an entry leads to a page that is not there.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    with edited(source, target, password, break_signature=options.break_signature) as document:
        pdf = document.pdf
        before = sum(1 for _ in walk(read_outline(pdf, Destinations(pdf, document.page_ids))))
        items = _items(pdf, options.outline, len(document.pages))
        write_outline(pdf, items, document.pages)
        if items and "/PageMode" not in pdf.Root:
            pdf.Root["/PageMode"] = Name.UseOutlines
    return {
        "items": sum(1 for _ in walk(items)),
        "items_before": before,
        "signatures_removed": document.signatures_removed,
    }


def _items(pdf: pikepdf.Pdf, entries: list[OutlineEntry], pages: int) -> list[OutlineItem]:
    """The entries as items: nested ones below theirs, those of a flat list below the last one of a lower level."""
    forest: list[OutlineItem] = []
    above: list[tuple[int, OutlineItem]] = []
    for entry in entries:
        while above and above[-1][0] >= entry.level:
            above.pop()
        item = _item(pdf, entry, pages)
        (above[-1][1].children if above else forest).append(item)
        above.append((entry.level, item))
    return forest


def _item(pdf: pikepdf.Pdf, entry: OutlineEntry, pages: int) -> OutlineItem:
    item = OutlineItem(entry.title, is_open=entry.open, is_bold=entry.bold, is_italic=entry.italic)
    if entry.color is not None:
        red, green, blue = (int(entry.color[start : start + 2], 16) / 255 for start in (1, 3, 5))
        item.color = red, green, blue
    if entry.page is not None:
        number = entry.page - 1 if entry.page > 0 else pages + entry.page
        if not 0 <= number < pages:
            raise PagesOutOfRange(f"{entry.title[:60]!r} leads to page {entry.page}; the document has {pages} pages.")
        top = None if entry.top_points is None else Decimal(str(entry.top_points))
        item.place = Place(number, (Name.XYZ, None, top, None))
    elif entry.url is not None:
        item.action = Dictionary(S=Name.URI, URI=String(entry.url))
    item.children = _items(pdf, entry.children, pages)
    return item


def _entry(item: OutlineItem) -> dict[str, Any]:
    """The item as data; what has its default is left out."""
    entry: dict[str, Any] = {"title": item.title or "?"}
    if item.place is not None:
        entry["page"] = item.place.page + 1
        if (top := _top_of(item.place)) is not None:
            entry["top_points"] = top
    elif isinstance(item.action, Dictionary) and isinstance(url := item.action.get("/URI"), String):
        entry["url"] = str(url)
    flags = {"open": item.is_open, "bold": item.is_bold, "italic": item.is_italic}
    entry |= {name: True for name, is_set in flags.items() if is_set}
    if item.color is not None:
        entry["color"] = "#" + "".join(f"{round(part * 255):02x}" for part in item.color)
    return entry | {"children": []}


def _top_of(place: Place) -> float | None:
    """The height that the place scrolls to, where it has one."""
    kind, *rest = place.view or (None,)
    index = {"/XYZ": 1, "/FitH": 0, "/FitBH": 0, "/FitR": 3}.get(str(kind))
    found = rest[index] if index is not None and index < len(rest) else None
    return round(float(found), 2) if isinstance(found, int | float | Decimal) else None
