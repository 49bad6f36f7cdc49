"""Names of months in the languages of the world, whole and cut short."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from functools import cache

from babel import Locale

#: The largest first: a name that means another month in a later one is read as in the earlier.
_LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "cs", "sk", "hu", "ro", "hr", "sr"),
    *("sr_Latn", "sl", "bg", "el", "tr", "ru", "uk", "lt", "lv", "et", "is", "ca", "eu", "gl", "ga", "mt", "sq"),
    *("mk", "bs", "az", "id", "ms", "vi", "fil", "sw", "af", "ar", "fa", "he", "hi"),
)
#: Too short to tell a month from a word.
_SHORTEST = 3
#: What banks print beside Babel's names.
_MORE = {"sept": 9, "fevr": 2, "mrz": 3, "maerz": 3, "jaenner": 1, "janner": 1, "sett": 9, "set": 9, "jul": 7, "jun": 6}


def months_named(name: str) -> int | None:
    """The month of a name without its full stop; None where it is none."""
    plain = _plain(name)
    if len(plain) < _SHORTEST:
        return None
    found = _names("en").get(plain) or _MORE.get(plain)
    return found or _all_names().get(plain)


def is_weekday(name: str) -> bool:
    """Whether a word is a day of the week, whole or cut short."""
    plain = _plain(name).rstrip(",")
    return len(plain) > 1 and (plain in _weekdays("en") or plain in _all_weekdays())


@cache
def _weekdays(language: str) -> frozenset[str]:
    days = Locale.parse(language).days["format"]
    return frozenset(_plain(name) for width in ("wide", "abbreviated") for name in days[width].values())


@cache
def _all_weekdays() -> frozenset[str]:
    return frozenset().union(*map(_weekdays, _LANGUAGES))


@cache
def _names(language: str) -> dict[str, int]:
    """Names in one language, and what is left of them at four and three letters where that is still one month."""
    found: dict[str, int] = {}
    whole: dict[str, set[int]] = defaultdict(set)
    months = Locale.parse(language).months
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for month, name in months[context][width].items():
                plain = _plain(name)
                if len(plain) >= _SHORTEST and not plain.isdigit():
                    found.setdefault(plain, month)
                    for length in (3, 4):
                        whole[plain[:length]].add(month)
    for short, meant in whole.items():
        if len(meant) == 1 and len(short) >= _SHORTEST:
            found.setdefault(short, next(iter(meant)))
    return found


@cache
def _all_names() -> dict[str, int]:
    found: dict[str, int] = {}
    for language in _LANGUAGES:
        for name, month in _names(language).items():
            found.setdefault(name, month)
    return found


def _plain(name: str) -> str:
    """Lower case, without accents and full stops."""
    if name.isascii():
        return name.lower().strip(". ")
    split = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in split if not unicodedata.combining(letter)).strip(". ")
