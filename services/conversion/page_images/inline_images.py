"""Images that stand within the content of a page: small ones, which are no objects of the file."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pypdfium2

from services.conversion.page_images.image_files import Extracted, NotExtractable
from services.conversion.page_images.image_places import Drawn, digest, images_on
from services.conversion.page_images.png import write_png
from shared.media_types import PNG
from shared.pdf.drawing import POINTS_PER_INCH, opened
from shared.pdf.reading import UnreadablePage


def extract_inline(document: pypdfium2.PdfDocument, key: bytes, drawn: Drawn) -> Extracted:
    """The image of this digest from the first page that draws it, without masks. Raises NotExtractable."""
    try:
        with opened(document, drawn.pages[0]) as page:
            for item in images_on(page):
                if digest(bytes(item.get_data(decode_simple=False))) == key:
                    return Extracted(PNG, _png(item, drawn.dpi or POINTS_PER_INCH), "it stands within a page's content")
    except (UnreadablePage, pypdfium2.PdfiumError):
        pass
    raise NotExtractable("pdfium cannot read it")


def _png(item: Any, dpi: float) -> bytes:
    picture = item.get_bitmap().to_pil().convert("RGB")
    out = io.BytesIO()
    write_png(out, np.asarray(picture), dpi)
    return out.getvalue()
