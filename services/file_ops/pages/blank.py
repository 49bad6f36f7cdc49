"""Remove pages on which nothing can be seen, by their looks: also the empty sheets between scans."""

from __future__ import annotations

from pathlib import Path

from services.file_ops.contracts.pages import RemoveBlankOptions
from services.file_ops.pages.ink import BLANK_DPI, looks_of
from services.file_ops.pages.selection import NoPageLeft, Selecting
from shared.operation import Report, Result, ignore
from shared.pdf.page_ranges import chosen_pages


def remove_blank_pages(
    source: Path, target: Path, options: RemoveBlankOptions, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Write the document without its blank pages; the result names them and the ink of each.

    Raises:
        NoPageLeft: every page is blank.
        PagesOutOfRange, EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    blank: dict[int, float] = {}

    def with_content(page_count: int) -> list[int]:
        pages = sorted(set(chosen_pages(options.pages, page_count)))
        for done, (number, looks) in enumerate(looks_of(source, password, pages, BLANK_DPI), start=1):
            if looks is not None and (ink := looks.ink_percent(options.margin_percent)) <= options.max_ink_percent:
                blank[number] = ink
            report(done, len(pages), "Looking for blank pages")
        if len(blank) == page_count:
            raise NoPageLeft("Every page is blank.", remedy="Lower max_ink_percent if pages with faint content count.")
        return [number for number in range(page_count) if number not in blank]

    result = Selecting(source, target, password, options.break_signature).write(with_content)
    result["blank_pages"] = [
        {"page": number + 1, "ink_percent": round(ink, 4)} for number, ink in sorted(blank.items())
    ]
    return result
