"""Checks of the lines of an invoice: quantity, price and discount make the amount."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from services.ai.documents.invoice import Invoice, InvoiceLine
from services.ai.figures.checks import Check, compared
from services.ai.figures.value import FigureValue, TextValue
from services.ai.gates.invoice_facts import HUNDRED, NOTHING, Facts, last_digit, number


def each_line(found: Invoice, facts: Facts) -> Iterator[Check]:
    """Quantity times price, less a discount, is the amount of a line."""
    for index, line in enumerate(found.lines):
        expected = _reckoned(line)
        if expected is None:
            continue
        amount = _closest(line, expected)
        if amount is None:
            continue
        expected = _with_tax(line, expected, facts.unit)
        exact = abs(amount.value - expected) <= facts.unit / 2
        proven = _telling(line, facts.unit) if exact and (facts.tells or facts.untaxed) and facts.lines_hold else []
        yield compared(
            "line_amount",
            "Quantity times price, less discounts, is the amount of the line.",
            expected=expected,
            found=amount.value,
            proves=proven,
            concerns=(line.quantity, line.unit_price, line.discount_percent, amount),
            # Some cut where others round.
            tolerance=facts.unit,
            line=index,
        )


def _reckoned(line: InvoiceLine) -> Decimal | None:
    if line.quantity is None or line.unit_price is None:
        return None
    whole = line.quantity.value * line.unit_price.value
    per = number(line.price_quantity)
    if per and per != line.quantity.value:
        whole /= per
    whole *= 1 - abs(number(line.discount_percent) or NOTHING) / HUNDRED
    return whole - (number(line.allowance) or NOTHING) + (number(line.charge) or NOTHING)


def _closest(line: InvoiceLine, expected: Decimal) -> FigureValue | None:
    """The amount that quantity and price were meant to make: net, or gross where prices have the tax in them."""
    amounts = [each for each in (line.net_amount, line.gross_amount) if each is not None]
    return min(amounts, key=lambda each: abs(each.value - expected)) if amounts else None


def _with_tax(line: InvoiceLine, expected: Decimal, unit: Decimal) -> Decimal:
    """The amount with tax where only that is printed and the price is without."""
    percent = number(line.tax_percent)
    if line.net_amount is not None or line.gross_amount is None or percent is None:
        return expected
    taxed = expected * (1 + percent / HUNDRED)
    return taxed if abs(taxed - line.gross_amount.value) <= unit else expected


def _telling(line: InvoiceLine, unit: Decimal) -> list[FigureValue]:
    """Of quantity and price those whose last digit would show in the amount."""
    quantity, price = line.quantity, line.unit_price
    assert quantity is not None
    assert price is not None
    found = []
    for one, other in ((quantity, price), (price, quantity)):
        if abs(other.value) * last_digit(one.value) >= unit and one.value:
            found.append(one)
    if line.discount_percent is not None and line.discount_percent.value:
        whole = abs(quantity.value * price.value)
        if whole * last_digit(line.discount_percent.value.normalize()) / HUNDRED < unit:
            return []
        if line.discount_percent.value > 0:
            found.append(line.discount_percent)
    return found


def own_amounts(found: Invoice, facts: Facts, name: str) -> list[FigureValue]:
    """The amounts of lines, net or gross, that are their own for sure: a sum would hold had two been exchanged.

    Quantity and price make them, or they stand in the row of the description.
    """
    own = []
    for line in found.lines:
        amount: FigureValue | None = getattr(line, name)
        expected = _reckoned(line)
        if amount is None:
            continue
        made = expected is not None and abs(expected - amount.value) <= facts.unit / 2
        if made or (expected is None and beside(line.description, amount)):
            own.append(amount)
    return own


def beside(text: TextValue | None, amount: FigureValue) -> bool:
    """Whether an amount stands in a row of a text."""
    return any(
        one.page == other.page and min(one.box[3], other.box[3]) - max(one.box[1], other.box[1]) > 0
        for one in (text.evidence if text is not None else ())
        for other in amount.evidence
    )
