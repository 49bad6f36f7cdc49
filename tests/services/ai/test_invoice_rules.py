"""Invoices by rules: what layouts of the world show is read, and what is not clear is null."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.ai.contracts.invoice import InvoiceOptions
from services.ai.documents.invoice import Invoice
from services.ai.electronic.reading import read_embedded
from services.ai.figures.checks import whole
from services.ai.figures.value import Status, Value
from services.ai.figures.walk import values_of
from services.ai.gates import invoice as gates
from services.ai.reading.document import Document, Page
from services.ai.reading.document import read as read_document
from services.ai.rules.invoice import read
from shared.pdf.words import Word
from tests.services.ai.typewritten import typewritten

ENGLISH = """
Orchard Supplies Ltd                              INVOICE
3 Dock Street                                     Invoice No: 2024-117
Bristol BS8 2TF                                   Invoice date: 17/06/2024
VAT Reg No GB 220 4302 31                         Due date: 17/07/2024

Bill to:
Fennimore & Gale LLP
9 Harbour Road
Leeds LS1 4AP

Description              Qty   Unit price   VAT %     Amount
Oak shelf 80 x 200 cm      4        25.00      20     100.00
delivered in two parts
Steel screws M8 (100)    250         0.05       5      12.50

                             Subtotal                 112.50
                             VAT 20% on 100.00         20.00
                             VAT 5% on 12.50            0.63
                             Total                   GBP 133.13
"""
GERMAN = """
Baumann GmbH - Hauptstr. 1 - 80333 Ort
Kunde AG                                          Rechnungs-Nr.    R 2024/17
Nebenweg 2                                        Rechnungsdatum   5. März 2024
20095 Hamburg                                     Kundennummer     K77

Pos.  Bezeichnung              Menge   Einzelpreis     Gesamt
1     Beratung vor Ort          2,5         120,00     300,00
2     Regalbrett 80 x 200         1          99,00      99,00

                          Nettobetrag                  399,00
                          zzgl. 19 % USt.               75,81
                          Rechnungsbetrag EUR          474,81
                          abzgl. Anzahlung            -100,00
                          Zahlbetrag                   374,81

Zahlbar ohne Abzug bis zum 04.04.2024.
IBAN DE02 1203 0000 0000 2020 51   BIC BYLADEM1001
"""


def only(document: Document, **options: Any) -> Invoice:
    """The one invoice of a document, checked."""
    (found,) = read(document, InvoiceOptions(**options))
    gates.check(found)
    return found


def of(value: Value[Any] | None) -> Any:
    """The bare value."""
    return None if value is None else value.value


def status_of(found: Invoice) -> Status:
    return whole(gates.check(found.model_copy(deep=True)), gates.NEEDED)


def test_head_parties_lines_and_totals_of_an_english_invoice_are_read_and_verified() -> None:
    found = only(typewritten(ENGLISH))
    assert (of(found.number), of(found.issue_date)) == ("2024-117", date(2024, 6, 17))
    assert of(found.due_date) == date(2024, 7, 17)
    assert (of(found.seller.name), of(found.seller.vat_id)) == ("Orchard Supplies Ltd", "GB220430231")
    assert of(found.seller.address) == "3 Dock Street\nBristol BS8 2TF"
    assert (of(found.buyer.name), of(found.buyer.address)) == ("Fennimore & Gale LLP", "9 Harbour Road\nLeeds LS1 4AP")
    assert of(found.currency) == "GBP"
    shelf, screws = found.lines
    assert of(shelf.description) == "Oak shelf 80 x 200 cm delivered in two parts"
    assert (of(shelf.quantity), of(shelf.unit_price), of(shelf.net_amount)) == (4, Decimal("25.00"), Decimal("100.00"))
    assert (of(screws.quantity), of(screws.tax_percent)) == (250, 5)
    assert [(of(tax.percent), of(tax.base)) for tax in found.taxes] == [(20, Decimal("100.00")), (5, Decimal("12.50"))]
    assert (of(found.net_total), of(found.gross_total)) == (Decimal("112.50"), Decimal("133.13"))
    assert status_of(found) is Status.VERIFIED


def test_a_german_letter_is_read_with_its_sender_line_prepayment_and_due_date_in_a_sentence() -> None:
    found = only(typewritten(GERMAN))
    assert (of(found.number), of(found.issue_date)) == ("R 2024/17", date(2024, 3, 5))
    assert of(found.due_date) == date(2024, 4, 4)
    assert (of(found.seller.name), of(found.buyer.name)) == ("Baumann GmbH", "Kunde AG")
    assert of(found.seller.address) == "Hauptstr. 1\n80333 Ort"
    assert of(found.customer_number) == "K77"
    assert [of(line.net_amount) for line in found.lines] == [Decimal("300.00"), Decimal("99.00")]
    assert (of(found.prepaid), of(found.amount_due)) == (Decimal("100.00"), Decimal("374.81"))
    assert (of(found.iban), of(found.bic)) == ("DE02120300000000202051", "BYLADEM1001")
    assert status_of(found) is Status.VERIFIED


def test_every_value_has_the_place_that_shows_it() -> None:
    found = only(typewritten(GERMAN))
    for path, value in values_of(found):
        assert value.evidence, path
        assert all(place.page == 1 for place in value.evidence)
    assert found.gross_total is not None
    assert found.gross_total.evidence[0].text == "474,81"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("474,81", "574,81"),
        ("75,81", "76,81"),
        ("399,00", "389,00"),
        ("300,00", "310,00"),
        ("374,81", "384,81"),
    ],
)
def test_a_printed_figure_that_does_not_fit_is_a_discrepancy_and_nothing_wrong_is_verified(
    right: str, wrong: str
) -> None:
    found = only(typewritten(GERMAN.replace(right, wrong)))
    assert status_of(found) is Status.DISCREPANCY
    truth = {each.value for _, each in values_of(only(typewritten(GERMAN)))}
    for path, value in values_of(found):
        assert value.status is not Status.VERIFIED or value.value in truth, path


def test_columns_of_net_tax_and_gross_are_told_apart_in_any_order() -> None:
    found = only(
        typewritten("""
