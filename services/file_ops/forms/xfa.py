"""Adobe's other kind of form, XFA: see whether a document has one, and take it off so that its fields count."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

import pikepdf
from pikepdf import Array, Stream

from services.file_ops.forms.field_tree import FormFields
from services.file_ops.forms.names import text_of
from shared.errors import FileProcessingError

_DYNAMIC = re.compile(rb"<dynamicRender>\s*required\s*</dynamicRender>")


class DynamicXfa(FileProcessingError):
    """The form is dynamic XFA: its pages are made by Adobe's programs from XML, and it has no fields of a PDF form."""

    code = "form_is_dynamic_xfa"
    remedy = "Open it in Adobe Acrobat or Reader, and print it to PDF, or ask its publisher for an ordinary PDF form."


class Xfa(StrEnum):
    """What a document has of XFA."""

    NONE = "none"
    #: The same fields twice, as XML and as fields of a PDF form.
    STATIC = "static"
    #: Pages made from XML when the document is opened; viewers other than Adobe's show a notice instead.
    DYNAMIC = "dynamic"


def xfa_of(pdf: pikepdf.Pdf, fields: FormFields) -> Xfa:
    """The kind of XFA that the document has."""
    root: Any = pdf.Root
    packets = fields.form.get("/XFA") if fields.form is not None else None
    if packets is None:
        return Xfa.NONE
    if not fields.fields or root.get("/NeedsRendering") is True or _DYNAMIC.search(_configuration(packets)):
        return Xfa.DYNAMIC
    return Xfa.STATIC


def remove_xfa(pdf: pikepdf.Pdf, fields: FormFields) -> Xfa:
    """Take XFA off: Adobe's programs would show its values and not those of the fields. Returns what there was.

    Raises:
        DynamicXfa: without XFA nothing would be left.
    """
    found = xfa_of(pdf, fields)
    if found is Xfa.DYNAMIC and not any(field.widgets for field in fields.fields.values()):
        raise DynamicXfa()
    if found is not Xfa.NONE:
        del fields.form["/XFA"]
        if "/NeedsRendering" in pdf.Root:
            del pdf.Root["/NeedsRendering"]
    return found


def _configuration(packets: Any) -> bytes:
    """The part of an XFA form that says how it is shown, or all of it where it is one stream."""
    if isinstance(packets, Stream):
        return _bytes(packets)
    if not isinstance(packets, Array):
        return b""
    parts = list(packets)
    return b"".join(
        _bytes(stream) for name, stream in zip(parts[::2], parts[1::2], strict=False) if text_of(name) == "config"
    )


def _bytes(stream: Any) -> bytes:
    try:
        return bytes(stream.read_bytes()) if isinstance(stream, Stream) else b""
    except pikepdf.PikepdfError:
        return b""
