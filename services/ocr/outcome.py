"""What a run tells of each page: JSON values with units in their names, and the words for sidecar files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from services.ocr.engines.protocol import Line, PageImage, PageText, Quad, turned_back
from services.ocr.pages.page_picture import Picture
from services.ocr.pages.reading_order import Row, rows_of, skew_degrees
from shared.pdf.text_page import Frame

#: Below this the engine guesses: a script that it does not know, handwriting, or noise.
DOUBTFUL_PERCENT = 75


@dataclass(frozen=True)
class ReadPage:
    """A page that was read. Places of `rows` are those of the page as it is shown, in pixels."""

    rows: tuple[Row, ...]
    width_pixels: int
    height_pixels: int
    dpi: float
    #: Clockwise turn that would make the page upright.
    turn_degrees: int
    #: How its lines are tilted, clockwise.
    skew_degrees: float
    confidence: float
    #: Code of the language that its text is in; None where that is not sure.
    language: str | None = None

    @property
    def text(self) -> str:
        """Its rows as lines of text."""
        return "\n".join("  ".join(line.text for line in row) for row in self.rows)

    @property
    def words(self) -> int:
        """How many words there are."""
        return sum(len(line.words) for row in self.rows for line in row)

    def straightened(self) -> ReadPage:
        """The page with its places as they are once it is turned by its skew about its middle."""
        angle = np.radians(-self.skew_degrees)
        matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
        middle = np.array([self.width_pixels, self.height_pixels], np.float32) / 2
        return self._moved(lambda quad: ((quad - middle) @ matrix + middle).astype(np.float32))

    def upright(self) -> ReadPage:
        """The page with its places as they are once it is turned upright."""
        turn, width, height = self.turn_degrees, self.width_pixels, self.height_pixels
        if turn in (90, 270):
            width, height = height, width
        # Turning on by the rest of the circle is turning back.
        moved = self._moved(lambda quad: turned_back(quad, (360 - turn) % 360, width, height))
        return replace(moved, width_pixels=width, height_pixels=height)

    def _moved(self, move: Callable[[Quad], Quad]) -> ReadPage:
        return replace(self, rows=tuple(tuple(_moved(line, move) for line in row) for row in self.rows))


@dataclass
class PageOutcome:
    """What became of one page."""

    number: int
    frame: Frame | None = None
    read: ReadPage | None = None
    #: Why it was not read; None where it was.
    skipped: str | None = None
    #: Whether it should have been read and could not.
    failed: bool = False
    #: Its own text, where it was left as it is.
    own_text: str = ""
    #: Words of an earlier invisible layer, which go.
    unseen_words: int = 0
    #: What takes the place of its content.
    picture: Picture | None = None
    rotated_degrees: int = 0
    straightened_degrees: float = 0.0
    notes: list[str] = field(default_factory=list)

    def fail(self, reason: str) -> None:
        """Say that it could not be read."""
        self.read, self.picture, self.skipped, self.failed = None, None, reason, True

    def as_result(self) -> dict[str, Any]:
        """The page in the job's result."""
        told: dict[str, Any] = {"page": self.number}
        if self.skipped:
            told["skipped"] = self.skipped
        if self.read:
            told |= {
                "words": self.read.words,
                "mean_confidence_percent": round(100 * self.read.confidence, 1),
                "language": self.read.language,
                "turned_degrees": self.read.turn_degrees,
                "rotated_degrees": self.rotated_degrees,
                "skew_degrees": round(self.read.skew_degrees, 2),
                "straightened_degrees": round(self.straightened_degrees, 2),
                "read_at_dpi": round(self.read.dpi),
            }
        if self.notes:
            told["notes"] = self.notes
        return told


def read_page(image: PageImage, text: PageText, language: str | None = None) -> ReadPage:
    """Put what an engine read into reading order, its places back on the page as shown."""
    height, width = image.pixels.shape[:2]
    turn = text.turn_degrees

    def back(quad: Quad) -> Quad:
        return turned_back(quad, turn, width, height)

    rows = tuple(tuple(_moved(line, back) for line in row) for row in rows_of(text))
    return ReadPage(rows, width, height, image.dpi, turn, skew_degrees(text), text.confidence, language)


def _moved(line: Line, move: Callable[[Quad], Quad]) -> Line:
    words = tuple(replace(word, quad=move(word.quad)) for word in line.words)
    return replace(line, quad=move(line.quad), words=words)


@dataclass
class Totals:
    """Sums over the pages of a run."""

    pages: int = 0
    pages_read: int = 0
    pages_skipped: int = 0
    pages_failed: int = 0
    words: int = 0
    words_by_language: dict[str | None, int] = field(default_factory=dict)
    _certainty: float = 0.0

    def add(self, page: PageOutcome) -> None:
        """Count one page."""
        self.pages += 1
        self.pages_skipped += page.skipped is not None
        self.pages_failed += page.failed
        if page.read:
            words = page.read.words
            self.pages_read += 1
            self.words += words
            self._certainty += page.read.confidence * words
            seen = self.words_by_language
            seen[page.read.language] = seen.get(page.read.language, 0) + words

    def language(self) -> str | None:
        """The language of most words; None where no language has most of them."""
        sure = {code: words for code, words in self.words_by_language.items() if code}
        most = max(sure, key=lambda code: sure[code], default=None)
        return most if most and 2 * sure[most] > self.words else None

    def as_result(self) -> dict[str, Any]:
        """The sums in the job's result."""
        return {
            "pages": self.pages,
            "pages_read": self.pages_read,
            "pages_skipped": self.pages_skipped,
            "pages_failed": self.pages_failed,
            "words": self.words,
            "mean_confidence_percent": round(100 * self._certainty / self.words, 1) if self.words else None,
            "language": self.language(),
        }


def lines_of(read: ReadPage) -> Iterable[Line]:
    """The lines of a page in reading order."""
    return (line for row in read.rows for line in row)
