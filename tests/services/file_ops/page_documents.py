"""Documents made by the tests of pages: with everything that leads from page to page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, NumberTree, OutlineItem, String

from shared.operation import InputFile, Task

_HELVETICA = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
WIDTH, HEIGHT = 300, 200


def save(pdf: pikepdf.Pdf, path: Path, **how: Any) -> Path:
    """Write the document and return where."""
    pdf.save(path, **how)
    return path


def task_of(source: Path, folder: Path, password: str | None = None) -> Task:
    """A task with one input and an output folder of its own below `folder`."""
    out = folder / f"out-{len(list(folder.iterdir()))}"
    out.mkdir()
    return Task((InputFile(source, source.name, "application/pdf"),), out, password)


def add_page(pdf: pikepdf.Pdf, content: bytes = b"", **entries: Any) -> Any:
    """A page of 300 x 200 points; `/F` is Helvetica."""
    pdf.add_blank_page(page_size=(WIDTH, HEIGHT))
    page = pdf.pages[-1].obj
    page.Resources = Dictionary(Font=Dictionary(F=_HELVETICA))
    page.Contents = pdf.make_stream(content)
    for key, value in entries.items():
        page[f"/{key}"] = value
    return page


def text(words: str, left: float = 20, bottom: float = 100) -> bytes:
    """Content that shows words in 14 points."""
    return b"BT /F 14 Tf %f %f Td (%s) Tj ET" % (left, bottom, words.encode())


def link_to(pdf: pikepdf.Pdf, destination: Any, rect: tuple[float, ...] = (20, 20, 80, 40)) -> Any:
    """A link annotation."""
    return pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array(rect), Dest=destination, Border=[0, 0, 0])
    )


def field(pdf: pikepdf.Pdf, name: str, rect: tuple[float, ...], look: bytes = b"0 0 1 rg 0 0 60 20 re f") -> Any:
    """A text field with its one widget, with a blue look."""
    appearance = pdf.make_stream(look)
    appearance.Type, appearance.Subtype, appearance.BBox = Name.XObject, Name.Form, Array([0, 0, 60, 20])
    looks = Dictionary(N=appearance)
    entries = {"T": String(name), "V": String("Ada"), "DA": String("/F 10 Tf 0 g"), "F": 4, "AP": looks}
    return pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, Rect=Array(rect), **entries))


def rich_document(path: Path, pages: int = 4) -> Path:
    """Pages `Page 1`, `Page 2`, ...; each with a link to the next one and a field, all in the outline, labelled i, ii.

    The page after page n is also the named destination `there-n`; the document has tags, an attachment and a title.
    """
    pdf = pikepdf.new()
    for number in range(1, pages + 1):
        marked = b"/P <</MCID 0>> BDC " + text(f"Page {number}") + b" EMC"
        add_page(pdf, marked, StructParents=number - 1)
    objects = [page.obj for page in pdf.pages]
    fields = []
    for number, page in enumerate(objects):
        following = objects[(number + 1) % pages]
        fields.append(field(pdf, f"field-{number + 1}", (200, 20, 260, 40)))
        page.Annots = Array([link_to(pdf, Array([following, Name.XYZ, 20, 120, None])), fields[-1]])
    pdf.Root.AcroForm = Dictionary(Fields=Array(fields), DA=String("/F 10 Tf 0 g"))
    names = [entry for n, page in enumerate(objects) for entry in (String(f"there-{n + 1}"), Array([page, Name.Fit]))]
    pdf.Root.Names = Dictionary(Dests=pdf.make_indirect(Dictionary(Names=Array(names))))
    labels = NumberTree.new(pdf)
    labels[0] = Dictionary(S=Name.r)
    pdf.Root.PageLabels = labels.obj
    with pdf.open_outline() as outline:
        outline.root.extend(
            OutlineItem(f"To page {n}", Array([page, Name.XYZ, 20, 120, 0])) for n, page in enumerate(objects, 1)
        )
    _tag(pdf, objects)
    pdf.attachments["note.txt"] = b"attached"
    pdf.docinfo["/Title"] = "A title"
    return save(pdf, path)


def _tag(pdf: pikepdf.Pdf, pages: list[Any]) -> None:
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    elements, parents = [], NumberTree.new(pdf)
    for number, page in enumerate(pages):
        element = Dictionary(Type=Name.StructElem, S=Name.P, P=root, Pg=page, K=0)
        elements.append(pdf.make_indirect(element))
        parents[number] = pdf.make_indirect(Array([elements[-1]]))
    root.K, root.ParentTree, root.ParentTreeNextKey = Array(elements), parents.obj, len(pages)
    pdf.Root.StructTreeRoot, pdf.Root.MarkInfo = root, Dictionary(Marked=True)


def texts_of(path: Path, password: str | None = None) -> list[str]:
    """The words of each page."""
    document = pypdfium2.PdfDocument(path, password=password)
    try:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


def drawn(path: Path, number: int = 0, dpi: float = 72) -> np.ndarray:
    """A page as pdfium shows it, with its forms: rows, columns, red, green and blue."""
    document = pypdfium2.PdfDocument(path)
    try:
        document.init_forms()
        return np.asarray(document[number].render(scale=dpi / 72).to_pil().convert("RGB")).astype(int)
    finally:
        document.close()