Faktura nr  FV/12/2024
Lp.   Nazwa towaru      Ilość   Cena netto   Wartość netto   Stawka VAT   Kwota VAT   Wartość brutto
1     Biurko                2       100,00          200,00         23 %       46,00           246,00
2     Lampa                 1        50,00           50,00          8 %        4,00            54,00
                                  Razem             250,00                    50,00           300,00
                                                             Do zapłaty      300,00 zł
""")
    )
    desk = found.lines[0]
    assert (of(desk.quantity), of(desk.unit_price)) == (2, Decimal("100.00"))
    assert (of(desk.net_amount), of(desk.tax_percent), of(desk.gross_amount)) == (200, 23, 246)
    assert (of(found.net_total), of(found.tax_total), of(found.gross_total)) == (250, 50, 300)
    assert of(found.currency) == "PLN"


def test_prices_with_tax_in_them_give_gross_lines_and_no_net_total() -> None:
    found = only(
        typewritten("""
Invoice No 77
Description     Qty    Price    Amount
Desk              2   121.00    242.00
Lamp              1    60.50     60.50
                Total           302.50
                includes VAT 21 %  52.50
""")
    )
    assert [of(line.gross_amount) for line in found.lines] == [Decimal("242.00"), Decimal("60.50")]
    assert found.net_total is None
    assert all(line.net_amount is None for line in found.lines)
    assert (of(found.gross_total), of(found.tax_total)) == (Decimal("302.50"), Decimal("52.50"))
    assert status_of(found) is Status.VERIFIED


def test_a_price_under_a_head_that_nobody_knows_is_found_by_arithmetic() -> None:
    text = ENGLISH.replace("Unit price", "Xyzzy qux ")
    assert [of(line.unit_price) for line in only(typewritten(text)).lines] == [Decimal("25.00"), Decimal("0.05")]


def test_weights_in_a_column_called_net_are_no_amounts() -> None:
    found = only(
        typewritten("""
Invoice No 77
Description     Kg net    Qty    Unit price    Amount
Desk             17.50      2         10.00     20.00
Lamp              3.25      1          5.00      5.00
                          Net total             25.00
                          VAT 20 %               5.00
                          Total                 30.00
""")
    )
    assert [of(line.net_amount) for line in found.lines] == [Decimal("20.00"), Decimal("5.00")]
    assert of(found.net_total) == Decimal("25.00")


def test_totals_in_boxes_below_small_labels_are_read() -> None:
    found = only(
        typewritten("""
