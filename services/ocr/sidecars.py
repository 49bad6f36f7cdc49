"""The recognised text as files beside the PDF: plain text, JSON, hOCR 1.2, ALTO 4."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from services.ocr.contracts.ocr import Sidecar
from services.ocr.engines.protocol import Line, Quad
from services.ocr.outcome import PageOutcome
from shared.media_types import HTML, JSON, TEXT, XML, MediaType

#: What XML 1.0 cannot hold is left out.
_NO_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
_ALTO = "http://www.loc.gov/standards/alto/ns-v4#"


def written(kind: Sidecar, pages: Sequence[PageOutcome], engine: str) -> tuple[str, MediaType, str]:
    """File suffix, kind and content of a sidecar."""
    suffix, media_type, write = _KINDS[kind]
    return suffix, media_type, write(pages, engine)


def _txt(pages: Sequence[PageOutcome], engine: str) -> str:
    """Pages parted by form feeds; one that was not read gives the text that it has."""
    return "\f".join((page.read.text if page.read else page.own_text).rstrip() + "\n" for page in pages)


def words_of(page: PageOutcome) -> dict[str, Any]:
    """A page with its lines and words; corners in pixels, clockwise from where the text begins."""
    told = page.as_result()
    if page.read is None:
        return told
    lines = [
        {
            "text": line.text,
            "row": number,
            "corners": _corners(line.quad),
            "words": [
                {
                    "text": word.text,
                    "confidence_percent": round(100 * word.confidence, 1),
                    "corners": _corners(word.quad),
                }
                for word in line.words
            ],
        }
        for number, row in enumerate(page.read.rows)
        for line in row
    ]
    size = {"width_pixels": page.read.width_pixels, "height_pixels": page.read.height_pixels}
    return {**told, **size, "lines": lines}


def _corners(quad: Quad) -> list[list[float]]:
    return [[round(float(x), 1), round(float(y), 1)] for x, y in quad]


def _json(pages: Sequence[PageOutcome], engine: str) -> str:
    return json.dumps({"engine": engine, "pages": [words_of(page) for page in pages]}, ensure_ascii=False)


def _edges(quad: Quad) -> tuple[int, int, int, int]:
    (left, top), (right, bottom) = quad.min(0), quad.max(0)
    return round(float(left)), round(float(top)), round(float(right)), round(float(bottom))


def _box(quad: Quad) -> str:
    return "bbox {} {} {} {}".format(*_edges(quad))


def _hocr(pages: Sequence[PageOutcome], engine: str) -> str:
    shown = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>',
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>OCR</title><meta charset="utf-8"/>',
        f'<meta name="ocr-system" content={quoteattr(engine)}/>',
        '<meta name="ocr-capabilities" content="ocr_page ocr_line ocrx_word"/></head><body>',
    ]
    for page in pages:
        width, height = (page.read.width_pixels, page.read.height_pixels) if page.read else (0, 0)
        place = f"bbox 0 0 {width} {height}; ppageno {page.number - 1}"
        shown.append(f'<div class="ocr_page" id="page_{page.number}" title="{place}">')
        for number, line in enumerate(_lines(page), start=1):
            name = f"{page.number}_{number}"
            shown.append(f'<span class="ocr_line" id="line_{name}" title="{_box(line.quad)}">')
            for index, word in enumerate(line.words, start=1):
                title = f"{_box(word.quad)}; x_wconf {round(100 * word.confidence)}"
                shown.append(
                    f'<span class="ocrx_word" id="word_{name}_{index}" title="{title}">{_safe(word.text)}</span> '
                )
            shown.append("</span>")
        shown.append("</div>")
    return "\n".join([*shown, "</body></html>\n"])


def _alto(pages: Sequence[PageOutcome], engine: str) -> str:
    shown = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<alto xmlns="{_ALTO}"><Description>',
        "<MeasurementUnit>pixel</MeasurementUnit></Description><Layout>",
    ]
    for page in pages:
        width, height = (page.read.width_pixels, page.read.height_pixels) if page.read else (0, 0)
        size = f'WIDTH="{width}" HEIGHT="{height}"'
        shown.append(f'<Page ID="page_{page.number}" PHYSICAL_IMG_NR="{page.number}" {size}>')
        shown.append(f'<PrintSpace HPOS="0" VPOS="0" {size}>')
        if page.read and page.read.rows:
            shown.append(f'<TextBlock ID="block_{page.number}" HPOS="0" VPOS="0" {size}>')
            for number, line in enumerate(_lines(page), start=1):
                shown.append(f'<TextLine ID="line_{page.number}_{number}" {_place(line.quad)}>')
                strings = [
                    f'<String {_place(word.quad)} WC="{word.confidence:.2f}" CONTENT={quoteattr(_plain(word.text))}/>'
                    for word in line.words
                ]
                shown.append("<SP/>".join(strings) + "</TextLine>")
            shown.append("</TextBlock>")
        shown.append("</PrintSpace></Page>")
    return "\n".join([*shown, "</Layout></alto>\n"])


def _place(quad: Quad) -> str:
    left, top, right, bottom = _edges(quad)
    return f'HPOS="{left}" VPOS="{top}" WIDTH="{right - left}" HEIGHT="{bottom - top}"'


def _lines(page: PageOutcome) -> list[Line]:
    return [line for row in page.read.rows for line in row] if page.read else []


def _plain(text: str) -> str:
    return text.translate(_NO_XML)


def _safe(text: str) -> str:
    return escape(_plain(text))


_KINDS: dict[Sidecar, tuple[str, MediaType, Callable[[Sequence[PageOutcome], str], str]]] = {
    Sidecar.TXT: (".txt", TEXT, _txt),
    Sidecar.JSON: (".json", JSON, _json),
    Sidecar.HOCR: (".hocr", HTML, _hocr),
    Sidecar.ALTO: (".alto.xml", XML, _alto),
}
