"""Tesseract through its command: the languages whose packs are installed, one page a call."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
from PIL import Image

from services.ocr.contracts.languages import NAMES
from services.ocr.engines.protocol import Line, PageImage, PageText, Pixels, Quad, Word
from shared.external_program import MissingProgram, Program

_TESSERACT = Program(
    "Tesseract",
    ("tesseract",),
    "The operator must install the Debian package tesseract-ocr, and tesseract-ocr-<code> for each language.",
)
#: One page of the largest size takes less than a tenth of it.
_PAGE_LIMIT_S = 300
_ASK_LIMIT_S = 30
#: Parallel is what runs in other slots: threads of one page only wait for each other.
_ONE_THREAD = {"OMP_THREAD_LIMIT": "1"}
#: Sauvola's threshold for each place of the page; the default, one for all of it, fails on noise.
_THRESHOLDING = ("-c", "thresholding_method=2")
_WORD_LEVEL = "5"
_COLUMNS = 12
_TURN = re.compile(r"Rotate: (\d+)")
_TURN_SURE = re.compile(r"Orientation confidence: ([\d.]+)")
#: What its detector says below this is a guess.
_LEAST_TURN_SURE = 2.0
_OWN_ENGLISH = frozenset({"eng"})


class Tesseract:
    """Every script that it has packs for, and slower and less accurate than ppocr where both read."""

    name = "tesseract"

    def unavailable(self) -> str | None:
        """None where the command and at least one language are there."""
        try:
            return None if _packs() - {"osd"} else _TESSERACT.remedy
        except MissingProgram as error:
            return error.remedy

    def version(self) -> str:
        """The first line that the command says of itself."""
        with tempfile.TemporaryDirectory() as folder:
            return _TESSERACT.version(Path(folder))

    def languages(self) -> frozenset[str]:
        """Those whose packs are installed; none where the command is missing."""
        try:
            return frozenset(_packs() & set(NAMES))
        except MissingProgram:
            return frozenset()

    def read(self, pages: Sequence[PageImage], languages: Sequence[str] = ()) -> list[PageText]:
        """Read pages; without languages in English, or in the first that is there.

        Raises:
            ProgramFailed, ProgramTimeLimit: see `shared.external_program`.
        """
        known = self.languages()
        codes = languages or sorted(known & _OWN_ENGLISH or known)[:1]
        return [_read(page, codes) for page in pages]


def package_of(code: str) -> str:
    """The Debian package that holds a language."""
    return f"tesseract-ocr-{code.replace('_', '-')}"


@cache
def _packs() -> frozenset[str]:
    with tempfile.TemporaryDirectory() as folder:
        finished = _TESSERACT.run_or_fail(["--list-langs"], folder=Path(folder), time_limit_s=_ASK_LIMIT_S)
    return frozenset(line.strip() for line in (finished.stdout + finished.stderr).splitlines() if " " not in line)


def _read(page: PageImage, codes: Sequence[str]) -> PageText:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        turn = _turn_of(page, folder)
        pixels = np.ascontiguousarray(np.rot90(page.pixels, -turn // 90))
        _write(pixels, page.dpi, folder / "page.png")
        arguments = ["page.png", "read", "-l", "+".join(codes), *_THRESHOLDING, "--psm", "3", "tsv"]
        _TESSERACT.run_or_fail(arguments, folder=folder, time_limit_s=_PAGE_LIMIT_S, environment=_ONE_THREAD)
        table = (folder / "read.tsv").read_text(encoding="utf-8", errors="replace")
    return PageText(tuple(_lines(table)), turn)


def _turn_of(page: PageImage, folder: Path) -> int:
    """How the page must be turned clockwise, as Tesseract's own detector sees it; 0 without it or in doubt."""
    if "osd" not in _packs():
        return 0
    _write(page.pixels, page.dpi, folder / "turn.png")
    finished = _TESSERACT.run(
        ["turn.png", "stdout", "--psm", "0"], folder=folder, time_limit_s=_PAGE_LIMIT_S, environment=_ONE_THREAD
    )
    turn, sure = _TURN.search(finished.stdout), _TURN_SURE.search(finished.stdout)
    # It fails on pages with too few letters to tell.
    if finished.exit_code or not turn or not sure or float(sure[1]) < _LEAST_TURN_SURE:
        return 0
    return int(turn[1]) % 360


def _write(pixels: Pixels, dpi: float, target: Path) -> None:
    Image.fromarray(pixels).convert("L").save(target, compress_level=1, dpi=(dpi, dpi))


def _lines(table: str) -> Iterator[Line]:
    rows = (row.split("\t", _COLUMNS - 1) for row in table.splitlines()[1:])
    words = [row for row in rows if len(row) == _COLUMNS and row[0] == _WORD_LEVEL and row[-1].strip()]
    for _, group in groupby(words, key=lambda row: row[1:5]):
        line = [Word(_box(row), row[-1].strip(), max(float(row[10]), 0.0) / 100) for row in group]
        corners = np.concatenate([word.quad for word in line])
        yield Line(_quad(*corners.min(0), *corners.max(0)), tuple(line))


def _box(row: Sequence[str]) -> Quad:
    left, top, width, height = (float(value) for value in row[6:10])
    return _quad(left, top, left + width, top + height)


def _quad(left: float, top: float, right: float, bottom: float) -> Quad:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
