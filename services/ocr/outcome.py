"""What a run tells of each page: JSON values with units in their names, and the words for sidecar files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.ocr.engines.protocol import Line, PageImage, PageText, Quad, turned_back
from services.ocr.pages.reading_order import Row, rows_of, skew_degrees

#: Below this the engine guesses: a script that it does not know, handwriting, or noise.
DOUBTFUL_PERCENT = 75


@dataclass(frozen=True)
class ReadPage:
    """A page that was read. Places of `rows` are those of the page as it is shown, in pixels."""

    rows: tuple[Row, ...]
    width_pixels: int
    height_pixels: int
    dpi: float
    turn_degrees: int
    skew_degrees: float
    confidence: float

    @property
    def text(self) -> str:
        """Its rows as lines of text."""
        return "\n".join("  ".join(line.text for line in row) for row in self.rows)

    @property
    def words(self) -> int:
        """How many words there are."""
        return sum(len(line.words) for row in self.rows for line in row)


@dataclass
class PageOutcome:
    """What became of one page."""

    number: int
    read: ReadPage | None = None
    #: Why it was not read; None where it was.
    skipped: str | None = None
    #: Its own text, where it was left as it is.
    own_text: str = ""
    notes: list[str] = field(default_factory=list)

    def as_result(self) -> dict[str, Any]:
        """The page in the job's result."""
        told: dict[str, Any] = {"page": self.number}
        if self.skipped:
            told["skipped"] = self.skipped
        if self.read:
            told |= {
                "words": self.read.words,
                "mean_confidence_percent": round(100 * self.read.confidence, 1),
                "turned_degrees": self.read.turn_degrees,
                "skew_degrees": round(self.read.skew_degrees, 2),
                "read_at_dpi": round(self.read.dpi),
            }
        if self.notes:
            told["notes"] = self.notes
        return told


def read_page(image: PageImage, text: PageText) -> ReadPage:
    """Put what an engine read into reading order, its places back on the page as shown."""
    height, width = image.pixels.shape[:2]
    turn = text.turn_degrees

    def back(quad: Quad) -> Quad:
        return turned_back(quad, turn, width, height)

    rows = tuple(tuple(_moved(line, back) for line in row) for row in rows_of(text))
    return ReadPage(rows, width, height, image.dpi, turn, skew_degrees(text), text.confidence)


def _moved(line: Line, back: Callable[[Quad], Quad]) -> Line:
    words = tuple(replace(word, quad=back(word.quad)) for word in line.words)
    return replace(line, quad=back(line.quad), words=words)


def summary(pages: Sequence[PageOutcome]) -> dict[str, Any]:
    """Totals of a run."""
    read = [page.read for page in pages if page.read]
    words = sum(page.words for page in read)
    characters = [(page.confidence, page.words) for page in read if page.words]
    mean = sum(confidence * count for confidence, count in characters) / words if words else None
    return {
        "pages": len(pages),
        "pages_read": len(read),
        "pages_skipped": sum(page.skipped is not None for page in pages),
        "words": words,
        "mean_confidence_percent": None if mean is None else round(100 * mean, 1),
    }
