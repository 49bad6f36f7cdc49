"""XML invoices: every syntax is read, nothing in them reaches out, and their sums are checked as those of a page."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import facturx
import pytest

from services.ai.contracts.invoice import InvoiceOptions
from services.ai.documents.invoice import Invoice
from services.ai.electronic.agreement import agreement
from services.ai.electronic.reading import NotAnInvoice, read_embedded, read_xml
from services.ai.electronic.trees import UnsafeXml
from services.ai.figures.checks import whole
from services.ai.figures.value import Source, Status
from services.ai.figures.walk import values_of
from services.ai.gates import invoice as gates
from services.ai.reading.document import Document, read
from shared.errors import BinderyError, DamagedFile, TooComplex
from tests.services.ai.electronic_invoices import CII, UBL, ZUGFERD_1, carrying
from tests.services.ai.typewritten import typewritten

CREDIT_NOTE = (
    UBL.replace("Invoice-2", "CreditNote-2")
    .replace("<Invoice ", "<CreditNote ")
    .replace("</Invoice>", "</CreditNote>")
    .replace("InvoiceLine", "CreditNoteLine")
    .replace("InvoicedQuantity", "CreditedQuantity")
)
PAGE = """
Orchard GmbH
Invoice No: F-17            Date: 05.03.2024
Description      Qty    Unit price    Amount
Shelf              4         25,00    100,00
Screws            50          0,20     10,00
                     Subtotal         110,00
                     Freight            5,00
                     Net total        115,00
                     VAT 19 %          19,95
                     VAT 7 %            0,70
                     Total VAT         20,65
                     Total incl. VAT  135,65
                     Less deposit     -35,00
                     Amount due       100,65
IBAN DE02 1203 0000 0000 2020 51
"""


def checked(invoice: Invoice) -> tuple[Status, set[str]]:
    """The whole's status, and the codes of the checks that failed."""
    checks = gates.check(invoice)
    return whole(checks, gates.NEEDED), {each.code for each in checks if each.status is Status.DISCREPANCY}


def test_the_documents_of_these_tests_are_valid_by_the_published_schemas() -> None:
    assert facturx.xml_check_xsd(CII.encode(), flavor="factur-x", level="en16931")


def test_a_cross_industry_invoice_is_read_with_lines_taxes_charges_and_payment() -> None:
    found = read_xml(CII.encode())
    invoice = found.invoice
    assert (found.syntax, found.profile) == ("cii", "urn:cen.eu:en16931:2017")
    assert invoice.number is not None
    assert invoice.number.value == "F-17"
    assert invoice.number.source is Source.XML
    assert invoice.issue_date is not None
    assert invoice.issue_date.value.isoformat() == "2024-03-05"
    assert invoice.due_date is not None
    assert invoice.due_date.value.isoformat() == "2024-04-04"
    assert invoice.iban is not None
    assert invoice.iban.value == "DE02120300000000202051"
    assert invoice.seller.vat_id is not None
    assert invoice.seller.vat_id.value == "DE136695976"
    assert invoice.seller.tax_number is not None
    assert invoice.seller.tax_number.value == "201/113/40209"
    assert invoice.seller.address is not None
    assert invoice.seller.address.value == "Hauptstr. 1\n80333 Ort\nDE"
    assert [str(tax.base.value) for tax in invoice.taxes if tax.base] == ["105.00", "10.00"]
    screws = invoice.lines[1]
    assert (screws.price_quantity, screws.allowance) != (None, None)
    assert {value.source for _, value in values_of(invoice)} == {Source.XML}


