"""Whether the pages of a hybrid invoice show what its XML says.

The XML is what machines pay by, the pages are what people approve: an invoice whose two faces differ is the classic
fraud with this format. Both values are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.documents.invoice import Invoice
from services.ai.figures.checks import Check, compared, impossible, stated
from services.ai.figures.value import Evidence, Status, Value
from services.ai.gates.invoice import check
from services.ai.layout.identifiers import iban_holds, ibans
from services.ai.layout.sheet import Sheet, evidence, sheet_of
from services.ai.reading.document import Document
from services.ai.rules.invoice.reading import read as read_pages

#: Sums that both faces should tell.
_SUMS = ("net_total", "tax_total", "gross_total", "amount_due")


def agreement(xml: Invoice, document: Document, options: ExtractionOptions) -> list[Check]:
    """Compare an invoice from XML with the pages that carry it; mark the values, and add where the pages show them.

    A value agrees where the pages' own reading finds the same. It differs where that reading finds another one and the
    XML's stands nowhere on the pages, or where arithmetic proves what the pages show. Otherwise nothing is said.
    """
    pages = read_pages(document, options)
    shown = _reading_of(xml, pages)
    # Marks what arithmetic proves of the pages.
    check(shown)
    sheet = sheet_of(document.pages, options)
    return [*_sums(xml, shown, sheet), *_number(xml, shown, sheet), *_dates(xml, shown), *_account(xml, sheet)]


def _reading_of(xml: Invoice, pages: list[Invoice]) -> Invoice:
    """Of several invoices on the pages the one with the XML's number; an empty one where none is that."""
    if len(pages) == 1:
        return pages[0]
    wanted = _plain(xml.number.value) if xml.number else None
    return next((each for each in pages if each.number and _plain(each.number.value) == wanted), Invoice())


def _sums(xml: Invoice, shown: Invoice, sheet: Sheet) -> Iterator[Check]:
    for name in _SUMS:
        said, seen = getattr(xml, name), getattr(shown, name)
        if said is None:
            continue
        words = name.replace("_", " ")
        if seen is None:
            places = _places(sheet, said)
            if not places and sheet.rows:
                yield impossible(
                    f"page_{name}", f"The {words} of the XML, {said.value}, was found nowhere on the pages."
                )
            continue
        elsewhere = bool(_places(sheet, said))
        if said.value != seen.value and elsewhere and seen.status is not Status.VERIFIED:
            # The reading of the pages may have taken another figure for it.
            continue
        if said.value == seen.value:
            said.evidence = seen.evidence
        yield compared(
            f"page_{name}",
            f"The pages show the {words} of the XML.",
            expected=said.value,
            found=seen.value,
            proves=(said,),
        )


def _places(sheet: Sheet, said: Value[Any]) -> tuple[Evidence, ...]:
    """Where a figure stands on the pages, whatever its label."""
    found = []
    for row in sheet.rows:
        for printed in row.figures:
            number = sheet.amount(printed)
            if number is not None and abs(number) == abs(said.value):
                found.append(evidence(row, printed.words))
    return tuple(found)


def _number(xml: Invoice, shown: Invoice, sheet: Sheet) -> Iterator[Check]:
    said, seen = xml.number, shown.number
    if said is None or seen is None:
        return
    same = _plain(said.value) == _plain(seen.value)
    wanted = _plain(said.value)
    if not same and any(wanted in _plain(row.text) for row in sheet.rows):
        return
    if same:
        said.evidence = seen.evidence
    says = "The pages show the number of the XML."
    yield stated("page_number", says if same else f"{says} They show {seen.value!r}.", holds=same, proves=(said,))


def _dates(xml: Invoice, shown: Invoice) -> Iterator[Check]:
    for name in ("issue_date", "due_date"):
        said: Value[date] | None = getattr(xml, name)
        seen: Value[date] | None = getattr(shown, name)
        if said is None or seen is None:
            continue
        same = said.value == seen.value
        if same:
            said.evidence = seen.evidence
        # A date is easily taken for another one: a difference is told, and refutes nothing.
        words = name.replace("_", " ")
        if same:
            yield stated(f"page_{name}", f"The pages show the {words} of the XML.", holds=True, proves=(said,))
        else:
            yield impossible(
                f"page_{name}", f"The {words} is {said.value} in the XML and seems {seen.value} on the pages."
            )


def _account(xml: Invoice, sheet: Sheet) -> Iterator[Check]:
    """The account that the XML names must be among those that the pages show, if they show any."""
    said = xml.iban
    shown: dict[str, Evidence] = {}
    for row in sheet.rows:
        for each in ibans(row.words):
            shown.setdefault(each.value, evidence(row, each.words))
    if said is None or not shown:
        return
    same = _plain(said.value) in {_plain(number) for number in shown}
    holding = [number for number in shown if iban_holds(number)]
    if not same and not holding:
        return
    if same:
        said.evidence = tuple(place for number, place in shown.items() if _plain(number) == _plain(said.value))
    others = "" if same else f" They show {', '.join(holding)}."
    # An account with wrong check digits is not saved by standing twice.
    proven = (said,) if iban_holds(said.value) else ()
    yield stated(
        "page_iban", f"The pages show the IBAN of the XML.{others}", holds=same, proves=proven, concerns=(said,)
    )


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