Factura No: 12
Concepto      Cantidad    Precio    Importe
Mesa                 2    100,00     200,00

Base imponible     IVA 21 %        Total factura
        200,00        42,00               242,00
""")
    )
    assert (of(found.net_total), of(found.tax_total), of(found.gross_total)) == (200, 42, 242)


def test_a_table_of_taxes_is_read_under_its_heads() -> None:
    found = only(
        typewritten("""
Facture N° F-9
Désignation     Qté     P.U. HT    Montant HT
Bureau            2      100,00        200,00
Livre            10       10,00        100,00
Base HT      Taux       Montant TVA        Total HT       300,00
200,00       20,00 %          40,00        Total TVA       45,50
100,00        5,50 %           5,50        Total TTC      345,50
""")
    )
    assert [tuple(map(of, (tax.percent, tax.base, tax.amount))) for tax in found.taxes] == [
        (20, 200, 40),
        (Decimal("5.5"), 100, Decimal("5.5")),
    ]
    assert status_of(found) is Status.VERIFIED


def test_shipping_and_a_discount_lead_from_the_lines_to_the_total() -> None:
    found = only(
        typewritten("""
Invoice # 12
Description   Qty    Rate     Amount
Desk            2   100.00    200.00
              Subtotal        200.00
              Discount (10%)  -20.00
              Shipping         12.50
              Sales Tax (8%)   15.40
              Total           207.90
""")
    )
    assert (of(found.allowance_total), of(found.charge_total)) == (Decimal("20.00"), Decimal("12.50"))
    assert (of(found.tax_total), of(found.gross_total)) == (Decimal("15.40"), Decimal("207.90"))


def test_two_totals_that_contradict_each_other_give_none() -> None:
    found = read(typewritten("Invoice No 7\nTotal   10.00\nGrand total   12.00"), InvoiceOptions())
    assert all(each.gross_total is None for each in found)


def test_a_file_with_several_invoices_gives_each_with_its_pages() -> None:
    pages = [
        ENGLISH.replace("2024-117", f"2024-{number}").replace("3 Dock Street", f"{number} Dock Street")
        + "\nPage 1 of 1"
        for number in range(117, 157)
    ]
    found = read(typewritten(*pages), InvoiceOptions())
    assert [of(each.number) for each in found] == [f"2024-{number}" for number in range(117, 157)]
    assert {len(each.lines) for each in found} == {2}


def test_one_invoice_over_two_pages_has_the_lines_of_both() -> None:
    first, second = GERMAN.split("2     Regalbrett")
    head = "Pos.  Bezeichnung              Menge   Einzelpreis     Gesamt\n"
    pages = (
        first + "\nÜbertrag                                        300,00\nSeite 1 von 2",
        head + "2     Regalbrett" + second,
    )
    for document in (typewritten(*pages), typewritten(pages[0], "2     Regalbrett" + second)):
        (found,) = read(document, InvoiceOptions())
        assert len(found.lines) == 2
        assert status_of(found) is Status.VERIFIED


def test_a_credit_note_is_told_by_its_title() -> None:
    assert only(typewritten(GERMAN.replace("Kunde AG  ", "Kunde AG  \nGutschrift\n", 1))).kind == "credit_note"
    assert only(typewritten(GERMAN)).kind == "invoice"


def test_dates_that_may_be_read_both_ways_are_null_unless_something_tells() -> None:
    text = "Invoice No 7\nInvoice date: 03/04/2024\nTotal  $10.00\nAmount due  $10.00"
    assert only(typewritten(text)).issue_date is None
    assert of(only(typewritten(text), date_order="dmy").issue_date) == date(2024, 4, 3)
    assert of(only(typewritten(text + "\nSpringfield, IL 62704")).issue_date) == date(2024, 3, 4)


def test_the_account_that_is_debited_is_not_taken_for_the_one_to_pay_to() -> None:
    text = GERMAN.replace("Zahlbar ohne Abzug bis zum 04.04.2024.", "Der Betrag wird von Ihrem Konto abgebucht.")
    assert only(typewritten(text)).iban is None
    two = GERMAN + "\nIBAN GB82 WEST 1234 5698 7654 32"
    assert only(typewritten(two)).iban is None


def test_a_currency_is_assumed_only_where_the_document_shows_none() -> None:
    bare = GERMAN.replace(" EUR ", "     ")
    assert of(only(typewritten(bare)).currency) is None
    assert of(only(typewritten(bare), currency="CHF").currency) == "CHF"
    assert of(only(typewritten(GERMAN), currency="CHF").currency) == "EUR"


def test_pages_without_an_invoice_give_none() -> None:
    for text in ("", "Dear Sir\nthank you for your letter of 3 May 2024.", "1 2 3 4 5\n6 7 8 9"):
        assert read(typewritten(text), InvoiceOptions()) == []


def test_a_page_of_a_hundred_thousand_words_and_endless_figures_is_read_in_bounded_work() -> None:
    kinds = ("Total", "9" * 60, "1.234,56", "Rechnungsnummer:", "%", "(((", "03/04/2024", "x" * 3000, "19%")
    words = [
        Word(
            kinds[index % len(kinds)],
            10.0 * (index % 40),
            12.0 * (index // 40),
            10.0 * (index % 40) + 9,
            12.0 * (index // 40) + 10,
        )
        for index in range(100_000)
    ]
    read(Document([Page(1, 595.0, 842.0, words)]), InvoiceOptions())


def test_totals_and_lines_of_the_hybrid_invoices_are_read_from_the_page_as_their_xml_has_them(corpus: Path) -> None:
    wrong = []
    for path in sorted((corpus / "invoices").glob("*.pdf")):
        inside = read_embedded(path)
        if inside is None or inside.syntax != "cii":
            continue
        (found,) = read(read_document(path, None, None), InvoiceOptions())
        for name in ("number", "issue_date", "currency", "net_total", "tax_total", "gross_total", "amount_due"):
            if of(getattr(found, name)) != of(getattr(inside.invoice, name)):
                wrong.append((path.stem, name))
        amounts = [[of(line.net_amount) for line in each.lines] for each in (found, inside.invoice)]
        if amounts[0] != amounts[1]:
            wrong.append((path.stem, "lines"))
    # In one the number and date stand in a heading whose kind is longer than any label.
    assert {name for _, name in wrong} <= {"number", "issue_date"}
    assert len({stem for stem, _ in wrong}) <= 2


def test_a_sum_row_under_a_table_of_taxes_is_that_of_the_totals_and_no_rate() -> None:
    found = only(
        typewritten("""
