"""Small PDFs with words that can be told apart."""

from __future__ import annotations

from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name


def pdf_of(*texts: str) -> bytes:
    """A PDF with one page per text."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for text in texts:
        page = pdf.add_blank_page(page_size=(300, 200))
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        page.Contents = pdf.make_stream(f"BT /F1 24 Tf 40 100 Td ({text}) Tj ET".encode())
        page.MediaBox = Array([0, 0, 300, 200])
    written = BytesIO()
    pdf.save(written)
    return written.getvalue()
