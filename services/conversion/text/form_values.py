"""Form values that a document leaves to its viewer to draw (NeedAppearances): drawn here, so that they can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Dictionary

from shared.pdf.open_document import open_written


def with_drawn_values(source: Path, password: str | None, folder: Path) -> Path:
    """The document itself, or a copy in `folder` whose form fields are drawn, where it asks for that."""
    try:
        with open_written(source, password) as pdf:
            form: Any = pdf.Root.get("/AcroForm")
            if not isinstance(form, Dictionary) or not bool(form.get("/NeedAppearances", False)):
                return source
            pdf.generate_appearance_streams()
            copy = folder / "drawn-form-values.pdf"
            pdf.save(copy)
            return copy
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, AttributeError, RuntimeError):
        # Whatever is wrong with it, the reading itself tells better.
        return source
