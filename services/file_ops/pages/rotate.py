"""Turn pages: what a page says of its own way up, not its content, so that turning back is turning back."""

from __future__ import annotations

from pathlib import Path

from services.file_ops.contracts.pages import RotateOptions
from services.file_ops.marks.page_view import rotation
from services.file_ops.metadata.damage import damage_is_told
from services.file_ops.protection.saving import save_checked
from shared.operation import Report, Result, ignore
from shared.pdf.inheritance import inherited
from shared.pdf.open_document import open_document
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.signatures import settle_signatures


def rotate(
    source: Path, target: Path, options: RotateOptions, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Write the document with the chosen pages turned.

    Raises:
        PagesOutOfRange, EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    with open_document(source, password) as pdf, damage_is_told():
        signatures = settle_signatures(pdf, break_them=options.break_signature)
        pages = sorted(set(chosen_pages(options.pages, len(pdf.pages))))
        for done, number in enumerate(pages, start=1):
            page = pdf.pages[number]
            turned = (options.degrees + (0 if options.absolute else rotation(page))) % 360
            if turned == 0 and "/Rotate" in page.obj:
                del page.obj["/Rotate"]
            # A node above may turn all its pages: then a page that is upright has to say so.
            if turned != 0 or inherited(page.obj, "/Rotate") not in (None, 0):
                page.obj["/Rotate"] = turned
            report(done, len(pages), "Turning pages")
        save_checked(pdf, target, password=password)
        return {"pages": len(pdf.pages), "pages_turned": len(pages), "signatures_removed": signatures}
