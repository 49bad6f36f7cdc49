"""Reads one page of a document: decides whether to, draws it, lets the engine read, and says what was found."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pypdfium2

from services.ocr.contracts.ocr import Clean, Mode, OcrOptions
from services.ocr.engines.protocol import OcrEngine, PageImage, PageText, turned_back
from services.ocr.engines.protocol import Word as ReadWord
from services.ocr.outcome import DOUBTFUL_PERCENT, PageOutcome, read_page
from services.ocr.pages.cleaning import cleaned
from services.ocr.pages.language_seen import language_seen
from services.ocr.pages.page_facts import PageFacts, facts_of
from services.ocr.pages.page_picture import draw_page, encoded, is_blank
from shared.external_program import ProgramFailed, ProgramTimeLimit
from shared.pdf.drawing import opened
from shared.pdf.reading import UnreadablePage, open_for_reading

#: A scan with fewer visible words than this has a stamp or a page number, not its text.
_STAMP_WORDS = 50
#: A word that was read is one that is there already when so much of it is covered.
_SAME_WORD_SHARE = 0.5


class PageReader:
    """The pages of one document. Opens it at the first page, so that each process has it open for itself."""

    def __init__(
        self, source: Path, password: str | None, engine: OcrEngine, languages: Sequence[str], options: OcrOptions
    ) -> None:
        self._source, self._password = source, password
        self._engine, self._languages, self._options = engine, languages, options
        self._open = ExitStack()
        self._document: pypdfium2.PdfDocument | None = None

    def read(self, index: int) -> PageOutcome:
        """What becomes of a page, counted from 0. Raises what the engine raises when it can read nothing at all."""
        if self._document is None:
            self._document = self._open.enter_context(open_for_reading(self._source, self._password))
        outcome = PageOutcome(index + 1)
        try:
            with opened(self._document, index) as page:
                facts = facts_of(page)
                outcome.own_text = facts.text.replace("\r\n", "\n").replace("\ufffe", "")
                outcome.skipped = _reason_to_skip(facts, self._options.mode)
                image = None if outcome.skipped else draw_page(page, facts)
            if image is not None:
                self._read(image, facts, outcome)
        except UnreadablePage:
            outcome.fail("the page cannot be drawn")
        except (ProgramFailed, ProgramTimeLimit) as error:
            outcome.fail(f"the engine failed: {error.message}")
        return outcome

    def _read(self, image: PageImage, facts: PageFacts, outcome: PageOutcome) -> None:
        shown = cleaned(image) if self._options.clean is not Clean.NO else image
        text = PageText(()) if is_blank(image) else self._engine.read([shown], self._languages)[0]
        becomes_picture = self._options.mode is Mode.FORCE and bool(facts.seen_words)
        if facts.seen_words and not becomes_picture:
            text = _without_known(text, image, facts)
        language = language_seen([word.text for word in text.words], self._languages)
        outcome.read = read_page(image, text, language)
        outcome.frame, outcome.unseen_words = facts.frame, facts.unseen_words
        outcome.notes.extend(self._doubts(outcome, text))
        if self._options.clean is Clean.SHOW:
            becomes_picture = becomes_picture or self._may_show_cleaned(facts, outcome)
        if becomes_picture:
            outcome.picture = encoded((shown if self._options.clean is Clean.SHOW else image).pixels, facts.frame)
            reason = "as mode force asks" if self._options.mode is Mode.FORCE and facts.seen_words else "cleaned"
            outcome.notes.append(f"the page became a picture of {round(image.dpi)} dpi, {reason}")

    def _may_show_cleaned(self, facts: PageFacts, outcome: PageOutcome) -> bool:
        if facts.is_scan and not facts.seen_words:
            return True
        outcome.notes.append("only scanned pages without other content are shown cleaned")
        return False

    def _doubts(self, outcome: PageOutcome, text: PageText) -> list[str]:
        assert outcome.read
        doubts = []
        if text.unread_lines:
            doubts.append(
                f"{text.unread_lines} lines look like text that {self._engine.name} cannot read: handwriting, noise, "
                "or another script; name it in 'languages'"
            )
        if not outcome.read.words:
            doubts.append("no text was found")
        elif 100 * outcome.read.confidence < DOUBTFUL_PERCENT:
            doubts.append("the engine is unsure: noise, handwriting, or a script that it does not know")
        return doubts


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
