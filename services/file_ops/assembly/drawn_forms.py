"""Draw a form whose file asks viewers to do it: in a merged file they would draw everybody else's fields anew too."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pikepdf
from pikepdf import Dictionary

from services.file_ops.forms.drawing_fields import draw_undrawn
from services.file_ops.forms.field_tree import FormFields
from services.file_ops.metadata.damage import DAMAGE
from shared.errors import FileProcessingError


def draw_form(pdf: pikepdf.Pdf) -> None:
    """Draw the fields if the form asks for it, so that it need not ask; it still does where a text cannot be set."""
    form: Any = pdf.Root.get("/AcroForm")
    asks: Any = form.get("/NeedAppearances") if isinstance(form, Dictionary) else None
    if asks is not True:
        return
    with suppress(FileProcessingError, *DAMAGE):
        if not draw_undrawn(pdf, FormFields.of(pdf)).left:
            del form["/NeedAppearances"]
