"""Bring a stamp's layers along with their state: what is hidden in the stamp stays hidden."""

from __future__ import annotations

from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name


def bring_layers(pdf: pikepdf.Pdf, stamp: pikepdf.Pdf) -> int:
    """Add the layers (optional content groups) of another document to this one's; returns how many there are.

    Call it for a document whose pages are copied as well: a copied layer is the same object in both.
    """
    theirs = stamp.Root.get("/OCProperties")
    if not isinstance(theirs, Dictionary) or not isinstance(theirs.get("/OCGs"), Array):
        return 0
    copied = pdf.copy_foreign(stamp.make_indirect(Dictionary(OCGs=theirs.OCGs, OFF=_hidden(theirs))))
    ours = pdf.Root.get("/OCProperties")
    if not isinstance(ours, Dictionary):
        pdf.Root.OCProperties = ours = Dictionary(OCGs=Array(), D=Dictionary())
    _extend(ours, "/OCGs", copied.OCGs)
    if not isinstance(ours.get("/D"), Dictionary):
        ours.D = Dictionary()
    _extend(ours.D, "/OFF", copied.OFF)
    return len(copied.OCGs)


def _hidden(properties: Any) -> Any:
    """The layers that the document's default configuration does not show."""
    default = properties.get("/D")
    if not isinstance(default, Dictionary):
        return Array()
    shown = default.get("/ON")
    shown_ids = {layer.objgen for layer in shown} if isinstance(shown, Array) else set()
    if default.get("/BaseState") == Name.OFF:
        return Array([layer for layer in properties.OCGs if layer.objgen not in shown_ids])
    hidden = default.get("/OFF")
    return hidden if isinstance(hidden, Array) else Array()


def _extend(owner: Any, key: str, added: Any) -> None:
    if not isinstance(owner.get(key), Array):
        owner[key] = Array()
    owner[key].extend(list(added))
