"""The form of an assembled document: fields joined again, names and fonts of several files kept apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, String

from services.file_ops.assembly.copying import copied
from services.file_ops.assembly.fields import FieldNode, FieldTree
from services.file_ops.metadata.destinations import ObjectId
from services.file_ops.metadata.register import Register

#: The font that a default appearance string selects: `/Helv 12 Tf`.
_FONT_CHOICE = re.compile(rb"/([^\s/<>\[\](){}%]+)(?=\s+[\d.+-]+\s+Tf\b)")
#: What the form says for all fields that do not say it themselves (ISO 32000-2, table 224).
_FORM_DEFAULTS = ("/DA", "/Q")


@dataclass
class JoinedForm:
    """The form of one assembled document, to which each source adds its fields."""

    pdf: pikepdf.Pdf
    #: Fully qualified names are told apart by their first part, so that it is enough to rename that.
    names: Register = field(default_factory=Register)
    #: Old and new name of each field on top that had to be renamed.
    renamed: list[tuple[str, str]] = field(default_factory=list)
    fields: int = 0
    _tops: list[Any] = field(default_factory=list)
    _order: list[Any] = field(default_factory=list)
    _resources: dict[str, Register] = field(default_factory=dict)
    _defaults: dict[str, Any] = field(default_factory=dict)
    _needs_appearances: bool = False

    def add(self, tree: FieldTree, nodes: list[FieldNode], *, left_out: set[ObjectId], whole: bool) -> None:
        """Copy these fields and widgets and join them. Widgets in `left_out` are not on the copied pages."""
        kept = [node for node in nodes if node.object.objgen not in left_out]
        if not kept:
            return
        copies = {node.number: self.pdf.copy_foreign(node.object) for node in kept}
        fonts = self._add_resources(tree, None if whole else _fonts_chosen(tree.form, kept))
        for node in kept:
            copy = copies[node.number]
            if fonts and isinstance(chosen := copy.get("/DA"), String):
                copy["/DA"] = String(_with_fonts(bytes(chosen), fonts))
            kids = [copies[kid.number] for kid in node.kids if kid.number in copies]
            if kids:
                copy["/Kids"] = Array(kids)
            if node.parent is not None:
                copy["/Parent"] = copies[node.parent.number]
            else:
                self._add_top(copy)
        tops = [copies[node.number] for node in kept if node.parent is None]
        self._add_form_entries(tree, copies, tops, fonts)

    def write(self) -> None:
        """Make it the document's form, if there are fields at all."""
        if not self._tops:
            return
        form = Dictionary(Fields=Array(self._tops), **{key[1:]: value for key, value in self._defaults.items()})
        if self._order:
            form["/CO"] = Array(self._order)
        if self._needs_appearances:
            form["/NeedAppearances"] = True
        if self._resources:
            form["/DR"] = Dictionary({kind: Dictionary(entries) for kind, entries in self._resources.items()})
        self.pdf.Root["/AcroForm"] = self.pdf.make_indirect(form)

    def _add_top(self, copy: Any) -> None:
        self._tops.append(copy)
        self.fields += 1
        name = str(copy["/T"]) if isinstance(copy.get("/T"), String) else ""
        new = self.names.enter(name, copy) if name else name
        if new != name:
            copy["/T"] = String(new)
            self.renamed.append((name, new))

    def _add_form_entries(
        self, tree: FieldTree, copies: dict[int, Any], tops: list[Any], fonts: dict[bytes, bytes]
    ) -> None:
        """What stands in the form itself: it is passed on to the fields where it differs from the first file's."""
        form = tree.form if tree.form is not None else Dictionary()
        defaults: dict[str, Any] = {key: copied(form.get(key), tree.pdf, self.pdf) for key in _FORM_DEFAULTS}
        if isinstance(defaults["/DA"], String) and fonts:
            defaults["/DA"] = String(_with_fonts(bytes(defaults["/DA"]), fonts))
        first = len(self._tops) == len(tops)
        for key, value in defaults.items():
            if value is None:
                continue
            if first:
                self._defaults[key] = value
            elif self._defaults.get(key) != value:
                for top in tops:
                    if key not in top:
                        top[key] = value
        self._needs_appearances = self._needs_appearances or form.get("/NeedAppearances") is True
        order = form.get("/CO")
        for entry in order if isinstance(order, Array) else ():
            node = tree.node_of(entry)
            if node is not None and node.number in copies:
                self._order.append(copies[node.number])

    def _add_resources(self, tree: FieldTree, only_fonts: set[bytes] | None) -> dict[bytes, bytes]:
        """Copy the form's resources; return the new names of fonts whose name means another font here already."""
        found = tree.form.get("/DR") if tree.form is not None else None
        renamed: dict[bytes, bytes] = {}
        for kind, entries in found.items() if isinstance(found, Dictionary) else ():
            if not isinstance(entries, Dictionary):
                continue
            taken = self._resources.setdefault(kind, Register())
            for name, entry in entries.items():
                if kind == "/Font" and only_fonts is not None and name[1:].encode() not in only_fonts:
                    continue
                copy = copied(entry, tree.pdf, self.pdf)
                if kind != "/Font":
                    taken.setdefault(name, copy)
                elif (new := taken.share(name, copy)) != name:
                    renamed[name[1:].encode()] = new[1:].encode()
        return renamed


def _fonts_chosen(form: Any, nodes: list[FieldNode]) -> set[bytes]:
    """The fonts that the default appearances of these fields select."""
    chosen = [node.object.get("/DA") for node in nodes] + ([form.get("/DA")] if form is not None else [])
    return {font for text in chosen if isinstance(text, String) for font in _FONT_CHOICE.findall(bytes(text))}


def _with_fonts(appearance: bytes, fonts: dict[bytes, bytes]) -> bytes:
    return _FONT_CHOICE.sub(lambda found: b"/" + fonts.get(found[1], found[1]), appearance)
