"""Draws one page of our own before there is work: every job's process starts as a copy of the one that did."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
from pikepdf import Dictionary, Name

from services.conversion.contracts.convert import Target
from services.conversion.page_images.encoding import ENCODERS
from shared.pdf.drawing import Raster, draw

_SIDE = 64


def warm_up() -> None:
    """Let pdfium find the machine's fonts, and each encoder build its tables: some 20 ms that no job pays then."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(_SIDE, _SIDE)).obj
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.Resources = Dictionary(Font=Dictionary(F=font))
        page.Contents = pdf.make_stream(b"1 0 0 rg BT /F 20 Tf 5 5 Td (warm) Tj ET")
        written = io.BytesIO()
        pdf.save(written)
    document = pypdfium2.PdfDocument(written.getvalue())
    try:
        document.init_forms()
        pixels = draw(document[0], Raster(_SIDE, _SIDE, 72))
    finally:
        document.close()
    for target in (Target.PNG, Target.JPEG, Target.WEBP):
        ENCODERS[target](io.BytesIO(), pixels, 72, 80)
