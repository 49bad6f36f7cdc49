"""The operation `ocr`: decide for each page, read it, lay its words under it, write the PDF and the sidecars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import pikepdf
import pypdfium2

from services.ocr.contracts.languages import parse
from services.ocr.contracts.ocr import Mode, OcrOptions
from services.ocr.engines.choice import chosen
from services.ocr.engines.protocol import OcrEngine, PageImage, PageText, turned_back
from services.ocr.engines.protocol import Word as ReadWord
from services.ocr.outcome import DOUBTFUL_PERCENT, PageOutcome, ReadPage, read_page, summary
from services.ocr.pages.invisible_text import remove_invisible_text
from services.ocr.pages.page_facts import PageFacts, facts_of
from services.ocr.pages.page_picture import become_picture, draw_page, is_blank
from services.ocr.pages.source import as_pdf
from services.ocr.pages.text_layer import PlacedWord, add_layer, invisible_font
from services.ocr.sidecars import written
from shared.errors import DamagedFile
from shared.external_program import ProgramFailed, ProgramTimeLimit
from shared.media_types import PDF
from shared.operation import Result, Task
from shared.pdf.drawing import opened
from shared.pdf.open_document import open_document, open_written
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.reading import UnreadablePage, open_for_reading
from shared.pdf.signatures import settle_signatures

#: A scan with fewer visible words than this has a stamp or a page number, not its text.
_STAMP_WORDS = 50
#: A word that was read is one that is there already when so much of it is covered.
_SAME_WORD_SHARE = 0.5


def recognise_document(task: Task, options: OcrOptions) -> Result:
    """Write the searchable PDF of the task's input.

    Raises:
        EngineUnavailable, LanguageNotCovered: see `services.ocr.engines.errors`.
        PictureUnreadable: see `services.ocr.pages.from_pictures`.
        SignedPdf, PagesOutOfRange, EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex.
    """
    languages = parse(options.languages)
    engine = chosen(options.engine, languages)
    source = as_pdf(task)
    stem = PurePath(task.input.name).stem or "document"
    target = task.output(f"{stem}.pdf", PDF)
    with open_document(source, task.password) as pdf:
        signatures = settle_signatures(pdf, break_them=options.break_signature)
        with open_for_reading(source, task.password) as drawn:
            indexes = sorted(set(chosen_pages(options.pages, len(drawn))))
            if len(drawn) != len(pdf.pages):
                raise DamagedFile("Its pages cannot be counted for sure.")
            run = _Run(pdf, drawn, engine, languages, options)
            pages = []
            for done, index in enumerate(indexes):
                task.report(done, len(indexes), f"Reading page {index + 1}")
                pages.append(run.page(index))
            task.report(len(indexes), len(indexes), "Writing")
        _save(pdf, target, task.password)
    version = engine.version()
    for kind in dict.fromkeys(options.sidecars):
        suffix, media_type, content = written(kind, pages, version)
        task.output(f"{stem}{suffix}", media_type).write_text(content, encoding="utf-8")
    return {
        "engine": engine.name,
        "engine_version": version,
        "languages": list(languages) or ["auto"],
        "mode": options.mode.value,
        **summary(pages),
        **_bytes(task.input.path, target, source is not task.input.path),
        **({"signatures_removed": signatures} if signatures else {}),
        "page_results": [page.as_result() for page in pages],
    }


def _save(pdf: pikepdf.Pdf, target: Path, password: str | None) -> None:
    try:
        # Streams stay as they are coded, and the source's own encryption stays; pikepdf takes not both words at once.
        how: dict[str, Any] = {"stream_decode_level": pikepdf.StreamDecodeLevel.none}
        how = {"encryption": True} if pdf.is_encrypted else how
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate, **how)
        with open_written(target, password) as saved:
            if len(saved.pages) != len(pdf.pages):
                raise DamagedFile()
    except (pikepdf.PdfError, RuntimeError, ValueError) as error:
        raise DamagedFile() from error


def _bytes(source: Path, target: Path, from_picture: bool) -> dict[str, Any]:
    before, after = source.stat().st_size, target.stat().st_size
    told: dict[str, Any] = {"bytes_before": before, "bytes_after": after}
    if after > before:
        told["why_larger"] = "the picture became a PDF" if from_picture else "the text layer was added"
    return told


class _Run:
    """One document being read."""

    def __init__(
        self,
        pdf: pikepdf.Pdf,
        drawn: pypdfium2.PdfDocument,
        engine: OcrEngine,
        languages: Sequence[str],
        options: OcrOptions,
    ) -> None:
        self._pdf, self._drawn, self._engine = pdf, drawn, engine
        self._languages, self._options = languages, options
        self._font: Any = None

    def page(self, index: int) -> PageOutcome:
        """Read one page, or say why not; what fails on one page leaves the others."""
        outcome = PageOutcome(index + 1)
        try:
            with opened(self._drawn, index) as page:
                facts = facts_of(page)
                outcome.own_text = facts.text.replace("\r\n", "\n").replace("\ufffe", "")
                outcome.skipped = _reason_to_skip(facts, self._options.mode)
                image = None if outcome.skipped else draw_page(page, facts)
            if image is not None:
                self._read(index, image, facts, outcome)
        except UnreadablePage:
            outcome.skipped = "the page cannot be drawn"
        except (ProgramFailed, ProgramTimeLimit) as error:
            outcome.skipped = f"the engine failed: {error.message}"
        return outcome

    def _read(self, index: int, image: PageImage, facts: PageFacts, outcome: PageOutcome) -> None:
        text = PageText(()) if is_blank(image) else self._engine.read([image], self._languages)[0]
        becomes_picture = self._options.mode is Mode.FORCE and bool(facts.seen_words)
        if facts.seen_words and not becomes_picture:
            text = _without_known(text, image, facts)
        read = read_page(image, text)
        try:
            self._write(self._pdf.pages[index], read, facts, outcome, image if becomes_picture else None)
        except (pikepdf.PdfError, TypeError, ValueError, AttributeError):
            # Its dictionaries are no dictionaries, or its content does not parse: pikepdf says it with any of these.
            outcome.skipped = "the page is damaged: no text could be laid under it"
            return
        outcome.read = read
        if text.unread_lines:
            outcome.notes.append(
                f"{text.unread_lines} lines look like text that {self._engine.name} cannot read: handwriting, noise, "
                "or another script; name it in 'languages'"
            )
        if not read.words:
            outcome.notes.append("no text was found")
        elif 100 * read.confidence < DOUBTFUL_PERCENT:
            outcome.notes.append("the engine is unsure: noise, handwriting, or a script that it does not know")

    def _write(
        self, page: pikepdf.Page, read: ReadPage, facts: PageFacts, outcome: PageOutcome, picture: PageImage | None
    ) -> None:
        if picture is not None:
            become_picture(self._pdf, page, picture, facts.frame)
            outcome.notes.append("the page became a picture, as mode force asks")
        elif facts.unseen_words and remove_invisible_text(self._pdf, page):
            outcome.notes.append(f"{facts.unseen_words} words of an earlier text layer were removed")
        if not read.words:
            return
        self._font = self._font or invisible_font(self._pdf)
        add_layer(page, _placed(read), facts.frame, self._font)
        if self._options.rotate_pages and read.turn_degrees:
            page.rotate(read.turn_degrees, relative=True)
            outcome.notes.append(f"the page was turned by {read.turn_degrees} degrees")


def _reason_to_skip(facts: PageFacts, mode: Mode) -> str | None:
    if mode is Mode.FORCE:
        return None
    if facts.unseen_words and mode is Mode.SKIP_TEXT:
        return f"it has a text layer of {facts.unseen_words} words; mode redo would replace it"
    if len(facts.seen_words) >= _STAMP_WORDS and mode is Mode.SKIP_TEXT:
        return f"it has text ({len(facts.seen_words)} words)"
    if facts.seen_words and not facts.is_scan and (mode is Mode.SKIP_TEXT or facts.picture_dpi is None):
        return f"it has text ({len(facts.seen_words)} words) and no picture of a page"
    return None


def _without_known(text: PageText, image: PageImage, facts: PageFacts) -> PageText:
    """What was read without the words that the page has as text already."""
    height, width = image.pixels.shape[:2]
    page_width, page_height = facts.frame.size
    known = [
        (word.left / page_width, word.top / page_height, word.right / page_width, word.bottom / page_height)
        for word in facts.seen_words
    ]

    def is_known(word: ReadWord) -> bool:
        shares = turned_back(word.quad, text.turn_degrees, width, height) / (width, height)
        (left, top), (right, bottom) = shares.min(0), shares.max(0)
        area = max((right - left) * (bottom - top), 1e-9)
        covered = sum(
            max(min(right, box[2]) - max(left, box[0]), 0) * max(min(bottom, box[3]) - max(top, box[1]), 0)
            for box in known
        )
        return bool(covered / area > _SAME_WORD_SHARE)

    lines = [replace(line, words=tuple(word for word in line.words if not is_known(word))) for line in text.lines]
    return replace(text, lines=tuple(line for line in lines if line.words))


def _placed(read: ReadPage) -> Iterator[PlacedWord]:
    for row in read.rows:
        for line in row:
            for word in line.words:
                corners = tuple((float(x) / read.width_pixels, float(y) / read.height_pixels) for x, y in word.quad)
                yield PlacedWord(word.text, corners)
