"""The graphics state of a content stream, as far as it decides where things stand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.file_ops.protection.content.fonts import Font
from services.file_ops.protection.content.geometry import IDENTITY, Matrix, times


@dataclass
class State:
    """What `q` saves and `Q` brings back."""

    ctm: Matrix = IDENTITY
    font: Font | None = None
    size: float = 0.0
    char_space: float = 0.0
    word_space: float = 0.0
    #: Horizontal scaling, 1.0 is normal.
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0

    def copy(self) -> State:
        """The same values, to be changed apart."""
        return replace(self)


@dataclass
class TextPosition:
    """The text matrix and the matrix of the line's start."""

    matrix: Matrix = IDENTITY
    line: Matrix = IDENTITY

    def move(self, x: float, y: float) -> None:
        """Start a line at an offset from the start of this one (Td)."""
        self.line = self.matrix = times((1.0, 0.0, 0.0, 1.0, x, y), self.line)

    def set(self, matrix: Matrix) -> None:
        """Start a line anywhere (Tm)."""
        self.line = self.matrix = matrix

    def advance(self, x: float, y: float) -> None:
        """Go on after a glyph or a gap."""
        self.matrix = times((1.0, 0.0, 0.0, 1.0, x, y), self.matrix)
