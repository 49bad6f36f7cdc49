"""Makes PDF/A-1b, 2b or 3b of a PDF, examines what was made, and never claims what it has not examined."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf

from services.conversion.to_pdf.pdfa.annotations import settle_annotations
from services.conversion.to_pdf.pdfa.colours import settle_colours
from services.conversion.to_pdf.pdfa.fonts import FontOutcome, settle_fonts
from services.conversion.to_pdf.pdfa.forbidden import has_hidden_layers, remove_forbidden
from services.conversion.to_pdf.pdfa.packet import write_packet
from services.conversion.to_pdf.pdfa.page_pictures import picture_pages
from services.conversion.to_pdf.pdfa.transparency import really_transparent, remove_groups, remove_idle_transparency
from services.conversion.to_pdf.pdfa_rules.check import check_pdfa
from services.conversion.to_pdf.pdfa_rules.findings import Finding
from services.conversion.to_pdf.pdfa_rules.usage import Usage, read_usage
from services.conversion.to_pdf.writing import save
from shared.errors import FileProcessingError
from shared.operation import Report, Result, ignore

_NAMED = 5


class NotConforming(FileProcessingError):
    """The document cannot be made to conform to PDF/A."""

    code = "pdfa_impossible"
    remedy = "Send rasterize_pages=true to turn what cannot conform into images, or choose pdfa-2b."


class DynamicForm(NotConforming):
    """The document is a dynamic XFA form: its pages are made by a program that PDF/A forbids."""

    code = "pdfa_dynamic_form"
    remedy = "Print the form to PDF in the program that shows it, then convert that."


def archive_pdf(
    pdf: pikepdf.Pdf, target: Path, part: int, *, rasterize: bool = False, report: Report = ignore
) -> Result:
    """Write an opened document as PDF/A of part 1, 2 or 3, level B; return what was done and the examination.

    Raises:
        NotConforming: something cannot conform, and `rasterize` is false; the message names it.
        DynamicForm: the pages are not in the file.
    """
    if bool(pdf.Root.get("/NeedsRendering", False)):
        raise DynamicForm()
    pages = len(pdf.pages)
    report(0, 3, "Reading what pages use")
    rendered = _copy(pdf) if rasterize else b""
    hopeless_pages = set(range(pages)) if part == 1 and has_hidden_layers(pdf) else set()
    reasons = ["layers that are hidden"] if hopeless_pages else []
    removed = remove_forbidden(pdf, part) + settle_annotations(pdf, part)
    hopeless, why, fonts, added = _settle_pages(pdf, part, report)
    hopeless_pages |= hopeless
    reasons += why
    if hopeless_pages and not rasterize:
        raise NotConforming(f"The document cannot conform to PDF/A-{part}b: {'; '.join(reasons)[:500]}.")
    if hopeless_pages:
        picture_pages(pdf, rendered, sorted(hopeless_pages))
    findings = _finish(pdf, target, part, report)
    if findings and rasterize and len(hopeless_pages) < pages:
        reasons += [finding.message for finding in findings[:_NAMED]]
        hopeless_pages = set(range(pages))
        picture_pages(pdf, rendered, sorted(hopeless_pages))
        findings = _finish(pdf, target, part, report)
    if findings:
        named = "; ".join(f"{one.message} ({one.clause})" for one in findings[:_NAMED])
        raise NotConforming(f"The document cannot conform to PDF/A-{part}b: {named}")
    return {
        "pages": pages,
        "pdfa": f"PDF/A-{part}b",
        "validation": {"conforms": True, "examined_by": "the validator of this server", "findings": []},
        "removed": dict(removed),
        "added": added,
        "fonts": {
            "embedded": fonts.embedded,
            "corrected": fonts.corrected,
            "substituted_by_other_looks": fonts.doubtful,
        },
        "pages_turned_into_images": [number + 1 for number in sorted(hopeless_pages)],
        "reasons": reasons,
    }


def _copy(pdf: pikepdf.Pdf) -> bytes:
    out = BytesIO()
    save(pdf, out)
    return out.getvalue()


def _settle_pages(pdf: pikepdf.Pdf, part: int, report: Report) -> tuple[set[int], list[str], FontOutcome, list[str]]:
    """Colours, transparency, fonts: the pages that cannot conform, why, what became of fonts, what was added."""
    hopeless: set[int] = set()
    reasons: list[str] = []
    if part == 1:
        remove_idle_transparency(pdf)
    usages = _usages(pdf)
    whole = read_usage(pdf)
    if part == 1:
        transparent = {number for number, usage in usages.items() if really_transparent(usage)}
        remove_groups(pdf, transparent)
        if transparent:
            hopeless |= transparent
            reasons.append(f"transparency on page {min(transparent) + 1}, which PDF/A-1 does not know")
    report(1, 3, "Fonts and colours")
    added = settle_colours(pdf, whole)
    fonts = settle_fonts(pdf, whole, part)
    for name in fonts.hopeless:
        pages = {number for number, usage in usages.items() if _shows(usage, name, whole)}
        hopeless |= pages
        where = f" (page {min(pages) + 1})" if pages else ""
        reasons.append(f"the font {name}{where} is neither in the document nor on this server, or is faulty")
    return hopeless, reasons, fonts, added


def _usages(pdf: pikepdf.Pdf) -> dict[int, Usage]:
    """What each page uses by itself."""
    return {number: read_usage(pdf, only=number) for number in range(len(pdf.pages))}


def _shows(usage: Usage, name: str, whole: Usage) -> bool:
    return any(str(shown.font.get("/BaseFont", "/"))[1:61] == name for shown in usage.fonts.values())


def _finish(pdf: pikepdf.Pdf, target: Path, part: int, report: Report) -> list[Finding]:
    """Write the file with its claim, and examine it."""
    write_packet(pdf, part)
    how: dict[str, Any] = {"object_stream_mode": pikepdf.ObjectStreamMode.disable}
    if part > 1:
        how["object_stream_mode"] = pikepdf.ObjectStreamMode.generate
    pdf.remove_unreferenced_resources()
    save(
        pdf,
        target,
        force_version="1.4" if part == 1 else "1.7",
        fix_metadata_version=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        compress_streams=True,
        encryption=False,
        **how,
    )
    report(2, 3, "Examining the result")
    return check_pdfa(target, part)
