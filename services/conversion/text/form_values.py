"""Form values that a document leaves to its viewer to draw (NeedAppearances): drawn here, so that they can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Dictionary


def with_drawn_values(pdf: pikepdf.Pdf, source: Path, folder: Path) -> Path:
    """The document's own path, or that of a copy in `folder` whose form fields are drawn, where it asks for that."""
    form: Any = pdf.Root.get("/AcroForm")
    if not isinstance(form, Dictionary) or not bool(form.get("/NeedAppearances", False)):
        return source
    pdf.generate_appearance_streams()
    copy = folder / "drawn-form-values.pdf"
    pdf.save(copy)
    return copy
