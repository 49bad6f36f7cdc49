"""Set lines of text: choose the face of each part, measure, and write the operators that show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pikepdf

from services.file_ops.lettering.direction import mirrored, visual_order
from services.file_ops.lettering.embedding import EmbeddedFace, embed
from services.file_ops.lettering.faces import Face, StandardFace, in_win_ansi
from services.file_ops.lettering.script_rules import UncoveredCharacters, plain_text
from services.file_ops.lettering.system_fonts import SystemFont, fonts_for


@dataclass(frozen=True)
class Run:
    """A part of a line in one face, in the order of drawing."""

    face: Face
    text: str


class Letters:
    """The faces of one document. Characters that the Latin standard fonts lack come from fonts of this machine, of
    which one subset each is embedded for all the texts together."""

    def __init__(self, pdf: pikepdf.Pdf, texts: Iterable[str], *, embed_all: bool = False) -> None:
        """Make ready for `texts`, and for no others. `embed_all`: also Latin text gets an embedded font if one is
        there, as archives (PDF/A) demand.

        Raises:
            ShapingNeeded: a text cannot be set letter by letter.
            UncoveredCharacters: no font has one of the characters.
        """
        self._pdf = pdf
        self._embed_all = embed_all
        self._standard: dict[str, StandardFace] = {}
        chosen = fonts_of_texts(texts, embed_all=embed_all)
        self._embedded: list[EmbeddedFace] = [embed(pdf, font, characters) for font, characters in chosen.items()]

    @property
    def embedded(self) -> list[str]:
        """The names of the fonts that were embedded."""
        return [str(face.font.BaseFont).partition("+")[2] for face in self._embedded]

    @property
    def standard_used(self) -> bool:
        """Whether text may be drawn in a font that is not embedded."""
        return not self._embedded

    def standard(self, name: str = "Helvetica") -> StandardFace:
        """A Latin standard font of this document."""
        if name not in self._standard:
            self._standard[name] = StandardFace.make(self._pdf, name)
        return self._standard[name]

    def line(self, text: str, preferred: Face | None = None) -> list[Run]:
        """One line, as it is drawn from left to right. `preferred` draws it if it has all characters."""
        shown = visual_order(plain_text(text))
        latin = in_win_ansi(shown)
        must_embed = self._embed_all and bool(self._embedded)
        choices = [] if must_embed else [preferred or self.standard()]
        choices += self._embedded if must_embed or not latin else [self.standard()]
        for face in choices:
            if face.covers(shown):
                return [Run(face, shown)]
        runs: list[Run] = []
        for character in shown:
            chosen = self._face_of(character)
            if runs and runs[-1].face is chosen:
                runs[-1] = Run(chosen, runs[-1].text + character)
            else:
                runs.append(Run(chosen, character))
        return runs

    def _face_of(self, character: str) -> Face:
        for face in self._embedded:
            if face.covers(character):
                return face
        return self.standard()


class FontNames:
    """Names of fonts in one drawing: `/F0`, `/F1`, ... `fonts` becomes its resources."""

    def __init__(self) -> None:
        self.fonts: dict[str, Any] = {}

    def __call__(self, font: Any) -> str:
        for name, known in self.fonts.items():
            if known.objgen == font.objgen:
                return name
        name = f"/F{len(self.fonts)}"
        self.fonts[name] = font
        return name


def show(runs: list[Run], size_points: float, name_of: Callable[[Any], str]) -> bytes:
    """The operators that show a line from the current text position. `name_of` names a font in the resources."""
    return b"\n".join(
        b"%s %.4f Tf %s Tj"
        % (name_of(run.face.font).encode(), size_points, pikepdf.String(run.face.encode(run.text)).unparse())
        for run in runs
    )


def fonts_of_texts(texts: Iterable[str], *, embed_all: bool = False) -> dict[SystemFont, set[str]]:
    """The fonts of this machine that the texts need, with their characters. Raises what `Letters` raises."""
    foreign = set[str]()
    for line in (line for text in texts for line in lines_of(text)):
        # Latin text between foreign words reads best in the same face, so it is asked for as well.
        if embed_all or not in_win_ansi(line):
            foreign |= set(line) | set(mirrored(line))
    try:
        return fonts_for(foreign) if foreign else {}
    except UncoveredCharacters:
        if in_win_ansi("".join(foreign)):
            return {}
        raise


def lines_of(text: str) -> list[str]:
    """The lines of a text, each ready to be set."""
    return [plain_text(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def width_points(runs: list[Run], size_points: float) -> float:
    """How far a line advances."""
    return sum(run.face.width(run.text) for run in runs) * size_points / 1000
