"""What PDF/A says of annotations, for the rules and for what makes documents follow them."""

from __future__ import annotations

from typing import Any

from pikepdf import Name

from shared.pdf.inheritance import inherited

#: Kinds that part 1 allows, and the later parts; files may be attached only in part 3.
ANNOTATIONS_1 = {
    *("Text", "Link", "FreeText", "Line", "Square", "Circle", "Highlight", "Underline", "Squiggly", "StrikeOut"),
    *("Stamp", "Ink", "Popup", "Widget", "PrinterMark", "TrapNet"),
}
ANNOTATIONS_2 = ANNOTATIONS_1 | {"Polygon", "PolyLine", "Caret", "FileAttachment", "Watermark", "Redact"}

#: Flags of annotations (ISO 32000-1, table 165).
INVISIBLE, HIDDEN, PRINT, NO_ZOOM, NO_ROTATE, NO_VIEW, TOGGLE = 1, 2, 4, 8, 16, 32, 256


def is_button_widget(annotation: Any) -> bool:
    """Whether an annotation shows a button: its field, or one above it, says so."""
    return str(annotation.get("/Subtype", "/"))[1:] == "Widget" and inherited(annotation, "/FT") == Name.Btn