def test_sums_that_hold_verify_an_invoice_from_xml_down_to_prices_per_hundred() -> None:
    invoice = read_xml(CII.encode()).invoice
    assert checked(invoice) == (Status.VERIFIED, set())
    for value in (invoice.gross_total, invoice.amount_due, invoice.prepaid, invoice.lines[1].net_amount):
        assert value is not None
        assert value.status is Status.VERIFIED


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("<ram:LineTotalAmount>100.00", "<ram:LineTotalAmount>101.00", "line_amount"),
        ("<ram:LineTotalAmount>110.00", "<ram:LineTotalAmount>120.00", "lines"),
        ("<ram:TaxBasisTotalAmount>115.00", "<ram:TaxBasisTotalAmount>116.00", "net_total"),
        ("<ram:CalculatedAmount>19.95", "<ram:CalculatedAmount>20.95", "tax_rate"),
        (">20.65<", ">21.65<", "tax_total"),
        ("<ram:GrandTotalAmount>135.65", "<ram:GrandTotalAmount>136.65", "gross_total"),
        ("<ram:DuePayableAmount>100.65", "<ram:DuePayableAmount>10.65", "amount_due"),
        ("DE02 1203", "DE03 1203", "iban"),
        ("DE136695976", "DE136695977", "seller_vat_id"),
    ],
)
def test_xml_whose_sums_or_check_digits_do_not_hold_is_a_discrepancy(right: str, wrong: str, code: str) -> None:
    assert right in CII
    status, failed = checked(read_xml(CII.replace(right, wrong).encode()).invoice)
    assert status is Status.DISCREPANCY
    assert code in failed


def test_zugferd_1_is_read_under_its_older_names() -> None:
    invoice = read_xml(ZUGFERD_1.encode()).invoice
    assert checked(invoice) == (Status.VERIFIED, set())
    assert invoice.gross_total is not None
    assert invoice.gross_total.value == Decimal("235.62")
    assert invoice.seller.name is not None
    assert invoice.seller.name.value == "Lieferant GmbH"


def test_ubl_is_read_with_rounding_and_the_tax_of_its_own_currency() -> None:
    found = read_xml(UBL.encode())
    invoice = found.invoice
    assert found.syntax == "ubl"
    assert invoice.tax_total is not None
    assert invoice.tax_total.value == Decimal("237.50")
    assert invoice.allowance_total is not None
    assert invoice.allowance_total.value == Decimal("50.00")
    assert invoice.lines[0].description is not None
    assert invoice.lines[0].description.value == "Advice\nOn site"
    assert checked(invoice) == (Status.VERIFIED, set())


def test_a_ubl_credit_note_is_told_from_an_invoice() -> None:
    invoice = read_xml(CREDIT_NOTE.encode()).invoice
    assert invoice.kind == "credit_note"
    assert invoice.lines[0].quantity is not None
    assert invoice.lines[0].quantity.value == 2
    assert read_xml(CII.replace(">380<", ">381<").encode()).invoice.kind == "credit_note"
    assert read_xml(CII.encode()).invoice.kind == "invoice"


def test_a_profile_without_lines_verifies_nothing_as_a_whole() -> None:
    start, end = CII.index("<ram:IncludedSupplyChain"), CII.rindex("</ram:IncludedSupplyChainTradeLineItem>")
    minimum = CII[:start] + CII[end + len("</ram:IncludedSupplyChainTradeLineItem>") :]
    status, failed = checked(read_xml(minimum.encode()).invoice)
    assert (status, failed) == (Status.UNVERIFIABLE, set())


def test_a_figure_that_xml_schema_does_not_allow_is_no_figure() -> None:
    for wrong in ("1e3", "NaN", "1,50", "0x10", "9" * 400):
        invoice = read_xml(
            CII.replace("<ram:GrandTotalAmount>135.65", f"<ram:GrandTotalAmount>{wrong}").encode()
        ).invoice
        assert invoice.gross_total is None


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/evil.dtd">',
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    ],
)
def test_xml_with_a_document_type_is_refused_before_anything_is_expanded(declaration: str) -> None:
    body = CII.split("?>", 1)[1].replace("F-17", "&a;") if "% p" not in declaration else CII.split("?>", 1)[1]
    with pytest.raises((UnsafeXml, DamagedFile)):
        read_xml((declaration + body).encode())


def test_broken_deep_and_endless_xml_is_an_error_with_a_code() -> None:
    for data in (b"", b"<a", b"\xff\xfe<", b"<a>" * 100_000, b"<a>" + b"<b/>" * 600_000 + b"</a>"):
        with pytest.raises(BinderyError):
            read_xml(data)
    with pytest.raises(TooComplex):
        read_xml(b"<a>" + b" " * (65 << 20) + b"</a>")


def test_other_xml_is_no_invoice() -> None:
    order = CII.replace("CrossIndustryInvoice", "SCRDMCCBDACIOMessageStructure")
    for data in (order, "<html/>", "<rss><channel/></rss>"):
        with pytest.raises(NotAnInvoice):
            read_xml(data.encode())


