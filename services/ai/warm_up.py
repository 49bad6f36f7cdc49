"""What the process that engines are forked from does beforehand, so that no job pays for it."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from services.ai.contracts.extraction import Engine, ExtractionOptions
from services.ai.kinds import Kind
from services.ai.layout.months import is_weekday, months_named
from services.ai.model.warm_up import warm_up as warm_up_model
from services.ai.readers import BANK_STATEMENT, INVOICE, RECEIPT, TRIAL_BALANCE
from services.ai.reading.document import Document, Page
from shared.pdf.words import Word

M = TypeVar("M", bound=BaseModel)

#: In no language a month or a day: only the whole of the lists, which takes 0.4 s of CPU to load, tells.
_NO_NAME = "Zzzember"
#: Made up. Reading it loads the vocabularies and the patterns.
_LINES = (
    "Account statement Invoice Receipt Trial balance 1",
    "IBAN DE89 3704 0044 0532 0130 00 VAT DE136695976",
    "Date 31.12.2025 Period 01.12.2025 - 31.12.2025",
    "Date Description Debit Credit Balance",
    "01.12.2025 Rent 1.234,56 0,00 1.234,56 EUR",
    "Total 1.234,56 1.234,56",
)
_LETTER_POINTS, _LINE_POINTS = 6, 20


def warm_up() -> None:
    """Load what is loaded once, and read a page that is made up with each reader."""
    months_named(_NO_NAME)
    is_weekday(_NO_NAME)
    document = Document([_page()])
    _read(document, BANK_STATEMENT)
    _read(document, INVOICE)
    _read(document, RECEIPT)
    _read(document, TRIAL_BALANCE)
    warm_up_model()


def _read(document: Document, kind: Kind[M]) -> None:
    for found in kind.read(document, ExtractionOptions(engine=Engine.RULES)):
        kind.check(found)


def _page() -> Page:
    words = []
    for number, line in enumerate(_LINES, start=1):
        left, top = 40.0, float(_LINE_POINTS * number)
        for text in line.split():
            right = left + _LETTER_POINTS * len(text)
            words.append(Word(text, left, top, right, top + 10))
            left = right + _LETTER_POINTS * 2
    return Page(1, 595, 842, words)
