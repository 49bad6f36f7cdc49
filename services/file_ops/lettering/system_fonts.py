"""Find fonts of this machine that have given characters: folders are walked, best names first, until all are found."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont, TTLibError
from fontTools.ttLib.ttCollection import TTCollection

from services.file_ops.lettering.script_rules import UncoveredCharacters, is_cjk, script_hint

#: Where Debian, other distributions and operators put fonts; an engine may read no home folder.
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})
#: Words in file names that make a font a poorer choice for plain text.
_ODD_STYLES = ("bold", "italic", "oblique", "light", "thin", "black", "medium", "condensed", "narrow", "mono", "serif")
#: Fonts made for all European scripts at once: they look best in them, and looking through others takes time.
_GENERAL = ("notosans-regular.ttf", "dejavusans.ttf", "liberationsans-regular.ttf")
#: Fonts that draw every character as a box or as nothing.
_NOT_FOR_TEXT = ("lastresort", "adobeblank", "notdef", "unifont")
#: Bits of OS/2 fsType: no embedding, no subsetting, bitmaps only.
_FORBIDDEN = 0x0002 | 0x0100 | 0x0200
READ_ERRORS = (TTLibError, OSError, struct.error, ValueError, KeyError, AssertionError, IndexError, AttributeError)


@dataclass(frozen=True)
class SystemFont:
    """One font program on disk: a file, or one font of a collection."""

    path: Path
    number: int = 0

    @contextmanager
    def open(self) -> Iterator[Any]:
        """The font, read as its tables are asked for."""
        # The file is ours to close: fontTools leaves that of a broken font open.
        with self.path.open("rb") as file, TTFont(file, fontNumber=self.number, lazy=True) as font:
            yield font


def fonts_for(characters: Iterable[str], folders: Iterable[Path] | None = None) -> dict[SystemFont, set[str]]:
    """Fonts and the characters that each draws: one font where one has them all, else as few as a greedy choice finds.

    Raises:
        UncoveredCharacters: no font that may be embedded has one of them.
    """
    missing = set(characters)
    found: list[tuple[SystemFont, set[str]]] = []
    for font in _candidates(missing, tuple(folders or FONT_FOLDERS)):
        covered = missing & _covered_by(font, frozenset(missing))
        if covered == missing:
            return {font: covered}
        if covered:
            found.append((font, covered))
    chosen: dict[SystemFont, set[str]] = {}
    while missing:
        best = max(found, key=lambda each: len(each[1] & missing), default=None)
        if best is None or not best[1] & missing:
            raise UncoveredCharacters(missing)
        chosen[best[0]] = best[1] & missing
        missing -= best[1]
    return chosen


def _candidates(characters: set[str], folders: tuple[Path, ...]) -> Iterator[SystemFont]:
    hints = {"cjk" if is_cjk(character) else script_hint(character).lower() for character in characters}
    for path in sorted(_font_files(folders), key=lambda path: (_distance(path.name.lower(), hints), path)):
        if path.suffix.lower() in (".ttc", ".otc"):
            yield from _members(path, characters)
        else:
            yield SystemFont(path)


@cache
def _font_files(folders: tuple[Path, ...]) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES]


def _distance(name: str, hints: set[str]) -> int:
    """How far a file's name is from a plain upright font of the script."""
    if any(word in name for word in _NOT_FOR_TEXT):
        return 100
    hinted = any(hint and hint in name for hint in hints) or ("cjk" in hints and "fallback" in name)
    if name in _GENERAL:
        return 5 + _GENERAL.index(name)
    plain = "regular" in name or name.removesuffix(".ttf").endswith("sans")
    odd = sum(word in name for word in _ODD_STYLES)
    far = 0 if hinted else 30 if "cjk" in name else 20
    return far + 4 * odd - 2 * plain - ("sans" in name)


def _members(path: Path, characters: set[str]) -> list[SystemFont]:
    """The fonts of a collection. Those for Chinese, Japanese and Korean differ in shapes of the same characters: the
    text decides by its kana or hangul, and is taken for Chinese without them."""
    scripts = {script_hint(character) for character in characters}
    region = "JP" if scripts & {"HIRAGANA", "KATAKANA"} else "KR" if "HANGUL" in scripts else "SC"
    try:
        with path.open("rb") as file, TTCollection(file, lazy=True) as collection:
            names = [str(font["name"].getBestFamilyName() or "") for font in collection.fonts]
    except READ_ERRORS:
        return []
    return [SystemFont(path, number) for number in sorted(range(len(names)), key=lambda at: region not in names[at])]


@cache
def _covered_by(font: SystemFont, characters: frozenset[str]) -> frozenset[str]:
    """The characters that the font draws and may be embedded for."""
    try:
        with font.open() as program:
            if not {"glyf", "CFF "} & set(program.keys()):
                return frozenset()
            if "OS/2" in program and program["OS/2"].fsType & _FORBIDDEN:
                return frozenset()
            glyphs = program.getBestCmap() or {}
            return frozenset(each for each in characters if glyphs.get(ord(each), ".notdef") != ".notdef")
    except READ_ERRORS:
        return frozenset()


def forget() -> None:
    """Look at the folders anew: fonts came or went."""
    _font_files.cache_clear()
    _covered_by.cache_clear()
