"""Takes out what PDF/A forbids and nobody misses on paper: scripts, actions, passwords, external parts."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.conversion.to_pdf.pdfa_rules.usage import array_of

_INTENTS = {"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"}
_ALLOWED_ACTIONS = {"/GoTo", "/GoToR", "/GoToE", "/Thread", "/URI", "/Named", "/SubmitForm"}
_NAMED_ACTIONS = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"}
_ACTION_KEYS = ("/A", "/OpenAction", "/Next", "/PA")


def remove_forbidden(pdf: pikepdf.Pdf, part: int) -> Counter[str]:
    """Take out what is forbidden; return what went, counted."""
    removed: Counter[str] = Counter()
    _catalogue(pdf, part, removed)
    for thing in pdf.objects:
        if isinstance(thing, Dictionary | Stream):
            _clean(thing, part, removed, 0)
    for page in pdf.pages:
        for key in ("/AA", "/PresSteps"):
            if key in page.obj:
                del page.obj[key]
                removed["page actions"] += 1
    return removed


def _catalogue(pdf: pikepdf.Pdf, part: int, removed: Counter[str]) -> None:
    root = pdf.Root
    for key in ("/AA", "/Requirements", "/NeedsRendering", "/Perms", "/Collection", "/Legal"):
        if key in root:
            del root[key]
            removed[f"catalogue entry {key[1:]}"] += 1
    names = root.get("/Names")
    if isinstance(names, Dictionary):
        if "/JavaScript" in names:
            del names["/JavaScript"]
            removed["scripts"] += 1
        if "/AlternatePresentations" in names:
            del names["/AlternatePresentations"]
        if part < 3 and "/EmbeddedFiles" in names:
            removed["embedded files"] += max(len(pdf.attachments), 1)
            del names["/EmbeddedFiles"]
    if part < 3 and "/AF" in root:
        del root["/AF"]
    form = root.get("/AcroForm")
    if isinstance(form, Dictionary):
        for key in ("/XFA", "/NeedAppearances"):
            if key in form:
                del form[key]
                removed["XFA form" if key == "/XFA" else "request for new appearances"] += 1
    if isinstance(root.get("/OCProperties"), Dictionary):
        _layers(pdf, part, removed)


def _layers(pdf: pikepdf.Pdf, part: int, removed: Counter[str]) -> None:
    properties = pdf.Root.OCProperties
    if part == 1:
        del pdf.Root["/OCProperties"]
        removed["layers (all of them were shown)"] += 1
        return
    groups = array_of(properties.get("/OCGs"))
    configurations = [properties.get("/D"), *array_of(properties.get("/Configs"))]
    for number, one in enumerate(configurations):
        if isinstance(one, Dictionary):
            one.Name = pikepdf.String(f"Configuration {number + 1}")
            if "/AS" in one:
                del one["/AS"]
            if "/Order" in one:
                one.Order = Array(groups)


def has_hidden_layers(pdf: pikepdf.Pdf) -> bool:
    """Whether some layer is not shown at first."""
    properties = pdf.Root.get("/OCProperties")
    default = properties.get("/D") if isinstance(properties, Dictionary) else None
    if not isinstance(default, Dictionary):
        return False
    return bool(array_of(default.get("/OFF"))) or default.get("/BaseState") == Name.OFF


def _clean(thing: Any, part: int, removed: Counter[str], depth: int) -> None:
    if depth > 32:
        return
    for key in _ACTION_KEYS:
        if key in thing and _is_forbidden_action(thing.get(key)):
            del thing[key]
            removed["actions"] += 1
    if "/AA" in thing:
        del thing["/AA"]
        removed["actions"] += 1
    if part < 3 and "/EF" in thing:
        del thing["/EF"]
        removed["embedded files"] += 1
    if isinstance(thing, Stream):
        _stream(thing, removed)
    elif thing.get("/Type") == Name.ExtGState or any(key in thing for key in ("/TR", "/TR2", "/HTP")):
        _graphics_state(thing, removed)
    for key in list(thing.keys()):
        child = thing.get(key)
        if isinstance(child, Dictionary) and not child.is_indirect:
            _clean(child, part, removed, depth + 1)
        elif isinstance(child, Array) and not child.is_indirect:
            for one in child:
                if isinstance(one, Dictionary) and not one.is_indirect:
                    _clean(one, part, removed, depth + 1)


def _is_forbidden_action(action: Any) -> bool:
    if isinstance(action, Array) and len(action) and isinstance(action[0], Dictionary) and "/S" in action[0]:
        return any(_is_forbidden_action(one) for one in action)
    if not isinstance(action, Dictionary) or not isinstance(action.get("/S"), Name):
        return False
    kind = str(action.S)
    return kind not in _ALLOWED_ACTIONS or (kind == "/Named" and str(action.get("/N")) not in _NAMED_ACTIONS)


def _stream(stream: Any, removed: Counter[str]) -> None:
    for key in ("/Alternates", "/OPI", "/Ref", "/PS"):
        if key in stream and stream.get("/Subtype") in (Name.Image, Name.Form):
            del stream[key]
            removed[f"image or form entry {key[1:]}"] += 1
    if stream.get("/Subtype2") == Name.PS:
        del stream["/Subtype2"]
    if stream.get("/Interpolate", False) is True:
        del stream["/Interpolate"]
        removed["requests for interpolation"] += 1
    if "/Intent" in stream and str(stream.Intent) not in _INTENTS:
        del stream["/Intent"]


def _graphics_state(state: Any, removed: Counter[str]) -> None:
    for key in ("/TR", "/TR2", "/HTP"):
        if key in state and not (key == "/TR2" and Name.Default == state.TR2):
            del state[key]
            removed["transfer functions and halftones"] += 1
    if isinstance(state.get("/HT"), Dictionary | Stream):
        del state["/HT"]
        removed["transfer functions and halftones"] += 1
    if "/RI" in state and str(state.RI) not in _INTENTS:
        del state["/RI"]
