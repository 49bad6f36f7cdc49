"""Whose account a statement is of, and of which time: read from the rows around the table."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence

from services.ai.documents.bank_statement import BankStatement
from services.ai.figures.value import TextValue, Value
from services.ai.layout.figures import MARKS_FILE as _MARKS_FILE
from services.ai.layout.figures import currency_codes
from services.ai.layout.identifiers import bic_in, ibans
from services.ai.layout.pairs import Pair, pairs_in
from services.ai.layout.rows import TextRow
from services.ai.layout.vocabulary import tokens_of
from services.ai.rules.bank_statement.labels import fields_vocabulary
from shared.pdf.words import Word

_ACCOUNT = re.compile(r"[A-Z0-9][A-Z0-9./*-]*", re.IGNORECASE)
#: Account numbers have at least so many digits.
_MIN_ACCOUNT_DIGITS = 4
_NUMBER = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9/.-]{0,19}", re.IGNORECASE)
_BIC = re.compile(r"(?:BIC|SWIFT)(?:/(?:BIC|SWIFT))?[:.]?([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)[.,;]?")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
_NO_WORD = frozenset(("n", "no", "nr", "nº", "n°", "number", "nummer", "numero", "num", ""))
_MARKS = tomllib.loads(_MARKS_FILE.read_text("utf-8"))
_SIGNS: dict[str, str] = _MARKS["currency_of"]
#: Codes that stand for themselves in a document: others are common words as well.
_COMMON = frozenset(_MARKS["common_codes"])


def identify(
    statement: BankStatement,
    rows: Sequence[TextRow],
    tables: Sequence[TextRow],
    assumed_currency: str | None,
    *,
    month_first: bool,
) -> None:
    """Fill in what the rows around the tables say of the account, and their headings and figures of its currency."""
    for row in rows:
        for found in ibans(row.words):
            if statement.iban is None:
                statement.iban = _text(row, found.words, found.value)
    if statement.iban is None:
        statement.iban = _labelled_iban(rows)
    for pair in pairs_in(rows, fields_vocabulary()):
        _take(statement, pair)
    if statement.bic is None:
        statement.bic = _glued_bic(rows)
    if statement.currency is None:
        statement.currency = _currency_in([*rows, *tables], assumed_currency, month_first=month_first)


def account_ids(rows: Iterable[TextRow]) -> list[str]:
    """IBANs and account numbers that rows name, without spaces."""
    rows = list(rows)
    found = ["".join(each.value.split()) for row in rows for each in ibans(row.words)]
    if found:
        return found
    return [
        re.sub(r"\W", "", value.value)
        for pair in pairs_in(rows, fields_vocabulary())
        if "account_number" in pair.meanings and (value := _account(pair)) is not None
    ]


def _labelled_iban(rows: Sequence[TextRow]) -> TextValue | None:
    """What a label calls an IBAN, though it has not the length of its country's."""
    for row in rows:
        for index, word in enumerate(row.words[:-1]):
            if word.text.strip(":.") != "IBAN":
                continue
            taken: list[Word] = []
            for after in _without_fillers(row.words[index + 1 :]):
                if taken and not after.text.isalnum():
                    break
                taken.append(after)
                text = "".join(each.text for each in taken)
                if len(text) > 34:
                    break
            text = "".join(each.text for each in taken)
            if _IBAN.fullmatch(text):
                return _text(row, taken, text)
    return None


def _glued_bic(rows: Sequence[TextRow]) -> TextValue | None:
    """A BIC in the same word as its label."""
    for row in rows:
        for word in row.words:
            found = _BIC.fullmatch(word.text)
            if found is not None:
                return _text(row, [word], found[1])
    return None


