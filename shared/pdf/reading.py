"""Open a PDF for looking at: pdfium pages, and its calls without the cost that ctypes adds by default."""

from __future__ import annotations

import ctypes
import importlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2

from shared.errors import DamagedFile, EncryptedPdf, NoPages, TooComplex, WrongPassword
from shared.pdf.open_document import MAX_PAGES

#: pdfium itself. Its bindings are generated, and no type checker follows them.
pdfium: Any = importlib.import_module("pypdfium2.raw")

# It warns of every XFA form that it cannot run scripts for; pages are only looked at here.
logging.getLogger("pypdfium2").setLevel(logging.ERROR)

_FLATTENED = pdfium.FLATTEN_SUCCESS
_MOST_ANNOTATIONS = 5000


class UnreadablePage(Exception):
    """pdfium cannot open this page, though it opened the document."""


@contextmanager
def open_for_reading(source: Path, password: str | None) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF with pdfium, which reads and draws but does not write.

    Raises:
        EncryptedPdf, WrongPassword: it needs another password.
        DamagedFile: pdfium makes nothing of it.
        NoPages: it opens and has nothing to show.
        TooComplex: it has more than 20,000 pages.
    """
    try:
        document = pypdfium2.PdfDocument(source, password=password)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise (WrongPassword() if password else EncryptedPdf()) from None
        raise DamagedFile() from error
    try:
        pages = len(document)
        if pages == 0:
            raise NoPages()
        if pages > MAX_PAGES:
            raise TooComplex(f"The document has {pages} pages; the limit is {MAX_PAGES}.")
        yield document
    finally:
        document.close()


@contextmanager
def open_page(document: pypdfium2.PdfDocument, index: int) -> Iterator[Any]:
    """The raw handle of a page, counted from 0, on which form fields and notes are drawn. Raises UnreadablePage."""
    page = _loaded(document, index)
    try:
        if _has_drawn_annotations(page) and pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == _FLATTENED:
            # What annotations show is part of the page only when it is loaded anew; the file itself stays as it is.
            pdfium.FPDF_ClosePage(page)
            page = _loaded(document, index)
        yield page
    finally:
        pdfium.FPDF_ClosePage(page)


def _loaded(document: pypdfium2.PdfDocument, index: int) -> Any:
    page = pdfium.FPDF_LoadPage(document.raw, index)
    if not page:
        raise UnreadablePage(f"page {index + 1}")
    return page


def _has_drawn_annotations(page: Any) -> bool:
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation) if annotation else pdfium.FPDF_ANNOT_LINK
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind not in (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP):
            return True
    return False


def quick_call(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A pdfium function for calls in thousands: handles and addresses as plain integers, the GIL kept.

    A call costs 0.5 us so, against 1.1 us with the argument objects of the generated bindings.
    """
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


def address_of(handle: Any) -> int:
    """A handle as the integer that quick calls take."""
    return ctypes.cast(handle, ctypes.c_void_p).value or 0
