"""Plain text as pages of fixed-pitch type: tabs, long lines, form feeds, and characters of many fonts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Name

from services.conversion.contracts.convert import PageSize
from services.conversion.to_pdf.font_programs import FontProgram, embed, font_for
from services.conversion.to_pdf.paper import PAPER_POINTS
from services.conversion.to_pdf.shaped_text import named_characters, needs_shaping, shaped_text_to_pdf
from services.conversion.to_pdf.text_files import read_text
from shared.errors import TooComplex
from shared.external_program import MissingProgram
from shared.operation import Report, Result, ignore

_SIZE_POINTS, _LEADING_POINTS, _MARGIN_POINTS = 10.0, 12.0, 54.0
_TAB_COLUMNS = 8
_MAX_PAGES = 20_000
#: Fixed-pitch fonts, best first. Any font of the machine is better than none.
_PREFERRED = ("DejaVuSansMono.ttf", "NotoSansMono-Regular.ttf", "LiberationMono-Regular.ttf")
_FONT_REMEDY = "Install a font on the server: apt-get install fonts-dejavu-core"


@dataclass(frozen=True)
class _Run:
    """Characters of one font in neighbouring columns, or one character on top of the one before."""

    column: int
    font: int
    text: str


@dataclass
class _Fonts:
    """The fonts that a document turns out to need, and what each of them shows."""

    programs: list[FontProgram] = field(default_factory=list)
    used: list[set[int]] = field(default_factory=list)
    #: Which font shows a character; None for those that no font has.
    choice: dict[int, int | None] = field(default_factory=dict)

    def of(self, character: int) -> int | None:
        """The number of the font for a character."""
        if character not in self.choice:
            self.choice[character] = self._choose(character)
        return self.choice[character]

    def _choose(self, character: int) -> int | None:
        program = next((one for one in self.programs if one.has(character)), None) or font_for(character, _PREFERRED)
        if program is None:
            return None
        if program not in self.programs:
            self.programs.append(program)
            self.used.append(set())
        number = self.programs.index(program)
        self.used[number].add(character)
        return number


def text_to_pdf(source: Path, target: Path, page_size: PageSize, *, report: Report = ignore) -> Result:
    """Write a text file as PDF, 10 points on A4 or Letter, and return its encoding and what no font could show.

    Text whose letters join, reorder or run from right to left is laid out by Pango while it is short.

    Raises:
        TooComplex: more than 32 MB or 20,000 pages.
        MissingProgram: the machine has no font at all.
    """
    decoded = read_text(source)
    told: Result = {"encoding": decoded.encoding, "undecodable_characters": decoded.undecodable}
    if needs_shaping(decoded.text):
        return {**told, **shaped_text_to_pdf(decoded.text, target, page_size, report=report)}
    fonts = _Fonts()
    if fonts.of(ord("?")) is None:
        raise MissingProgram("The server has no font that may be embedded.", remedy=_FONT_REMEDY)
    width, height = PAPER_POINTS[page_size]
    pitch = fonts.programs[0].width_per_mille(ord("?")) * _SIZE_POINTS / 1000
    columns = int((width - 2 * _MARGIN_POINTS) / pitch)
    rows = int((height - 2 * _MARGIN_POINTS) / _LEADING_POINTS)
    pages = [[_runs(line, fonts) for line in page] for page in _pages(decoded.text, columns, rows)]
    with pikepdf.new() as pdf:
        embedded = [
            embed(pdf, program, used, f"BINDE{chr(65 + number % 26)}")
            for number, (program, used) in enumerate(zip(fonts.programs, fonts.used, strict=True))
        ]
        codes = [{code: f"{glyph:04X}" for code, glyph in font.codes.items()} for font in embedded]
        resources = pdf.make_indirect(Dictionary(Font=Dictionary({f"/F{n}": e.font for n, e in enumerate(embedded)})))
        for number, page in enumerate(pages, start=1):
            report(number, len(pages), "Writing pages")
            made = pdf.add_blank_page(page_size=(width, height))
            made.Resources = resources
            made.Contents = pdf.make_stream(_content(page, codes, pitch, height))
        pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        pdf.Root.PageLayout = Name.OneColumn
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return {
        **told,
        "made_by": "text",
        "characters_without_font": named_characters([code for code, number in fonts.choice.items() if number is None]),
    }


def _pages(text: str, columns: int, rows: int) -> Iterator[list[str]]:
    """Sheets of lines that fit; a form feed starts a new sheet, wherever it stands."""
    count = 0
    for sheet in text.replace("\r\n", "\n").replace("\r", "\n").split("\f"):
        lines = [part for line in sheet.removesuffix("\n").split("\n") for part in _wrapped(line, columns)]
        for start in range(0, max(len(lines), 1), rows):
            count += 1
            if count > _MAX_PAGES:
                raise TooComplex(f"The text would have more than {_MAX_PAGES} pages.")
            yield lines[start : start + rows]


def _wrapped(line: str, columns: int) -> Iterator[str]:
    """A line in pieces that fit, broken at spaces where there are some, with tabs as spaces."""
    rest = line.expandtabs(_TAB_COLUMNS)
    while (fits := _fitting(rest, columns)) < len(rest):
        space = rest.rfind(" ", fits // 2, fits + 1)
        cut = space if space > 0 else fits
        yield rest[:cut]
        rest = rest[cut:].lstrip(" ") if space > 0 else rest[cut:]
    yield rest


def _fitting(line: str, columns: int) -> int:
    """How many characters fit into so many columns."""
    if line.isascii():
        return min(len(line), columns)
    taken = 0
    for place, character in enumerate(line):
        taken += columns_of(character)
        if taken > columns:
            return max(place, 1)
    return len(line)


def columns_of(character: str) -> int:
    """Columns that a character takes: none for marks, two for wide East Asian ones (Unicode annex 11)."""
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _runs(line: str, fonts: _Fonts) -> list[_Run]:
    line = line.rstrip(" ")
    # By far the commonest line: one font, one column each. Characters are noted once, in `of`.
    if line.isascii() and line.isprintable() and all(fonts.of(ord(character)) == 0 for character in set(line)):
        bare = line.lstrip(" ")
        return [_Run(len(line) - len(bare), 0, bare)] if bare else []
    runs: list[_Run] = []
    column = 0
    for character in line:
        wide = columns_of(character)
        # Spaces are drawn after a character of the first font, so that words can be copied apart.
        is_seen = character != " " or (runs and runs[-1].font == 0 and runs[-1].column + len(runs[-1].text) == column)
        if is_seen and unicodedata.category(character) not in ("Cc", "Cf"):
            number = fonts.of(ord(character))
            shown = "?" if number is None else character
            _append(runs, _Run(column if wide else max(column - 1, 0), number or 0, shown))
        column += wide
    return runs


def _append(runs: list[_Run], run: _Run) -> None:
    last = runs[-1] if runs else None
    # Only the first font is sure to have the pitch of the columns.
    if last and last.font == run.font == 0 and run.column == last.column + len(last.text):
        runs[-1] = _Run(last.column, 0, last.text + run.text)
    else:
        runs.append(run)


def _content(page: list[list[_Run]], codes: list[dict[int, str]], pitch: float, height: float) -> bytes:
    """The page's operators; `codes` are the hexadecimal codes of each font's characters."""
    parts = ["BT"]
    baseline = height - _MARGIN_POINTS - _SIZE_POINTS
    font = -1
    for number, line in enumerate(page):
        for run in line:
            if run.font != font:
                font = run.font
                parts.append(f"/F{font} {_SIZE_POINTS:g} Tf")
            across, down = _MARGIN_POINTS + run.column * pitch, baseline - number * _LEADING_POINTS
            parts.append(f"1 0 0 1 {across:.2f} {down:.2f} Tm <{run.text.translate(codes[font])}> Tj")
    return "\n".join([*parts, "ET"]).encode()
