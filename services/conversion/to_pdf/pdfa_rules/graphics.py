"""6.2.4 to 6.2.10 and 6.4: images, forms, graphics states, rendering intents, operators, transparency."""

from __future__ import annotations

from typing import Any

from pikepdf import Array, Dictionary, Name, Stream

from services.conversion.to_pdf.pdfa_rules.findings import Examined
from services.conversion.to_pdf.pdfa_rules.usage import array_of, is_transparent_state

_INTENTS = {"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"}
_MODES = {
    *("/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge", "/ColorBurn"),
    *("/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation", "/Color", "/Luminosity"),
}


def check(examined: Examined) -> None:
    """Find what breaks the rules of graphics."""
    for stream in examined.streams:
        if stream.get("/Subtype") == Name.Image:
            _image(examined, stream)
        elif stream.get("/Subtype") == Name.Form:
            _form(examined, stream)
        elif stream.get("/Subtype") == Name.PS:
            examined.found("6.2.7", "6.2.9", "There is a PostScript XObject.")
    for image in examined.usage.inline_images:
        _inline_image(examined, image.obj)
    for state in examined.usage.graphics_states:
        _state(examined, state)
    for intent in examined.usage.intents:
        _intent(examined, intent)
    for operator in sorted(examined.usage.unknown_operators):
        examined.found("6.2.10", "6.2.2", f"The operator {operator!r} is not part of PDF.")
    if examined.part > 1 and (examined.usage.inherits_resources or examined.usage.undefined_resources):
        for missing in sorted(examined.usage.undefined_resources):
            examined.found("6.2.10", "6.2.2", f"A content stream uses {missing}, which its resources do not name.")
    if examined.usage.unreadable:
        examined.found("6.2.10", "6.2.2", "A content stream cannot be read.")
    _transparency(examined)


def _image(examined: Examined, image: Any) -> None:
    clauses = ("6.2.4", "6.2.8")
    if "/Alternates" in image:
        examined.found(*clauses, "An image has alternates.")
    if "/OPI" in image:
        examined.found(*clauses, "An image refers to another by OPI.")
    if image.get("/Interpolate", False) is True:
        examined.found(*clauses, "An image asks for interpolation.")
    if "/Intent" in image:
        _intent(examined, str(image.Intent))
    depth = image.get("/BitsPerComponent")
    if examined.part > 1 and depth is not None and depth not in (1, 2, 4, 8, 16):
        examined.found(*clauses, "An image has a number of bits that is not allowed.")
    if image.get("/ImageMask", False) is True and depth not in (None, 1):
        examined.found(*clauses, "A mask has more than one bit.")


def _inline_image(examined: Examined, image: Any) -> None:
    if image.get("/I", image.get("/Interpolate", False)) is True:
        examined.found("6.2.4", "6.2.8", "An image asks for interpolation.")
    coding = image.get("/F", image.get("/Filter"))
    names = [str(one) for one in (coding if isinstance(coding, Array) else [coding])]
    if any(name in ("/LZW", "/LZWDecode") for name in names):
        examined.found("6.1.10", "6.1.10", "An inline image is packed with LZW.")
    if any(name in ("/Crypt",) for name in names):
        examined.found("6.1.10", "6.1.10", "An inline image is encrypted.")


def _form(examined: Examined, form: Any) -> None:
    clauses = ("6.2.5", "6.2.9")
    if "/OPI" in form:
        examined.found(*clauses, "A form refers to another by OPI.")
    if "/Ref" in form:
        examined.found("6.2.6", "6.2.9", "A form refers to a page of another file.")
    if "/PS" in form or form.get("/Subtype2") == Name.PS:
        examined.found(*clauses, "A form holds PostScript.")


def _state(examined: Examined, state: Any) -> None:
    clauses = ("6.2.8", "6.2.5")
    if "/TR" in state:
        examined.found(*clauses, "A graphics state has a transfer function.")
    if "/TR2" in state and Name.Default != state.TR2:
        examined.found(*clauses, "A graphics state has a transfer function.")
    if "/RI" in state:
        _intent(examined, str(state.RI))
    if examined.part == 1:
        return
    if "/HTP" in state:
        examined.found(*clauses, "A graphics state has a halftone phase.")
    halftone = state.get("/HT")
    if isinstance(halftone, Dictionary | Stream):
        if halftone.get("/HalftoneType") not in (1, 5):
            examined.found(*clauses, "A halftone is of a type other than 1 and 5.")
        if "/HalftoneName" in halftone:
            examined.found(*clauses, "A halftone has a name.")
    mode = state.get("/BM")
    for one in mode if isinstance(mode, Array) else [mode]:
        if one is not None and str(one) not in _MODES:
            examined.found("6.4", "6.2.10", "A blend mode is not one of the standard's.")


def _intent(examined: Examined, intent: str) -> None:
    if intent not in _INTENTS:
        examined.found("6.2.9", "6.2.6", f"The rendering intent {intent[:40]} is not part of PDF.")


def _transparency(examined: Examined) -> None:
    if examined.part == 1:
        for state in examined.usage.graphics_states:
            if "/SMask" in state and state.SMask != Name("/None"):
                examined.found("6.4", "6.2.10", "A graphics state has a soft mask.")
            elif is_transparent_state(state):
                examined.found("6.4", "6.2.10", "Something is drawn transparently.")
        for stream in examined.streams:
            if isinstance(stream.get("/SMask"), Stream):
                examined.found("6.4", "6.2.10", "An image has a soft mask.")
            if stream.get("/SMaskInData", 0):
                examined.found("6.4", "6.2.10", "An image has a soft mask.")
        groups = [*examined.streams, *(page.obj for page in examined.pdf.pages)]
        if any(_group(one) == Name.Transparency for one in groups):
            examined.found("6.4", "6.2.10", "There is a transparency group.")
        return
    if _has_intent_profile(examined):
        return
    pages = list(examined.pdf.pages)
    for number in examined.usage.transparent_pages:
        group = pages[number].obj.get("/Group")
        if not (isinstance(group, Dictionary) and "/CS" in group):
            examined.found("6.4", "6.2.10", "A page with transparency names no colour space to blend in.")
            return


def _group(holder: Any) -> Any:
    group = holder.get("/Group")
    return group.get("/S") if isinstance(group, Dictionary) else None


def _has_intent_profile(examined: Examined) -> bool:
    intents = array_of(examined.pdf.Root.get("/OutputIntents"))
    return any(isinstance(one, Dictionary) and "/DestOutputProfile" in one for one in intents)
