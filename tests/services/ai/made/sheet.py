"""Draws pages of text, rules and boxes as PDF, in the ways in which different programs write them."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Literal

import pikepdf
from pikepdf import Dictionary

from tests.services.ai.made.fonts import AnyFont, font

A4 = (595.0, 842.0)
LETTER = (612.0, 792.0)
LANDSCAPE = (842.0, 595.0)
Align = Literal["left", "right", "center", "decimal"]


class Writing(StrEnum):
    """How text is put on the page. Each is the habit of some family of programs."""

    #: A string at a time, in the order of drawing.
    STRINGS = "strings"
    #: A word at a time, without any space.
    WORDS = "words"
    #: A letter at a time.
    LETTERS = "letters"
    #: A string at a time, its spaces made by moving on.
    GAPS = "gaps"
    #: Strings sorted by column, then from top to bottom.
    COLUMNS = "columns"
    #: Strings in no order at all.
    SHUFFLED = "shuffled"
    #: Letters a little apart.
    TRACKED = "tracked"


@dataclass(frozen=True)
class _Text:
    x: float
    y: float
    text: str
    font: str
    bold: bool
    size: float
    grey: float


@dataclass
class _Page:
    texts: list[_Text] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)


class Sheet:
    """Pages being drawn. Lengths in points from the upper left corner; `y` of a text is its base line."""

    def __init__(
        self,
        size: tuple[float, float] = A4,
        *,
        font: str = "Helvetica",
        points: float = 9,
        writing: Writing = Writing.STRINGS,
        seed: int = 0,
    ) -> None:
        self.width, self.height = size
        self.font, self.points, self._writing = font, points, writing
        self._random = Random(seed)
        self._fonts: dict[tuple[str, bool], AnyFont] = {}
        self._pages: list[_Page] = [_Page()]

    @property
    def page_number(self) -> int:
        """Of the page being drawn, counted from 1."""
        return len(self._pages)

    def new_page(self) -> None:
        """Go on on a fresh page."""
        self._pages.append(_Page())

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float | None = None,
        bold: bool = False,
        font: str | None = None,
        align: Align = "left",
        grey: float = 0.0,
    ) -> float:
        """Draw one line of text and return its width in points. Decimal alignment puts the last separator at x."""
        if not text:
            return 0.0
        name, points = font or self.font, size or self.points
        width = self.measured(text, size=points, bold=bold, font=name)
        if align == "right":
            x -= width
        elif align == "center":
            x -= width / 2
        elif align == "decimal":
            place = max(text.rfind("."), text.rfind(","))
            x -= self.measured(text[:place] if place > 0 else text, size=points, bold=bold, font=name)
        at = x
        for face, piece in _faces(name, text):
            self._pages[-1].texts.append(_Text(at, y, piece, face, bold, points, grey))
            at += self._font(face, bold).width(piece) * points
        return width

    def lines(
        self,
        x: float,
        y: float,
        lines: list[str],
        *,
        leading: float = 12,
        bold: bool = False,
        size: float | None = None,
        align: Align = "left",
        grey: float = 0.0,
    ) -> float:
        """Draw lines below each other and return the base line of the next."""
        for line in lines:
            self.text(x, y, line, bold=bold, size=size, align=align, grey=grey)
            y += leading
        return y

    def measured(self, text: str, *, size: float | None = None, bold: bool = False, font: str | None = None) -> float:
        """Width in points that a text would take."""
        faces = _faces(font or self.font, text)
        return sum(self._font(face, bold).width(piece) for face, piece in faces) * (size or self.points)

    def rule(self, left: float, y: float, right: float, *, width: float = 0.5, grey: float = 0.0) -> None:
        """Draw a level line."""
        self.stroke(left, y, right, y, width=width, grey=grey)

    def stroke(self, x: float, y: float, to_x: float, to_y: float, *, width: float = 0.5, grey: float = 0.0) -> None:
        """Draw a straight line."""
        up = self.height
        self._pages[-1].drawn.append(
            f"{grey:.2f} G {width:.2f} w {x:.2f} {up - y:.2f} m {to_x:.2f} {up - to_y:.2f} l S"
        )

    def box(
        self, left: float, top: float, right: float, bottom: float, *, grey: float = 0.9, border: bool = False
    ) -> None:
        """Draw a filled box, or only its border."""
        paint = f"{grey:.2f} G 0.6 w" if border else f"{grey:.2f} g"
        shape = f"{left:.2f} {self.height - bottom:.2f} {right - left:.2f} {bottom - top:.2f} re"
        self._pages[-1].drawn.append(f"{paint} {shape} {'S' if border else 'f'}")

    def pdf(self) -> bytes:
        """The file."""
        with pikepdf.new() as pdf:
            streams = [self._stream(page) for page in self._pages]
            fonts = Dictionary({f"/{self._key(*key)}": made.into(pdf) for key, made in self._fonts.items()})
            for stream in streams:
                page = pdf.add_blank_page(page_size=(self.width, self.height))
                page.obj.Resources = Dictionary(Font=fonts)
                page.obj.Contents = pdf.make_stream(stream)
            out = io.BytesIO()
            pdf.save(out, deterministic_id=True)
            return out.getvalue()

    def save(self, target: Path) -> None:
        """Write the file."""
        target.write_bytes(self.pdf())

    def _font(self, name: str, bold: bool) -> AnyFont:
        if (name, bold) not in self._fonts:
            self._fonts[name, bold] = font(name, bold)
        return self._fonts[name, bold]

    @staticmethod
    def _key(name: str, bold: bool) -> str:
        return f"{name.replace('-', '')}{'B' if bold else ''}"

    def _stream(self, page: _Page) -> bytes:
        texts = list(page.texts)
        if self._writing is Writing.COLUMNS:
            texts.sort(key=lambda text: (round(text.x / 40), text.y))
        elif self._writing is Writing.SHUFFLED:
            self._random.shuffle(texts)
        return b"\n".join([*(line.encode() for line in page.drawn), b"BT", *map(self._shown, texts), b"ET"])

    def _shown(self, text: _Text) -> bytes:
        made = self._font(text.font, text.bold)
        start = f"/{self._key(text.font, text.bold)} {text.size:g} Tf {text.grey:.2f} g".encode()
        if self._writing is Writing.LETTERS:
            return b"\n".join([start, *self._pieces(made, text, list(text.text))])
        if self._writing is Writing.WORDS:
            return b"\n".join([start, *self._pieces(made, text, _words(text.text))])
        if self._writing is Writing.GAPS:
            return b"\n".join([start, self._place(text.x, text.y), self._moved(made, text.text)])
        apart = 0.25 if self._writing is Writing.TRACKED and len(text.text) < 60 else 0.0
        shown = b"<" + made.encoded(text.text).hex().encode() + b"> Tj"
        return b"\n".join([start, f"{apart:g} Tc".encode(), self._place(text.x, text.y), shown])

    def _place(self, x: float, y: float) -> bytes:
        return f"1 0 0 1 {x:.3f} {self.height - y:.3f} Tm".encode()

    def _pieces(self, made: AnyFont, text: _Text, pieces: list[str]) -> list[bytes]:
        x, shown = text.x, []
        for piece in pieces:
            if piece != " ":
                shown.append(self._place(x, text.y) + b" <" + made.encoded(piece).hex().encode() + b"> Tj")
            x += made.width(piece) * text.size
        return shown

    @staticmethod
    def _moved(made: AnyFont, text: str) -> bytes:
        parts = []
        for piece in _words(text):
            parts.append(f"{-1000 * made.width(' '):.0f}" if piece == " " else f"<{made.encoded(piece).hex()}>")
        return f"[{' '.join(parts)}] TJ".encode()


def _words(text: str) -> list[str]:
    """The words of a text, and each space between them."""
    return [piece for part in text.split(" ") for piece in (part, " ") if piece][:-1]


def _faces(name: str, text: str) -> list[tuple[str, str]]:
    """Stretches of a text by the face that has their letters: the one for Japanese has no Latin ones."""
    if name != "cjk":
        return [(name, text)]
    stretches = [("carlito" if latin else name, "".join(piece)) for latin, piece in groupby(text, _is_latin)]
    return stretches


def _is_latin(letter: str) -> bool:
    return letter.isascii() or letter == "¥"
