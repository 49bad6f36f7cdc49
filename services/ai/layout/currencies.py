"""Which currency a document is in, from codes and signs beside figures and from what tells its country."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.ai.layout.figures import Printed, currency_codes
from services.ai.layout.labels import plain

_TABLE = tomllib.loads(Path(__file__).with_name("currencies.toml").read_text("utf-8"))
_SIGNS: dict[str, list[str]] = _TABLE["signs"]
#: Currencies whose money has no decimals.
NO_MINOR: frozenset[str] = frozenset(_TABLE["no_minor"]["codes"])
#: Two letters of a state and five digits, which only addresses in the United States have.
_US_PLACE = re.compile(
    r"\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]"
    r"|W[AIVY]),? \d{5}\b"
)


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency, and a figure that shows it; None where it comes from elsewhere."""

    code: str
    shown_by: Printed | None = None


def codes_of(printed: str) -> tuple[str, ...]:
    """The ISO 4217 codes that a sign, a word or a code may stand for; empty for anything else."""
    text = printed.strip(".()")
    found = _SIGNS.get(text.lower())
    if found:
        return tuple(found)
    if len(text) == 3 and text.isupper() and text in current_codes():
        return (text,)
    return ()


@cache
def current_codes() -> frozenset[str]:
    """Codes of ISO 4217 that are money somewhere, without metals and test codes."""
    return frozenset(code for code in currency_codes() if not code.startswith("X") or code in ("XOF", "XAF", "XCD"))


def decide(found: Iterable[Printed], text: str) -> Currency | None:
    """The currency of figures in a document with some text; None where nothing tells or two are equally likely.

    A code or a sign of one currency tells alone. A sign of several does with the country of the document, and where
    the text tells two countries, not at all.
    """
    shown = [(codes_of(printed.currency), printed) for printed in found if printed.currency]
    sure = Counter(codes[0] for codes, _ in shown if len(codes) == 1)
    if sure:
        (code, count), *rest = sure.most_common(2)
        if rest and 2 * rest[0][1] > count:
            return None
        return Currency(code, next(printed for codes, printed in shown if codes == (code,)))
    signs = Counter(codes for codes, _ in shown if codes)
    if not signs:
        return None
    (codes, count), *others = signs.most_common(2)
    if others and 2 * others[0][1] > count:
        return None
    told = _by_country(codes, text)
    return Currency(told, next(printed for each, printed in shown if each == codes)) if told else None


def _by_country(codes: Sequence[str], text: str) -> str | None:
    padded = f" {plain(text)} "
    found = {code for code in codes if any(_names(name, padded) for name in _TABLE["countries"].get(code, ()))}
    if "USD" in codes and tells_united_states(text):
        found.add("USD")
    return found.pop() if len(found) == 1 else None


def tells_united_states(text: str) -> bool:
    """Whether a text has an address of the United States."""
    return _US_PLACE.search(text) is not None


def tells_day_first(text: str) -> bool:
    """Whether a text has what only countries have that write the day before the month."""
    padded = f" {plain(text)} "
    return any(_names(name, padded) for name in _TABLE["day_first"]["names"])


def _names(name: str, padded: str) -> bool:
    return (f" {name} " if name.isascii() else name) in padded
