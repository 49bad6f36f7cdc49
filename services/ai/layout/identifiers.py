"""Find IBAN, BIC, VAT ids and card numbers among words, and tell whether their check digits hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel import Locale
from stdnum import get_cc_module, numdb
from stdnum.iso7064 import mod_97_10

from shared.pdf.words import Word

#: An IBAN in groups of four takes nine words, a VAT id in groups no more.
_MAX_WORDS = 10
_IBAN_START = re.compile(r"[A-Z]{2}\d{2}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
#: Entries of the registry of IBAN structures, and what their letters stand for.
_STRUCTURE = re.compile(r"([1-9]\d?)!([nac])")
_CLASSES = {"n": "0-9", "a": "A-Z", "c": "A-Z0-9"}
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_PUNCTUATION = " .,;:()-/\u00a0"
#: Label and number without a space between: IBAN:DE02...
_GLUED = re.compile(r"^[^\d]{2,12}[:.]", re.IGNORECASE)

#: Shapes of VAT numbers with the prefix of their country (Directive 2006/112/EC, art. 215; Swiss UID; British and
#: Norwegian numbers). The check digits are the business of `vat_id_holds`.
_VAT_SHAPES: dict[str, str] = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CHE": r"\d{9}(?:MWST|TVA|IVA)?",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2}\d{9}",
    "GB": r"\d{9}(?:\d{3})?",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"\d{9}(?:\d{3})?",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "NO": r"\d{9}MVA",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{10}01",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"\d{9}(?:\d{3})?",
}
_VAT = re.compile("|".join(f"(?:{prefix}{shape})" for prefix, shape in _VAT_SHAPES.items()))
_VAT_START = re.compile("|".join(sorted(_VAT_SHAPES)))


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number found on a page, written without spaces, and the words that it was made of."""

    value: str
    words: tuple[Word, ...]


def ibans(words: Sequence[Word]) -> Iterator[Identifier]:
    """What looks like an IBAN of a known country, of its length, in the words of a row, whether or not it holds."""
    yield from _found(words, _IBAN_START, _is_iban)


def vat_ids(words: Sequence[Word]) -> Iterator[Identifier]:
    """What has the shape of a VAT id with its country's prefix in the words of a row, whether or not it holds."""
    yield from _found(words, _VAT_START, _is_vat_id)


def bic_in(words: Sequence[Word]) -> Identifier | None:
    """The BIC with which words begin. Many plain words have its shape, so that only a label makes it one."""
    for count in (1, 2, 3):
        joined = _compact(words[:count])
        if _BIC.fullmatch(joined) and joined[4:6] in _countries():
            return Identifier(joined, tuple(words[:count]))
    return None


def iban_holds(value: str) -> bool | None:
    """Whether the check digits of an IBAN hold (ISO 7064, mod 97-10); None for what has not the shape of its country.

    A wrong digit passes in one of 97 cases at random, and never when it is the only one.
    """
    compact = _plain(value)
    if not _is_iban(compact):
        return None
    return bool(mod_97_10.is_valid(compact[4:] + compact[:4]))


def vat_id_holds(value: str) -> bool | None:
    """Whether the check digits of a VAT id hold; None where no rule is known for its country."""
    compact = _plain(value)
    if not _VAT.fullmatch(compact):
        return None
    country = compact[:2]
    checker = _vat_checker({"EL": "gr", "XI": "gb"}.get(country, country.lower()))
    if checker is None:
        return None
    number = compact if country in ("CH", "NO") else compact[2:]
    return bool(checker(number.removeprefix("NO")))


def _found(words: Sequence[Word], start: re.Pattern[str], is_whole: Callable[[str], bool]) -> Iterator[Identifier]:
    index = 0
    while index < len(words):
        taken = _longest(words, index, start, is_whole)
        if taken is None:
            index += 1
        else:
            yield taken
            index += len(taken.words)


def _longest(
    words: Sequence[Word], index: int, start: re.Pattern[str], is_whole: Callable[[str], bool]
) -> Identifier | None:
    """The longest number that begins with a word: groups are parted by spaces."""
    head = _GLUED.sub("", words[index].text, count=1)
    if not start.match(_plain(head)):
        return None
    joined, best = "", None
    for count in range(1, min(_MAX_WORDS, len(words) - index) + 1):
        text = head if count == 1 else words[index + count - 1].text
        joined += _plain(text)
        if len(joined) > 40:
            break
        if is_whole(joined):
            best = Identifier(joined, tuple(words[index : index + count]))
        elif best is not None:
            break
    return best


def _is_iban(text: str) -> bool:
    shape = _account_shape(text[:2]) if _IBAN.fullmatch(text) else None
    return shape is not None and shape.fullmatch(text) is not None


def _is_vat_id(text: str) -> bool:
    return _VAT.fullmatch(text) is not None


def _compact(words: Sequence[Word]) -> str:
    return "".join(_plain(word.text) for word in words)


def _plain(text: str) -> str:
    return text.translate(str.maketrans("", "", _PUNCTUATION))


@cache
def _account_shape(country: str) -> re.Pattern[str] | None:
    """How an IBAN of a country is built, from the registry that python-stdnum carries: `8!n10!n` for Germany."""
    known = str(numdb.get("iban").info(country)[0][1].get("bban", ""))
    parts = [f"[{_CLASSES[kind]}]{{{count}}}" for count, kind in _STRUCTURE.findall(known)]
    return re.compile(rf"{country}\d{{2}}{''.join(parts)}") if parts else None


@cache
def _countries() -> frozenset[str]:
    return frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha())


@cache
def _vat_checker(country: str) -> Any:
    module = get_cc_module(country, "vat")
    return module.is_valid if module is not None else None
