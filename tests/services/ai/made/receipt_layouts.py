"""Receipts of tills: narrow paper, tax letters, tips, change, card slips."""

from __future__ import annotations

from random import Random

from tests.services.ai.made.amounts import Money, day
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.receipt_data import Article, receipt, spoiled
from tests.services.ai.made.sheet import Sheet, Writing

#: 80 mm paper, in points.
_WIDE = 226.0


class _Till:
    """A pen that prints line after line on narrow paper."""

    def __init__(self, height: float, *, font: str, points: float = 8, writing: Writing = Writing.STRINGS) -> None:
        self.sheet = Sheet((_WIDE, height), font=font, points=points, writing=writing)
        self.y, self.leading = 24.0, points * 1.3

    def pair(self, left: str, right: str = "", *, bold: bool = False, right_x: float = 212, down: float = 1) -> None:
        self.sheet.text(14, self.y, left, bold=bold)
        self.sheet.text(right_x, self.y, right, bold=bold, align="right")
        self.y += self.leading * down

    def middle(self, text: str, *, bold: bool = False, size: float | None = None) -> None:
        self.sheet.text(_WIDE / 2, self.y, text, align="center", bold=bold, size=size)
        self.y += self.leading * (1.4 if size else 1)

    def dashes(self) -> None:
        self.middle("-" * 32)


@layout("receipt")
def german_supermarket(random: Random, flawed: bool) -> Drawn:
    """Tax letters A and B behind amounts, pieces above the article, a tax table with Netto, MwSt, Brutto."""
    data = receipt(random, "de", random.choice([1, 5, 14, 30]), rates=("19", "7"), discount=random.random() < 0.5)
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",")
    letters = {"19": "A", "7": "B"}
    till = _Till(300 + 22 * len(data.articles), font="Courier", writing=Writing.STRINGS)
    till.middle(data.merchant, bold=True, size=12)
    for line in data.merchant_address:
        till.middle(line)
    till.middle("Tel. 0911 4477-0   UID Nr. DE123456788")
    till.pair("", "EUR", down=1.2)
    for article in data.articles:
        letter = letters[str(article.tax_percent)]
        if article.quantity != 1:
            till.pair(f"   {article.quantity} Stk x {money(article.unit_price):>8}")
        name = "RABATT 10 %" if article.amount < 0 else article.description.upper()[:28]
        till.pair(name, f"{money(article.amount)} {letter}")
    till.dashes()
    till.pair("SUMME EUR", f"{money(data.total)}  ", bold=True)
    till.dashes()
    till.pair("Geg. BAR EUR", f"{money(data.paid)}  ")
    till.pair("Rückgeld BAR EUR", f"{money(data.change)}  ", down=1.6)
    till.pair("Steuer %    Netto   Steuer   Brutto")
    for percent, base, tax in data.taxes:
        till.pair(f"{letters[str(percent)]}= {percent:>2},0% {money(base):>8} {money(tax):>8} {money(base + tax):>8}")
    till.y += 8
    till.pair(f"{day(data.day, 'dd.MM.yyyy')}  {data.time}   Bon-Nr.:{data.number}")
    till.pair("Markt:0417 Kasse:3 Bed.:118118")
    till.middle("Vielen Dank für Ihren Einkauf")
    truth = data.truth(
        totals=("total", "paid", "change"),
        taxes=("percent", "base", "amount"),
        quantities=True,
        currency="EUR",
        payment_method="BAR",
    )
    for line, article in zip(truth["lines"], data.articles, strict=True):
        line["description"] = "RABATT 10 %" if article.amount < 0 else article.description.upper()[:28].strip()
    return Drawn(till.sheet.pdf(), [truth], data.flaw, ("tax_total", "payment_method", "merchant.vat_id"))


@layout("receipt")
def american_restaurant(random: Random, flawed: bool) -> Drawn:
    """Subtotal, tax, tip and total; a card with its last four digits; month first, hours with PM."""
    data = receipt(random, "en", random.randint(2, 9), rates=("8.875",), tax_included=False, tip=True, cash=False)
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".", before="$")
    till = _Till(330 + 12 * len(data.articles), font="Helvetica", points=8.5, writing=Writing.WORDS)
    till.middle(data.merchant, bold=True, size=13)
    for line in data.merchant_address:
        till.middle(line)
    till.middle("(555) 010-7781")
    till.y += 8
    hour, minute = data.time.split(":")
    clock = f"{(int(hour) + 11) % 12 + 1}:{minute} {'AM' if int(hour) < 12 else 'PM'}"
    till.pair(f"Check #{data.number}", "Table 12")
    till.pair(f"{day(data.day, 'MM/dd/yyyy')} {clock}", "Server: Dana", down=1.6)
    for article in data.articles:
        till.pair(f"{article.quantity} {article.description}", money(article.amount))
    till.y += 6
    till.pair("Subtotal", money(data.subtotal))
    till.pair("Tax", money(data.tax_total))
    till.pair("Tip", money(data.tip))
    till.pair("Total", money(data.total), bold=True, down=1.8)
    till.pair(f"VISA XXXXXXXXXXXX{data.card}", money(data.total))
    till.pair("Auth 004417", "Approved")
    till.middle("Suggested tip: 18% / 20% / 22%")
    totals = ("subtotal", "tax_total", "tip", "total")
    truth = data.truth(totals=totals, currency="USD", payment_method="VISA", card=data.card)
    for line, article in zip(truth["lines"], data.articles, strict=True):
        line["quantity"] = str(article.quantity)
    return Drawn(till.sheet.pdf(), [truth], data.flaw, ("taxes", "paid", "payment_method"))


