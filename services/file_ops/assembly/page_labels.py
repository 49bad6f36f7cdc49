"""Page labels (i, ii, 1, 2, A-1): read the label of each page, write them for pages in a new order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, String

from services.file_ops.metadata.name_trees import read_numbers, write_numbers

_STYLES = ("/D", "/R", "/r", "/A", "/a")


@dataclass(frozen=True, slots=True)
class Label:
    """One page's label: the style of its number (None for no number), what stands before it, the number."""

    style: str | None
    prefix: bytes
    number: int

    def next(self) -> Label:
        """The label that the next page has where nothing else is said."""
        return Label(self.style, self.prefix, self.number + 1)


#: What a viewer shows where a document has no labels.
PLAIN = Label("/D", b"", 1)


def read_labels(tree: Any, pages: int) -> list[Label] | None:
    """The label of each page, or None where there are none."""
    starts = {number: _label(found) for number, found in read_numbers(tree) if 0 <= number < pages}
    if not starts:
        return None
    labels: list[Label] = []
    for number in range(pages):
        labels.append(starts.get(number) or (labels[-1].next() if labels else PLAIN))
    return labels


def plain_labels(pages: int) -> list[Label]:
    """The labels that a document without labels seems to have."""
    return [Label(PLAIN.style, PLAIN.prefix, number) for number in range(1, pages + 1)]


def write_labels(pdf: pikepdf.Pdf, labels: list[Label]) -> None:
    """Give the pages of the document these labels, in order."""
    ranges = []
    for number, label in enumerate(labels):
        if number == 0 or labels[number - 1].next() != label:
            ranges.append((number, _dictionary(label)))
    pdf.Root["/PageLabels"] = write_numbers(pdf, ranges)


def _label(found: Any) -> Label:
    if not isinstance(found, Dictionary):
        return PLAIN
    style, prefix, start = found.get("/S"), found.get("/P"), found.get("/St")
    return Label(
        str(style) if isinstance(style, Name) and str(style) in _STYLES else None,
        bytes(prefix) if isinstance(prefix, String) else b"",
        start if isinstance(start, int) and start >= 1 else 1,
    )


def _dictionary(label: Label) -> Dictionary:
    written = Dictionary()
    if label.style:
        written["/S"] = Name(label.style)
    if label.prefix:
        written["/P"] = String(label.prefix)
    if label.number != 1:
        written["/St"] = label.number
    return written
