"""6.2.2 to 6.2.4: output intents, ICC profiles, and device colours that only an output intent makes definite."""

from __future__ import annotations

from typing import Any

from pikepdf import Array, Dictionary, Name, Stream

from services.conversion.to_pdf.pdfa_rules.findings import Examined
from services.conversion.to_pdf.pdfa_rules.usage import read_bytes

_COMPONENTS = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4, b"Lab ": 3}
_INTENT_CLASSES = {b"prtr", b"mntr"}
_SOURCE_CLASSES = {b"prtr", b"mntr", b"scnr", b"spac"}
_NEEDED = {"/DeviceRGB": b"RGB ", "/DeviceCMYK": b"CMYK"}


def check(examined: Examined) -> None:
    """Find what breaks the rules of colour."""
    space = _output_intents(examined)
    for device, page in examined.usage.devices.items():
        if space is None or (device in _NEEDED and _NEEDED[device] != space):
            examined.found(
                "6.2.3.3", "6.2.4.3", f"{device[1:]} is used (page {page + 1}) without an output intent of this kind."
            )
    spaces = _arrays(examined)
    for found in spaces:
        _space(examined, found)
    if examined.part > 1:
        _overprint(examined, spaces)
        _same_inks(examined, spaces)


def _output_intents(examined: Examined) -> bytes | None:
    """Check the intents, and return the colour space of the profile of PDF/A's."""
    intents = examined.pdf.Root.get("/OutputIntents")
    profiles = []
    space = None
    for intent in intents if isinstance(intents, Array) else []:
        if not isinstance(intent, Dictionary):
            continue
        profile = intent.get("/DestOutputProfile")
        if isinstance(profile, Stream):
            profiles.append(profile.objgen)
        is_ours = intent.get("/S") == Name("/GTS_PDFA1")
        if examined.part > 1 and "/DestOutputProfileRef" in intent:
            examined.found("6.2.2", "6.2.3", "An output intent refers to a profile outside.")
        if isinstance(profile, Stream) and (is_ours or examined.part > 1):
            head = _profile_head(profile)
            if head is None or head[12:16] not in _INTENT_CLASSES or head[16:20] not in (b"GRAY", b"RGB ", b"CMYK"):
                examined.found("6.2.2", "6.2.3", "The profile of an output intent is no output or monitor profile.")
            elif not _version_fits(examined, head):
                examined.found("6.2.2", "6.2.3", "The profile of an output intent is of a version that is too new.")
            elif _COMPONENTS[head[16:20]] != profile.get("/N"):
                examined.found("6.2.2", "6.2.3", "The profile of an output intent has another number of components.")
            elif is_ours:
                space = head[16:20]
        elif is_ours and "/DestOutputProfile" not in intent and "/OutputConditionIdentifier" not in intent:
            examined.found("6.2.2", "6.2.3", "An output intent has no profile.")
    if len(set(profiles)) > 1:
        examined.found("6.2.2", "6.2.3", "Output intents have different profiles.")
    return space


def _version_fits(examined: Examined, head: bytes) -> bool:
    return head[8] <= 2 if examined.part == 1 else head[8] <= 4


def _profile_head(profile: Any) -> bytes | None:
    head = (read_bytes(profile) or b"")[:128]
    return head if len(head) == 128 and head[36:40] == b"acsp" else None


def _arrays(examined: Examined) -> list[Any]:
    """Every colour space that could be one, wherever it stands in the file."""
    found = list(examined.usage.spaces)
    for holder in [*examined.dictionaries, *examined.streams]:
        for key in ("/ColorSpace", "/CS"):
            value = holder.get(key)
            if isinstance(value, Array):
                found.append(value)
            elif isinstance(value, Dictionary):
                found.extend(one for one in value.values() if isinstance(one, Array))
    return found


def _space(examined: Examined, space: Any, depth: int = 0) -> None:
    if depth > 8 or not isinstance(space, Array) or not len(space):
        return
    kind = str(space[0])
    if kind == "/ICCBased" and len(space) > 1:
        _icc(examined, space[1])
    elif (kind == "/Indexed" and len(space) > 1) or (kind == "/Pattern" and len(space) > 1):
        _space(examined, space[1], depth + 1)
    elif kind in ("/Separation", "/DeviceN") and len(space) > 3:
        _space(examined, space[2], depth + 1)
        if kind == "/DeviceN" and examined.part > 1:
            _colorants(examined, space)


def _overprint(examined: Examined, spaces: list[Any]) -> None:
    """6.2.4.2: with inks described by a profile, overprint mode 1 has no meaning."""
    inks = any(
        str(one[0]) == "/ICCBased" and isinstance(one[1], Stream) and one[1].get("/N") == 4
        for one in spaces
        if len(one) > 1
    )
    for state in examined.usage.graphics_states if inks else ():
        if state.get("/OPM", 0) == 1 and (state.get("/OP", False) is True or state.get("/op", False) is True):
            examined.found("6.2.3.2", "6.2.4.2", "Overprint mode 1 is used with inks that a profile describes.")


def _same_inks(examined: Examined, spaces: list[Any]) -> None:
    """6.2.4.4: an ink means the same wherever it is named."""
    known: dict[str, tuple[Any, Any]] = {}
    for one in spaces:
        if len(one) > 3 and str(one[0]) == "/Separation":
            meaning = (_written(one[2]), _written(one[3]))
            if known.setdefault(str(one[1]), meaning) != meaning:
                examined.found("6.2.3.4", "6.2.4.4", f"The ink {str(one[1])[1:41]} has two meanings.")


def _written(value: Any) -> Any:
    """A value by what it says, wherever it stands."""
    if isinstance(value, Stream):
        return read_bytes(value)
    return value.unparse(resolved=True) if hasattr(value, "unparse") else value


def _icc(examined: Examined, profile: Any) -> None:
    if not isinstance(profile, Stream):
        examined.found("6.2.3.2", "6.2.4.2", "An ICC based colour space has no profile.")
        return
    head = _profile_head(profile)
    if head is None or head[12:16] not in _SOURCE_CLASSES or head[16:20] not in _COMPONENTS:
        examined.found("6.2.3.2", "6.2.4.2", "An ICC profile is of a class or colour space that is not allowed.")
    elif not _version_fits(examined, head):
        examined.found("6.2.3.2", "6.2.4.2", "An ICC profile is of a version that is too new.")
    elif _COMPONENTS[head[16:20]] != profile.get("/N"):
        examined.found("6.2.3.2", "6.2.4.2", "An ICC profile has another number of components than it says.")


def _colorants(examined: Examined, space: Any) -> None:
    names = [str(name) for name in space[1]] if isinstance(space[1], Array) else []
    attributes = space[4] if len(space) > 4 else None
    listed = attributes.get("/Colorants") if isinstance(attributes, Dictionary) else None
    there = set(listed.keys()) if isinstance(listed, Dictionary) else set()
    process = attributes.get("/Process") if isinstance(attributes, Dictionary) else None
    if isinstance(process, Dictionary) and isinstance(process.get("/Components"), Array):
        there |= {str(one) for one in process.Components}
    missing = [name for name in names if name not in there and name != "/None"]
    if missing:
        examined.found(
            "6.2.3.4", "6.2.4.4", f"A DeviceN colour space does not describe its colourant {missing[0][:40]}."
        )
