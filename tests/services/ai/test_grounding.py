"""Values that came without a place get the one where they stand, however they are printed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from services.ai.documents.bank_statement import BankStatement
from services.ai.figures.value import FigureValue, TextValue, Value
from services.ai.grounding import Grounding
from services.ai.reading.document import read
from tests.services.ai.extractions import STATEMENT, day, figure, movement, page_of, statement, text


def grounded(folder: Path, found: BankStatement, *lines: str, rows: float = 14) -> BankStatement:
    """A statement grounded on a page of lines."""
    page = page_of(folder / "page.pdf", [(40, 260 - rows * number, line) for number, line in enumerate(lines)])
    Grounding(read(page, None, None)).ground(found)
    return found


def read_as(value: Value[object] | None) -> list[str]:
    """The texts at the places of a value."""
    assert value is not None
    return [place.text for place in value.evidence]


def test_every_value_of_a_statement_is_found_where_it_stands() -> None:
    found = statement()
    Grounding(read(STATEMENT, None, None)).ground(found)

    assert read_as(found.iban) == ["DE89 3704 0044 0532 0130 00"]
    assert read_as(found.period_end) == ["31.03.2025"]
    tops = []
    for line in found.movements:
        values = (line.booking_date, line.value_date, line.description, line.amount, line.balance)
        (top,) = {place.box[1] for value in values if value for place in value.evidence}
        tops.append(top)
        assert len({place.box for value in values if value for place in value.evidence}) == len(values)
    assert tops == sorted(set(tops))


@pytest.mark.parametrize(
    "printed",
    ["1,234.50", "1.234,50", "1 234,50", "1'234.50", "-1.234,50", "(1,234.50)", "1234.5", "EUR 1.234,50", "1.234,50-"],
)
def test_a_figure_is_found_in_any_print(tmp_path: Path, printed: str) -> None:
    found = grounded(tmp_path, BankStatement(opening_balance=figure("-1234.50")), f"Balance  {printed}", "1.234,51")

    (place,) = read_as(found.opening_balance)
    assert place in printed


def test_a_figure_of_millions_parted_by_spaces_is_found(tmp_path: Path) -> None:
    found = grounded(tmp_path, BankStatement(opening_balance=figure("12345678.90")), "Balance 12 345 678,90 EUR")

    assert read_as(found.opening_balance) == ["12 345 678,90"]


@pytest.mark.parametrize("other", ["1.234,51", "11.234,50", "123450", "1.234,5012"])
def test_a_figure_with_other_digits_is_no_place(tmp_path: Path, other: str) -> None:
    found = grounded(tmp_path, BankStatement(opening_balance=figure("1234.50")), f"Balance {other}")

    assert found.opening_balance
    assert found.opening_balance.ungrounded


@pytest.mark.parametrize(
    "printed",
    ["03.04.2025", "3/4/25", "2025-04-03", "20250403", "3 April 2025", "April 3, 2025", "3. April 2025", "3 avr. 2025",
     "3 de abril de 2025", "04/03/2025", "03 04 2025", "03-Apr-2025"],
)  # fmt: skip
def test_a_date_is_found_in_any_print(tmp_path: Path, printed: str) -> None:
    found = grounded(tmp_path, BankStatement(period_start=day("2025-04-03")), f"From {printed} on")

    (place,) = read_as(found.period_start)
    assert place in printed


def test_a_date_of_another_year_is_no_place(tmp_path: Path) -> None:
    found = grounded(tmp_path, BankStatement(period_start=day("2025-04-03")), "From 03.04.2024 on")

    assert found.period_start
    assert found.period_start.ungrounded


def test_a_text_over_several_lines_is_one_place(tmp_path: Path) -> None:
    found = grounded(tmp_path, BankStatement(bank=text("Café Müller, Main Street 5")), "Cafe  Müller", "Main Street 5")

    assert read_as(found.bank) == ["Cafe Müller Main Street 5"]


def test_what_stands_nowhere_is_ungrounded(tmp_path: Path) -> None:
    found = grounded(tmp_path, BankStatement(bank=text("Lindenbank"), currency=text("EUR")), "Lindenbanker", "Euro 5")

    assert found.bank
    assert found.bank.ungrounded
    assert found.currency
    assert found.currency.ungrounded


def test_equal_movements_stand_in_rows_of_their_own(tmp_path: Path) -> None:
    found = BankStatement(
        movements=[movement("2025-04-03", "2025-04-03", "Card fee", "-2.00", balance) for balance in ("8.00", "6.00")]
    )
    rows = [f"03.04.2025     03.04.2025     Card fee     -2.00     {balance}" for balance in ("8.00", "6.00")]
    grounded(tmp_path, found, "Card fee 2.00 each", *rows)

    one, two = (line.amount.evidence[0].box[1] for line in found.movements)
    assert two - one == pytest.approx(14, abs=0.5)


def test_a_place_that_an_engine_gave_stays(tmp_path: Path) -> None:
    page = page_of(tmp_path / "page.pdf", [(40, 200, "5.00"), (40, 100, "5.00")])
    document = read(page, None, None)
    lower = document.pages[0].evidence(document.pages[0].rows[1].runs[0].words)
    found = BankStatement(opening_balance=FigureValue(value=Decimal("5.00"), evidence=(lower,)))
    Grounding(document).ground(found)

    assert found.opening_balance
    assert found.opening_balance.evidence == (lower,)


@pytest.mark.parametrize(
    ("matrix", "point"),
    [("0 1 -1 0 400 0 cm", (247, 165)), ("-1 0 0 -1 400 300 cm", (280, 154)), ("0 -1 1 0 0 300 cm", (154, 130))],
)
def test_turned_pages_are_read_upright_and_places_stay_those_of_the_shown_page(
    tmp_path: Path, matrix: str, point: tuple[float, float]
) -> None:
    page = page_of(tmp_path / "page.pdf", [(100, 150, "Closing balance")], matrix=matrix)
    document = read(page, None, None)
    found = BankStatement(bank=TextValue(value="Closing balance"))
    Grounding(document).ground(found)

    (row,) = document.pages[0].rows
    assert row.runs[0].text == "Closing balance"
    assert found.bank
    left, top, right, bottom = found.bank.evidence[0].box
    wide = right - left > bottom - top
    assert wide == matrix.startswith("-1")
    assert left < point[0] < right
    assert top < point[1] < bottom


def test_invisible_text_counts_only_on_a_picture(tmp_path: Path) -> None:
    page = page_of(tmp_path / "page.pdf", [(50, 250, "Hidden order"), (50, 50, "Scanned total")], mode=3)
    with pikepdf.open(page, allow_overwriting_input=True) as pdf:
        picture = pdf.make_stream(b"\xff\x00" * 2000, Type=Name.XObject, Subtype=Name.Image, Width=100, Height=40)
        picture.ColorSpace, picture.BitsPerComponent = Name.DeviceGray, 8
        pdf.pages[0].Resources.XObject = Dictionary(I=picture)
        pdf.pages[0].contents_add(b"q 400 0 0 150 0 0 cm /I Do Q", prepend=True)
        pdf.save(page)

    assert [word.text for word in read(page, None, None).pages[0].words] == ["Scanned", "total"]


def test_text_on_a_hidden_layer_is_not_read(tmp_path: Path) -> None:
    page = page_of(tmp_path / "page.pdf", [(50, 250, "Seen")])
    with pikepdf.open(page, allow_overwriting_input=True) as pdf:
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Draft")))
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
        pdf.pages[0].Resources.Properties = Dictionary(L=layer)
        pdf.pages[0].contents_add(b"/OC /L BDC BT /F 10 Tf 50 100 Td (Hidden) Tj ET EMC")
        pdf.save(page)

    assert [word.text for word in read(page, None, None).pages[0].words] == ["Seen"]


def test_lines_of_an_address_that_stand_apart_are_places_of_their_own(tmp_path: Path) -> None:
    address = "Musterstr. 99\n99199 Musterhausen\nDE"
    found = grounded(tmp_path, BankStatement(bank=text(address)), "Musterstr. 99 - 99199 Musterhausen", "Elsewhere")

    assert read_as(found.bank) == ["Musterstr. 99", "99199 Musterhausen"]
    gone = grounded(tmp_path, BankStatement(bank=text(address)), "Musterstr. 99 - 99198 Musterhausen")
    assert gone.bank
    assert gone.bank.ungrounded
