"""What an invoice tells, before any layout: lines, allowances, taxes and totals that add up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from tests.services.ai.made.vocabulary import VOCABULARIES, address

#: Totals in the order of the sum; each layout prints some.
TOTALS = (
    "allowance_total",
    "charge_total",
    "net_total",
    "tax_total",
    "gross_total",
    "prepaid",
    "rounding",
    "amount_due",
)


def rounded(value: Decimal, digits: int = 2) -> Decimal:
    """Half up, as invoices are."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@dataclass(frozen=True)
class Item:
    """One line."""

    position: int
    code: str
    description: tuple[str, ...]
    quantity: Decimal
    unit: str
    unit_price: Decimal
    discount_percent: Decimal
    tax_percent: Decimal
    net: Decimal
    gross: Decimal


@dataclass
class InvoiceData:
    """One invoice. Amounts are those that are printed; `flaw` says which of them was spoiled."""

    number: str
    issued: date
    due: date
    seller: str
    seller_address: list[str]
    buyer: str
    buyer_address: list[str]
    items: list[Item]
    #: Rate, base, tax.
    taxes: list[tuple[Decimal, Decimal, Decimal]]
    lines_total: Decimal
    allowance_total: Decimal = Decimal(0)
    charge_total: Decimal = Decimal(0)
    net_total: Decimal = Decimal(0)
    tax_total: Decimal = Decimal(0)
    gross_total: Decimal = Decimal(0)
    prepaid: Decimal = Decimal(0)
    rounding: Decimal = Decimal(0)
    amount_due: Decimal = Decimal(0)
    flaw: str | None = None
    more: dict[str, str] = field(default_factory=dict)

    def truth(
        self,
        *,
        lines: Sequence[str],
        totals: Iterable[str],
        taxes: Sequence[str] = (),
        seller: dict[str, str] | None = None,
        buyer: dict[str, str] | None = None,
        due: bool = False,
        descriptions: str = "all",
        **printed: Any,
    ) -> dict[str, Any]:
        """The invoice in the words of the typed document, with what a layout prints of it.

        `lines` and `taxes` name the columns; `seller` and `buyer` have more than name and address. What follows
        from the page though no label tells it stands in `optional`, with all values that may be read.
        """
        totals = tuple(totals)
        return {
            "optional": {name: values for name, values in self._implied().items() if name not in totals},
            "kind": "invoice",
            "number": self.number,
            "issue_date": self.issued.isoformat(),
            "due_date": self.due.isoformat() if due else None,
            "seller": {"name": self.seller, "address": "\n".join(self.seller_address), **(seller or {})},
            "buyer": {"name": self.buyer, "address": "\n".join(self.buyer_address), **(buyer or {})},
            **printed,
            "lines": [_line(item, lines, descriptions) for item in self.items],
            "taxes": [
                {
                    name: str(value)
                    for name, value in zip(("percent", "base", "amount"), tax, strict=True)
                    if name in taxes
                }
                for tax in (self.taxes if taxes else ())
            ],
            **{name: str(getattr(self, name)) for name in totals},
        }

    def _implied(self) -> dict[str, list[str]]:
        with_tax = sum((item.gross for item in self.items), Decimal(0))
        single = {name: [str(getattr(self, name))] for name in TOTALS if name not in ("prepaid", "rounding")}
        single["lines_total"] = [str(self.lines_total), str(with_tax)]
        single["net_total"] = [str(self.net_total), str(self.lines_total)]
        single["amount_due"] = [str(self.amount_due), str(self.gross_total)]
        return single


def _line(item: Item, names: Sequence[str], descriptions: str) -> dict[str, str]:
    whole = {
        "position": str(item.position),
        "code": item.code,
        "description": " ".join(item.description if descriptions == "all" else item.description[:1]),
        "quantity": str(item.quantity),
        "unit": item.unit,
        "unit_price": str(item.unit_price),
        "discount_percent": str(item.discount_percent),
        "tax_percent": str(item.tax_percent),
        "net_amount": str(item.net),
        "gross_amount": str(item.gross),
    }
    return {name: whole[name] for name in names if not (name == "discount_percent" and not item.discount_percent)}


