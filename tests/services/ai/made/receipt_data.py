"""What a till receipt tells, before any layout: articles, discounts, taxes, what was paid and what came back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from tests.services.ai.made.vocabulary import VOCABULARIES, address


@dataclass(frozen=True)
class Article:
    """One line; a discount has a negative amount and no quantity."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    tax_percent: Decimal


@dataclass
class ReceiptData:
    """One purchase. Taxes are rate, base, tax; the base is without tax."""

    merchant: str
    merchant_address: list[str]
    number: str
    day: date
    time: str
    articles: list[Article]
    taxes: list[tuple[Decimal, Decimal, Decimal]]
    subtotal: Decimal
    tax_total: Decimal
    tip: Decimal
    total: Decimal
    paid: Decimal
    change: Decimal
    card: str
    flaw: str | None = None

    def truth(
        self,
        *,
        totals: Iterable[str],
        lines: Sequence[str] = ("description", "amount"),
        taxes: Sequence[str] = (),
        quantities: bool = False,
        **printed: Any,
    ) -> dict[str, Any]:
        """The receipt in the words of the typed document, with what a layout prints of it.

        With `quantities`, lines of more than one piece have quantity and unit price. `optional` has values that
        may be read though no label tells them.
        """
        totals = tuple(totals)
        implied = {name: [str(getattr(self, name))] for name in ("subtotal", "tax_total")}
        implied["paid"] = [str(self.paid), str(self.total)]
        return {
            "optional": {name: values for name, values in implied.items() if name not in totals},
            "merchant": {"name": self.merchant, "address": "\n".join(self.merchant_address)},
            "number": self.number,
            "purchase_date": self.day.isoformat(),
            "time": self.time,
            **printed,
            "lines": [
                {
                    **{name: str(getattr(article, name)) for name in lines},
                    **(
                        {"quantity": str(article.quantity), "unit_price": str(article.unit_price)}
                        if quantities and article.quantity != 1
                        else {}
                    ),
                }
                for article in self.articles
            ],
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


def _cents(value: Decimal, digits: int = 2) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def receipt(
    random: Random,
    language: str,
    count: int,
    *,
    rates: Sequence[str],
    tax_included: bool = True,
    discount: bool = False,
    tip: bool = False,
    cash: bool = True,
    digits: int = 2,
) -> ReceiptData:
    """A purchase; with `tax_included` the amounts of articles have their tax in them."""
    words = VOCABULARIES[language]
    articles = []
    for _ in range(count):
        pieces = Decimal(random.choice(["1", "1", "1", "2", "3", "6"]))
        price = _cents(
            Decimal(str(random.choice([2, 6, 25]) * random.uniform(0.15, 1))) * (1 if digits else 100), digits
        )
        rate = Decimal(random.choice(rates))
        articles.append(Article(random.choice(words.goods), pieces, price, pieces * price, rate))
    if discount:
        last = articles[-1]
        articles.append(
            Article(last.description, Decimal(1), Decimal(0), -_cents(last.amount / 10, digits), last.tax_percent)
        )
    sums = {
        rate: sum((a.amount for a in articles if a.tax_percent == rate), Decimal(0)) for rate in map(Decimal, rates)
    }
    if tax_included:
        bases = {rate: _cents(amount / (1 + rate / 100), digits) for rate, amount in sums.items() if amount}
        taxes = [(rate, base, sums[rate] - base) for rate, base in bases.items()]
    else:
        taxes = [(rate, amount, _cents(amount * rate / 100, digits)) for rate, amount in sums.items() if amount]
    subtotal = sum(sums.values(), Decimal(0))
    tax_total = sum((tax for _, _, tax in taxes), Decimal(0))
    left = _cents(subtotal * Decimal("0.15"), digits) if tip else Decimal(0)
    total = subtotal + left + (0 if tax_included else tax_total)
    note = Decimal(5 if digits else 1000)
    paid = (total // note + 1) * note if cash else total
    paid = _cents(paid, digits)
    when = date(2025, 1, 3) + timedelta(days=random.randrange(340))
    time = f"{random.randint(7, 21):02d}:{random.randint(0, 59):02d}"
    shop, where = random.choice(words.shops), address(random, language)
    number, card = f"{random.randint(10**5, 10**6 - 1)}", f"{random.randint(0, 9999):04d}"
    return ReceiptData(
        shop, where, number, when, time, articles, taxes, subtotal, tax_total, left, total, paid, paid - total, card
    )


def spoiled(data: ReceiptData, random: Random) -> ReceiptData:
    """The same with an error that arithmetic must find: a wrong total or a lost line."""
    if random.random() < 0.5 and len(data.articles) > 2:
        return replace(data, articles=data.articles[1:], flaw="missing_line")
    return replace(data, total=data.total + 1, paid=data.paid + 1, flaw="total")
