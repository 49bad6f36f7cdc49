"""Examines a file against every rule of a part of PDF/A, level B."""

from __future__ import annotations

from pathlib import Path

import pikepdf

from services.conversion.reading.damage import DAMAGE
from services.conversion.to_pdf.pdfa_rules import (
    colour,
    embedded_files,
    file_structure,
    fonts,
    graphics,
    interaction,
    jpeg2000,
    limits,
    metadata,
)
from services.conversion.to_pdf.pdfa_rules.findings import Examined, Finding

_RULES = (
    file_structure.check,
    limits.check,
    metadata.check,
    colour.check,
    graphics.check,
    jpeg2000.check,
    fonts.check,
    interaction.check,
    embedded_files.check,
)


def check_pdfa(path: Path, part: int) -> list[Finding]:
    """Return what breaks PDF/A-1b, 2b or 3b in a file; nothing for one that conforms as far as we can tell."""
    try:
        with pikepdf.open(path) as pdf:
            examined = Examined(pdf, path.read_bytes(), part)
            for rule in _RULES:
                try:
                    rule(examined)
                except DAMAGE:
                    # What a rule cannot read it has not examined: that is never taken for conforming.
                    examined.found("6.1", "6.1", "A value of the wrong kind keeps the file from being examined.")
            return examined.findings
    except pikepdf.PasswordError:
        return [Finding("6.1.3", "The file is encrypted.")]
    except pikepdf.PdfError:
        return [Finding("6.1", "The file cannot be read as PDF.")]
