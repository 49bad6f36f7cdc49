"""The recognised text as files beside the PDF, written page by page: plain text, JSON, hOCR 1.2, ALTO 4."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TextIO
from xml.sax.saxutils import escape, quoteattr

from services.ocr.contracts.languages import tag_of
from services.ocr.contracts.ocr import Sidecar
from services.ocr.engines.protocol import Quad
from services.ocr.outcome import PageOutcome, lines_of
from shared.media_types import HTML, JSON, TEXT, XML, MediaType
from shared.operation import Task

#: What XML 1.0 cannot hold is left out.
_NO_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)])
_ALTO = "http://www.loc.gov/standards/alto/ns-v4#"


@dataclass(frozen=True)
class _Kind:
    """One form of file: what stands before the pages, between and after them, and how a page is written."""

    suffix: str
    media_type: MediaType
    page: Callable[[PageOutcome], str]
    head: Callable[[str, str], str] = lambda _engine, _name: ""
    between: str = ""
    tail: str = ""


class Sidecars:
    """The files of one run, a context manager; pages come in their order and nothing of them is kept."""

    def __init__(self, task: Task, stem: str, kinds: Sequence[Sidecar], engine: str) -> None:
        self._files = ExitStack()
        self._open: list[tuple[_Kind, TextIO]] = []
        self._count = 0
        for kind in (_KINDS[one] for one in dict.fromkeys(kinds)):
            path = task.output(f"{stem}{kind.suffix}", kind.media_type)
            file = self._files.enter_context(path.open("w", encoding="utf-8"))
            file.write(kind.head(engine, task.input.name))
            self._open.append((kind, file))

    def __enter__(self) -> Sidecars:
        return self

    def add(self, page: PageOutcome) -> None:
        """Write one page to each file."""
        for kind, file in self._open:
            file.write((kind.between if self._count else "") + kind.page(page))
        self._count += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each, file in self._open:
            file.write(each.tail)
        self._files.close()


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


def _txt_page(page: PageOutcome) -> str:
    """One that was not read gives the text that it has."""
    return (page.read.text if page.read else page.own_text).rstrip() + "\n"


def _json_head(engine: str, _name: str) -> str:
    return f'{{"engine": {json.dumps(engine)}, "pages": ['


def _json_page(page: PageOutcome) -> str:
    return json.dumps(words_of(page), ensure_ascii=False)


def _edges(quad: Quad) -> tuple[int, int, int, int]:
    (left, top), (right, bottom) = quad.min(0), quad.max(0)
    # Formats of pixels know no place off the page.
    return max(0, round(float(left))), max(0, round(float(top))), round(float(right)), round(float(bottom))


def _box(quad: Quad) -> str:
    return "bbox {} {} {} {}".format(*_edges(quad))


def _size(page: PageOutcome) -> tuple[int, int]:
    return (page.read.width_pixels, page.read.height_pixels) if page.read else (0, 0)


def _language(page: PageOutcome) -> str | None:
    return tag_of(page.read.language) if page.read and page.read.language else None


def _hocr_head(engine: str, _name: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>OCR</title><meta charset="utf-8"/>\n'
        f'<meta name="ocr-system" content={quoteattr(engine)}/>\n'
        '<meta name="ocr-capabilities" content="ocr_page ocr_line ocrx_word ocrp_wconf ocrp_lang"/></head><body>\n'
    )


def _hocr_page(page: PageOutcome) -> str:
    return "\n".join(_hocr_parts(page))


def _hocr_parts(page: PageOutcome) -> Iterator[str]:
    width, height = _size(page)
    language = f' lang="{tag}"' if (tag := _language(page)) else ""
    place = f"bbox 0 0 {width} {height}; ppageno {page.number - 1}"
    if page.read:
        place += f"; scan_res {round(page.read.dpi)} {round(page.read.dpi)}"
    yield f'<div class="ocr_page" id="page_{page.number}" title="{place}"{language}>'
    for number, line in enumerate(lines_of(page.read) if page.read else (), start=1):
        name = f"{page.number}_{number}"
        yield f'<span class="ocr_line" id="line_{name}" title="{_box(line.quad)}">'
        for index, word in enumerate(line.words, start=1):
            title = f"{_box(word.quad)}; x_wconf {round(100 * word.confidence)}"
            text = escape(_plain(word.text))
            yield f'<span class="ocrx_word" id="word_{name}_{index}" title="{title}">{text}</span> '
        yield "</span>"
    yield "</div>\n"


def _alto_head(engine: str, name: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<alto xmlns="{_ALTO}"><Description>'
        "<MeasurementUnit>pixel</MeasurementUnit>"
        f"<sourceImageInformation><fileName>{escape(_plain(name))}</fileName></sourceImageInformation>"
        f'<Processing ID="ocr"><processingSoftware><softwareName>{escape(_plain(engine))}</softwareName>'
        "</processingSoftware></Processing></Description><Layout>\n"
    )


def _alto_page(page: PageOutcome) -> str:
    return "\n".join(_alto_parts(page))


def _alto_parts(page: PageOutcome) -> Iterator[str]:
    width, height = _size(page)
    size = f'WIDTH="{width}" HEIGHT="{height}"'
    language = f' LANG="{tag}"' if (tag := _language(page)) else ""
    yield f'<Page ID="page_{page.number}" PHYSICAL_IMG_NR="{page.number}" {size}>'
    yield f'<PrintSpace HPOS="0" VPOS="0" {size}>'
    if page.read and page.read.rows:
        yield f'<TextBlock ID="block_{page.number}" HPOS="0" VPOS="0" {size}{language}>'
        for number, line in enumerate(lines_of(page.read), start=1):
            name = f"{page.number}_{number}"
            strings = [
                f'<String ID="word_{name}_{index}" {_place(word.quad)} WC="{word.confidence:.2f}" '
                f"CONTENT={quoteattr(_plain(word.text))}/>"
                for index, word in enumerate(line.words, start=1)
            ]
            yield f'<TextLine ID="line_{name}" {_place(line.quad)}>' + "<SP/>".join(strings) + "</TextLine>"
        yield "</TextBlock>"
    yield "</PrintSpace></Page>\n"


def _place(quad: Quad) -> str:
    left, top, right, bottom = _edges(quad)
    return f'HPOS="{left}" VPOS="{top}" WIDTH="{right - left}" HEIGHT="{bottom - top}"'


def _plain(text: str) -> str:
    return text.translate(_NO_XML)


_KINDS = {
    Sidecar.TXT: _Kind(".txt", TEXT, _txt_page, between="\f"),
    Sidecar.JSON: _Kind(".json", JSON, _json_page, _json_head, between=",\n", tail="]}"),
    Sidecar.HOCR: _Kind(".hocr", HTML, _hocr_page, _hocr_head, tail="</body></html>\n"),
    Sidecar.ALTO: _Kind(".alto.xml", XML, _alto_page, _alto_head, tail="</Layout></alto>\n"),
}