Invoice No 7
Description   Qty    Price    Amount
Desk            2   100.00    200.00
Book           10    10.00    100.00
Rate       Net amount      VAT
20 %           200.00    40.00
5 %            100.00     5.00
               300.00    45.00
                       Grand total    345.00
""")
    )
    assert [of(tax.percent) for tax in found.taxes] == [20, 5]
    assert (of(found.net_total), of(found.tax_total), of(found.gross_total)) == (300, 45, 345)
    assert status_of(found) is Status.VERIFIED


def test_of_prices_without_and_with_tax_the_one_without_is_taken() -> None:
    found = only(
        typewritten("""
Invoice No 7
Description    Qty    Price excl. VAT    Price incl. VAT    Amount
Desk             2             100.00             120.00    200.00
                                             Net total      200.00
                                             VAT 20 %        40.00
                                             Total          240.00
""")
    )
    assert of(found.lines[0].unit_price) == 100


def test_position_and_code_that_stand_close_are_parted() -> None:
    found = only(
        typewritten("""
Rechnung Nr. 7
Pos Artikelnr   Bezeichnung    Menge   Preis   Betrag
1 M15-1398      Tisch              2   10,00    20,00
                               Summe netto      20,00
                               USt. 19 %         3,80
                               Gesamtbetrag     23,80
""")
    )
    (table,) = found.lines
    assert (of(table.position), of(table.code), of(table.description)) == ("1", "M15-1398", "Tisch")


def test_a_date_behind_a_town_and_a_period_in_a_sentence_are_read() -> None:
    text = "Facture N° 7\nLyon, le 28 avril 2025\nPrestations du 01.04.2025 au 28.04.2025\nTotal TTC  12,00 €"
    found = only(typewritten(text))
    assert of(found.issue_date) == date(2025, 4, 28)
    assert (of(found.period_start), of(found.period_end)) == (date(2025, 4, 1), date(2025, 4, 28))
