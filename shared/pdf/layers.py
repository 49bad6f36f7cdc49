"""Layers (optional content) that a document keeps hidden, and the text on them."""

from __future__ import annotations

import ctypes
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary

from shared.pdf.reading import pdfium

_MOST_LAYERS = 10_000
_LONGEST_NAME_BYTES = 1024


def hidden_layers(pdf: pikepdf.Pdf) -> frozenset[str]:
    """The names of the layers that a viewer does not show at first. Malformed entries count as none."""
    properties: Any = pdf.Root.get("/OCProperties")
    if not isinstance(properties, Dictionary) or not isinstance(properties.get("/D"), Dictionary):
        return frozenset()
    if str(properties.D.get("/BaseState", "/ON")) == "/OFF":
        return frozenset(_names(properties.get("/OCGs")) - _names(properties.D.get("/ON")))
    return frozenset(_names(properties.D.get("/OFF")))


def _names(groups: Any) -> set[str]:
    if not isinstance(groups, Array):
        return set()
    found = list(groups)[:_MOST_LAYERS]
    return {str(group.Name) for group in found if isinstance(group, Dictionary) and "/Name" in group}


def is_on_layer(page_object: Any, layers: frozenset[str]) -> bool:
    """Whether an object of a page, or a stretch of content that it stands in, belongs to one of these layers."""
    for index in range(max(pdfium.FPDFPageObj_CountMarks(page_object), 0)):
        mark = pdfium.FPDFPageObj_GetMark(page_object, index)
        named = _text(pdfium.FPDFPageObjMark_GetName, mark) == "OC"
        if named and _text(pdfium.FPDFPageObjMark_GetParamStringValue, mark, b"Name") in layers:
            return True
    return False


def _text(ask: Any, *arguments: Any) -> str:
    buffer, length = (ctypes.c_ushort * (_LONGEST_NAME_BYTES // 2))(), ctypes.c_ulong()
    if not ask(*arguments, buffer, _LONGEST_NAME_BYTES, length) or length.value > _LONGEST_NAME_BYTES:
        return ""
    return bytes(buffer)[: max(length.value - 2, 0)].decode("utf-16-le", "replace")
