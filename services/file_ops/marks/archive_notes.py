"""What a mark does to a document that calls itself PDF/A."""

from __future__ import annotations

import pikepdf

from services.file_ops.lettering.letters import Letters


def archive_part(pdf: pikepdf.Pdf) -> str:
    """The part and level of PDF/A that the document claims, such as `2B`; empty for none."""
    try:
        return str(pdf.open_metadata(set_pikepdf_as_editor=False).pdfa_status)
    except Exception:  # noqa: BLE001 - XMP of any quality is parsed, by three libraries; it only decides on notes
        return ""


def notes_for(part: str, letters: Letters | None, opacity_percent: float) -> list[str]:
    """What of PDF/A a mark may have broken, in sentences."""
    notes = []
    if part.startswith("1") and opacity_percent < 100:
        notes.append(f"The document claims PDF/A-{part.lower()}, which allows no transparency: it conforms no more.")
    if part and letters is not None and letters.standard_used:
        notes.append(f"The document claims PDF/A-{part.lower()}; no font to embed was found: it conforms no more.")
    return notes
