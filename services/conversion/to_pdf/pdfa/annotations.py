"""Makes annotations printable and gives each the one appearance that PDF/A wants."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.conversion.to_pdf.pdfa_rules.annotation_facts import (
    ANNOTATIONS_1,
    ANNOTATIONS_2,
    HIDDEN,
    INVISIBLE,
    NO_ROTATE,
    NO_VIEW,
    NO_ZOOM,
    PRINT,
    TOGGLE,
    is_button_widget,
)
from services.conversion.to_pdf.pdfa_rules.usage import array_of


def settle_annotations(pdf: pikepdf.Pdf, part: int) -> Counter[str]:
    """Drop annotations that may not be or are hidden, set flags and appearances; return what was done, counted."""
    done: Counter[str] = Counter()
    _make_field_appearances(pdf)
    allowed = ANNOTATIONS_1 if part == 1 else ANNOTATIONS_2 - ({"FileAttachment"} if part == 2 else set())
    for page in pdf.pages:
        annotations = page.obj.get("/Annots")
        if not isinstance(annotations, Array):
            continue
        kept = [one for one in annotations if isinstance(one, Dictionary) and _keep(pdf, one, part, allowed, done)]
        if len(kept) != len(annotations):
            page.obj.Annots = Array(kept)
    return done


def _make_field_appearances(pdf: pikepdf.Pdf) -> None:
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, Dictionary):
        try:
            pdf.generate_appearance_streams()
        except (pikepdf.PdfError, RuntimeError, ValueError):
            # Fields that qpdf cannot draw get an empty appearance below.
            return


def _keep(pdf: pikepdf.Pdf, annotation: Any, part: int, allowed: set[str], done: Counter[str]) -> bool:
    kind = str(annotation.get("/Subtype", "/"))[1:]
    flags = annotation.get("/F", 0)
    flags = flags if isinstance(flags, int) else 0
    if kind not in allowed:
        done[f"annotations removed: {kind[:30] or 'without a kind'}"] += 1
        return False
    if flags & (HIDDEN | NO_VIEW) and kind != "Popup":
        done["annotations removed: hidden"] += 1
        return False
    flags = (flags | PRINT) & ~(INVISIBLE | HIDDEN | NO_VIEW | TOGGLE)
    annotation.F = flags | (NO_ZOOM | NO_ROTATE if kind == "Text" else 0)
    if kind == "Widget" and "/A" in annotation:
        del annotation["/A"]
        done["actions of form fields removed"] += 1
    if part == 1 and "/CA" in annotation:
        del annotation["/CA"]
        done["annotations made opaque"] += 1
    return _settle_appearance(pdf, annotation, kind, part, done)


def _settle_appearance(pdf: pikepdf.Pdf, annotation: Any, kind: str, part: int, done: Counter[str]) -> bool:
    looks = annotation.get("/AP")
    if not isinstance(looks, Dictionary) or "/N" not in looks:
        if "/AP" in annotation:
            del annotation["/AP"]
        if kind in ("Popup", "Link") or (part == 1 and kind != "Widget"):
            return True
        if kind != "Widget":
            # Viewers draw it each in their own way; which one is meant to last, nobody can say.
            done[f"annotations removed: {kind} without an appearance"] += 1
            return False
        annotation.AP = Dictionary(N=_empty_form(pdf, annotation))
        done["empty appearances given to form fields"] += 1
        looks = annotation.AP
    for key in set(looks.keys()) - {"/N"}:
        del looks[key]
    _settle_states(pdf, annotation, looks, part)
    return True


def _settle_states(pdf: pikepdf.Pdf, annotation: Any, looks: Any, part: int) -> None:
    """Buttons have an appearance for each state, all else has just one."""
    normal = looks.N
    is_button = is_button_widget(annotation)
    if is_button and isinstance(normal, Stream) and part > 1:
        looks.N = Dictionary(Off=normal)
        annotation.AS = Name.Off
    elif not is_button and isinstance(normal, Dictionary) and not isinstance(normal, Stream):
        chosen = normal.get(str(annotation.get("/AS", "/")))
        looks.N = chosen if isinstance(chosen, Stream) else _empty_form(pdf, annotation)


def _empty_form(pdf: pikepdf.Pdf, annotation: Any) -> Any:
    edges = [float(edge) for edge in array_of(annotation.get("/Rect"))] or [0.0, 0.0, 0.0, 0.0]
    form = pdf.make_stream(b"")
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.BBox = Array([0, 0, round(abs(edges[2] - edges[0]), 3), round(abs(edges[3] - edges[1]), 3)])
    form.Resources = Dictionary()
    return form
