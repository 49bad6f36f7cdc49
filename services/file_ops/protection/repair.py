"""Repair a damaged PDF: several ways to open it, streams that inflate, and an honest account."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdfium2

from services.file_ops.contracts.protection import RepairOptions
from services.file_ops.protection.page_tree import mend_page_tree
from services.file_ops.protection.recover_objects import with_its_end, with_recovered_objects
from services.file_ops.protection.repair_streams import mend_streams
from services.file_ops.protection.saving import save_checked
from shared.errors import BinderyError, DamagedFile, EncryptedPdf, NoPages, TooComplex, WrongPassword
from shared.operation import Report, Result, ignore
from shared.pdf.open_document import open_document, open_written
from shared.pdf.signatures import settle_signatures

#: Warnings of the reader that a result quotes.
_QUOTED_WARNINGS = 20
#: FPDF_REMOVE_SECURITY of fpdf_save.h.
_WITHOUT_ENCRYPTION = 3
_AS_IT_IS = "as it is"
_BY_PDFIUM = "saved anew by pdfium"
_BEFORE_THE_FAULT = re.compile(r"^.*?\.pdf\b|^\S*/\S*|^input-\d+")


@dataclass
class _Opened:
    pdf: pikepdf.Pdf
    #: One of the ways of `_opened`.
    way: str
    pages_declared: int | None
    pages_put_back: int


def repair_pdf(
    source: Path, target: Path, options: RepairOptions, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Write a sound copy of `source`; say how it was opened, what was mended and what was lost.

    A file that only the last resort opens (pdfium) loses its encryption, and the result says so.

    Raises:
        EncryptedPdf, WrongPassword, SignedPdf, TooComplex: see `shared.errors`.
        DamagedFile, NoPages: none of the ways finds a page.
    """
    shown_by_viewers = _pages_in_pdfium(source, password)
    report(0, 3, "Opening")
    with _opened(source, password, target.parent, shown_by_viewers) as opened:
        pdf = opened.pdf
        broken = settle_signatures(pdf, break_them=options.break_signature)
        report(1, 3, "Mending")
        streams = mend_streams(pdf)
        faults = [str(warning) for warning in pdf.get_warnings()]
        pages = len(pdf.pages)
        if not pages:
            raise NoPages()
        report(2, 3, "Writing")
        save_checked(pdf, target, password=password)
    missing = max(0, max(opened.pages_declared or 0, shown_by_viewers or 0) - pages)
    return {
        "opened": opened.way,
        "pages_declared": opened.pages_declared,
        "pages": pages,
        "pages_missing": missing,
        "pages_put_back": opened.pages_put_back,
        "streams_cut_short": streams.cut_short,
        "streams_emptied": streams.emptied,
        "faults": len(faults),
        "faults_quoted": [_BEFORE_THE_FAULT.sub("", fault).lstrip(" :") for fault in faults[:_QUOTED_WARNINGS]],
        "faults_left": _faults_left(target, password),
        "encryption_lost": opened.way == _BY_PDFIUM and b"/Encrypt" in source.read_bytes(),
        "sound_already": not (faults or opened.pages_put_back or missing or streams) and opened.way == _AS_IT_IS,
        "signatures_removed": broken,
    }


@contextmanager
def _opened(source: Path, password: str | None, folder: Path, shown_by_viewers: int | None) -> Iterator[_Opened]:
    ways = (
        (_AS_IT_IS, lambda: with_its_end(source, folder / "ended.pdf")),
        (
            "its objects found anew",
            lambda: with_recovered_objects(source, folder / "recovered.pdf", keep_catalogue=True),
        ),
        (
            "its pages gathered anew",
            lambda: with_recovered_objects(source, folder / "gathered.pdf", keep_catalogue=False),
        ),
        (_BY_PDFIUM, lambda: _saved_by_pdfium(source, password, folder / "resaved.pdf")),
    )
    failure: BinderyError = DamagedFile()
    for way, prepare in ways:
        try:
            path = prepare()
            with open_document(path, password) as pdf:
                declared, put_back = _declared_pages(pdf), mend_page_tree(pdf)
                if way != _BY_PDFIUM and len(pdf.pages) < (shown_by_viewers or 1):
                    failure = DamagedFile("The document's pages cannot be found.")
                    continue
                yield _Opened(pdf, way, declared, put_back)
                return
        except (EncryptedPdf, WrongPassword, TooComplex):
            raise
        except (DamagedFile, NoPages) as error:
            failure = error
    raise failure


def _pages_in_pdfium(source: Path, password: str | None) -> int | None:
    """How many pages a common viewer shows, or None where it does not open the file."""
    try:
        document = pypdfium2.PdfDocument(source, password=password)
    except pypdfium2.PdfiumError:
        return None
    try:
        return len(document)
    finally:
        document.close()


def _saved_by_pdfium(source: Path, password: str | None, target: Path) -> Path:
    """Some files that libqpdf refuses (trees that contain themselves) open in pdfium; its own save is then read."""
    try:
        document = pypdfium2.PdfDocument(source, password=password)
        try:
            document.save(target, flags=_WITHOUT_ENCRYPTION)
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        raise DamagedFile() from error
    return target


def _declared_pages(pdf: pikepdf.Pdf) -> int | None:
    with suppress(pikepdf.PdfError, TypeError, ValueError, AttributeError, KeyError):
        return max(0, int(pdf.Root.Pages.Count))
    return None


def _faults_left(target: Path, password: str | None) -> int:
    with open_written(target, password) as written, warnings.catch_warnings():
        # Pictures in JBIG2 are not looked into; pikepdf says so each time.
        warnings.simplefilter("ignore", UserWarning)
        return len(written.check_pdf_syntax())
