"""Which equations of an invoice hold, and what they tell apart: the ground of its checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from services.ai.documents.invoice import Invoice, TaxLine
from services.ai.figures.value import FigureValue
from services.ai.layout.currencies import NO_MINOR

NOTHING = Decimal(0)
HUNDRED = Decimal(100)
#: No tax on sales is higher.
_MAX_RATE = Decimal(60)
#: A tax must be so many times what rounding can make of it, before a rate tells it from other figures.
_TELLING = 10


@dataclass(frozen=True)
class Facts:
    """The equations of one invoice (EN 16931-1, BR-CO-10 to BR-CO-17) and whether they hold to the last digit."""

    found: Invoice

    @cached_property
    def unit(self) -> Decimal:
        """The smallest coin of the currency."""
        currency = self.found.currency
        return Decimal(1) if currency is not None and currency.value in NO_MINOR else Decimal("0.01")

    @cached_property
    def tax_tolerance(self) -> Decimal:
        """Tax that is rounded on every line differs by up to half a coin a line from tax that is rounded once."""
        return self.unit * max(Decimal(1), Decimal(len(self.found.lines)) / 2)

    @cached_property
    def lines_net(self) -> Decimal | None:
        """The sum of the lines without tax; null where one is missing."""
        return total(line.net_amount for line in self.found.lines)

    @cached_property
    def lines_gross(self) -> Decimal | None:
        """The sum of the lines with tax; null where one is missing."""
        return total(line.gross_amount for line in self.found.lines)

    @cached_property
    def reckoned_net(self) -> Decimal | None:
        """The lines less allowances and with charges, of which the net total is one (BR-CO-13)."""
        lines = self.lines_net
        if lines is None:
            lines = number(self.found.lines_total)
        if lines is None:
            return None
        charged = (number(self.found.charge_total) or NOTHING) - (number(self.found.allowance_total) or NOTHING)
        net = number(self.found.net_total)
        if lines < 0 and net is not None and net == lines - charged:
            # On paper what is taken off a credit has no sign.
            return net
        return lines + charged

    @cached_property
    def net(self) -> Decimal | None:
        """What the tax is added to: as printed, else as reckoned, else what is left of the gross without tax."""
        printed = number(self.found.net_total)
        if printed is None and self.has_tax_in and self.gross is not None and self.tax is not None:
            return self.gross - self.tax
        return self.reckoned_net if printed is None else printed

    @cached_property
    def has_tax_in(self) -> bool:
        """Whether the lines have their tax in them and no total without it is printed."""
        no_net = self.found.net_total is None and self.lines_net is None and self.found.lines_total is None
        return no_net and self.gross_lines_hold

    @cached_property
    def included_tax(self) -> Decimal | None:
        """The tax that one rate makes of a gross total that has it in it."""
        rates = [number(each.percent) for each in self.found.taxes]
        if len(rates) != 1 or rates[0] is None or not NOTHING < rates[0] <= _MAX_RATE or self.gross is None:
            return None
        return self.gross * rates[0] / (HUNDRED + rates[0])

    @cached_property
    def tax(self) -> Decimal | None:
        """The whole tax: as printed, else the sum over the rates."""
        printed = number(self.found.tax_total)
        return total(each.amount for each in self.found.taxes) if printed is None else printed

    @cached_property
    def gross(self) -> Decimal | None:
        """As printed; else what is due, before payments and rounding (BR-CO-16)."""
        if self.found.gross_total is not None or self.found.amount_due is None:
            return number(self.found.gross_total)
        rounding = number(self.found.rounding) or NOTHING
        return self.found.amount_due.value + (number(self.found.prepaid) or NOTHING) - rounding

    @cached_property
    def expected_gross(self) -> Decimal | None:
        """Net and tax (BR-CO-15)."""
        if self.net is None or self.tax is None:
            return None
        return self.net + self.tax

    @cached_property
    def lines_hold(self) -> bool:
        """The lines make the net total, or with their tax the gross total."""
        by_net = self.lines_net is not None and self.reckoned_net == self.net
        return by_net or self.gross_lines_hold

    @cached_property
    def gross_lines_hold(self) -> bool:
        """The lines with their tax make the gross total."""
        gross, lines = self.gross, self.lines_gross
        if gross is None or lines is None:
            return False
        charged = (number(self.found.charge_total) or NOTHING) - (number(self.found.allowance_total) or NOTHING)
        return gross in (lines, lines + charged)

    @cached_property
    def gross_holds(self) -> bool:
        """Net and tax make the gross total to the last digit."""
        return self.gross is not None and self.expected_gross == self.gross

    @cached_property
    def rates_hold(self) -> bool:
        """Every rate makes its tax, all taxes make the whole, and their bases the net total: who is who is told."""
        taxes = self.found.taxes
        if not taxes or not all(self.rate_holds(each) for each in taxes):
            return False
        amounts, bases = total(each.amount for each in taxes), [each.base for each in taxes]
        if amounts != self.tax or abs(amounts or NOTHING) <= _TELLING * self.tax_tolerance:
            return False
        return any(base is None for base in bases) or total(bases) == self.net

    def rate_holds(self, tax: TaxLine) -> bool:
        """Base and rate make the tax, within rounding (BR-CO-17)."""
        expected = self.reckoned_tax(tax)
        amount = number(tax.amount)
        return expected is not None and amount is not None and abs(expected - amount) <= self.tax_tolerance

    def reckoned_tax(self, tax: TaxLine) -> Decimal | None:
        """What the rate makes of the base, or of the net total where no base is printed."""
        percent = number(tax.percent)
        base = self.net if tax.base is None else tax.base.value
        if percent is None or base is None or not NOTHING <= percent <= _MAX_RATE:
            return None
        return base * percent / HUNDRED

    @cached_property
    def untaxed(self) -> bool:
        """Whether no tax is printed, and a sum of the lines and the total are, which agree: nothing lies between."""
        if self.found.taxes or self.found.tax_total is not None or self.found.rounding is not None:
            return False
        subtotal = self.found.lines_total or self.found.net_total
        extra = self.found.charge_total or self.found.allowance_total
        if subtotal is None or extra is not None or self.found.gross_total is None:
            return False
        apart = subtotal.evidence != self.found.gross_total.evidence
        return apart and self.lines_net == subtotal.value == self.found.gross_total.value

    @cached_property
    def tells(self) -> bool:
        """Whether net, tax and gross are proven: they agree, and something else tells which is which.

        Where lines were read, they must agree as well: else rates could be those of a part of the invoice.
        """
        if not self.gross_holds or (self.found.lines and not self.lines_hold):
            return False
        if self.has_tax_in:
            # Net was taken from the gross: only the rate tells, and to the last digit.
            exact = self.included_tax is not None and self.tax is not None
            return exact and abs((self.included_tax or NOTHING) - (self.tax or NOTHING)) <= self.unit / 2
        printed = number(self.found.net_total)
        return self.rates_hold or (printed is not None and self.lines_net is not None and self.reckoned_net == printed)


def number(value: FigureValue | None) -> Decimal | None:
    """The number of a value that may be absent."""
    return None if value is None else value.value


def total(values: Iterable[FigureValue | None]) -> Decimal | None:
    """The sum of values; null without any, or where one is absent."""
    found: Sequence[FigureValue | None] = list(values)
    known = [value.value for value in found if value is not None]
    return sum(known, NOTHING) if known and len(known) == len(found) else None


def last_digit(value: Decimal) -> Decimal:
    """What one more in its last digit is worth."""
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(min(int(exponent), 0))
