"""Figures among the words of a row: digits with their sign, their currency and what stands for debit or credit."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel import Locale

from services.ai.layout.shape import MAX_DIGITS, shape_of
from shared.pdf.words import Word

#: Longer words are no figures and not worth a look.
_MAX_WORD_CHARACTERS = 48
#: Within a figure no gap is wider, in heights of its line: a space of a typewriter's face is 0.5.
_NARROW_HEIGHTS = 0.75
#: A currency or CR and DR may stand so far off.
_APART_HEIGHTS = 2.5
#: So many dashes far from any word are cells.
_FEW_DASHES = 2

MARKS_FILE = Path(__file__).with_name("marks.toml")
_MARKS = tomllib.loads(MARKS_FILE.read_text("utf-8"))
#: What stands beside a figure for debit or credit; `sides.py` tells which is which.
SIDE_MARKS = frozenset(mark for pair in _MARKS["sides"] for mark in pair["debit"] + pair["credit"])
_SIGNS = "+\\-\u2212\u2013\u2014\u2010\u2011\uff0b\uff0d\ufe63"
_MONEY_SIGNS = _MARKS["money_signs"]
_MONEY_WORDS = "|".join(map(re.escape, _MARKS["money_words"]))
_MONEY = rf"(?:[A-Za-z]{{0,3}}[{_MONEY_SIGNS}]|[A-Z]{{3}}|(?i:{_MONEY_WORDS})\.?)"
_CORE = r"\d{1,24}(?:[.,']\d{1,8}){0,8}|[.,]\d{2}"
_FIGURE = re.compile(
    rf"(?:[^\W\d]{{1,20}}[:=])?(?P<before>(?:[*#]{{1,20}}|[({_SIGNS}<]|{_MONEY}){{0,4}})"
    rf"(?P<core>{_CORE})(?P<dashes>[.,:][-\u2013\u2014]{{1,2}}|[,.]=)?"
    rf"(?P<after>(?:[*#]{{1,20}}|[){_SIGNS}>%]|{_MONEY}|[A-Z\u0410-\u042f]{{1,5}}\.?|[A-Z][a-z]\.?){{0,3}})[;,.]?"
)
#: What a figure whose thousands are parted by spaces begins with, goes on and ends with.
_HEAD = re.compile(rf"(?:[({_SIGNS}<]|{_MONEY}){{0,3}}\d{{1,3}}")
_HEAD_OF_GROUPS = re.compile(r"\D{0,4}\d{1,3}")
_GROUP = re.compile(r"\d{3}")
_TAIL = re.compile(r"\d{3}(?:[.,]\d{1,4})?(?:\D.{0,6})?")
_FRACTION = re.compile(r"[.,]?\d{2}(?:\D.{0,6})?")
_MONEY_ALONE = re.compile(_MONEY)
_SIGNED_MONEY = re.compile(rf"[({_SIGNS}]{_MONEY}|{_MONEY}[){_SIGNS}]")
_PIECE = re.compile(rf"{_MONEY}|[^\W\d_]{{1,5}}\.?|.")
#: Unicode's spaces never reach here: words end at them.
_SAME = str.maketrans({"\u2019": "'", "\u2018": "'", "\u00b4": "'", "`": "'", "\u066b": ".", "\u066c": ","})
#: What machines that read pictures take digits for.
_LOOKALIKE = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1", "S": "5", "B": "8", "Z": "2", "g": "9"})


@dataclass(slots=True)
class Printed:
    """A figure as it stands on the page. What its marks mean, `amounts.Notation` tells."""

    #: All words that it is made of, with sign, currency and side.
    words: tuple[Word, ...]
    #: ASCII digits with their marks; spaces and apostrophes between thousands are apostrophes.
    core: str
    negative: bool = False
    #: A plus is printed.
    positive: bool = False
    #: What stands for debit or credit, in capitals without a full stop; empty without.
    side: str = ""
    #: As printed; empty without.
    currency: str = ""
    percent: bool = False
    #: Edges of the digits in points, without what is glued to them.
    left: float = 0.0
    right: float = 0.0
    #: Letters were taken for digits, as O for 0: nothing but arithmetic makes this a figure.
    repaired: bool = False

    @property
    def text(self) -> str:
        """The words as printed."""
        return " ".join(word.text for word in self.words)

    @property
    def bare(self) -> bool:
        """Whether it is digits only: may be the number of anything."""
        return self.core.isdigit()


@dataclass(slots=True)
class _Found:
    """A figure that is put together: its words by index, and what was seen beside its digits."""

    first: int
    last: int
    sign: str = ""
    side: str = ""
    currency: str = ""
    percent: bool = False
    open: bool = field(default=False)

    def take_all(self, text: str, *, bare: bool) -> bool:
        """Note what stands apart from the digits, as CR or -€."""
        return self.take(text, bare=bare) or (
            len(text) > 1 and all(self.take(piece, bare=True) for piece in _PIECE.findall(text))
        )

    def take(self, piece: str, *, bare: bool = False) -> bool:
        """Note one decoration; False where it is none, or the second of its kind."""
        mark = piece.upper().strip(".()")
        if piece in "(<":
            self.open = True
        elif piece in ")>":
            self.sign, self.open = "-" if self.open else self.sign, False
        elif piece in "+\uff0b":
            self.sign = "+"
        elif len(piece) == 1 and re.match(f"[{_SIGNS}]", piece):
            self.sign = "-"
        elif piece == "%":
            self.percent = True
        elif piece.strip("*#") == "":
            pass
        elif mark in SIDE_MARKS and not self.side and not (bare and len(mark) == 1):
            self.side = mark
        elif is_money(piece) and not self.currency:
            self.currency = piece
        else:
            return False
        return True


def figures(
    words: Sequence[Word], *, spaced: bool = False, repair: bool = False, loose_signs: bool = True
) -> list[Printed]:
    """The figures among the words of one row, which stand in order from left to right.

    `spaced` joins groups of three digits that a narrow gap parts. `repair` takes letters for the digits that they look
    like (`Printed.repaired`) in words that are a figure otherwise. `loose_signs` takes a sign that a space parts from
    the digits: not in documents whose empty cells have a dash.
    """
    found: list[Printed] = []
    index = free = 0
    while index < len(words):
        text = words[index].text
        if len(text) <= _MAX_WORD_CHARACTERS and _has_digit(text):
            printed, last = _figure_at(words, index, free, spaced, repair, loose_signs)
            if printed is not None:
                found.append(printed)
                index = free = last + 1
                continue
        index += 1
    return found


def is_spaced(rows: Sequence[Sequence[Word]]) -> bool:
    """Whether a document parts thousands by spaces: figures are joined by it, and hardly any has other groups."""
    joined = other = 0
    for words in rows:
        if not any(_HEAD_OF_GROUPS.fullmatch(word.text) for word in words[:-1]) and joined == 0:
            continue
        for printed in figures(words, spaced=True):
            shape = shape_of(printed.core)
            if shape is None or shape.decimal is None:
                continue
            if shape.group == "'" and not any("'" in ascii_digits(word.text) for word in printed.words):
                joined += 1
            elif shape.group or shape.whole > 3:
                other += 1
    return joined > 4 * other


def has_dashes_for_cells(rows: Sequence[Sequence[Word]]) -> bool:
    """Whether empty cells have a dash: dashes stand far from any other word in rows with figures."""
    alone = 0
    for words in rows:
        lone = [
            index
            for index, word in enumerate(words)
            if index and len(word.text) == 1 and re.fullmatch(f"[{_SIGNS.replace('+', '')}]", word.text)
        ]
        if lone and sum(_has_digit(word.text) for word in words):
            alone += sum(
                _gap(words[index - 1], words[index]) > _NARROW_HEIGHTS
                and (index + 1 == len(words) or _gap(words[index], words[index + 1]) > _NARROW_HEIGHTS)
                for index in lone
            )
            if alone >= _FEW_DASHES:
                return True
    return False


def ascii_digits(text: str) -> str:
    """Digits of any script as ASCII, and marks that are drawn alike as one."""
    text = text.translate(_SAME)
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() and not letter.isascii() else letter for letter in text
    )


def is_money(text: str) -> bool:
    """Whether a text is a sign, a short word or an ISO code of a currency."""
    if not _MONEY_ALONE.fullmatch(text):
        return False
    return not (len(text) == 3 and text.isascii() and text.isupper()) or text in currency_codes()


@cache
def currency_codes() -> frozenset[str]:
    """All codes of ISO 4217 that are or were in use."""
    return frozenset(Locale("en").currencies)


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _figure_at(
    words: Sequence[Word], index: int, free: int, spaced: bool, repair: bool, loose: bool
) -> tuple[Printed | None, int]:
    """The figure whose digits begin with a word, and the index of its last word; words before `free` are taken."""
    last, text = _joined(words, index, spaced)
    match = _FIGURE.fullmatch(text)
    repaired = False
    if match is None and repair and 2 * sum(map(str.isdigit, text)) >= len(text):
        match, repaired = _FIGURE.fullmatch(text.translate(_LOOKALIKE)), True
    if match is None or sum(map(str.isdigit, match["core"])) > MAX_DIGITS:
        return None, index
    core = match["core"] + (match["dashes"][0].replace(":", ".") + "00" if match["dashes"] else "")
    shape = shape_of(core)
    if shape is None:
        return None, index
    found = _Found(index, last)
    pieces = [*_PIECE.findall(match["before"]), *_PIECE.findall(match["after"])]
    if not all(found.take(piece) for piece in pieces):
        return None, index
    left, right = _edges(words[index], words[last], text, match.span("core"))
    _take_neighbours(words, found, free, bare=core.isdigit(), loose=loose)
    printed = Printed(
        words=tuple(words[found.first : found.last + 1]),
        core=core,
        negative=found.sign == "-",
        positive=found.sign == "+",
        side=found.side,
        currency=found.currency,
        percent=found.percent,
        left=left,
        right=right,
        repaired=repaired,
    )
    return printed, found.last


def _joined(words: Sequence[Word], index: int, spaced: bool) -> tuple[int, str]:
    """The text of a figure that may go over several words, and the index of its last word."""
    text = ascii_digits(words[index].text)
    last = index
    if spaced and _HEAD.fullmatch(text):
        while (group := _follower(words, last)) is not None and _TAIL.fullmatch(group):
            text, last = f"{text}'{group}", last + 1
            if not _GROUP.fullmatch(group):
                return last, text
    # Spaces around a decimal mark come from machines that read pictures.
    follower = _follower(words, last)
    if follower and _FRACTION.fullmatch(follower) and (text[-1] in ".,") != (follower[0] in ".,"):
        return last + 1, text + follower
    return last, text


def _follower(words: Sequence[Word], index: int) -> str | None:
    """The next word where only a narrow gap parts it."""
    if index + 1 >= len(words) or _gap(words[index], words[index + 1]) > _NARROW_HEIGHTS:
        return None
    text = ascii_digits(words[index + 1].text)
    return text if len(text) <= _MAX_WORD_CHARACTERS else None


def _take_neighbours(words: Sequence[Word], found: _Found, free: int, *, bare: bool, loose: bool) -> None:
    """Signs, currencies and sides that stand apart from the digits."""
    for _ in range(2):
        if found.first == free:
            break
        word = words[found.first - 1]
        gap = _gap(word, words[found.first])
        if not loose and re.fullmatch(f"[{_SIGNS}]", word.text):
            break
        if not _is_decoration(word.text, gap, before=True) or not found.take_all(word.text, bare=True):
            break
        found.first -= 1
    for _ in range(3):
        if found.last + 1 == len(words):
            break
        word = words[found.last + 1]
        gap = _gap(words[found.last], word)
        if not loose and re.fullmatch(f"[{_SIGNS}]", word.text):
            break
        if word.text == "-" and found.last + 2 < len(words) and gap > 0.1 and _has_digit(words[found.last + 2].text):
            break
        if not _is_decoration(word.text, gap, before=False) or not found.take_all(word.text, bare=bare):
            break
        found.last += 1


def _is_decoration(text: str, gap: float, *, before: bool) -> bool:
    if len(text) > 5 or gap > _APART_HEIGHTS:
        return False
    if len(text) == 1 and not text.isalnum() and text not in _MONEY_SIGNS:
        # A dash further off parts texts.
        return gap < _NARROW_HEIGHTS and text not in (")>%" if before else "(<")
    if text.upper().strip(".()") in SIDE_MARKS:
        return not before or gap < _NARROW_HEIGHTS
    return is_money(text) or (_SIGNED_MONEY.fullmatch(text) is not None and is_money(text.strip("+-\u2212\u2013()")))


def _gap(one: Word, other: Word) -> float:
    """Between two words, in heights of the line."""
    height = max(one.bottom - one.top, other.bottom - other.top, 1.0)
    return (other.left - one.right) / height


def _edges(first: Word, last: Word, text: str, span: tuple[int, int]) -> tuple[float, float]:
    """Where the digits begin and end, taking all characters of a word as equally wide."""
    if first is last:
        step = (first.right - first.left) / max(len(text), 1)
        return first.left + step * span[0], first.left + step * span[1]
    head = (first.right - first.left) / max(len(first.text), 1)
    tail = (last.right - last.left) / max(len(last.text), 1)
    return first.left + head * span[0], last.right - tail * (len(text) - span[1])
