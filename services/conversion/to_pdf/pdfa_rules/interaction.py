"""6.5, 6.6 and 6.9 (part 1), 6.3 to 6.5 and 6.9 (parts 2 and 3): annotations, forms, actions, layers."""

from __future__ import annotations

from typing import Any

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
from services.conversion.to_pdf.pdfa_rules.findings import Examined
from services.conversion.to_pdf.pdfa_rules.usage import array_of

_ACTIONS_1 = {"Launch", "Sound", "Movie", "ResetForm", "ImportData", "JavaScript"}
_ACTIONS_2 = _ACTIONS_1 | {"Hide", "SetOCGState", "Rendition", "Trans", "GoTo3DView"}
_OLD_ACTIONS = {"/set-state", "/no-op", "/SetState", "/NOP"}
_NAMED_ACTIONS = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"}


def check(examined: Examined) -> None:
    """Find what breaks the rules of annotations, forms, actions and layers."""
    for page in examined.pdf.pages:
        for annotation in array_of(page.obj.get("/Annots")):
            if isinstance(annotation, Dictionary):
                _annotation(examined, annotation)
        if examined.part > 1 and "/AA" in page.obj:
            examined.found("6.6.2", "6.5.2", "A page has actions of its own.")
        if examined.part > 1 and "/PresSteps" in page.obj:
            examined.found("6.6.1", "6.10", "A page has presentation steps.")
    for thing in examined.dictionaries:
        if "/S" in thing and thing.get("/Type") in (None, Name.Action) and isinstance(thing.get("/S"), Name):
            _action(examined, thing)
        if examined.part == 1 and "/FT" in thing and "/AA" in thing:
            examined.found("6.6.2", "6.5.2", "A form field has actions of its own.")
    _catalogue(examined)
    _form(examined)
    _layers(examined)


def _annotation(examined: Examined, annotation: Any) -> None:
    kind = str(annotation.get("/Subtype", "/"))[1:]
    if kind not in (ANNOTATIONS_1 if examined.part == 1 else ANNOTATIONS_2):
        examined.found("6.5.2", "6.3.1", f"Annotations of the kind {kind[:30]} are not allowed.")
    flags = annotation.get("/F", 0)
    flags = flags if isinstance(flags, int) else 0
    clauses = ("6.5.3", "6.3.2")
    if not (kind == "Popup" and examined.part > 1) and (
        not flags & PRINT or flags & (INVISIBLE | HIDDEN | NO_VIEW | (TOGGLE if examined.part > 1 else 0))
    ):
        examined.found(*clauses, "An annotation is not printed, or hidden.")
    if examined.part == 1 and "/CA" in annotation and float(annotation.CA) != 1:
        examined.found(*clauses, "An annotation is transparent.")
    if kind == "Text" and examined.part > 1 and flags & (NO_ZOOM | NO_ROTATE) != NO_ZOOM | NO_ROTATE:
        examined.found(*clauses, "A note turns or grows with the page.")
    if examined.part == 1 and any(key in annotation for key in ("/C", "/IC")):
        _annotation_colours(examined, annotation)
    _appearance(examined, annotation, kind)
    if kind == "Widget":
        if "/A" in annotation:
            examined.found("6.6.1", "6.4.1", "A form field's widget has an action.")
        if "/AA" in annotation:
            examined.found("6.6.2", "6.4.1", "A form field's widget has actions of its own.")


def _annotation_colours(examined: Examined, annotation: Any) -> None:
    intents = array_of(examined.pdf.Root.get("/OutputIntents"))
    for intent in intents:
        profile = intent.get("/DestOutputProfile") if isinstance(intent, Dictionary) else None
        if isinstance(profile, Stream) and profile.get("/N") == 3:
            return
    examined.found("6.5.3", "6.3.2", "An annotation has a colour, and the output intent is not RGB.")


def _appearance(examined: Examined, annotation: Any, kind: str) -> None:
    clauses = ("6.5.3", "6.3.3")
    looks = annotation.get("/AP")
    if not isinstance(looks, Dictionary):
        box = [float(edge) for edge in array_of(annotation.get("/Rect"))]
        is_point = len(box) == 4 and box[0] == box[2] and box[1] == box[3]
        if examined.part > 1 and kind not in ("Popup", "Link") and not is_point:
            examined.found(*clauses, "An annotation has no appearance.")
        return
    if set(looks.keys()) - {"/N"}:
        examined.found(*clauses, "An annotation has other appearances than the normal one.")
    normal = looks.get("/N")
    is_button = is_button_widget(annotation)
    if normal is not None and (
        isinstance(normal, Stream) == is_button
        if examined.part > 1
        else not isinstance(normal, Stream) and not is_button
    ):
        examined.found(*clauses, "The normal appearance of an annotation is not of the kind that it should be.")