def _take(statement: BankStatement, pair: Pair) -> None:
    if "account_number" in pair.meanings and statement.account_number is None:
        statement.account_number = _account(pair)
    if "account_holder" in pair.meanings and statement.account_holder is None:
        statement.account_holder = _name(pair)
    if "statement_number" in pair.meanings and statement.statement_number is None:
        statement.statement_number = _number(pair)
    if "bic" in pair.meanings and statement.bic is None:
        for row, words in _places(pair):
            found = bic_in(words)
            if found is not None:
                statement.bic = _text(row, found.words, found.value)
                break
    if "currency" in pair.meanings and statement.currency is None:
        for row, words in _places(pair):
            code = next((word for word in words[:2] if word.text.strip(".,:;()") in currency_codes()), None)
            if code is not None:
                statement.currency = _text(row, [code], code.text.strip(".,:;()"))
                break


def _places(pair: Pair) -> Iterable[tuple[TextRow, list[Word]]]:
    beside = _without_fillers(pair.beside)
    if beside:
        yield pair.row, beside
    yield from pair.below


def _without_fillers(words: list[Word]) -> list[Word]:
    start = 0
    while start < len(words) and (
        words[start].text.lower().strip(".:") in _NO_WORD or not tokens_of(words[start].text)
    ):
        start += 1
    return words[start:]


def _account(pair: Pair) -> TextValue | None:
    """Groups of digits and letters with enough digits, behind the label or below it."""
    for row, words in _places(pair):
        taken: list[Word] = []
        for word in words:
            if taken and word.left - taken[-1].right > row.height:
                break
            text = word.text.strip(",;:()")
            if not _ACCOUNT.fullmatch(text) or not any(map(str.isdigit, text)):
                break
            taken.append(word)
        text = " ".join(word.text.strip(",;:()") for word in taken)
        if (
            sum(map(str.isdigit, text)) >= _MIN_ACCOUNT_DIGITS
            and not _is_date(row, taken)
            and not _is_money(row, taken)
        ):
            return _text(row, taken, text)
    return None


def _is_date(row: TextRow, words: Sequence[Word]) -> bool:
    return any(word in words for found in row.dates if not found.doubtful for word in found.words)


def _is_money(row: TextRow, words: Sequence[Word]) -> bool:
    """Whether words are a figure with marks."""
    return any(not printed.bare and any(word in words for word in printed.words) for printed in row.figures)


def _name(pair: Pair) -> TextValue | None:
    """The words behind or below the label up to a wide gap; a name has no digits."""
    for row, words in _places(pair):
        taken: list[Word] = []
        for word in words:
            if taken and word.left - taken[-1].right > row.height:
                break
            taken.append(word)
        text = " ".join(word.text for word in taken).strip(" :,;")
        if 3 <= len(text) <= 80 and not any(map(str.isdigit, text)) and any(map(str.isalpha, text)):
            return _text(row, taken, text)
        if row is pair.row and taken:
            return None
    return None


def _number(pair: Pair) -> TextValue | None:
    for row, words in _places(pair):
        # Below the title "Account statement" stands the middle of an IBAN: what a label names is not cut out of a run.
        if not words or (row is not pair.row and all(words[0] is not run[0] for run in row.runs)):
            continue
        text = words[0].text.strip(",;:()")
        if _NUMBER.fullmatch(text) and not _is_date(row, words[:1]):
            return _text(row, words[:1], text)
        if row is pair.row:
            return None
    return None


def _currency_in(rows: Sequence[TextRow], assumed: str | None, *, month_first: bool) -> TextValue | None:
    """A code or sign that stands at figures or in headings, where all are the same."""
    seen: dict[str, tuple[TextRow, Word]] = {}
    for row in rows:
        for word in row.words:
            text = word.text.strip("().,:;[]/")
            code = text if text in _COMMON else _SIGNS.get(text)
            if code is None and any(map(str.isdigit, text)):
                sign = next((sign for sign in (*_SIGNS, "$") if sign in text), None)
                # Many countries print a dollar sign, but one alone writes the month first as well.
                code = _SIGNS.get(sign or "", "USD" if sign == "$" and month_first else None)
            if code:
                seen.setdefault(code, (row, word))
    if len(seen) == 1:
        code, (row, word) = next(iter(seen.items()))
        return _text(row, [word], code)
    return Value[str](value=assumed) if assumed and not seen else None


def _text(row: TextRow, words: Sequence[Word], text: str) -> TextValue:
    return Value[str](value=text, evidence=(row.page.evidence(list(words)),))
