"""Checks of a receipt: its lines, its taxes and its payment each tell what the total is.

One of them alone proves no total: lines make a subtotal as well, and what was paid may hold a tip. Two that agree do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from services.ai.documents.receipt import Receipt, ReceiptLine
from services.ai.figures.checks import Check, compared, impossible, stated
from services.ai.figures.value import FigureValue
from services.ai.gates.invoice_facts import HUNDRED, NOTHING, number, total
from services.ai.gates.invoice_lines import beside
from services.ai.layout.currencies import NO_MINOR, current_codes
from services.ai.layout.identifiers import vat_id_holds

#: Without these nothing is verified as a whole.
NEEDED = ("lines", "total")


@dataclass(frozen=True)
class _Facts:
    """The equations of one receipt."""

    found: Receipt

    @cached_property
    def unit(self) -> Decimal:
        """The smallest coin of the currency."""
        currency = self.found.currency
        return Decimal(1) if currency is not None and currency.value in NO_MINOR else Decimal("0.01")

    @cached_property
    def lines(self) -> Decimal | None:
        """The sum of the lines."""
        return total(line.amount for line in self.found.lines)

    @cached_property
    def target(self) -> FigureValue | None:
        """What the lines make: the subtotal where one is printed."""
        return self.found.subtotal or self.found.total

    @cached_property
    def lines_hold(self) -> bool:
        """The lines make the subtotal, or where none is printed the total."""
        return self.target is not None and self.lines == self.target.value

    @cached_property
    def built(self) -> Decimal | None:
        """Subtotal and what is added to it: tax and tip; null without a subtotal."""
        if self.found.subtotal is None:
            return None
        added = (number(self.found.tax_total) or NOTHING) + (number(self.found.tip) or NOTHING)
        return self.found.subtotal.value + added

    @cached_property
    def by_build(self) -> bool:
        """The total is the subtotal with a tax that is more than nothing, or with a tip."""
        added = number(self.found.tax_total) or number(self.found.tip)
        return bool(added) and self.built is not None and self.built == number(self.found.total)

    @cached_property
    def unexplained(self) -> bool:
        """Whether the total differs from the subtotal by more than tax and tip tell: taxes may be in the prices."""
        whole = number(self.found.total)
        if self.found.subtotal is None or whole is None:
            return False
        subtotal, tip = self.found.subtotal.value, number(self.found.tip) or NOTHING
        taxes = {NOTHING, number(self.found.tax_total) or NOTHING, total(t.amount for t in self.found.taxes) or NOTHING}
        return all(subtotal + tax + tip != whole for tax in taxes)

    @cached_property
    def paid(self) -> Decimal | None:
        """What was handed over less what came back."""
        return None if self.found.paid is None else self.found.paid.value - (number(self.found.change) or NOTHING)

    @cached_property
    def by_payment(self) -> bool:
        """What was paid, with the change taken off, is the total."""
        return self.paid is not None and self.paid == number(self.found.total)

    @cached_property
    def taxed(self) -> Decimal | None:
        """Bases and taxes of all rates together."""
        bases, taxes = (total(getattr(tax, name) for tax in self.found.taxes) for name in ("base", "amount"))
        return None if bases is None or taxes is None else bases + taxes

    @cached_property
    def by_taxes(self) -> bool:
        """Bases and taxes make the total."""
        return self.taxed is not None and self.taxed == number(self.found.total)

    @cached_property
    def told(self) -> bool:
        """Whether the total is proven: by the lines and by something else that only the total agrees with."""
        doubted = self.contradicted or self.unexplained
        return self.lines_hold and (self.by_build or self.by_payment or self.by_taxes) and not doubted

    @cached_property
    def contradicted(self) -> bool:
        """Whether what the receipt tells of the total differs."""
        whole = number(self.found.total)
        told = [each for each in (self.taxed, self.paid) if each is not None]
        return any(each != whole for each in told)


def check(found: Receipt) -> list[Check]:
    """Check a receipt and mark its values."""
    facts = _Facts(found)
    return [
        *_each_line(found, facts),
        *_lines(found, facts),
        *_total(found, facts),
        *_payment(found, facts),
        *_taxes(found, facts),
        *_rest(found),
    ]


def _each_line(found: Receipt, facts: _Facts) -> Iterator[Check]:
    """Quantity times price is the amount."""
    for index, line in enumerate(found.lines):
        if line.quantity is None or line.unit_price is None:
            continue
        expected = line.quantity.value * line.unit_price.value
        exact = abs(expected - line.amount.value) <= facts.unit / 2
        yield compared(
            "line_amount",
            "Quantity times price is the amount of the line.",
            expected=expected,
            found=line.amount.value,
            proves=_telling(line, facts.unit) if exact and facts.told else (),
            concerns=(line.quantity, line.unit_price, line.amount),
            tolerance=facts.unit,
            line=index,
        )


def _telling(line: ReceiptLine, unit: Decimal) -> list[FigureValue]:
    """Of quantity and price those whose last digit would show in the amount."""
    pairs = ((line.quantity, line.unit_price), (line.unit_price, line.quantity))
    found = []
    for one, other in pairs:
        if one is None or other is None:
            continue
        digit = Decimal(1).scaleb(min(int(one.value.as_tuple().exponent), 0))
        if one.value and abs(other.value) * digit >= unit:
            found.append(one)
    return found


def _own(line: ReceiptLine) -> FigureValue | None:
    """The amount of a line that is its own for sure: a sum would hold had two been exchanged."""
    made = None
    if line.quantity is not None and line.unit_price is not None:
        made = line.quantity.value * line.unit_price.value == line.amount.value
    return line.amount if made or (made is None and beside(line.description, line.amount)) else None


def _lines(found: Receipt, facts: _Facts) -> Iterator[Check]:
    """The lines make the subtotal or the total."""
    if facts.lines is None or facts.target is None:
        yield impossible("lines", "The receipt shows no lines, or no sum of them.")
        return
    amounts = [line.amount for line in found.lines]
    yield compared(
        "lines",
        "The lines make the sum of the receipt.",
        expected=facts.lines,
        found=facts.target.value,
        proves=(*filter(None, map(_own, found.lines)), facts.target) if facts.told else (),
        concerns=(*amounts, facts.target),
    )


def _total(found: Receipt, facts: _Facts) -> Iterator[Check]:
    """Subtotal, tax and tip make the total; without them the taxes or the payment tell it."""
    whole = found.total
    if whole is None:
        yield impossible("total", "The receipt shows no total.")
        return
    parts = (found.subtotal, found.tax_total, found.tip)
    if facts.built is not None and (facts.by_build or facts.unexplained):
        # A sum of two additions holds as well when they are taken for each other.
        added = [each for each in (found.tax_total, found.tip) if each is not None]
        yield compared(
            "total",
            "The subtotal, tax and tip make the total.",
            expected=facts.built,
            found=whole.value,
            proves=(whole, *(added if len(added) == 1 else ())) if facts.told else (),
            concerns=(*parts, whole),
        )
    elif facts.told:
        says = "The lines and what was paid, or the taxes, tell the same total."
        yield stated("total", says, holds=True, proves=(whole,))
    else:
        yield impossible("total", "Nothing but one figure tells the total.")


def _payment(found: Receipt, facts: _Facts) -> Iterator[Check]:
    """What was handed over, less the change, is the total."""
    if facts.paid is None or found.total is None:
        return
    # Without change, a payment may be one of several.
    if found.change is None and facts.paid < found.total.value:
        return
    yield compared(
        "payment",
        "What was paid, less the change, is the total.",
        expected=found.total.value,
        found=facts.paid,
        proves=(found.paid, found.change) if facts.told else (),
        concerns=(found.paid, found.change, found.total),
    )


def _taxes(found: Receipt, facts: _Facts) -> Iterator[Check]:
    """Each rate makes its tax, and bases and taxes make the total."""
    holds = []
    for tax in found.taxes:
        if tax.percent is None or tax.base is None or tax.amount is None:
            continue
        expected = tax.base.value * tax.percent.value / HUNDRED
        holds.append(abs(expected - tax.amount.value) <= facts.unit)
    proven = facts.told and facts.by_taxes and len(holds) == len(found.taxes) and all(holds)
    for tax in found.taxes:
        if tax.percent is None or tax.base is None or tax.amount is None:
            continue
        digit = Decimal(1).scaleb(min(int(tax.percent.value.normalize().as_tuple().exponent), 0))
        shows = abs(tax.base.value) * digit / HUNDRED > 2 * facts.unit
        exact = bool(tax.amount.value)
        yield compared(
            "tax_rate",
            "The rate makes the tax from what it is reckoned on.",
            expected=tax.base.value * tax.percent.value / HUNDRED,
            found=tax.amount.value,
            proves=(tax.base, tax.amount, tax.percent if shows else None) if proven and exact else (),
            concerns=(tax.percent, tax.base, tax.amount),
            tolerance=facts.unit,
        )
    if facts.taxed is not None and found.total is not None:
        yield compared(
            "taxes",
            "What the taxes are reckoned on and the taxes make the total.",
            expected=facts.taxed,
            found=found.total.value,
            concerns=(found.total, *(value for tax in found.taxes for value in (tax.base, tax.amount))),
        )


def _rest(found: Receipt) -> Iterator[Check]:
    """Check digits, and codes that exist."""
    vat_id = found.merchant.vat_id
    holds = vat_id_holds(vat_id.value) if vat_id is not None else None
    if holds is not None:
        yield stated("merchant_vat_id", "The check digits of the VAT id hold.", holds=holds, concerns=(vat_id,))
    if found.currency is not None:
        known = found.currency.value in current_codes()
        yield stated("currency", "The currency is one of ISO 4217.", holds=known, concerns=(found.currency,))
