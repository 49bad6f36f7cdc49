"""Fill in a form: check everything, store the values, draw them, and flatten where that is asked for."""

from __future__ import annotations

from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary

from services.file_ops.contracts.forms import FillForm, Flatten
from services.file_ops.forms.checking import checked
from services.file_ops.forms.drawing_fields import Drawn, draw_fields
from services.file_ops.forms.field_tree import Flag, FormField, FormFields, Kind
from services.file_ops.forms.field_values import value_of
from services.file_ops.forms.flatten import flatten_document
from services.file_ops.forms.read_form import has_script
from services.file_ops.forms.storing import store
from services.file_ops.forms.xfa import Xfa, remove_xfa
from services.file_ops.marks.writing import write_document
from shared.operation import Report, Result, ignore
from shared.pdf.open_document import open_document
from shared.pdf.signatures import settle_signatures


def fill_form(
    source: Path, target: Path, options: FillForm, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Fill in the form of a PDF. Nothing is written unless every value fits.

    Raises:
        WrongValues: names all values that do not fit the form.
        DynamicXfa: the form has no fields of a PDF form.
        ShapingNeeded, UncoveredCharacters: a value cannot be drawn; see `services.file_ops.lettering`.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    with open_document(source, password) as pdf:
        found = FormFields.of(pdf)
        xfa = remove_xfa(pdf, found)
        signatures = settle_signatures(pdf, break_them=options.break_signature)
        filled = checked(options.values, found, force=options.force)
        _adopt(pdf, found, [each.field for each in filled])
        for done, each in enumerate(filled, start=1):
            store(pdf, found, each)
            report(done, len(filled), "Filling in fields")
        drawn = _draw(pdf, found, [each.field for each in filled])
        result: Result = {
            "pages": len(pdf.pages),
            "filled": len(filled),
            "xfa": xfa.value,
            "xfa_removed": xfa is not Xfa.NONE,
            "usage_rights_removed": _remove_usage_rights(pdf),
            "signatures_removed": signatures,
            "text_cut_off": drawn.cut_off,
            "not_drawn": drawn.left,
            "fonts_embedded": drawn.fonts_embedded,
            "required_and_empty": _required_and_empty(found),
            # Their JavaScript formats or computes; viewers run it, Bindery does not.
            "scripted": [each.field.name for each in filled if has_script(each.field)],
        }
        if options.flatten:
            result["flattened"] = flatten_document(pdf, Flatten(annotations=False), report=report)
        write_document(pdf, target, password)
    return result


def _draw(pdf: pikepdf.Pdf, found: FormFields, filled: list[FormField]) -> Drawn:
    """Draw what was filled in; where viewers were asked to draw everything, everything, so that they need not."""
    if found.form.get("/NeedAppearances") is not True:
        return draw_fields(pdf, found, filled)
    drawn = draw_fields(pdf, found, filled, found.fields.values())
    if not drawn.left:
        del found.form["/NeedAppearances"]
    return drawn


def _adopt(pdf: pikepdf.Pdf, found: FormFields, filled: list[FormField]) -> None:
    """List fields in the form that only pages show: programs that read forms look nowhere else."""
    if found.form is None:
        pdf.Root.AcroForm = found.form = pdf.make_indirect(Dictionary(Fields=Array()))
    if not isinstance(found.form.get("/Fields"), Array):
        found.form.Fields = Array()
    listed = {root.objgen for root in found.form.Fields if isinstance(root, Dictionary)}
    for field in filled:
        for root in map(_root_of, field.nodes if field.name in found.outside else ()):
            if root.is_indirect and root.objgen not in listed:
                found.form.Fields.append(root)
                listed.add(root.objgen)


def _root_of(node: pikepdf.Object) -> pikepdf.Object:
    for _ in range(64):
        parent = node.get("/Parent")
        if not isinstance(parent, Dictionary):
            return node
        node = parent
    return node


def _remove_usage_rights(pdf: pikepdf.Pdf) -> bool:
    """Take off Adobe's usage rights: they are signed over the old bytes, and Reader refuses a file that changed."""
    permissions = pdf.Root.get("/Perms")
    found = False
    for key in ("/UR3", "/UR"):
        if isinstance(permissions, Dictionary) and key in permissions:
            del permissions[key]
            found = True
    return found


def _required_and_empty(found: FormFields) -> list[str]:
    fillable = (Kind.TEXT, Kind.CHECKBOX, Kind.RADIO, Kind.DROPDOWN, Kind.LIST)
    required = [field for field in found.fields.values() if field.kind in fillable and field.has(Flag.REQUIRED)]
    return [field.name for field in required if value_of(field) in (None, "", False, [])]