def test_an_invoice_inside_a_pdf_is_found_by_what_it_is_whatever_its_name(tmp_path: Path) -> None:
    data = CII.encode()
    for name in ("factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml", "../../etc/passwd", "x" * 300, "a\x00b.txt"):
        found = read_embedded(carrying(tmp_path / "one.pdf", (name, data)))
        assert found is not None, name
        assert found.invoice.number is not None
    associated = read_embedded(carrying(tmp_path / "two.pdf", ("factur-x.xml", data), as_associated=True))
    assert associated is not None


def test_a_pdf_without_xml_or_with_other_files_of_that_name_carries_no_invoice(tmp_path: Path) -> None:
    for files in ([], [("factur-x.xml", b"\x89PNG\r\n\x1a\n")], [("order-x.xml", b"<order/>")]):
        assert read_embedded(carrying(tmp_path / "none.pdf", *files)) is None
    broken = read_embedded(carrying(tmp_path / "both.pdf", ("factur-x.xml", b"<a"), ("b.xml", CII.encode())))
    assert broken is not None
    assert any("could not be read" in note for note in broken.notes)


def test_several_invoices_that_differ_inside_one_pdf_are_told(tmp_path: Path) -> None:
    other = CII.replace("135.65", "935.65").encode()
    found = read_embedded(carrying(tmp_path / "two.pdf", ("other.xml", other), ("factur-x.xml", CII.encode())))
    assert found is not None
    assert found.invoice.gross_total is not None
    assert found.invoice.gross_total.value == Decimal("135.65")
    assert any("differ" in note for note in found.notes)
    same = read_embedded(carrying(tmp_path / "same.pdf", ("a.xml", CII.encode()), ("factur-x.xml", CII.encode())))
    assert same is not None
    assert same.notes == []


def compared_with(page: str) -> dict[str, Status]:
    """Codes and results of comparing the XML with a page."""
    invoice = read_xml(CII.encode()).invoice
    gates.check(invoice)
    return {each.code: each.status for each in agreement(invoice, typewritten(page), InvoiceOptions())}


def test_pages_that_show_what_the_xml_says_verify_its_number_and_give_places() -> None:
    invoice = read_xml(CII.encode()).invoice
    checks = agreement(invoice, typewritten(PAGE), InvoiceOptions())
    assert {each.status for each in checks} == {Status.VERIFIED}
    assert {"page_gross_total", "page_number", "page_iban", "page_issue_date"} <= {each.code for each in checks}
    assert invoice.number is not None
    assert invoice.number.status is Status.VERIFIED
    assert invoice.gross_total is not None
    assert invoice.gross_total.evidence[0].text == "135,65"


def test_pages_that_show_another_total_number_or_account_than_the_xml_are_discrepancies() -> None:
    total = compared_with(PAGE.replace("135,65", "935,65").replace("100,65", "900,65"))
    assert total["page_gross_total"] is Status.DISCREPANCY
    assert compared_with(PAGE.replace("F-17", "F-18"))["page_number"] is Status.DISCREPANCY
    account = PAGE.replace("DE02 1203 0000 0000 2020 51", "GB82 WEST 1234 5698 7654 32")
    assert compared_with(account)["page_iban"] is Status.DISCREPANCY


def test_a_page_without_text_says_nothing_of_the_xml() -> None:
    invoice = read_xml(CII.encode()).invoice
    assert agreement(invoice, Document([]), InvoiceOptions()) == []


def test_every_hybrid_invoice_of_the_corpus_is_read_and_agrees_with_its_pages(corpus: Path) -> None:
    files = sorted((corpus / "invoices").glob("*.pdf"))
    found = {path: read_embedded(path) for path in files}
    hybrid = {path: each for path, each in found.items() if each is not None}
    assert len(hybrid) == 14
    for path, each in hybrid.items():
        assert gates.check(each.invoice)
        checks = agreement(each.invoice, read(path, None, None), InvoiceOptions())
        failed = [check.code for check in checks if check.status is Status.DISCREPANCY]
        assert failed == [], path.name
        assert "page_gross_total" in {check.code for check in checks}, path.name
