"""The resolution at which a page that was made of a picture has the picture's own pixels."""

from __future__ import annotations

import pypdfium2

from shared.pdf.drawing import POINTS_PER_INCH, pdfium


def native_dpi(page: pypdfium2.PdfPage) -> float | None:
    """The dpi of the finest image on a page, or None where it has none."""
    found = []
    for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=2):
        width, _ = item.get_px_size()
        left, _, right, _ = item.get_bounds()
        if right > left:
            found.append(width * POINTS_PER_INCH / (right - left))
    return max(found, default=None)
