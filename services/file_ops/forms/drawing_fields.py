"""Draw the values of fields, so that no viewer has to: those just filled in, and those that were never drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Dictionary, Stream

from services.file_ops.forms.appearance.field_text import FieldText, texts_of
from services.file_ops.forms.appearance.form_fonts import FormFonts
from services.file_ops.forms.field_tree import FormField, FormFields, Kind
from services.file_ops.forms.storing import draw_missing_states
from services.file_ops.lettering.letters import Letters, fonts_of_texts
from services.file_ops.lettering.script_rules import ShapingNeeded, UncoveredCharacters

_WRITTEN = (Kind.TEXT, Kind.DROPDOWN, Kind.LIST)


@dataclass
class Drawn:
    """What was drawn, and what could not be shown whole."""

    fields: int = 0
    cut_off: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    fonts_embedded: list[str] = field(default_factory=list)


def draw_fields(pdf: pikepdf.Pdf, found: FormFields, must: Iterable[FormField], may: Iterable[FormField] = ()) -> Drawn:
    """Draw fields. Of those that only `may` be drawn, the ones whose text cannot be set keep their old look.

    Raises:
        ShapingNeeded, UncoveredCharacters: the text of a field that must be drawn cannot be set.
    """
    fonts, drawn = FormFonts(found.form), Drawn()
    chosen = [each for each in must if each.kind in _WRITTEN]
    for each in may:
        if each.kind not in _WRITTEN or each in chosen:
            continue
        try:
            fonts_of_texts(_foreign_texts(fonts, each))
            chosen.append(each)
        except (ShapingNeeded, UncoveredCharacters):
            drawn.left.append(each.name)
    letters = Letters(pdf, [text for each in chosen for text in _foreign_texts(fonts, each)])
    drawn.fonts_embedded = letters.embedded
    artist = FieldText(pdf, fonts, letters, drawn.cut_off)
    for each in chosen:
        shown = [artist.draw(each, widget.annotation) for widget in each.widgets]
        drawn.fields += any(shown)
    return drawn


def draw_undrawn(pdf: pikepdf.Pdf, found: FormFields) -> Drawn:
    """Draw every field that has a value or a frame and no appearance; all, where the form asks viewers to do it.

    Raises:
        ShapingNeeded, UncoveredCharacters: see `draw_fields`.
    """
    wanted = found.form is not None and found.form.get("/NeedAppearances") is True
    fields = list(found.fields.values())
    for each in fields:
        if each.kind in (Kind.CHECKBOX, Kind.RADIO):
            draw_missing_states(pdf, found, each)
    undrawn = [each for each in fields if any(not has_look(widget.annotation) for widget in each.widgets)]
    return draw_fields(pdf, found, undrawn, fields if wanted else ())


def has_look(annotation: Any) -> bool:
    """Whether an annotation brings a normal appearance of any kind."""
    appearances = annotation.get("/AP")
    look = appearances.get("/N") if isinstance(appearances, Dictionary) else None
    return isinstance(look, Stream | Dictionary)


def _foreign_texts(fonts: FormFonts, each: FormField) -> list[str]:
    """The texts of a field that the form's own font does not cover."""
    texts = texts_of(each)
    faces = [fonts.own_face(each, fonts.style(each, widget.annotation)) for widget in each.widgets]
    return [
        text
        for text in texts
        if not faces or any(face is None or not face.covers(text.replace("\n", "")) for face in faces)
    ]