def _action(examined: Examined, action: Any) -> None:
    kind = str(action.S)
    if kind[1:] in (_ACTIONS_1 if examined.part == 1 else _ACTIONS_2) or kind in _OLD_ACTIONS:
        if kind != "/Trans" or "/Type" in action or "/Next" in action:
            examined.found("6.6.1", "6.5.1", f"An action of the kind {kind[1:]} is not allowed.")
    elif kind == "/Named" and str(action.get("/N")) not in _NAMED_ACTIONS:
        examined.found("6.6.1", "6.5.1", "A named action is not one of the four that turn pages.")


def _catalogue(examined: Examined) -> None:
    root = examined.pdf.Root
    if "/AA" in root:
        examined.found("6.6.2", "6.5.2", "The document has actions of its own.")
    names = root.get("/Names")
    if isinstance(names, Dictionary):
        if "/JavaScript" in names:
            examined.found("6.6.1", "6.5.1", "The document has scripts.")
        if examined.part == 1 and "/EmbeddedFiles" in names:
            examined.found("6.1.11", "6.8", "The document has embedded files.")
        if examined.part > 1 and "/AlternatePresentations" in names:
            examined.found("6.6.1", "6.10", "The document has alternate presentations.")
    if examined.part > 1:
        if "/Requirements" in root:
            examined.found("6.6.1", "6.11", "The document has requirements.")
        if root.get("/NeedsRendering", False) is True:
            examined.found("6.9", "6.4.2", "The document has a dynamic form.")
        permissions = root.get("/Perms")
        if isinstance(permissions, Dictionary) and set(permissions.keys()) - {"/UR3", "/DocMDP"}:
            examined.found("6.1.12", "6.1.12", "The document has permissions other than UR3 and DocMDP.")


def _form(examined: Examined) -> None:
    form = examined.pdf.Root.get("/AcroForm")
    if not isinstance(form, Dictionary):
        return
    if form.get("/NeedAppearances", False) is True:
        examined.found("6.9", "6.4.1", "The form asks for its appearances to be made anew.")
    if "/XFA" in form:
        examined.found("6.9", "6.4.2", "The form is an XFA form.")
    if examined.part == 1:
        for page in examined.pdf.pages:
            for widget in array_of(page.obj.get("/Annots")):
                is_widget = isinstance(widget, Dictionary) and widget.get("/Subtype") == Name.Widget
                if is_widget and not isinstance(widget.get("/AP"), Dictionary):
                    examined.found("6.9", "6.4.1", "A form field has no appearance.")


def _layers(examined: Examined) -> None:
    properties = examined.pdf.Root.get("/OCProperties")
    if not isinstance(properties, Dictionary):
        return
    if examined.part == 1:
        examined.found("6.1.13", "6.9", "The document has optional content.")
        return
    default = properties.get("/D")
    configurations = [default, *array_of(properties.get("/Configs"))]
    names = [str(one.get("/Name", "")) for one in configurations if isinstance(one, Dictionary)]
    if any(not name for name in names) or len(set(names)) != len(names):
        examined.found("6.1.13", "6.9", "Configurations of layers have no name, or the same.")
    groups = {one.objgen for one in array_of(properties.get("/OCGs"))}
    for one in configurations:
        if not isinstance(one, Dictionary):
            continue
        if "/AS" in one:
            examined.found("6.1.13", "6.9", "A configuration of layers changes by itself.")
        if isinstance(one.get("/Order"), Array) and groups - set(_ordered(one.Order)):
            examined.found("6.1.13", "6.9", "A configuration does not order all layers.")


def _ordered(order: Any, depth: int = 0) -> list[tuple[int, int]]:
    found = []
    for one in order if depth < 32 else ():
        if isinstance(one, Array):
            found += _ordered(one, depth + 1)
        elif isinstance(one, Dictionary):
            found.append(one.objgen)
    return found
