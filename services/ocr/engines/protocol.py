"""What every engine takes and gives: images of pages in, lines and words with their places out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

#: Rows, columns, and red, green, blue.
Pixels = npt.NDArray[np.uint8]
#: Four corners (x, y) in pixels, clockwise from where the text begins at its top.
Quad = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PageImage:
    """A page as it is shown."""

    pixels: Pixels
    dpi: float


@dataclass(frozen=True)
class Word:
    """What stands between two spaces, and how sure the engine is of it, from 0 to 1."""

    quad: Quad
    text: str
    confidence: float


@dataclass(frozen=True)
class Line:
    """Words that the engine found side by side. Columns and cells of tables are lines of their own."""

    quad: Quad
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """Its words with spaces between them."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True)
class PageText:
    """What was read on a page, in no order. Places are those of the page turned upright."""

    lines: tuple[Line, ...]
    #: Clockwise turn that made the page upright: 0, 90, 180 or 270.
    turn_degrees: int = 0
    #: Places that look like lines of text and that the engine made nothing of: another script, handwriting, noise.
    unread_lines: int = 0

    @property
    def words(self) -> list[Word]:
        """The words of all lines."""
        return [word for line in self.lines for word in line.words]

    @property
    def confidence(self) -> float:
        """Mean over the characters, from 0 to 1; 0 without text."""
        characters = sum(len(word.text) for word in self.words)
        return sum(word.confidence * len(word.text) for word in self.words) / characters if characters else 0.0


class OcrEngine(Protocol):
    """Reads images of pages. One object serves a process; nothing in it depends on an earlier page."""

    name: str

    def unavailable(self) -> str | None:
        """What an operator must do before this engine can read here; None where it can."""

    def version(self) -> str:
        """Its version and that of its models."""

    def languages(self) -> frozenset[str]:
        """The codes of `services.ocr.contracts.languages` that it reads here."""

    def read(self, pages: Sequence[PageImage], languages: Sequence[str]) -> list[PageText]:
        """Read pages; `languages` are among its own, or none are named."""


def turned_back(quad: Quad, turn_degrees: int, width: int, height: int) -> Quad:
    """A place on the page turned upright as a place on the page as shown, which is `width` x `height` pixels."""
    x, y = quad[:, 0], quad[:, 1]
    if turn_degrees == 90:
        x, y = y, height - x
    elif turn_degrees == 180:
        x, y = width - x, height - y
    elif turn_degrees == 270:
        x, y = width - y, x
    return np.stack([x, y], axis=1)
