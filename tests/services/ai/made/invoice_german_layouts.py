"""Invoices as programs in Germany, Austria and Switzerland print them."""

from __future__ import annotations

from random import Random

from tests.services.ai.made.amounts import Money, day, quantity
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.flow import Column, Flow
from tests.services.ai.made.invoice_data import InvoiceData, invoice, spoiled
from tests.services.ai.made.sheet import A4, Sheet, Writing
from tests.services.ai.made.vocabulary import iban, in_fours


def _vat_id(random: Random, country: str = "DE") -> str:
    """A VAT id with its right check digit (ISO 7064 MOD 11,10, as Germany has it)."""
    digits, product = [random.randint(1, 9), *(random.randint(0, 9) for _ in range(7))], 10
    for digit in digits:
        total = (digit + product) % 10 or 10
        product = 2 * total % 11
    return f"{country}{''.join(map(str, digits))}{(11 - product) % 10}"


@layout("invoice")
def german_din_letter(random: Random, flawed: bool) -> Drawn:
    """The letter of DIN 5008: sender over the window, data block at the right, two tax rates, three-column footer."""
    data = invoice(
        random, "de", random.choice([1, 4, 9, 34]), rates=("19", "7"), units=("Stk", "h", "kg"), number="RE-{serial}"
    )
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",")
    vat, account = _vat_id(random), iban(random, "DE", 18)
    customer = f"K{random.randint(1000, 9999)}"
    sheet = Sheet(A4, points=9, writing=random.choice([Writing.STRINGS, Writing.GAPS]))
    sheet.text(60, 60, data.seller, size=16, bold=True)
    sheet.text(60, 128, " · ".join([data.seller, *data.seller_address]), size=6)
    sheet.lines(60, 145, [data.buyer, *data.buyer_address])
    block = [
        ("Rechnungsnummer:", data.number),
        ("Rechnungsdatum:", day(data.issued, "dd.MM.yyyy")),
        ("Leistungsdatum:", day(data.issued, "dd.MM.yyyy")),
        ("Kundennummer:", customer),
    ]
    for row, (label, value) in enumerate(block):
        sheet.text(360, 145 + 13 * row, label)
        sheet.text(540, 145 + 13 * row, value, align="right")
    sheet.text(60, 260, f"Rechnung {data.number}", size=13, bold=True)
    sheet.text(60, 280, "Vielen Dank für Ihren Auftrag. Wir berechnen Ihnen wie folgt:")
    columns = [
        Column(60),
        Column(90),
        Column(320, "right"),
        Column(328),
        Column(415, "right"),
        Column(460, "right"),
        Column(540, "right"),
    ]

    def head() -> None:
        flow.row("Pos.", "Bezeichnung", "Menge", "Einh.", "Einzelpreis", "USt.", "Gesamt", bold=True, down=1.5)
        flow.rule(60, 540)

    flow = Flow(
        sheet, columns, top=310, bottom=720, next_top=80, head=head, foot=lambda: _footer(sheet, data, vat, account)
    )
    head()
    for item in data.items:
        flow.room(len(item.description))
        price, rate = money(item.unit_price), f"{item.tax_percent} %"
        flow.row(
            str(item.position),
            item.description[0],
            quantity(item.quantity, ","),
            item.unit,
            price,
            rate,
            money(item.net),
        )
        for more in item.description[1:]:
            flow.row("", more, size=8, grey=0.3)
    flow.room(6)
    flow.rule(60, 540)
    rows = [("Nettobetrag", data.net_total)]
    rows += [(f"zzgl. {percent} % USt. auf {money(base)}", tax) for percent, base, tax in data.taxes]
    rows.append(("Rechnungsbetrag EUR", data.gross_total))
    for label, amount in rows:
        sheet.text(330, flow.y, label, bold=amount is data.gross_total)
        flow.row("", "", "", "", "", "", money(amount), bold=amount is data.gross_total, down=1.2)
    sheet.text(60, flow.y + 14, f"Zahlbar ohne Abzug bis zum {day(data.due, 'dd.MM.yyyy')}.")
    _footer(sheet, data, vat, account)
    truth = data.truth(
        lines=("position", "description", "quantity", "unit", "unit_price", "tax_percent", "net_amount"),
        totals=("net_total", "gross_total"),
        taxes=("percent", "base", "amount"),
        seller={"vat_id": vat, "tax_number": "241/107/30871"},
        due=True,
        delivery_date=data.issued.isoformat(),
        customer_number=customer,
        currency="EUR",
        iban=account,
        bic="SPNODE51XXX",
    )
    return Drawn(sheet.pdf(), [truth], data.flaw, ("tax_total", "amount_due"))


