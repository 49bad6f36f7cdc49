"""Real invoices: some with expected values beside them, some with their own XML inside as the truth."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
from lxml import etree  # type: ignore[import-untyped]

from benchmarks.corpus import CORPUS
from benchmarks.extract.cases import Case, made
from benchmarks.extract.judged import judge
from benchmarks.platform.figure import Figure
from tests.services.ai.made.extraction import by_rules
from tests.services.ai.made.scoring import same

_FOLDER = CORPUS / "invoices"
#: Names of the expected values of invoice2data's files, and ours.
_NAMES = {
    "invoice_number": "number",
    "date": "issue_date",
    "date_due": "due_date",
    "currency": "currency",
    "amount": "gross_total",
    "amount_untaxed": "net_total",
    "amount_tax": "tax_total",
    "iban": "iban",
}
#: What every invoice has and every reader should find: both are counted on these.
_ASKED = ("number", "issue_date", "gross_total")
_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_SUMS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
#: Where a Factur-X invoice says what its pages show.
_PLACES = {
    "number": "rsm:ExchangedDocument/ram:ID",
    "issue_date": "rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString",
    "currency": f"{_SETTLEMENT}/ram:InvoiceCurrencyCode",
    "net_total": f"{_SUMS}/ram:TaxBasisTotalAmount",
    "tax_total": f"{_SUMS}/ram:TaxTotalAmount",
    "gross_total": f"{_SUMS}/ram:GrandTotalAmount",
    "amount_due": f"{_SUMS}/ram:DuePayableAmount",
}
_LINE = "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"
_LINE_PLACES = {
    "quantity": "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity",
    "unit_price": "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount",
    "net_amount": "ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation/"
    "ram:LineTotalAmount",
}


def cases() -> Iterator[tuple[str, list[Case]]]:
    """The real invoices by where their truth comes from. Only fields of the truth count: it is not the whole page."""
    yield "expected JSON", list(_with_json())
    yield "XML inside", list(_with_xml())


def _with_json() -> Iterator[Case]:
    for path in sorted(_FOLDER.glob("*.json")):
        expected = json.loads(path.read_text())[0]
        truth = {ours: expected[theirs] for theirs, ours in _NAMES.items() if theirs in expected}
        truth = {name: str(Decimal(str(value))) if isinstance(value, float) else value for name, value in truth.items()}
        # What the test data of invoice2data calls the bank account is none: US1234567890.
        truth.pop("iban", None)
        truth["number"] = truth["number"].lstrip("#")
        if path.stem == "QualityHosting":
            # Its page has one total and no word on taxes.
            truth.pop("net_total")
        yield Case("expected JSON", "invoice", path.stem, path.with_suffix(".pdf"), [truth], partial=True)


def _with_xml() -> Iterator[Case]:
    for path in sorted(_FOLDER.glob("*.pdf")):
        with pikepdf.open(path) as pdf:
            inside = [name for name in pdf.attachments if name.endswith(".xml")]
            if not inside:
                continue
            tree = etree.fromstring(pdf.attachments[inside[0]].get_file().read_bytes())
        if etree.QName(tree).localname == "CrossIndustryInvoice":
            yield Case("XML inside", "invoice", path.stem, path, [_truth(tree)], partial=True)


def _truth(tree: Any) -> dict[str, Any]:
    spaces = {prefix: uri for prefix, uri in tree.nsmap.items() if prefix}

    def texts(element: Any, places: dict[str, str]) -> dict[str, Any]:
        found = {name: element.findtext(place, namespaces=spaces) for name, place in places.items()}
        return {name: text.strip() for name, text in found.items() if text}

    truth = texts(tree, _PLACES)
    day = truth["issue_date"]
    truth["issue_date"] = f"{day[:4]}-{day[4:6]}-{day[6:8]}"
    for party in ("seller", "buyer"):
        place = f"{_AGREEMENT}/ram:{party.title()}TradeParty/ram:Name"
        truth[party] = texts(tree, {"name": place})
    truth["lines"] = [texts(line, _LINE_PLACES) for line in tree.findall(_LINE, namespaces=spaces)]
    return truth


def rival_figures() -> list[Figure]:
    """Number, date and total by our rules, which have no templates, and by invoice2data with its 200 templates."""
    logging.disable(logging.CRITICAL)  # It tells of each field that it misses.
    from invoice2data import extract_data
    from invoice2data.extract.loader import read_templates

    templates = read_templates()

    def theirs(path: Path) -> dict[str, Any]:
        found = extract_data(str(path), templates=templates)
        return {ours: found.get(name) for name, ours in _NAMES.items()}

    groups = dict(cases())
    groups["made, seen"] = list(made(seen=True, kinds=("invoice",)))
    groups["made, unseen"] = list(made(seen=False, kinds=("invoice",)))
    return [_beside(name, some, theirs) for name, some in groups.items()]


def _beside(name: str, some: list[Case], theirs: Any) -> Figure:
    ours, others, asked, their_s = 0, 0, 0, 0.0
    for case in some:
        truth = {field: case.documents[0].get(field) for field in _ASKED}
        wanted = [field for field, value in truth.items() if value is not None]
        asked += len(wanted)
        missing = {fault.split(" ")[0] for fault in judge(case, by_rules).score.faults}
        ours += sum(field not in missing for field in wanted)
        started = time.process_time()
        found = theirs(case.path)
        their_s += time.process_time() - started
        others += sum(found[field] is not None and _like(field, truth[field], found[field]) for field in wanted)
    rival = f"{100 * others / asked:.1f} %, {their_s / len(some):.2f} CPU s a file"
    return Figure(
        f"number, date, total of invoices, {name} ({len(some)})",
        f"{100 * ours / asked:.1f} %" if asked else "-",
        {"invoice2data with its own templates": rival},
        numbers={"ours": ours, "theirs": others, "asked": asked},
    )


def _like(field: str, truth: Any, found: Any) -> bool:
    if isinstance(found, float):
        return same(field, truth, Decimal(str(found)))
    return same(field, truth, found.date() if hasattr(found, "date") else found)
