"""The font that each field asks for, each font of the form read once."""

from __future__ import annotations

from typing import Any

from pikepdf import Dictionary

from services.file_ops.forms.appearance.default_appearance import DefaultAppearance, default_appearance
from services.file_ops.forms.appearance.document_fonts import DocumentFace, document_face, standard_name
from services.file_ops.forms.field_tree import FormField
from services.file_ops.forms.names import text_of
from services.file_ops.lettering.faces import Face
from services.file_ops.lettering.letters import Letters


class FormFonts:
    """Fonts of one document's form."""

    def __init__(self, form: Any) -> None:
        self._form = form
        self._faces: dict[tuple[int, int], DocumentFace | None] = {}

    def style(self, field: FormField, widget: Any) -> DefaultAppearance:
        """How the widget's text is set."""
        return default_appearance(self.entry(field, widget, "/DA"))

    def entry(self, field: FormField, widget: Any, key: str) -> Any:
        """An entry that a widget, its field or the form may have."""
        value = widget.get(key)
        if value is None:
            value = field.get(key)
        return self._form.get(key) if value is None and self._form is not None else value

    def own_face(self, field: FormField, style: DefaultAppearance) -> DocumentFace | None:
        """The font of the document that the field asks for, where its letters are known."""
        font = self._font(field, style)
        if font is None or not font.is_indirect:
            return None
        if font.objgen not in self._faces:
            self._faces[font.objgen] = document_face(font)
        return self._faces[font.objgen]

    def face(self, field: FormField, style: DefaultAppearance, letters: Letters) -> Face:
        """The font that the field asks for, or the standard font that is most like it."""
        own = self.own_face(field, style)
        if own is not None:
            return own
        font = self._font(field, style)
        name = text_of(font.get("/BaseFont")) if font is not None else style.font
        return letters.standard(standard_name(name or "") or "Helvetica")

    def _font(self, field: FormField, style: DefaultAppearance) -> Any:
        for resources in (field.get("/DR"), self._form.get("/DR") if self._form is not None else None):
            fonts = resources.get("/Font") if isinstance(resources, Dictionary) else None
            font = fonts.get("/" + style.font) if isinstance(fonts, Dictionary) else None
            if isinstance(font, Dictionary):
                return font
        return None
