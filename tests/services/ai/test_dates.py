"""Dates of many languages are read, and what may be meant in two ways is decided from the whole document."""

from __future__ import annotations

from datetime import date

import pytest

from services.ai.contracts.extraction import DateOrder
from services.ai.layout.dates import PrintedDate, Reckoning, dates, decide_order
from services.ai.layout.line import Line
from tests.services.ai.typewritten import typewritten


def found_in(text: str) -> list[PrintedDate]:
    """The dates in one typewritten line."""
    return dates(Line(typewritten(text).pages[0].words))


@pytest.mark.parametrize(
    "text",
    [
        "3. März 2026",
        "3 de marzo de 2026",
        "03MAR26",
        "03-Mar-26",
        "Mar 3, 2026",
        "Tue 3 Mar 2026",
        "2026-03-03",
        "20260303",
        "2026年3月3日",
        "3 марта 2026",
        "2026. március 3.",
        "3 Mart 2026",
    ],
)
def test_a_named_or_ordered_date_is_one_day(text: str) -> None:
    (printed,) = found_in(text)
    assert Reckoning().date_of(printed) == date(2026, 3, 3)


@pytest.mark.parametrize("text", ["12,50", "1.234,56", "14:30", "Statement 12 of 15", "12/2026", "Ref 2026-01-02-33"])
def test_figures_times_and_references_are_no_dates(text: str) -> None:
    assert found_in(text) == []


def test_days_and_months_are_told_apart_by_a_number_over_twelve_elsewhere() -> None:
    every = found_in("03/04/2026  25/04/2026")
    assert decide_order(every) is DateOrder.DAY_FIRST
    assert decide_order(found_in("03/04/2026  04/25/2026")) is DateOrder.MONTH_FIRST


def test_what_nothing_tells_is_left_out_unless_the_caller_says_it() -> None:
    (printed,) = found_in("03/04/2026")
    assert Reckoning(decide_order([printed])).date_of(printed) is None
    assert decide_order([printed], option=DateOrder.MONTH_FIRST) is DateOrder.MONTH_FIRST
    assert decide_order([printed], language="de") is DateOrder.DAY_FIRST


def test_days_without_a_year_are_those_of_the_period_over_the_turn_of_the_year() -> None:
    reckoning = Reckoning(DateOrder.DAY_FIRST, date(2025, 12, 15), date(2026, 1, 14))
    days = [reckoning.date_of(found_in(text)[0]) for text in ("20.12.", "02.01.")]
    assert days == [date(2025, 12, 20), date(2026, 1, 2)]


def test_two_dates_in_one_word_are_two() -> None:
    assert len(found_in("01.02.2026-28.02.2026")) == 2
    assert len(found_in("02.03./03.03.")) == 2
    assert len(found_in("15 Jan 16 Jan")) == 2
