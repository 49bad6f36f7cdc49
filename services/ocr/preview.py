"""The operation `ocr-preview`: one page read at once, its words as JSON and drawn on a picture."""

from __future__ import annotations

import json
from pathlib import PurePath

from PIL import Image, ImageDraw

from services.ocr.contracts.languages import parse
from services.ocr.contracts.preview import OcrPreviewOptions
from services.ocr.engines.choice import chosen
from services.ocr.engines.protocol import PageImage, PageText
from services.ocr.outcome import PageOutcome, ReadPage, read_page
from services.ocr.pages.language_seen import language_seen
from services.ocr.pages.page_facts import facts_of
from services.ocr.pages.page_picture import draw_page, is_blank
from services.ocr.pages.source import as_pdf
from services.ocr.sidecars import words_of
from shared.errors import DamagedFile
from shared.media_types import JSON, PNG
from shared.operation import Result, Task
from shared.pdf.drawing import opened
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.reading import UnreadablePage, open_for_reading

#: Boxes from sure to doubtful: green, orange, red, by the least confidence of each.
_COLOURS = ((0.9, (0, 140, 0)), (0.75, (230, 130, 0)), (0.0, (210, 0, 0)))


def preview_page(task: Task, options: OcrPreviewOptions) -> Result:
    """Write the words of one page as JSON, and a picture with their boxes.

    Raises:
        EngineUnavailable, LanguageNotCovered: see `services.ocr.engines.errors`.
        PictureUnreadable, PagesOutOfRange, EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex.
    """
    languages = parse(options.languages)
    engine = chosen(options.engine, languages)
    with open_for_reading(as_pdf(task), task.password) as document:
        (index,) = chosen_pages(str(options.page), len(document))
        try:
            with opened(document, index) as page:
                facts = facts_of(page)
                image = draw_page(page, facts)
        except UnreadablePage:
            raise DamagedFile(f"Page {index + 1} cannot be drawn.") from None
        text = PageText(()) if is_blank(image) else engine.read([image], languages)[0]
        read = read_page(image, text, language_seen([word.text for word in text.words], languages))
        outcome = PageOutcome(index + 1, facts.frame, read)
        stem = PurePath(task.input.name).stem or "document"
        words = task.output(f"{stem}-words.json", JSON)
        words.write_text(json.dumps(words_of(outcome), ensure_ascii=False), encoding="utf-8")
        picture = _with_boxes(image, read, options.long_edge_pixels)
        picture.save(task.output(f"{stem}-words.png", PNG), "PNG", compress_level=3)
        return {
            "engine": engine.name,
            "engine_version": engine.version(),
            "document_pages": len(document),
            "words_already_in_the_page": len(facts.seen_words) + facts.unseen_words,
            **outcome.as_result(),
        }


def _with_boxes(image: PageImage, read: ReadPage, long_edge_pixels: int) -> Image.Image:
    picture = Image.fromarray(image.pixels)
    scale = long_edge_pixels / max(picture.size)
    picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    pen = ImageDraw.Draw(picture)
    for row in read.rows:
        for line in row:
            for word in line.words:
                colour = next(colour for least, colour in _COLOURS if word.confidence >= least)
                pen.polygon([(float(x) * scale, float(y) * scale) for x, y in word.quad], outline=colour)
    return picture