def invoice(
    random: Random,
    language: str,
    count: int,
    *,
    rates: Sequence[str] = ("19",),
    units: Sequence[str] = ("pcs",),
    digits: int = 2,
    discounts: bool = False,
    allowance: bool = False,
    charge: bool = False,
    prepaid: bool = False,
    tax_by_total: bool = True,
    number: str = "{year}-{serial}",
    more_lines: int = 1,
) -> InvoiceData:
    """An invoice of some lines. The tax of a rate is that of its base, as most countries have it."""
    words = VOCABULARIES[language]
    items = []
    for position in range(1, count + 1):
        price = rounded(Decimal(str(random.choice([3, 40, 180, 900]) * random.uniform(0.2, 1.2))), digits)
        pieces = Decimal(
            random.choice(["1", "1", "2", "3", "12", "2.5", "100", "0.75"] if digits else ["1", "2", "10"])
        )
        discount = Decimal(random.choice(["0", "0", "5", "10"])) if discounts else Decimal(0)
        rate = Decimal(random.choice(rates))
        net = rounded(pieces * price * (100 - discount) / 100, digits)
        extra = (f"{random.choice(words.purposes)}",) if more_lines and random.random() < 0.35 else ()
        code = f"{random.choice('ABKMX')}{random.randint(10, 99)}-{random.randint(1000, 9999)}"
        gross = rounded(net * (100 + rate) / 100, digits)
        description = (random.choice(words.goods), *extra)
        items.append(Item(position, code, description, pieces, random.choice(units), price, discount, rate, net, gross))
    issued = date(2025, 1, 7) + timedelta(days=random.randrange(300))
    serial = f"{random.randint(1, 99999):05d}"
    seller, buyer = random.sample(words.companies, 2)
    streets = [address(random, language), address(random, language)]
    number = number.format(year=issued.year, serial=serial)
    due = issued + timedelta(days=random.choice([10, 14, 30]))
    total = sum((item.net for item in items), Decimal(0))
    data = InvoiceData(number, issued, due, seller, streets[0], buyer, streets[1], items, [], total)
    # Allowances and charges of the document are taxed at its first rate.
    first = Decimal(rates[0])
    data.allowance_total = rounded(total * Decimal("0.03"), digits) if allowance else Decimal(0)
    data.charge_total = rounded(Decimal(random.choice(["4.90", "12.50", "7.00"])), digits) if charge else Decimal(0)
    bases = {
        rate: sum((item.net for item in items if item.tax_percent == rate), Decimal(0)) for rate in map(Decimal, rates)
    }
    bases[first] += data.charge_total - data.allowance_total
    data.taxes = [(rate, base, rounded(base * rate / 100, digits)) for rate, base in bases.items() if base]
    _sum_up(data, random, prepaid, digits)
    return data


def with_tax(item: Item) -> Item:
    """A line whose price has its tax in it, and whose gross amount is made of that price."""
    price = rounded(item.unit_price * (100 + item.tax_percent) / 100)
    return replace(item, unit_price=price, gross=rounded(price * item.quantity))


def _sum_up(data: InvoiceData, random: Random, prepaid: bool, digits: int) -> None:
    data.net_total = sum((base for _, base, _ in data.taxes), Decimal(0))
    data.tax_total = sum((tax for _, _, tax in data.taxes), Decimal(0))
    data.gross_total = data.net_total + data.tax_total
    data.prepaid = rounded(data.gross_total * Decimal(random.choice(["0.2", "0.5"])), digits) if prepaid else Decimal(0)
    data.amount_due = data.gross_total - data.prepaid + data.rounding


def spoiled(data: InvoiceData, random: Random) -> InvoiceData:
    """The same with an error that arithmetic must find: a wrong total, a wrong tax, a lost line."""
    kind = random.choice(["gross_total", "tax_total", "missing_line"])
    if kind == "missing_line" and len(data.items) > 1:
        return replace(data, items=data.items[:-1], flaw=kind)
    if kind == "tax_total" and data.tax_total:
        percent, base, tax = data.taxes[0]
        wrong = [(percent, base, tax + 3), *data.taxes[1:]]
        return replace(data, taxes=wrong, tax_total=data.tax_total + 3, flaw=kind)
    return replace(data, gross_total=data.gross_total + 10, amount_due=data.amount_due + 10, flaw="gross_total")