@layout("receipt")
def british_shop(random: Random, flawed: bool) -> Drawn:
    """Pounds before each figure, multibuy savings below their article, VAT summary at the end."""
    data = receipt(random, "en", random.randint(3, 20), rates=("20", "0"), discount=True, cash=random.random() < 0.5)
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".", before="£")
    till = _Till(300 + 24 * len(data.articles), font="Helvetica", points=8, writing=Writing.GAPS)
    till.middle(data.merchant, bold=True, size=14)
    till.middle(", ".join(data.merchant_address))
    till.middle("VAT No. 123 4567 82")
    till.y += 6

    def shown(article: Article) -> str:
        return "Loyalty saving" if article.amount < 0 else article.description

    for article in data.articles:
        till.pair(shown(article), money(article.amount))
        if article.quantity != 1:
            till.pair(f"    {article.quantity} @ {money(article.unit_price)} each")
    till.y += 4
    till.pair("TOTAL", money(data.total), bold=True)
    if data.change:
        till.pair("Cash", money(data.paid))
        till.pair("Change due", money(data.change))
    else:
        till.pair(f"Contactless card **** {data.card}", money(data.total))
    till.y += 6
    till.pair("Items 14   Points earned 22")
    till.pair("VAT rate       Net         VAT")
    for percent, base, tax in data.taxes:
        till.pair(f"{percent}%          {money(base)}      {money(tax)}")
    till.middle(f"{day(data.day, 'dd/MM/yy')}  {data.time}  Trans {data.number}")
    totals = ("total", "paid", "change") if data.change else ("total",)
    more = {} if data.change else {"card": data.card}
    truth = data.truth(totals=totals, taxes=("percent", "base", "amount"), quantities=True, currency="GBP", **more)
    for line, article in zip(truth["lines"], data.articles, strict=True):
        line["description"] = shown(article)
    open_fields = ("tax_total", "payment_method", "merchant.vat_id", *(() if data.change else ("paid",)))
    return Drawn(till.sheet.pdf(), [truth], data.flaw, open_fields)


@layout("receipt")
def french_bistro(random: Random, flawed: bool) -> Drawn:
    """Quantity before the dish, TTC total, TVA at 10 and 20 per cent below, paid by card."""
    data = receipt(random, "fr", random.randint(2, 8), rates=("10", "20"), cash=False)
    data = spoiled(data, random) if flawed else data
    money = Money(" ", ",")
    till = _Till(280 + 12 * len(data.articles), font="Courier", points=7.5, writing=Writing.LETTERS)
    till.middle(data.merchant.upper(), bold=True, size=11)
    for line in data.merchant_address:
        till.middle(line)
    till.middle("SIRET 732 829 320 00074")
    till.pair(f"Ticket {data.number}", f"{day(data.day, 'dd/MM/yyyy')} {data.time}")
    till.pair("Couverts: 2", "Table 7", down=1.4)
    for article in data.articles:
        till.pair(f"{article.quantity} {article.description[:26]}", money(article.amount))
    till.dashes()
    till.pair("TOTAL TTC EUR", money(data.total), bold=True)
    for percent, base, tax in data.taxes:
        till.pair(f"TVA {percent},00%  HT {money(base)}", money(tax))
    till.pair("CARTE BANCAIRE", money(data.total))
    till.middle("Service compris - Merci de votre visite")
    truth = data.truth(totals=("total",), taxes=("percent", "base", "amount"), currency="EUR")
    for line, article in zip(truth["lines"], data.articles, strict=True):
        line["quantity"], line["description"] = str(article.quantity), article.description[:26].strip()
    truth["merchant"]["name"] = data.merchant.upper()
    return Drawn(till.sheet.pdf(), [truth], data.flaw, ("tax_total", "payment_method", "paid", "merchant.tax_number"))
