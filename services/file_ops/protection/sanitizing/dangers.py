"""Which entries of a PDF run something, reach out of the document, or carry files: the rules of both scans."""

from __future__ import annotations

import re
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Stream

#: Actions that leave the document or start something (ISO 32000-2, table 201).
LEAVING_ACTIONS = frozenset(
    {
        *("/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Thread"),
        *("/Rendition", "/Movie", "/Sound", "/RichMediaExecute", "/GoTo3DView"),
    }
)
_ACTIONS = dict.fromkeys(LEAVING_ACTIONS, "actions") | {"/JavaScript": "scripts", "/URI": "external_links"}
#: Annotations that are files or players.
FILE_ANNOTATIONS = frozenset({"/FileAttachment", "/RichMedia", "/3D", "/Movie", "/Sound", "/Screen"})
#: Annotations that belong to the document itself; all others are somebody's comments.
OWN_ANNOTATIONS = frozenset({"/Link", "/Widget", "/PrinterMark", "/TrapNet", *FILE_ANNOTATIONS})
_WEB = re.compile(r"\s*(https?|mailto|tel|ftps?|sms|news|urn|doi)\s*:|\s*#|\s*[^:\\]*$", re.IGNORECASE)


def action_kind(value: Any) -> str | None:
    """What a value is as an action: "scripts", "actions" (it leaves the document), "external_links", or None."""
    if not isinstance(value, Dictionary):
        return None
    name = value.get("/S")
    kind = _ACTIONS.get(str(name)) if isinstance(name, Name) else None
    # Elements of the structure tree and others have an entry S too.
    if kind is None or value.get("/Type", Name.Action) != Name.Action or "/K" in value:
        return None
    return "actions" if kind == "external_links" and not _WEB.match(_address(value)) else kind


def _address(action: Any) -> str:
    address = action.get("/URI")
    return str(address) if isinstance(address, pikepdf.String) else ""


def unwanted_annotation(thing: Any, *, files: bool, comments: bool) -> str | None:
    """As what an annotation must go: "file_annotations" or "annotations"; None: it may stay."""
    kind = thing.get("/Subtype") if "/Rect" in thing else None
    if not isinstance(kind, Name):
        return None
    if str(kind) in FILE_ANNOTATIONS:
        return "file_annotations" if files else None
    return "annotations" if comments and str(kind) not in OWN_ANNOTATIONS else None


def is_metadata(key: str, value: Any) -> bool:
    """An XMP packet, whichever object it describes."""
    return key == "/Metadata" and isinstance(value, Stream)
