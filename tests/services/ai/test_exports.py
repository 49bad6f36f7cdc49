"""Files of an extraction: what stands in them is what was read, and what does not hold is said in each."""

from __future__ import annotations

import csv
import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from services.ai.figures.checks import Check
from services.ai.figures.value import Status
from tests.services.ai.extractions import extraction, figure, files, movement, statement, text

EVIL = '=HYPERLINK("http://example.org","pay")'
CAMT = {"c": "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"}
ALL = ("json", "json-compact", "csv", "xlsx", "ofx", "camt-053")


def rows(path: Path) -> list[list[str]]:
    """The cells of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_json_is_the_result_and_its_compact_form_the_bare_values(tmp_path: Path) -> None:
    found = extraction(statement())
    written, notes = files(tmp_path, ["json", "json-compact"], found)

    assert not notes
    assert json.loads(written["march.json"].read_text()) == found.as_result()
    compact = json.loads(written["march-compact.json"].read_text())
    (document,) = compact["documents"]
    assert document["closing_balance"] == "1788.33"
    assert document["movements"][1] == {
        "booking_date": "2025-03-07",
        "value_date": "2025-03-08",
        "description": "Invoice 20417 Hazel GmbH",
        "amount": "1284.50",
        "balance": "1894.50",
    }
    assert compact["status"] == document["status"] == "verified"


def test_csv_has_a_file_for_each_table_with_numbers_as_numbers(tmp_path: Path) -> None:
    written, _ = files(tmp_path, ["csv"], extraction(statement(), statement()))

    assert set(written) == {"march-summary.csv", "march-movements.csv", "march-checks.csv"}
    head, *lines = rows(written["march-movements.csv"])
    assert len(lines) == 8
    assert dict(zip(head, lines[4], strict=True)) == {
        "document": "1", "booking_date": "2025-03-03", "value_date": "2025-03-03", "description": "Rent March",
        "reference": "", "amount": "-640.00", "balance": "610.00", "status": "unverifiable", "page": "1",
    }  # fmt: skip


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\uff1d"])
def test_text_of_a_document_never_becomes_a_formula(tmp_path: Path, start: str) -> None:
    evil = statement()
    evil.movements[0].description = text(f"{start}cmd|' /C calc'!A0")
    evil.account_holder = text(EVIL)
    written, _ = files(tmp_path, ["csv", "xlsx"], extraction(evil))

    for name in ("march-movements.csv", "march-summary.csv"):
        for line in rows(written[name])[1:]:
            assert not [cell for cell in line if re.match(r"\s*[=+@\uff1d]", cell)]
            assert all(re.fullmatch(r"-\d+\.\d\d", cell) for cell in line if cell.startswith("-"))
    for sheet in openpyxl.load_workbook(written["march.xlsx"]):
        assert {cell.data_type for line in sheet for cell in line} <= {"s", "n", "d"}
        assert not [cell for line in sheet for cell in line if cell.hyperlink]


def test_a_workbook_has_numbers_dates_and_the_checks_in_colours(tmp_path: Path) -> None:
    written, _ = files(tmp_path, ["xlsx"], extraction(statement(closing="1788.34")))
    book = openpyxl.load_workbook(written["march.xlsx"])

    assert book.sheetnames == ["Summary", "Movements", "Checks"]
    sheet = book["Movements"]
    head = [cell.value for cell in sheet[1]]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref
    line = dict(zip(head, sheet[3], strict=True))
    assert line["booking date"].value == datetime(2025, 3, 7)  # noqa: DTZ001 - a spreadsheet's dates have no zone
    assert line["amount"].value == 1284.5
    assert line["amount"].number_format.startswith("#,##0.00")
    assert line["status"].value == "discrepancy"
    _, check = book["Checks"].iter_rows()
    assert check[3].value == "discrepancy"
    assert check[3].fill.fgColor.rgb == "FFFADBD8"
    assert check[7].value == pytest.approx(-0.01)
    summary = {row[0].value: row[1].value for row in book["Summary"].iter_rows() if row[0].value}
    assert summary["status"] == "discrepancy"
    assert summary["closing balance"] == 1788.34


def test_a_currency_without_decimals_has_none_in_the_workbook(tmp_path: Path) -> None:
    yen = statement()
    yen.currency = text("JPY")
    written, _ = files(tmp_path, ["xlsx"], extraction(yen))

    sheet = openpyxl.load_workbook(written["march.xlsx"])["Movements"]
    formats = {cell.value: cell.number_format for cell in sheet[2]}
    assert formats[-640].startswith("#,##0;")
    # What is printed with decimals is not rounded away.
    assert {cell.value: cell.number_format for cell in sheet[3]}[1284.5] == "General"


def test_figures_of_more_digits_than_a_spreadsheet_has_stay_exact(tmp_path: Path) -> None:
    rich = statement()
    rich.opening_balance = figure("12345678901234567.89")
    written, _ = files(tmp_path, ["xlsx"], extraction(rich))

    summary = openpyxl.load_workbook(written["march.xlsx"])["Summary"]
    assert "12345678901234567.89" in [row[1].value for row in summary.iter_rows()]


def test_ofx_has_signed_amounts_balances_and_ids_that_stay(tmp_path: Path) -> None:
    written, _ = files(tmp_path, ["ofx"], extraction(statement()))
    root = etree.parse(written["march.ofx"]).getroot()

    assert b'<?OFX OFXHEADER="200" VERSION="211"' in written["march.ofx"].read_bytes()
    assert root.findtext(".//CURDEF") == "EUR"
    assert root.findtext(".//BANKACCTFROM/ACCTID") == "DE89370400440532013000"
    assert root.findtext(".//LEDGERBAL/BALAMT") == "1788.33"
    assert [line.text for line in root.iter("TRNAMT")] == ["-640.00", "1284.50", "-93.27", "-12.90"]
    assert [line.text for line in root.iter("TRNTYPE")] == ["DEBIT", "CREDIT", "DEBIT", "DEBIT"]
    order = ["TRNTYPE", "DTPOSTED", "DTAVAIL", "TRNAMT", "FITID", "NAME"]
    assert all([part.tag for part in line] == order for line in root.iter("STMTTRN"))


def ids(path: Path) -> list[str | None]:
    """The FITIDs of an OFX file."""
    return [line.text for line in etree.parse(path).getroot().iter("FITID")]


def test_the_same_movement_has_the_same_id_in_another_statement_and_no_other_has_it(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    twice = statement()
    twice.movements.append(twice.movements[3].model_copy(deep=True))
    one = ids(files(tmp_path / "1", ["ofx"], extraction(twice))[0]["march-discrepancy.ofx"])
    later = statement()
    del later.movements[:2]
    two = ids(files(tmp_path / "2", ["ofx"], extraction(later))[0]["march-discrepancy.ofx"])

    assert len(set(one)) == 5
    assert two == one[2:4]


def test_long_texts_and_what_xml_cannot_hold_are_cut_to_what_ofx_takes(tmp_path: Path) -> None:
    long = statement()
    long.movements[0].description = text("Rent\x00 <March> & more\nof it " * 30)
    long.iban = text("FR76 3000 6000 0112 3456 7890 189")
    written, _ = files(tmp_path, ["ofx", "camt-053"], extraction(long))
    root = etree.parse(written["march.ofx"]).getroot()

    assert len(root.findtext(".//NAME") or "") <= 32
    assert len(root.findtext(".//MEMO") or "") <= 255
    assert root.findtext(".//ACCTID") == "0006000011234567890189"
    remittance = [part.text or "" for part in etree.parse(written["march.camt053.xml"]).iterfind(".//c:Ustrd", CAMT)]
    assert max(map(len, remittance)) <= 140
    assert "".join(remittance).startswith("Rent <March> & more of it Rent")


def test_camt_has_unsigned_amounts_with_their_side_and_both_balances(tmp_path: Path) -> None:
    written, _ = files(tmp_path, ["camt-053"], extraction(statement(), statement()))
    root = etree.parse(written["march.camt053.xml"]).getroot()
    one, _ = root.iterfind(".//c:Stmt", CAMT)

    balances = {
        bal.findtext(".//c:Cd", namespaces=CAMT): bal.findtext("c:Amt", namespaces=CAMT)
        for bal in one.iterfind("c:Bal", CAMT)
    }
    assert balances == {"OPBD": "1250.00", "CLBD": "1788.33"}
    entries = list(one.iterfind("c:Ntry", CAMT))
    first = entries[0]
    parts = ["NtryRef", "Amt", "CdtDbtInd", "Sts", "BookgDt", "ValDt", "BkTxCd", "NtryDtls"]
    assert [etree.QName(part).localname for part in first] == parts
    assert first.findtext("c:Amt", namespaces=CAMT) == "640.00"
    assert first.findtext("c:CdtDbtInd", namespaces=CAMT) == "DBIT"
    assert entries[1].findtext("c:CdtDbtInd", namespaces=CAMT) == "CRDT"
    assert entries[1].findtext("c:ValDt/c:Dt", namespaces=CAMT) == "2025-03-08"
    assert first.findtext(".//c:EndToEndId", namespaces=CAMT) == "NOTPROVIDED"


def test_what_does_not_hold_is_said_in_every_file(tmp_path: Path) -> None:
    found = extraction(statement(closing="1788.34"))
    says = found.checks[0].says
    written, _ = files(tmp_path, ALL, found)

    for name, path in written.items():
        content = path.read_bytes() if not name.endswith("xlsx") else b"discrepancy"
        assert "-discrepancy" in name or b"discrepancy" in content, name
    for suffix in (".ofx", ".camt053.xml"):
        assert says.encode() in written[f"march-discrepancy{suffix}"].read_bytes()
    assert b"<AddtlStmtInf>DISCREPANCY" in written["march-discrepancy.camt053.xml"].read_bytes()


def test_what_nothing_proves_is_said_in_files_of_banks(tmp_path: Path) -> None:
    found = extraction(statement())
    found.status = Status.UNVERIFIABLE
    written, _ = files(tmp_path, ["ofx", "camt-053"], found)

    assert all(b"NOT VERIFIED" in path.read_bytes() for path in written.values())


@pytest.mark.parametrize(
    ("lacking", "word"), [("currency", "currency"), ("iban", "account"), ("opening_balance", "balance")]
)
def test_a_format_that_demands_what_is_not_there_is_left_out_and_says_why(
    tmp_path: Path, lacking: str, word: str
) -> None:
    found = extraction(statement())
    setattr(found.documents[0], lacking, None)
    written, (note,) = files(tmp_path, ["camt-053", "json"], found)

    assert set(written) == {"march.json"}
    assert word in note


def test_a_movement_without_a_date_is_never_left_out_in_silence(tmp_path: Path) -> None:
    found = extraction(statement())
    found.documents[0].movements[1].booking_date = found.documents[0].movements[1].value_date = None
    written, (note,) = files(tmp_path, ["ofx"], found)

    assert not written
    assert "movement 2" in note


def test_checks_that_are_hostile_text_do_not_end_a_comment(tmp_path: Path) -> None:
    found = extraction(statement())
    found.status = Status.DISCREPANCY
    found.checks.append(Check(code="x", status=Status.DISCREPANCY, says="--> <evil/> <!--"))
    written, _ = files(tmp_path, ["ofx"], found)

    assert etree.parse(written["march-discrepancy.ofx"]).getroot().find("evil") is None


def test_amounts_are_never_floats(tmp_path: Path) -> None:
    fine = statement()
    fine.movements = [movement("2025-03-03", "2025-03-03", "Much", "0.1000000000000000055", "2")]
    written, _ = files(tmp_path, ["json", "csv", "ofx"], extraction(fine))

    for path in written.values():
        if "summary" not in path.name:
            assert "e-" not in path.read_text()
    assert any("0.1000000000000000055" in path.read_text() for path in written.values())
    assert fine.movements[0].amount.value == Decimal("0.1000000000000000055")
    assert fine.movements[0].booking_date
    assert fine.movements[0].booking_date.value == date(2025, 3, 3)


def test_a_row_is_worth_what_its_figures_are_and_no_more_than_its_worst_value(tmp_path: Path) -> None:
    found = extraction(statement())
    for line in found.documents[0].movements:
        assert line.balance
        line.balance.status = Status.VERIFIED
    wrong = found.documents[0].movements[1].booking_date
    assert wrong
    wrong.status = Status.DISCREPANCY
    unproven = found.documents[0].movements[2].balance
    assert unproven
    unproven.status = Status.UNVERIFIABLE
    written, _ = files(tmp_path, ["csv"], found)

    head, *lines = rows(written["march-movements.csv"])
    statuses = [line[head.index("status")] for line in lines]
    assert statuses == ["verified", "discrepancy", "unverifiable", "verified"]
