"""The made documents tell the truth of themselves, and the scores notice every kind of fault."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pypdfium2
import pytest
from stdnum import iban as iban_numbers

from services.ai.documents.bank_statement import BankStatement, Movement
from services.ai.figures.value import Figure, Status, Value
from tests.services.ai.made.amounts import Money
from tests.services.ai.made.catalogue import KINDS, Layout, layouts
from tests.services.ai.made.fonts import FontMissing
from tests.services.ai.made.scoring import score
from tests.services.ai.made.vocabulary import iban

LAYOUTS = list(layouts(seen=True))
TRUTH = {
    "opening_balance": "10.00",
    "closing_balance": "4.50",
    "movements": [
        {"booking_date": "2025-03-01", "description": "Rent of March", "amount": "-7.00"},
        {"booking_date": "2025-03-02", "description": "Refund", "amount": "1.50"},
    ],
}


def _money(value: str, status: Status = Status.UNVERIFIABLE) -> Value[Figure]:
    return Value[Figure](value=Decimal(value), status=status, checks=["a_check"])


def _read(*movements: dict[str, Any], closing: Value[Figure] | None = None) -> list[BankStatement]:
    lines = [Movement.model_validate(movement) for movement in movements]
    return [BankStatement(opening_balance=_money("10.00"), closing_balance=closing or _money("4.50"), movements=lines)]


RENT = {"booking_date": {"value": "2025-03-01"}, "description": {"value": "Rent\nof  March"}, "amount": {"value": "-7"}}
REFUND = {"booking_date": {"value": "2025-03-02"}, "description": {"value": "Refund"}, "amount": {"value": "1.50"}}


def test_there_are_at_least_200_documents_of_seen_and_unseen_layouts() -> None:
    unseen = list(layouts(seen=False))
    assert 5 * len(LAYOUTS) + 5 * len(unseen) >= 200
    assert {each.kind for each in LAYOUTS} == {each.kind for each in unseen} == set(KINDS)
    assert not {each.name for each in LAYOUTS} & {each.name for each in unseen}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda each: f"{each.kind}-{each.name}")
def test_every_figure_of_the_truth_stands_on_a_page(layout: Layout, tmp_path: Path) -> None:
    try:
        drawn = layout.made(1)
    except FontMissing as missing:
        pytest.skip(f"no font {missing} on this machine")
    path = tmp_path / "made.pdf"
    path.write_bytes(drawn.pdf)
    with pypdfium2.PdfDocument(path) as pdf:
        shown = "".join(page.get_textpage().get_text_bounded() for page in pdf)
    digits = "".join(letter for letter in shown if letter.isdigit())
    # Of a balance sheet's zeros a layout may print a dash; a statement's signs are told by columns.
    figures = [value for value in _figures(drawn.documents) if Decimal(value) != 0]
    assert figures
    lost = [value for value in figures if _digits(value) not in digits]
    assert not lost


def _figures(found: Any) -> list[str]:
    if isinstance(found, dict):
        return [figure for name, value in found.items() if name != "optional" for figure in _figures(value)]
    if isinstance(found, list):
        return [figure for value in found for figure in _figures(value)]
    text = str(found)
    return [text] if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) else []


def _digits(figure: str) -> str:
    """The digits of a figure without zeros that need not be printed."""
    return format(abs(Decimal(figure)).normalize(), "f").replace(".", "").strip("0")


@pytest.mark.parametrize("layout", LAYOUTS[::6], ids=lambda each: f"{each.kind}-{each.name}")
def test_one_seed_gives_one_document(layout: Layout) -> None:
    one, other = layout.made(2), layout.made(2)
    assert one.documents == other.documents
    assert one.pdf == other.pdf
    assert layout.made(3).documents != one.documents


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda each: f"{each.kind}-{each.name}")
def test_the_last_document_of_a_layout_is_wrong_in_itself(layout: Layout) -> None:
    try:
        assert layout.made(5).flaw
        assert layout.made(1).flaw is None
    except FontMissing as missing:
        pytest.skip(f"no font {missing} on this machine")


@pytest.mark.parametrize(
    ("money", "value", "text"),
    [
        (Money(".", ","), "-1234567.5", "-1.234.567,50"),
        (Money("'", ".", "after"), "-1234.56", "1'234.56-"),
        (Money(" ", ",", "parentheses"), "-1234.56", "(1 234,56)"),
        (Money(",", ".", "dr-cr", before="$"), "-12", "$12.00 DR"),
        (Money(".", ",", "s-h"), "12", "12,00 H"),
        (Money(",", ".", indian=True), "1234567.89", "12,34,567.89"),
        (Money(",", ".", before="¥", digits=0), "1234", "¥1,234"),
    ],
)
def test_amounts_are_written_as_their_country_does(money: Money, value: str, text: str) -> None:
    assert money(Decimal(value)) == text


def test_made_account_numbers_have_right_check_digits() -> None:
    random = Random(1)
    for country, digits, bank in (("DE", 18, ""), ("NL", 10, "POLD"), ("GB", 14, "MIDB"), ("IT", 22, "X")):
        assert iban_numbers.is_valid(iban(random, country, digits, bank), check_country=False)


def test_what_is_read_right_has_no_fault_whatever_its_white_space() -> None:
    found = score("bank_statement", _read(RENT, REFUND), [TRUTH])
    assert found.fully_right
    assert (found.lines, found.lines_right) == (2, 2)


def test_a_lost_line_costs_itself_and_no_other() -> None:
    found = score("bank_statement", _read(REFUND), [TRUTH])
    assert (found.lines, found.lines_right, found.lines_extra) == (2, 1, 0)
    assert found.fields["movements.amount"].missed == 1


def test_a_line_that_is_not_there_is_extra() -> None:
    found = score("bank_statement", _read(RENT, REFUND, {"amount": {"value": "99"}}), [TRUTH])
    assert (found.lines_right, found.lines_extra) == (2, 1)
    assert not found.fully_right


def test_a_wrong_value_is_a_lie_only_when_it_was_verified() -> None:
    doubted = score("bank_statement", _read(RENT, REFUND, closing=_money("45.00", Status.DISCREPANCY)), [TRUTH])
    assert doubted.fields["closing_balance"].wrong == 1
    assert not doubted.lies
    verified = score("bank_statement", _read(RENT, REFUND, closing=_money("45.00", Status.VERIFIED)), [TRUTH])
    assert len(verified.lies) == 1
    assert "a_check" in verified.lies[0]


def test_a_document_cut_in_two_is_one_fault_and_its_lines_count() -> None:
    first, second = _read(RENT)[0], BankStatement(movements=[Movement.model_validate(REFUND)])
    found = score("bank_statement", [first, second], [TRUTH])
    assert found.lines_right == 2
    assert not found.fully_right


def test_optional_values_need_not_be_read_but_must_be_right() -> None:
    truth = {**TRUTH, "optional": {"total_credits": ["1.50"]}}
    assert score("bank_statement", _read(RENT, REFUND), [truth]).fully_right
    wrong = _read(RENT, REFUND)
    wrong[0].total_credits = _money("2.50", Status.VERIFIED)
    assert score("bank_statement", wrong, [truth]).lies
