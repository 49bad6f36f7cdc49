"""Form XObjects and the few operators that marks are made of."""

from __future__ import annotations

from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name

from services.file_ops.marks.page_content import PageContent, Resources


def form_xobject(pdf: pikepdf.Pdf, content: bytes, width: float, height: float, resources: Resources) -> Any:
    """A drawing of its own, (0, 0) to (width, height), that pages show by name."""
    form = pdf.make_stream(content)
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.BBox = Array([0, 0, round(width, 4), round(height, 4)])
    form.Resources = Dictionary({category: Dictionary(named) for category, named in resources.items()})
    return form


def faded(pdf: pikepdf.Pdf, form: Any, opacity_percent: float) -> Any:
    """A form that shows `form` at an opacity, as one thing: where its parts overlap it is no darker."""
    if opacity_percent >= 100:
        return form
    if "/Group" not in form:
        form.Group = Dictionary(Type=Name.Group, S=Name.Transparency)
    state = Dictionary(Type=Name.ExtGState, ca=opacity_percent / 100, CA=opacity_percent / 100)
    wrapper = pdf.make_stream(b"/Fade gs /Faded Do")
    wrapper.Type, wrapper.Subtype = Name.XObject, Name.Form
    wrapper.BBox = _outer_box(form)
    wrapper.Resources = Dictionary(ExtGState=Dictionary(Fade=state), XObject=Dictionary(Faded=form))
    return wrapper


def _outer_box(form: Any) -> Array:
    """The box of what a form shows, after the form's own matrix."""
    left, bottom, right, top = (float(side) for side in form.BBox)
    matrix = Matrix(form.Matrix) if "/Matrix" in form else Matrix()
    corners = [matrix.transform(corner) for corner in ((left, bottom), (right, bottom), (left, top), (right, top))]
    across, upwards = [corner[0] for corner in corners], [corner[1] for corner in corners]
    return Array([min(across), min(upwards), max(across), max(upwards)])


def show_form(
    content: PageContent, page: pikepdf.Page, form: Any, matrix: Matrix, kind: str, *, under: bool = False
) -> None:
    """Show a form on a page, as an artifact: screen readers and reflowing viewers leave it out (14.8.2.2)."""
    name = content.name_of(form)
    drawn = b"q %s cm %s Do Q" % (encoded(matrix), name.encode())
    content.add(page, artifact(drawn, kind), {"/XObject": {name: form}}, under=under)


def artifact(drawn: bytes, kind: str) -> bytes:
    """Content that is no part of the document's text. `kind`: Watermark, PageNum, Bates, Header, Footer."""
    return b"/Artifact <</Type /Pagination /Subtype /%s>> BDC\n%s\nEMC" % (kind.encode(), drawn)


def encoded(matrix: Matrix) -> bytes:
    """The six numbers of a matrix as content writes them: no exponents, six decimals."""
    return " ".join(number(value) for value in matrix.shorthand).encode()


def number(value: float) -> str:
    """A number as PDF writes it: no exponent, at most six decimals."""
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


def fill_color(color: str) -> bytes:
    """The operator that fills with a colour given as #rrggbb."""
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return " ".join(number(part) for part in parts).encode() + b" rg"
