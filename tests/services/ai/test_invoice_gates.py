"""What the checks of an invoice prove: nothing that a wrong reading would have passed as well."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ai.documents.invoice import Invoice, InvoiceLine, TaxLine
from services.ai.figures.checks import whole
from services.ai.figures.value import Evidence, FigureValue, Status, TextValue
from services.ai.figures.walk import values_of
from services.ai.gates.invoice import NEEDED, check

_CENT = Decimal("0.01")
_PLACES = iter(range(1_000_000_000))


def figure(number: str | Decimal | int) -> FigureValue:
    """A figure with a place of its own."""
    place = next(_PLACES)
    return FigureValue(value=Decimal(number), evidence=(Evidence(page=1, box=(place, 0, place, 1), text=str(number)),))


def line(quantity: str, price: str, amount: str, percent: str = "19") -> InvoiceLine:
    return InvoiceLine(
        quantity=figure(quantity), unit_price=figure(price), net_amount=figure(amount), tax_percent=figure(percent)
    )


def invoice(**changes: object) -> Invoice:
    """An invoice whose every sum holds, with some fields otherwise."""
    fields: dict[str, object] = {
        "currency": TextValue(value="EUR"),
        "lines": [line("4", "25.00", "100.00"), line("2", "5.25", "10.50")],
        "taxes": [TaxLine(percent=figure("19"), base=figure("110.50"), amount=figure("21.00"))],
        "net_total": figure("110.50"),
        "tax_total": figure("21.00"),
        "gross_total": figure("131.50"),
        "amount_due": figure("131.50"),
    }
    return Invoice.model_validate({**fields, **changes})


def outcome(found: Invoice) -> Status:
    return whole(check(found), NEEDED)


def verified(found: Invoice) -> set[str]:
    """Paths of the values that the checks verified."""
    check(found)
    return {path for path, value in values_of(found) if value.status is Status.VERIFIED}


def test_an_invoice_whose_sums_hold_is_verified_down_to_quantity_and_price() -> None:
    found = invoice()
    assert outcome(found) is Status.VERIFIED
    paths = verified(invoice())
    assert {"net_total", "tax_total", "gross_total", "amount_due"} <= paths
    assert any("quantity" in path for path in paths)
    assert any("unit_price" in path for path in paths)


def test_net_and_tax_that_are_taken_for_each_other_are_never_verified() -> None:
    swapped = {"net_total": figure("21.00"), "tax_total": figure("110.50")}
    for found in (invoice(**swapped), invoice(**swapped, lines=[]), invoice(**swapped, taxes=[], lines=[])):
        assert not {"net_total", "tax_total", "gross_total"} & verified(found)


def test_a_sum_that_holds_without_lines_and_rates_proves_nothing() -> None:
    found = invoice(lines=[], taxes=[])
    assert outcome(found.model_copy(deep=True)) is Status.UNVERIFIABLE
    assert verified(found) == set()


def test_a_rate_tells_net_from_tax_where_no_lines_were_read() -> None:
    assert {"net_total", "tax_total", "gross_total"} <= verified(invoice(lines=[]))
    assert outcome(invoice(lines=[])) is Status.UNVERIFIABLE


def test_a_rate_proves_nothing_where_the_lines_contradict() -> None:
    found = invoice(lines=[line("4", "25.00", "100.00")])
    assert outcome(found.model_copy(deep=True)) is Status.DISCREPANCY
    assert not {"net_total", "tax_total", "gross_total"} & verified(found)


def test_one_total_that_is_found_twice_proves_nothing() -> None:
    found = invoice(lines=[], taxes=[], net_total=None, tax_total=None)
    assert verified(found) == set()
    single = invoice(taxes=[], net_total=None, tax_total=None, amount_due=None)
    assert "gross_total" not in verified(single)


def test_a_zero_tax_proves_a_total_only_with_lines() -> None:
    def free(**changes: object) -> Invoice:
        sums = {"tax_total": figure("0.00"), "gross_total": figure("110.50"), "amount_due": figure("110.50")}
        return invoice(taxes=[], **sums, **changes)

    assert "gross_total" in verified(free())
    assert verified(free(lines=[])) == set()


def test_a_row_of_a_table_of_taxes_is_no_total_of_two_rates() -> None:
    two = [
        TaxLine(percent=figure("19"), base=figure("100.00"), amount=figure("19.00")),
        TaxLine(percent=figure("7"), base=figure("10.50"), amount=figure("0.74")),
    ]
    wrong = invoice(
        lines=[], taxes=two, net_total=figure("100.00"), tax_total=figure("19.00"), gross_total=figure("119.00")
    )
    assert not {"net_total", "gross_total"} & verified(wrong)


def test_the_last_digit_of_a_price_is_proven_only_where_it_would_show() -> None:
    lines = [line("0.5", "3.99", "2.00"), line("4", "27.1250", "108.50")]
    paths = verified(invoice(lines=lines))
    assert not any("lines[0].unit_price" in path or "lines.0.unit_price" in path for path in paths)


@pytest.mark.parametrize("name", ["net_total", "tax_total", "gross_total", "amount_due"])
def test_any_total_that_is_one_cent_off_is_a_discrepancy(name: str) -> None:
    found = invoice()
    value = getattr(found, name)
    value.value += _CENT
    assert outcome(found) is Status.DISCREPANCY
    assert value.status is not Status.VERIFIED


def test_gross_lines_and_one_rate_tell_the_tax_within_them() -> None:
    lines = [InvoiceLine(gross_amount=figure("119.00")), InvoiceLine(gross_amount=figure("12.50"))]
    taxes = [TaxLine(percent=figure("19"), amount=figure("21.00"))]
    found = invoice(lines=lines, taxes=taxes, net_total=None)
    assert {"gross_total", "tax_total"} <= verified(found)
    off = invoice(lines=lines, taxes=taxes, net_total=None, tax_total=figure("21.03"))
    assert "tax_total" not in verified(off)


def test_rounding_lies_between_the_total_and_what_is_due() -> None:
    found = invoice(gross_total=None, rounding=figure("0.50"), amount_due=figure("132.00"))
    assert outcome(found.model_copy(deep=True)) is Status.VERIFIED
    assert "amount_due" in verified(found)
    assert (
        outcome(invoice(gross_total=None, rounding=figure("0.50"), amount_due=figure("131.00"))) is Status.DISCREPANCY
    )


def test_charges_and_allowances_that_could_be_taken_for_each_other_are_not_proven() -> None:
    found = invoice(lines_total=figure("110.50"), charge_total=figure("7.00"), allowance_total=figure("7.00"))
    assert not {"charge_total", "allowance_total"} & verified(found)


def test_check_digits_and_dates_find_what_is_wrong() -> None:
    found = Invoice.model_validate(
        {
            "iban": {"value": "DE03120300000000202051"},
            "currency": {"value": "EUU"},
            "seller": {"vat_id": {"value": "DE136695977"}},
            "issue_date": {"value": "2024-05-02"},
            "due_date": {"value": "2024-05-01"},
        }
    )
    failed = {each.code for each in check(found) if each.status is Status.DISCREPANCY}
    assert failed == {"iban", "currency", "seller_vat_id", "due_date"}


def test_an_empty_invoice_has_no_failed_check_and_is_not_verified() -> None:
    assert outcome(Invoice()) is Status.UNVERIFIABLE


_MONEY = st.integers(min_value=1, max_value=9_999_99).map(lambda cents: Decimal(cents) / 100)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 99), _MONEY), min_size=1, max_size=5),
    st.sampled_from([5, 7, 19, 20, 25]),
    st.data(),
)
def test_no_value_with_a_wrong_digit_is_ever_verified(
    lines: list[tuple[int, Decimal]], percent: int, data: st.DataObject
) -> None:
    net = sum((quantity * price for quantity, price in lines), Decimal(0))
    tax = (net * percent / 100).quantize(_CENT)

    def right() -> Invoice:
        return invoice(
            lines=[line(str(quantity), str(price), str(quantity * price), str(percent)) for quantity, price in lines],
            taxes=[TaxLine(percent=figure(percent), base=figure(net), amount=figure(tax))],
            net_total=figure(net),
            tax_total=figure(tax),
            gross_total=figure(net + tax),
            amount_due=figure(net + tax),
        )

    assert outcome(right()) is Status.VERIFIED
    wrong = right()
    figures = [(path, value) for path, value in values_of(wrong) if isinstance(value.value, Decimal)]
    path, value = data.draw(st.sampled_from(figures))
    digits = list(str(value.value))
    place = data.draw(st.sampled_from([index for index, digit in enumerate(digits) if digit.isdigit()]))
    digits[place] = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    value.value = Decimal("".join(digits))
    check(wrong)
    assert value.status is not Status.VERIFIED, path


def test_amounts_of_two_lines_that_were_exchanged_are_not_verified_by_their_sum() -> None:
    found = invoice()
    first, second = found.lines
    first.net_amount, second.net_amount = second.net_amount, first.net_amount
    assert not any("net_amount" in path for path in verified(found))
    bare = invoice(lines=[InvoiceLine(net_amount=figure("100.00")), InvoiceLine(net_amount=figure("10.50"))])
    paths = verified(bare)
    assert "gross_total" in paths
    assert not any("net_amount" in path for path in paths)
