"""Invoices of web services and spreadsheets."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from html import escape
from random import Random
from typing import Any

from tests.services.ai.made.amounts import Money, day, quantity
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.invoice_data import invoice, rounded, spoiled, with_tax
from tests.services.ai.made.programs import from_html, from_spreadsheet, table

_STYLE = """@page { size: A4; margin: 18mm; @bottom-left { content: "Page " counter(page) " of " counter(pages);
font-size: 7pt } }
body { font-family: Carlito; font-size: 10pt } table { width: 100%; border-collapse: collapse }
td, th { padding: 3pt 2pt; text-align: left; vertical-align: top } .n { text-align: right; white-space: nowrap }
thead { display: table-header-group } th { font-size: 8pt; color: #555; border-bottom: 0.6pt solid #333 }
.two td { width: 50% } .sums { width: 45%; margin-left: 55% } .sums td { border-top: 0.4pt solid #ccc }
h1 { font-size: 19pt } h2 { font-size: 13pt } .small { font-size: 7.5pt; color: #666 }"""


def _lines(*lines: str) -> str:
    return "<br>".join(escape(line) for line in lines)


@layout("invoice", seen=False)
def subscription_service(random: Random, flawed: bool) -> Drawn:
    """Plain labels in a narrow table, a large sentence with sum and due date, no tax at all, two letters for money."""
    data = invoice(random, "en", random.randint(1, 6), rates=("0",), number="A7F3C0D1-{serial}")
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".", before="$")
    facts = table(
        [
            ["Invoice number", data.number],
            ["Date of issue", day(data.issued, "MMMM d, yyyy")],
            ["Date due", day(data.due, "MMMM d, yyyy")],
        ]
    )
    rows = [
        ["\n".join(item.description), quantity(item.quantity), money(item.unit_price), money(item.net)]
        for item in data.items
    ]
    sums = table(
        [
            ["Subtotal", money(data.lines_total)],
            ["Total", money(data.gross_total)],
            ["Amount due", f"{money(data.amount_due)} USD"],
        ],
        kinds=["", "n"],
    )
    body = f"""<h1>Invoice</h1><div style='width:55%'>{facts}</div><br><table class='two'><tr>
<td><b>{escape(data.seller)}</b><br>{_lines(*data.seller_address, "United States", "billing@example.com")}</td>
<td><b>Bill to</b><br>{_lines(data.buyer, *data.buyer_address)}</td></tr></table>
<h2>{money(data.amount_due)} USD due {day(data.due, "MMMM d, yyyy")}</h2>
{table(rows, head=["Description", "Qty", "Unit price", "Amount"], kinds=["", *"nnn"])}
<br><div class='sums'>{sums}</div>"""
    truth = data.truth(
        lines=("description", "quantity", "unit_price", "net_amount"),
        totals=("gross_total", "amount_due"),
        due=True,
        currency="USD",
        seller={"email": "billing@example.com"},
    )
    open_fields = ("taxes", "net_total", "tax_total", "seller.address", "buyer.address")
    return Drawn(from_html(body, _STYLE), [truth], data.flaw, open_fields)


@layout("invoice", seen=False)
def marketplace(random: Random, flawed: bool) -> Drawn:
    """Prices without and with tax on each line, shipping as a line of its own, totals by rate at the end."""
    data = invoice(random, "de", random.randint(1, 7), rates=("19",), number="DE-AEU-INV-{year}-{serial}", more_lines=0)
    # Prices have their tax in them here: the sums are made of what the lines show.
    data.items = [replace(item, gross=with_tax(item).gross) for item in data.items]
    data.gross_total = sum((item.gross for item in data.items), Decimal(0))
    data.net_total = rounded(data.gross_total / Decimal("1.19"))
    data.tax_total = data.gross_total - data.net_total
    data.taxes = [(Decimal(19), data.net_total, data.tax_total)]
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",", after=" €")
    order = f"305-{random.randint(10**6, 10**7 - 1)}-{random.randint(10**6, 10**7 - 1)}"
    rows = []
    for item in data.items:
        gross = rounded(item.unit_price * Decimal("1.19"))
        rows.append(
            [
                f"{item.description[0]}\nASIN: B0{item.code[4:]}X{item.code[1:3]}",
                quantity(item.quantity, ","),
                money(item.unit_price),
                "19%",
                money(gross),
                money(item.gross),
            ]
        )
    heads = ["Beschreibung", "Menge", "Stückpreis (ohne USt.)", "USt. %"]
    heads += ["Stückpreis (inkl. USt.)", "Zwischensumme (inkl. USt.)"]
    by_rate = [[f"{percent}%", money(base), money(tax)] for percent, base, tax in data.taxes]
    body = f"""<table class='two'><tr><td><h1>Rechnung</h1></td><td class='n'>
<b>Zahlbetrag {money(data.gross_total)}</b></td></tr></table>
<p>Verkauft von <b>{escape(data.seller)}</b><br>USt-IDNr. DE129415943</p>
<p>Rechnungsdatum/Lieferdatum {day(data.issued, "dd MMMM yyyy", "de")}<br>Rechnungsnummer {data.number}</p>
<table class='two'><tr><td><b>Rechnungsadresse</b><br>{_lines(data.buyer, *data.buyer_address)}</td>
<td><b>Lieferadresse</b><br>{_lines(data.buyer, *data.buyer_address)}</td></tr></table>
<h2>Bestellinformationen</h2><p>Bestelldatum {day(data.issued, "dd MMMM yyyy", "de")}<br>Bestellnummer {order}</p>
<h2>Rechnungsdetails</h2>
{table(rows, head=heads, kinds=["", *"nnnnn"])}
<p class='n'><b>Gesamtpreis {money(data.gross_total)}</b></p><div class='sums'>
{table(by_rate, head=["USt. %", "Zwischensumme (ohne USt.)", "USt."], kinds=["", *"nn"])}
{table([["USt. Gesamt", money(data.net_total), money(data.tax_total)]], kinds=["", *"nn"])}</div>"""
    truth = data.truth(
        lines=("description", "quantity", "unit_price", "tax_percent", "gross_amount"),
        totals=("net_total", "tax_total", "gross_total"),
        taxes=("percent", "base", "amount"),
        seller={"vat_id": "DE129415943"},
        currency="EUR",
        delivery_date=data.issued.isoformat(),
    )
    truth["seller"].pop("address")
    open_fields = ("amount_due", "purchase_order", "buyer.address", "lines.description", "lines.code")
    return Drawn(from_html(body, _STYLE), [truth], data.flaw, open_fields)


@layout("invoice", seen=False)
def spreadsheet_invoice(random: Random, flawed: bool) -> Drawn:
    """An Austrian firm's invoice written in a spreadsheet and exported by LibreOffice."""
    data = invoice(random, "de", random.randint(2, 8), rates=("20",), number="{serial}/{year}", more_lines=0)
    data = spoiled(data, random) if flawed else data
    rows: list[list[Any]] = [
        [data.seller],
        [", ".join(data.seller_address)],
        ["UID: ATU66889218"],
        [],
        ["An:", data.buyer],
    ]
    rows += [[None, line] for line in data.buyer_address]
    rows += [
        [],
        ["Rechnung Nr.", data.number],
        ["Datum:", day(data.issued, "dd.MM.yyyy")],
        ["Zahlbar bis:", day(data.due, "dd.MM.yyyy")],
        [],
    ]
    rows.append(["Pos", "Leistung", "Menge", "Preis/EH", "Gesamt EUR"])
    start = len(rows) - 1
    rows += [[str(item.position), item.description[0], item.quantity, item.unit_price, item.net] for item in data.items]
    rows += [[None, None, None, "Netto", data.net_total], [None, None, None, "20 % MwSt", data.tax_total]]
    rows += [
        [None, None, None, "Brutto", data.gross_total],
        [],
        ["Steuerfreie Lieferung: nein. Wir danken für den Auftrag!"],
    ]
    pdf = from_spreadsheet(
        rows, widths=(14, 40, 10, 14, 15), bold=(0, start, len(rows) - 3), number_format="[$-C07]#,##0.00"
    )
    truth = data.truth(
        lines=("position", "description", "quantity", "unit_price", "net_amount"),
        totals=("net_total", "tax_total", "gross_total"),
        seller={"vat_id": "ATU66889218"},
        due=True,
        currency="EUR",
    )
    return Drawn(pdf, [truth], data.flaw, ("taxes", "amount_due", "seller.address", "buyer.address"))


@layout("invoice", seen=False)
def canadian_two_taxes(random: Random, flawed: bool) -> Drawn:
    """Two taxes on one base, GST and PST, with registration numbers beside their labels; a balance after payments."""
    data = invoice(random, "en", random.randint(2, 7), rates=("5",), number="CA{serial}", more_lines=0)
    federal = data.taxes[0][2]
    provincial = rounded(data.net_total * Decimal("0.07"))
    data.taxes = [(Decimal(5), data.net_total, federal), (Decimal(7), data.net_total, provincial)]
    data.tax_total = federal + provincial
    data.gross_total = data.net_total + data.tax_total
    data.prepaid = Decimal("25.00") if data.gross_total > 25 else Decimal(0)
    data.amount_due = data.gross_total - data.prepaid
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".", before="$")
    rows = [
        [
            day(data.issued, "yyyy-MM-dd"),
            item.description[0],
            quantity(item.quantity),
            money(item.unit_price),
            money(item.net),
        ]
        for item in data.items
    ]
    federal, provincial = data.taxes[0][2], data.taxes[1][2]
    sums = [
        ["Subtotal", money(data.net_total)],
        ["GST 5% (123026635 RT0001)", money(federal)],
        ["PST 7% (PST-1234-5678)", money(provincial)],
        ["Total (CAD)", money(data.gross_total)],
        ["Payments received", money(-data.prepaid)],
        ["Balance owing", money(data.amount_due)],
    ]
    body = f"""<table class='two'><tr><td><h2>{escape(data.seller)}</h2>{_lines(*data.seller_address)}</td>
<td class='n'><h1>Invoice</h1>Invoice No.: {data.number}<br>Invoice Date: {day(data.issued, "yyyy-MM-dd")}<br>
Terms: Net 30 - Due: {day(data.due, "yyyy-MM-dd")}</td></tr></table>
<p><b>Sold to:</b><br>{_lines(data.buyer, *data.buyer_address)}</p>
{table(rows, head=["Date", "Item", "Hours/Qty", "Rate", "Amount"], kinds=["", "", *"nnn"])}<br>
<div class='sums'>{table(sums, kinds=["", "n"])}</div><p class='small'>Interest of 2% per month (24% per year) on
overdue accounts. Cheques returned NSF: $45.00 charge.</p>"""
    truth = data.truth(
        lines=("description", "quantity", "unit_price", "net_amount"),
        totals=("net_total", "gross_total", "prepaid", "amount_due"),
        taxes=("percent", "amount"),
        due=True,
        currency="CAD",
    )
    open_fields = ("tax_total", "seller.tax_number", "seller.vat_id", "taxes.base", "seller.address")
    return Drawn(from_html(body, _STYLE), [truth], data.flaw, open_fields)
