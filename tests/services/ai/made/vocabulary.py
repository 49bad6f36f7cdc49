"""Names, towns and wordings of the languages that documents are made in; all of them invented."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random


@dataclass(frozen=True)
class Vocabulary:
    """Words of one language."""

    people: list[str]
    companies: list[str]
    streets: list[str]
    towns: list[str]
    #: Of money that leaves and money that comes: what banks print first.
    debit_kinds: list[str]
    credit_kinds: list[str]
    purposes: list[str]
    goods: list[str]
    #: Names of ledger accounts.
    accounts: list[str]
    interest: str
    shops: list[str]


VOCABULARIES = {
    language: Vocabulary(**words)
    for language, words in json.loads(Path(__file__).with_suffix(".json").read_text()).items()
}


def name(random: Random, language: str) -> str:
    """A person or a company."""
    words = VOCABULARIES[language]
    return random.choice(words.people + words.companies)


def address(random: Random, language: str) -> list[str]:
    """Street and town."""
    words = VOCABULARIES[language]
    return [random.choice(words.streets), random.choice(words.towns)]


def iban(random: Random, country: str, account_digits: int, bank: str = "") -> str:
    """An IBAN with right check digits: the country, these, the letters of a bank, and digits."""
    account = bank + "".join(random.choice("0123456789") for _ in range(account_digits))
    spelled = "".join(str(int(letter, 36)) for letter in f"{account}{country}00")
    return f"{country}{98 - int(spelled) % 97:02d}{account}"


def in_fours(number: str) -> str:
    """A number with a space after each four characters."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
