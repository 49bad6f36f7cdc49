"""Checks of an invoice: what its arithmetic proves of what was read, and what contradicts itself.

What a check proves is chosen so that a wrong reading would have made it fail. Net and tax make the gross even when they
are mistaken for each other, so that none of the three is proven until the lines or the rates tell which is which
(`Facts.tells`); quantity and price make the amount even where it is no part of this invoice, so that they are proven
only with lines that make the total.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from services.ai.documents.invoice import Invoice
from services.ai.figures.checks import Check, compared, impossible, stated
from services.ai.gates.invoice_facts import HUNDRED, NOTHING, Facts, last_digit, number, total
from services.ai.gates.invoice_lines import each_line, own_amounts
from services.ai.layout.currencies import current_codes
from services.ai.layout.identifiers import iban_holds, vat_id_holds

#: Without these nothing is verified as a whole.
NEEDED = ("lines", "gross_total")


def check(found: Invoice) -> list[Check]:
    """Check an invoice and mark its values."""
    facts = Facts(found)
    return [
        *each_line(found, facts),
        *_lines(found, facts),
        *_net_total(found, facts),
        *_rates(found, facts),
        *_tax_total(found, facts),
        *_gross_total(found, facts),
        *_due(found, facts),
        *_numbers(found),
        *_dates(found),
    ]


def _lines(found: Invoice, facts: Facts) -> Iterator[Check]:
    """The lines make the total of the lines (BR-CO-10), else the net total, or with their tax the gross total."""
    if not found.lines:
        yield impossible("lines", "The document shows no lines.")
        return
    amounts = [each for line in found.lines for each in (line.net_amount, line.gross_amount) if each is not None]
    if facts.lines_gross is not None and (facts.lines_net is None or facts.gross_lines_hold):
        yield from _gross_lines(found, facts, facts.lines_gross)
    if facts.lines_net is None:
        if facts.lines_gross is None:
            yield impossible("lines", "Some lines show no amount.")
        return
    if facts.tax is None and found.gross_total is not None and facts.reckoned_net is not None:
        yield _lines_without_tax(found, facts, facts.reckoned_net)
        return
    target = found.lines_total or found.net_total
    expected = facts.lines_net if found.lines_total is not None else facts.reckoned_net
    if target is None and facts.expected_gross is not None and facts.gross is not None:
        yield _lines_to_gross(found, facts)
        return
    if target is None or expected is None:
        yield impossible("lines", "The document shows no sum of the lines and no total without tax.")
        return
    holds = expected == target.value and facts.tells
    yield compared(
        "lines",
        "The lines make the total without tax.",
        expected=expected,
        found=target.value,
        proves=own_amounts(found, facts, "net_amount") if holds else (),
        concerns=(target, *amounts),
    )


def _lines_without_tax(found: Invoice, facts: Facts, reckoned: Decimal) -> Check:
    """Where no tax is printed, the lines make the total; a subtotal that agrees shows that nothing is left out."""
    assert found.gross_total is not None
    sums = (found.lines_total, found.net_total, found.charge_total, found.allowance_total)
    return compared(
        "lines",
        "The lines make the total, and no tax is printed.",
        expected=reckoned,
        found=found.gross_total.value,
        proves=(*own_amounts(found, facts, "net_amount"), *sums[:2], found.gross_total) if facts.untaxed else (),
        concerns=(*(line.net_amount for line in found.lines), *sums, found.gross_total),
    )


def _gross_lines(found: Invoice, facts: Facts, lines: Decimal) -> Iterator[Check]:
    if found.gross_total is None:
        return
    extra = (number(found.charge_total) or NOTHING) - (number(found.allowance_total) or NOTHING)
    yield compared(
        "lines",
        "The lines, with tax, make the gross total.",
        expected=lines if lines == found.gross_total.value else lines + extra,
        found=found.gross_total.value,
        proves=own_amounts(found, facts, "gross_amount") if facts.tells else (),
        concerns=(found.gross_total, *(line.gross_amount for line in found.lines)),
    )


def _lines_to_gross(found: Invoice, facts: Facts) -> Check:
    """Without a printed net total, lines, charges and tax make the gross total."""
    assert facts.gross is not None
    assert facts.expected_gross is not None
    parts = (found.charge_total, found.allowance_total)
    return compared(
        "lines",
        "The lines, charges and allowances and the tax make the gross total.",
        expected=facts.expected_gross,
        found=facts.gross,
        proves=(*own_amounts(found, facts, "net_amount"), *parts) if facts.tells else (),
        concerns=(*(line.net_amount for line in found.lines), *parts, found.gross_total),
    )


def _net_total(found: Invoice, facts: Facts) -> Iterator[Check]:
    """The total of the lines, less allowances and with charges, is the net total (BR-CO-13)."""
    if found.net_total is None or found.lines_total is None:
        return
    lines = found.lines_total.value
    extra = (number(found.charge_total) or NOTHING) - (number(found.allowance_total) or NOTHING)
    expected = lines - extra if lines < 0 and found.net_total.value == lines - extra else lines + extra
    parts = [each for each in (found.charge_total, found.allowance_total) if each is not None and each.value]
    # Of two that both changed the sum, one could be taken for the other.
    proven = [found.lines_total, *parts] if facts.tells and len(parts) < 2 else [found.lines_total]
    yield compared(
        "net_total",
        "The sum of the lines, less allowances and with charges, is the total without tax.",
        expected=expected,
        found=found.net_total.value,
        proves=proven if facts.tells and facts.lines_net == lines else (),
        concerns=(found.lines_total, found.net_total, *parts),
    )


def _rates(found: Invoice, facts: Facts) -> Iterator[Check]:
    """Each rate makes its tax (BR-CO-17)."""
    for tax in found.taxes:
        expected = facts.reckoned_tax(tax)
        if expected is None or tax.amount is None:
            continue
        proven = facts.tells and facts.rates_hold
        digit = last_digit(tax.percent.value.normalize()) if tax.percent is not None else NOTHING
        shows = (
            tax.percent is not None
            and abs(expected) > 0
            and ((tax.base.value if tax.base else facts.net or NOTHING) * digit / HUNDRED > 2 * facts.tax_tolerance)
        )
        yield compared(
            "tax_rate",
            "The rate makes the tax from what it is reckoned on.",
            expected=expected,
            found=tax.amount.value,
            proves=(tax.amount, tax.base, tax.percent if shows else None) if proven else (),
            concerns=(tax.percent, tax.base, tax.amount),
            tolerance=facts.tax_tolerance,
        )


def _tax_total(found: Invoice, facts: Facts) -> Iterator[Check]:
    """The taxes by rate make the whole tax (BR-CO-14)."""
    amounts = total(tax.amount for tax in found.taxes)
    if found.tax_total is None or amounts is None or len(found.taxes) < 2:
        return
    yield compared(
        "tax_total",
        "The taxes by rate make the whole tax.",
        expected=amounts,
        found=found.tax_total.value,
        concerns=(found.tax_total, *(tax.amount for tax in found.taxes)),
    )


def _gross_total(found: Invoice, facts: Facts) -> Iterator[Check]:
    """Net and tax make the gross total (BR-CO-15)."""
    if facts.gross is None:
        yield impossible("gross_total", "The document shows no total with tax.")
        return
    if facts.untaxed:
        says = "No tax is printed, and the subtotal is the total."
        yield stated("gross_total", says, holds=True, concerns=(found.gross_total,))
        return
    if facts.has_tax_in:
        yield _included_tax(found, facts)
        return
    if facts.expected_gross is None:
        yield impossible("gross_total", "The document shows no tax: nothing tells whether the total has any in it.")
        return
    if facts.gross_holds and not facts.tells:
        says = "Net and tax make the total, but nothing tells them apart: the lines do not agree, or there are none."
        yield impossible("gross_total", says)
        return
    parts = (found.net_total, found.tax_total, found.gross_total or found.amount_due)
    yield compared(
        "gross_total",
        "The total without tax and the tax make the total with tax.",
        expected=facts.expected_gross,
        found=facts.gross,
        proves=parts if facts.tells else (),
        concerns=parts,
    )


def _included_tax(found: Invoice, facts: Facts) -> Check:
    """The tax is what its rate makes of a total that has it in it."""
    if facts.included_tax is None or facts.tax is None:
        return impossible("gross_total", "The lines have tax in them, and no single rate tells how much.")
    return compared(
        "gross_total",
        "The tax is what its rate makes of the total that it is part of.",
        expected=facts.included_tax,
        found=facts.tax,
        proves=(found.gross_total, found.tax_total) if facts.tells else (),
        concerns=(found.gross_total, found.tax_total),
        tolerance=facts.unit,
    )


def _due(found: Invoice, facts: Facts) -> Iterator[Check]:
    """The gross total, less what was paid and rounded, is what is due (BR-CO-16)."""
    if found.amount_due is None or found.gross_total is None:
        return
    expected = found.gross_total.value - (number(found.prepaid) or NOTHING)
    rounding = number(found.rounding) or NOTHING
    if expected + rounding == found.amount_due.value:
        expected += rounding
    yield compared(
        "amount_due",
        "The total with tax, less what was paid before, is what is due.",
        expected=expected,
        found=found.amount_due.value,
        proves=(found.amount_due, found.prepaid) if facts.tells or facts.untaxed else (),
        concerns=(found.gross_total, found.prepaid, found.amount_due),
    )


def _numbers(found: Invoice) -> Iterator[Check]:
    """Check digits, and codes that exist."""
    if found.iban is not None:
        holds = iban_holds(found.iban.value)
        if holds is not None:
            yield stated("iban", "The check digits of the IBAN hold.", holds=holds, proves=(found.iban,))
    for name, party in (("seller", found.seller), ("buyer", found.buyer)):
        vat_id = party.vat_id
        holds = vat_id_holds(vat_id.value) if vat_id is not None else None
        if holds is not None:
            # They tell nothing of whose id it is.
            says = f"The check digits of the VAT id of the {name} hold."
            yield stated(f"{name}_vat_id", says, holds=holds, concerns=(vat_id,))
    if found.currency is not None:
        known = found.currency.value in current_codes()
        yield stated("currency", "The currency is one of ISO 4217.", holds=known, concerns=(found.currency,))


def _dates(found: Invoice) -> Iterator[Check]:
    """An invoice is not due before it is issued. Right dates prove nothing, wrong ones show."""
    issued, due = found.issue_date, found.due_date
    if issued is not None and due is not None:
        holds = due.value >= issued.value
        yield stated("due_date", "The invoice is due on or after its date.", holds=holds, concerns=(issued, due))
