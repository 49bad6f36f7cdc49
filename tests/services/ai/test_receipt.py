"""Till receipts: narrow columns are read, and only two ways of telling a total verify it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.ai.contracts.receipt import ReceiptOptions
from services.ai.documents.receipt import Receipt
from services.ai.figures.checks import whole
from services.ai.figures.value import Status, Value
from services.ai.gates import receipt as gates
from services.ai.rules.receipt import read
from tests.services.ai.typewritten import typewritten

GERMAN = """
      FRISCHEMARKT BRAUN
        Am Markt 3a
       90402 Nürnberg
  Tel. 0911 4477-0
                             EUR
KAFFEEBOHNEN 1 KG         6,99 B
  3 Stk x    0,39
MINERALWASSER             1,17 A
PFAND                     0,75 A
RABATT                   -0,50 A
--------------------------------
SUMME EUR                 8,41
Geg. BAR EUR             10,00
Rückgeld BAR EUR          1,59

Steuer %   Netto   Steuer   Brutto
A= 19,0%    1,19     0,23     1,42
B=  7,0%    6,53     0,46     6,99

14.05.2024   14:05   Bon-Nr.: 433862
"""
AMERICAN = """
   Kettle & Crumb
  12 Main Street
  Springfield, IL 62704
  (555) 010-7781
Check #140130
05/14/2024 2:05 PM   Server: Dana

2 Cheese burger          $18.00
1 Iced tea                $3.50
Subtotal                 $21.50
Tax                       $1.77
Tip                       $4.00
Total                    $27.27
VISA XXXXXXXXXXXX8611    $27.27
"""


def only(text: str, **options: Any) -> Receipt:
    (found,) = read(typewritten(text), ReceiptOptions(**options))
    return found


def of(value: Value[Any] | None) -> Any:
    return None if value is None else value.value


def outcome(found: Receipt) -> Status:
    return whole(gates.check(found), gates.NEEDED)


def test_a_supermarket_receipt_is_read_with_quantities_a_rebate_taxes_and_change() -> None:
    found = only(GERMAN)
    assert (of(found.merchant.name), of(found.merchant.address)) == (
        "FRISCHEMARKT BRAUN",
        "Am Markt 3a\n90402 Nürnberg",
    )
    assert (of(found.purchase_date), of(found.time), of(found.number)) == (date(2024, 5, 14), "14:05", "433862")
    assert [(of(line.description), of(line.amount)) for line in found.lines] == [
        ("KAFFEEBOHNEN 1 KG", Decimal("6.99")),
        ("MINERALWASSER", Decimal("1.17")),
        ("PFAND", Decimal("0.75")),
        ("RABATT", Decimal("-0.50")),
    ]
    water = found.lines[1]
    assert (of(water.quantity), of(water.unit_price)) == (3, Decimal("0.39"))
    assert [(of(tax.percent), of(tax.base), of(tax.amount)) for tax in found.taxes] == [
        (19, Decimal("1.19"), Decimal("0.23")),
        (7, Decimal("6.53"), Decimal("0.46")),
    ]
    assert (of(found.total), of(found.paid), of(found.change)) == (Decimal("8.41"), 10, Decimal("1.59"))
    assert of(found.currency) == "EUR"
    assert outcome(found) is Status.VERIFIED
    assert found.total is not None
    assert found.total.status is Status.VERIFIED


def test_a_restaurant_receipt_is_read_with_tax_tip_and_card() -> None:
    found = only(AMERICAN)
    assert (of(found.purchase_date), of(found.time)) == (date(2024, 5, 14), "14:05")
    assert (of(found.number), of(found.card), of(found.payment_method)) == ("140130", "8611", "VISA")
    assert [of(line.quantity) for line in found.lines] == [2, 1]
    assert (of(found.subtotal), of(found.tax_total), of(found.tip)) == (Decimal("21.50"), Decimal("1.77"), 4)
    assert (of(found.total), of(found.currency)) == (Decimal("27.27"), "USD")
    assert outcome(found) is Status.VERIFIED


@pytest.mark.parametrize(
    ("right", "wrong"), [("8,41", "9,41"), ("6,99 B", "6,89 B"), ("1,59", "1,49"), ("   0,46", "   0,56")]
)
def test_a_figure_that_does_not_fit_is_a_discrepancy(right: str, wrong: str) -> None:
    assert outcome(only(GERMAN.replace(right, wrong))) is Status.DISCREPANCY


def test_tax_and_tip_that_could_be_taken_for_each_other_are_not_verified() -> None:
    found = only(AMERICAN)
    gates.check(found)
    assert found.tax_total is not None
    assert found.tax_total.status is Status.UNVERIFIABLE
    assert found.tip is not None
    assert found.tip.status is Status.UNVERIFIABLE


def test_a_total_that_only_the_lines_tell_is_not_verified() -> None:
    found = only("Corner shop\nBread     2.50\nMilk      1.20\nTotal     3.70")
    assert outcome(found) is Status.UNVERIFIABLE
    assert found.total is not None
    assert found.total.status is Status.UNVERIFIABLE


def test_a_receipt_without_a_total_is_none() -> None:
    assert read(typewritten("Corner shop\nBread     2.50\nMilk      1.20"), ReceiptOptions()) == []
    assert read(typewritten(""), ReceiptOptions()) == []


def test_each_page_with_a_total_is_a_receipt_of_its_own() -> None:
    found = read(typewritten(GERMAN, AMERICAN), ReceiptOptions())
    assert [of(each.total) for each in found] == [Decimal("8.41"), Decimal("27.27")]


def test_rates_and_prices_in_columns_of_their_own_are_no_part_of_a_description() -> None:
    found = only("""
Kiosk
Bread rye 500 g    20 %      2    1,25     2,50
Coffee beans       10 %      1    4,00     4,00
TOTAL                                      6,50
CARD                                       6,50
""")
    assert [of(line.description) for line in found.lines] == ["Bread rye 500 g", "Coffee beans"]
    assert [(of(line.quantity), of(line.unit_price)) for line in found.lines] == [(2, Decimal("1.25")), (1, 4)]


def test_quantities_without_spaces_are_read_in_the_line_below() -> None:
    found = only("店\nお茶      ¥214\n 2個 x 単¥107\n合計     ¥214\n現金     ¥214")
    assert [(of(line.quantity), of(line.unit_price)) for line in found.lines] == [(2, 107)]


def test_a_total_that_differs_from_the_subtotal_without_tax_or_tip_is_a_discrepancy_even_when_it_was_paid() -> None:
    text = "Kiosk\nBread    2.50\nMilk     1.20\nSubtotal    3.70\nTotal    4.70\nCash    4.70"
    found = only(text)
    assert outcome(found) is Status.DISCREPANCY
    assert found.total is not None
    assert found.total.status is Status.DISCREPANCY
    assert outcome(only(text.replace("4.70", "3.70"))) is Status.VERIFIED
