"""Figures of all locales are read as printed, and what their marks mean is decided from the whole document."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.ai.layout.amounts import decide
from services.ai.layout.figures import Printed, figures, has_dashes_for_cells
from services.ai.layout.sides import Side, sides_of
from tests.services.ai.typewritten import typewritten


def found_in(text: str, *, spaced: bool = False, repair: bool = False) -> list[Printed]:
    """The figures in one typewritten line."""
    return figures(typewritten(text).pages[0].words, spaced=spaced, repair=repair)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("12,34,567.89", "1234567.89"),
        ("(123.45)", "-123.45"),
        ("123.45-", "-123.45"),
        ("- 45,00", "-45.00"),
        ("-€ 8.434,64", "-8434.64"),
        ("R$ 1.234,56", "1234.56"),
        ("1.234,-", "1234.00"),
        ("**1,234.56", "1234.56"),
        ("\u0661\u066c\u0662\u0663\u0664\u066b\u0665\u0666", "1234.56"),
    ],
)
def test_a_figure_has_the_digits_that_are_printed(text: str, value: str) -> None:
    (printed,) = found_in(text)
    assert str(decide([printed]).value(printed)) == value


def test_groups_parted_by_spaces_are_one_figure_only_where_the_document_does_so() -> None:
    (joined,) = found_in("1 234,56", spaced=True)
    assert decide([joined]).value(joined) == Decimal("1234.56")
    assert [printed.core for printed in found_in("1 234,56")] == ["1", "234,56"]


def test_one_mark_before_three_digits_is_not_decided_by_guess() -> None:
    alone = found_in("1.234")
    assert decide(alone).value(alone[0]) is None
    with_witness = found_in("1.234  12,50")
    assert decide(with_witness).value(with_witness[0]) == Decimal("1234")


def test_figures_that_disagree_on_the_decimal_mark_decide_nothing() -> None:
    assert decide(found_in("12,50  12.50  1,5  1.5")).decimal is None


@pytest.mark.parametrize("text", ["01.02.2026", "1.234.56", "INV123", "12.5kg", "1,2,3", "9" * 10_000])
def test_what_nobody_prints_as_money_is_no_figure(text: str) -> None:
    assert found_in(text) == []


def test_letters_are_taken_for_digits_only_when_asked_and_that_is_told() -> None:
    assert found_in("1.2O3,40") == []
    (repaired,) = found_in("1.2O3,40", repair=True)
    assert (repaired.core, repaired.repaired, repaired.text) == ("1.203,40", True, "1.2O3,40")


def test_a_dash_in_an_empty_cell_is_no_sign_of_its_neighbour() -> None:
    rows = [[*typewritten("41.164      -    131.749      -").pages[0].words]] * 2
    assert has_dashes_for_cells(rows)
    assert not any(printed.negative for printed in figures(rows[0], loose_signs=False))


def test_letters_for_debit_and_credit_are_told_by_their_partner() -> None:
    assert sides_of(["S", "H"]) == {"S": Side.DEBIT, "H": Side.CREDIT}
    assert sides_of(["MD", "D"]) == {"MD": Side.DEBIT, "D": Side.CREDIT}
    assert sides_of(["D", "C"])["D"] is Side.DEBIT
    assert sides_of(["D"]) == {}
