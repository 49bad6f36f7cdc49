"""Receipts of tills in further countries."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from tests.services.ai.made.amounts import Money, day
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.receipt_data import receipt, spoiled
from tests.services.ai.made.sheet import Sheet, Writing


def _paper(lines: int, *, font: str, points: float, width: float = 215, writing: Writing = Writing.STRINGS) -> Sheet:
    return Sheet((width, 120 + 1.35 * points * lines), font=font, points=points, writing=writing)


@layout("receipt", seen=False)
def italian_documento(random: Random, flawed: bool) -> Drawn:
    """DOCUMENTO COMMERCIALE: rate of each article in its own column, `di cui IVA`, cash and change."""
    data = receipt(random, "it", random.randint(1, 12), rates=("22", "10", "4"))
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",")
    sheet = _paper(28 + len(data.articles), font="Courier", points=7.5)
    y = 24.0

    def put(left: str = "", right: str = "", middle: str = "", bold: bool = False) -> None:
        nonlocal y
        sheet.text(12, y, left, bold=bold)
        sheet.text(150, y, middle, align="right")
        sheet.text(203, y, right, align="right", bold=bold)
        y += 10.5

    for line in (data.merchant, *data.merchant_address, "P.IVA 00743110157"):
        sheet.text(107, y, line, align="center")
        y += 10.5
    sheet.text(107, y + 4, "DOCUMENTO COMMERCIALE", align="center", bold=True)
    sheet.text(107, y + 14, "di vendita o prestazione", align="center")
    y += 30
    put("DESCRIZIONE", "Prezzo(€)", "IVA")
    for article in data.articles:
        put(article.description[:22], money(article.amount), f"{article.tax_percent:.2f}%".replace(".", ","))
    y += 6
    put("TOTALE COMPLESSIVO", money(data.total), bold=True)
    put("di cui IVA", money(data.tax_total))
    y += 6
    put("Pagamento contante", money(data.paid))
    put("Pagamento elettronico", "0,00")
    put("Resto", money(data.change))
    put("Importo pagato", money(data.total))
    y += 6
    put(f"{day(data.day, 'dd-MM-yyyy')} {data.time}")
    put(f"DOCUMENTO N. {data.number}")
    put("RT 96MKR012345")
    truth = data.truth(totals=("tax_total", "total", "paid", "change"), currency="EUR")
    for line, article in zip(truth["lines"], data.articles, strict=True):
        line["description"] = article.description[:22].strip()
    open_fields = ("payment_method", "merchant.vat_id", "merchant.tax_number", "taxes", "paid")
    return Drawn(sheet.pdf(), [truth], data.flaw, open_fields)


@layout("receipt", seen=False)
def dutch_supermarket(random: Random, flawed: bool) -> Drawn:
    """AANTAL, OMSCHRIJVING, PRIJS, BEDRAG in columns; bonus with a minus; paid by PIN; BTW table at the end."""
    data = receipt(random, "nl", random.randint(2, 18), rates=("9", "21"), discount=True, cash=False)
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",")
    sheet = _paper(30 + len(data.articles), font="mono", points=7, writing=Writing.WORDS)
    y = 24.0

    def put(*cells: str, bold: bool = False) -> None:
        nonlocal y
        for x, cell, align in zip((10, 32, 160, 205), cells, ("left", "left", "right", "right"), strict=False):
            sheet.text(x, y, cell, align=align, bold=bold)  # type: ignore[arg-type]
        y += 9.5

    for line in (data.merchant, *data.merchant_address, f"{day(data.day, 'dd-MM-yyyy')}   {data.time}"):
        sheet.text(107, y, line, align="center")
        y += 9.5
    put("AANTAL", "   OMSCHRIJVING", "PRIJS", "BEDRAG")
    for article in data.articles:
        if article.amount < 0:
            put("", "BONUS", "", money(article.amount))
        else:
            price = money(article.unit_price) if article.quantity != 1 else ""
            put(str(article.quantity), article.description.upper()[:20], price, money(article.amount))
    y += 4
    put("", "SUBTOTAAL", "", money(data.subtotal))
    put("", "TOTAAL", "", money(data.total), bold=True)
    put("", "PINNEN", "", money(data.total))
    put("", f"Kaart: xxxxxxxxxxxx{data.card}")
    y += 6
    put("BTW", "   OVER", "", "EUR")
    for percent, base, tax in data.taxes:
        put(f"{percent}%", f"   {money(base)}", "", money(tax))
    put(f"TRANSACTIE {data.number}  KASSA 4")
    truth = data.truth(
        totals=("subtotal", "total"), taxes=("percent", "base", "amount"), currency="EUR", card=data.card
    )
    for line, article in zip(truth["lines"], data.articles, strict=True):
        line["description"] = "BONUS" if article.amount < 0 else article.description.upper()[:20].strip()
        if article.amount > 0:
            line["quantity"] = str(article.quantity)
            if article.quantity != 1:
                line["unit_price"] = str(article.unit_price)
    return Drawn(sheet.pdf(), [truth], data.flaw, ("tax_total", "payment_method", "paid", "currency"))


@layout("receipt", seen=False)
def american_grocery(random: Random, flawed: bool) -> Drawn:
    """Tax flags behind figures, TAX and BALANCE DUE, cash and change, the number of items sold."""
    data = receipt(random, "en", random.randint(2, 25), rates=("7.25",), tax_included=False)
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".")
    sheet = _paper(26 + 2 * len(data.articles), font="Courier", points=8, width=240)
    lines = [
        f"{data.merchant.upper():^32}",
        f"{data.merchant_address[0].upper():^32}",
        f"{data.merchant_address[1].upper():^32}",
        f"{'CASHIER: PAT   REG 07':^32}",
        "",
    ]
    for article in data.articles:
        if article.quantity != 1:
            lines.append(f"  {article.quantity} @ {money(article.unit_price)}")
        lines.append(f"{article.description.upper()[:20]:<21}{money(article.amount):>9} T")
    lines += [
        "",
        f"{'SUBTOTAL':>20}{money(data.subtotal):>10}",
        f"{'TAX 7.25%':>20}{money(data.tax_total):>10}",
        f"{'BALANCE DUE':>20}{money(data.total):>10}",
        f"{'CASH':>20}{money(data.paid):>10}",
        f"{'CHANGE':>20}{money(data.change):>10}",
        "",
        f"# ITEMS SOLD {len(data.articles)}",
        f"{day(data.day, 'MM/dd/yy')}  {data.time}  {data.number}",
        "  SAVE UP TO $5.00 ON YOUR NEXT",
        "  VISIT: TELL US AT EXAMPLE.COM",
    ]
    sheet.lines(14, 24, lines, leading=10.8)
    totals = ("subtotal", "tax_total", "total", "paid", "change")
    truth = data.truth(totals=totals, quantities=True, currency=None)
    for line, article in zip(truth["lines"], data.articles, strict=True):
        line["description"] = article.description.upper()[:20].strip()
    truth["merchant"] = {"name": data.merchant.upper(), "address": "\n".join(data.merchant_address).upper()}
    return Drawn(sheet.pdf(), [truth], data.flaw, ("taxes", "payment_method", "currency", "number"))


@layout("receipt", seen=False)
def japanese_till(random: Random, flawed: bool) -> Drawn:
    """領収書: yen before the figures, 小計, 合計, お預り, お釣り, the tax in brackets below."""
    data = receipt(random, "ja", random.randint(1, 8), rates=("10",), digits=0)
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".", before="¥", digits=0)
    sheet = _paper(24 + len(data.articles), font="cjk", points=9)
    y = 26.0

    def put(left: str, right: str = "") -> None:
        nonlocal y
        sheet.text(14, y, left)
        sheet.text(200, y, right, align="right")
        y += 13

    put(data.merchant)
    put(data.merchant_address[1] + data.merchant_address[0])
    put(f"{day(data.day, 'y年M月d日', 'ja')} {data.time}", f"No.{data.number}")
    put("領収書")
    for article in data.articles:
        put(f"{article.description}", money(article.amount))
        if article.quantity != 1:
            put(f"   {article.quantity}個 x 単{money(article.unit_price)}")
    put("小計", money(data.subtotal))
    put("合計", money(data.total))
    put("(内消費税等 10%)", money(data.tax_total))
    put("お預り", money(data.paid))
    put("お釣り", money(data.change))
    totals = ("subtotal", "tax_total", "total", "paid", "change")
    truth = data.truth(totals=totals, quantities=True, currency="JPY")
    return Drawn(sheet.pdf(), [truth], data.flaw, ("taxes", "merchant.address"))


@layout("receipt", seen=False)
def german_fuel_station(random: Random, flawed: bool) -> Drawn:
    """Litres at three decimals, star letters, EC card with the last digits, net and tax below the sum."""
    data = receipt(random, "de", 1, rates=("19",), cash=False)
    litres, price = Decimal(random.randint(9000, 58000)) / 1000, Decimal(random.randint(1499, 1999)) / 1000
    amount = (litres * price).quantize(Decimal("0.01"))
    base = (amount / Decimal("1.19")).quantize(Decimal("0.01"))
    data.total = data.subtotal = amount + (2 if flawed else 0)
    data.flaw = "total" if flawed else None
    sheet = _paper(26, font="Helvetica", points=8)
    money = Money(".", ",")

    def decimals(value: Decimal) -> str:
        return str(value).replace(".", ",")

    rows = [
        (data.merchant, ""),
        (data.merchant_address[0], ""),
        (data.merchant_address[1], ""),
        ("", ""),
        (f"Beleg-Nr. {data.number}", f"{day(data.day, 'dd.MM.yy')} {data.time}"),
        ("* Super E10  Säule 4", f"{money(amount)} A"),
        (f"   {decimals(litres)} l  à {decimals(price)} EUR/l", ""),
        ("", ""),
        ("Gesamtbetrag EUR", money(data.total)),
        ("", ""),
        ("Typ     Netto      MwSt     Brutto", ""),
        (f"A 19%   {money(base)}     {money(amount - base)}     {money(amount)}", ""),
        ("", ""),
        ("Kartenzahlung girocard", ""),
        (f"PAN ###############{data.card}", ""),
        ("Bezahlt EUR", money(data.total)),
    ]
    for row, (left, right) in enumerate(rows):
        sheet.text(14, 24 + 11 * row, left)
        sheet.text(200, 24 + 11 * row, right, align="right")
    truth = data.truth(totals=("total",), currency="EUR", card=data.card)
    truth["lines"] = [
        {"description": "Super E10 Säule 4", "quantity": str(litres), "unit_price": str(price), "amount": str(amount)}
    ]
    truth["taxes"] = [{"percent": "19", "base": str(base), "amount": str(amount - base)}]
    open_fields = ("tax_total", "payment_method", "paid", "lines.description", "merchant.tax_number")
    return Drawn(sheet.pdf(), [truth], data.flaw, open_fields)


@layout("receipt", seen=False)
def spanish_bar(random: Random, flawed: bool) -> Drawn:
    """UDS, PRODUCTO, IMPORTE; base and quota below the total; a proportional face, words placed one by one."""
    data = receipt(random, "es", random.randint(1, 9), rates=("10",))
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",", after=" €")
    sheet = _paper(26 + len(data.articles), font="carlito", points=9, writing=Writing.WORDS)
    percent, base, tax = data.taxes[0]
    rows = [
        ("", data.merchant, ""),
        ("", data.merchant_address[0], ""),
        ("", data.merchant_address[1], ""),
        ("", "CIF: B12345674", ""),
        ("", f"Factura simplificada: {data.number}", ""),
        ("", f"Fecha: {day(data.day, 'dd/MM/yyyy')}  Hora: {data.time}", ""),
        ("UDS", "PRODUCTO", "IMPORTE"),
    ]
    rows += [(str(article.quantity), article.description[:26], money(article.amount)) for article in data.articles]
    rows += [
        ("", "TOTAL", money(data.total)),
        ("", "Entregado", money(data.paid)),
        ("", "Cambio", money(data.change)),
        ("", f"Base imponible {money(base)}   IVA {percent}% {money(tax)}", ""),
    ]
    for row, (left, middle, right) in enumerate(rows):
        sheet.text(12, 24 + 12 * row, left)
        sheet.text(38, 24 + 12 * row, middle)
        sheet.text(203, 24 + 12 * row, right, align="right")
    truth = data.truth(totals=("total", "paid", "change"), taxes=("percent", "base", "amount"), currency="EUR")
    for line, article in zip(truth["lines"], data.articles, strict=True):
        line["quantity"], line["description"] = str(article.quantity), article.description[:26].strip()
    return Drawn(
        sheet.pdf(), [truth], data.flaw, ("tax_total", "payment_method", "merchant.vat_id", "merchant.tax_number")
    )