def _footer(sheet: Sheet, data: InvoiceData, vat: str, account: str) -> None:
    sheet.rule(60, 770, 540, grey=0.6)
    parts = [
        [data.seller, *data.seller_address],
        ["Geschäftsführer: A. Beck", "Amtsgericht Nürnberg HRB 20417", f"USt-IdNr. {vat}", "St.-Nr. 241/107/30871"],
        ["Sparbank Nordheim", f"IBAN {in_fours(account)}", "BIC SPNODE51XXX"],
    ]
    for place, lines in enumerate(parts):
        sheet.lines(60 + 165 * place, 782, lines, size=6.5, leading=8.5, grey=0.3)
    sheet.text(540, 825, f"Seite {sheet.page_number}", size=6.5, align="right")


@layout("invoice")
def german_credit_note(random: Random, flawed: bool) -> Drawn:
    """A credit note (Rechnungskorrektur) with a discount on lines, in a serif face, columns ruled."""
    data = invoice(
        random, "de", random.randint(1, 6), rates=("19",), discounts=True, number="GS{year}{serial}", units=("Stück",)
    )
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",", after=" €")
    sheet = Sheet(A4, font="Times-Roman", points=10, writing=Writing.COLUMNS)
    vat = _vat_id(random)
    sheet.lines(400, 60, [data.seller, *data.seller_address, f"USt-ID: {vat}"], leading=13)
    sheet.lines(60, 150, [data.buyer, *data.buyer_address])
    sheet.text(60, 250, "Rechnungskorrektur", size=16, bold=True)
    sheet.text(60, 270, f"Nr. {data.number} vom {day(data.issued, 'd. MMMM yyyy', 'de')} zu Rechnung RE-00817")
    columns = [
        Column(65),
        Column(130),
        Column(330, "right"),
        Column(400, "right"),
        Column(450, "right"),
        Column(535, "right"),
    ]
    edges = (60, 126, 290, 336, 405, 455, 540)
    flow = Flow(sheet, columns, top=305, bottom=780, leading=15)
    top = flow.y - 12
    flow.row("Art.-Nr.", "Artikel", "Menge", "Preis", "Rabatt", "Betrag", bold=True)
    for item in data.items:
        for left in (60,):
            sheet.rule(left, flow.y - 11, 540)
        discount = f"{item.discount_percent} %" if item.discount_percent else ""
        flow.row(
            item.code,
            item.description[0],
            quantity(item.quantity, ","),
            money(item.unit_price),
            discount,
            money(item.net),
        )
        for more in item.description[1:]:
            flow.row("", more)
    for edge in edges:
        sheet.stroke(edge, top, edge, flow.y - 11)
    sheet.rule(60, flow.y - 11, 540)
    sheet.rule(60, top, 540)
    flow.y += 6
    for label, amount in (
        ("Summe netto", data.net_total),
        ("Umsatzsteuer 19 %", data.tax_total),
        ("Gutschriftbetrag", data.gross_total),
    ):
        sheet.text(450, flow.y, label, align="right", bold=label.startswith("Gut"))
        sheet.text(535, flow.y, money(amount), align="right", bold=label.startswith("Gut"))
        flow.y += 15
    truth = data.truth(
        lines=("code", "description", "quantity", "unit_price", "discount_percent", "net_amount"),
        totals=("net_total", "tax_total", "gross_total"),
        seller={"vat_id": vat},
        currency="EUR",
    )
    truth["kind"] = "credit_note"
    return Drawn(sheet.pdf(), [truth], data.flaw, ("taxes", "amount_due"))
