"""Invoices as programs in France, Italy, Spain and Japan print them."""

from __future__ import annotations

from random import Random

from tests.services.ai.made.amounts import Money, day, quantity
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.flow import Column, Flow
from tests.services.ai.made.invoice_data import invoice, spoiled
from tests.services.ai.made.sheet import A4, Sheet, Writing
from tests.services.ai.made.vocabulary import iban, in_fours


@layout("invoice")
def french_facture(random: Random, flawed: bool) -> Drawn:
    """Montant HT, TVA by rate in a table of its own at the left, Total TTC and Net à payer at the right; a remise."""
    data = invoice(
        random,
        "fr",
        random.choice([3, 8, 30]),
        rates=("20", "5.5"),
        allowance=True,
        prepaid=True,
        number="FA{year}{serial}",
        units=("U", "h"),
    )
    data = spoiled(data, random) if flawed else data
    money = Money(" ", ",")
    account = iban(random, "FR", 23)
    sheet = Sheet(A4, points=9, writing=Writing.GAPS)
    sheet.lines(50, 60, [data.seller, *data.seller_address], bold=True)
    sheet.lines(50, 100, ["SIRET 732 829 320 00074 - APE 4321A", "TVA intracom. : FR40303265045"], size=7.5, leading=10)
    sheet.lines(330, 130, [data.buyer, *data.buyer_address])
    sheet.text(50, 200, f"FACTURE N° {data.number}", size=13, bold=True)
    sheet.text(
        50,
        216,
        f"Date : {day(data.issued, 'dd/MM/yyyy')}     Échéance : {day(data.due, 'dd/MM/yyyy')}     Client : C00417",
    )
    columns = [
        Column(50),
        Column(125),
        Column(340, "right"),
        Column(355),
        Column(430, "right"),
        Column(475, "right"),
        Column(545, "right"),
    ]

    def head() -> None:
        sheet.box(48, flow.y - 11, 548, flow.y + 4, grey=0.88)
        flow.row("Référence", "Désignation", "Qté", "Un.", "P.U. HT", "TVA", "Montant HT", bold=True, down=1.5)

    flow = Flow(sheet, columns, top=245, bottom=700, leading=13, next_top=60, head=head)
    head()
    for item in data.items:
        flow.room(len(item.description))
        rate = f"{item.tax_percent:.2f}".replace(".", ",")
        flow.row(
            item.code,
            item.description[0],
            quantity(item.quantity, ","),
            item.unit,
            money(item.unit_price),
            rate,
            money(item.net),
        )
        for more in item.description[1:]:
            flow.row("", more, size=8, grey=0.4)
    flow.room(9)
    flow.y += 10
    top = flow.y
    for x, label in ((50, "Base HT"), (130, "Taux"), (190, "Montant TVA")):
        sheet.text(x, top, label, bold=True, size=8)
    for row, (percent, base, tax) in enumerate(data.taxes, start=1):
        for x, text in ((95, money(base)), (165, f"{percent:.2f} %".replace(".", ",")), (245, money(tax))):
            sheet.text(x, top + 13 * row, text, align="right", size=8)
    rows = [
        ("Total HT brut", data.lines_total),
        ("Remise 3 %", -data.allowance_total),
        ("Total HT net", data.net_total),
        ("Total TVA", data.tax_total),
        ("Total TTC", data.gross_total),
        ("Acompte versé", -data.prepaid),
        ("NET À PAYER (EUR)", data.amount_due),
    ]
    for row, (label, amount) in enumerate(rows):
        sheet.text(350, top + 14 * row, label, bold=label.isupper() or label == "Total TTC")
        sheet.text(545, top + 14 * row, money(amount), align="right", bold=label.isupper() or label == "Total TTC")
    sheet.lines(
        50,
        780,
        [
            f"Règlement par virement : IBAN {in_fours(account)} - BIC CRMIFRPP",
            "En cas de retard : indemnité forfaitaire de 40 € (art. D. 441-5), pénalités 3 fois le taux légal.",
        ],
        size=7,
        leading=10,
    )
    truth = data.truth(
        lines=("code", "description", "quantity", "unit", "unit_price", "tax_percent", "net_amount"),
        totals=("allowance_total", "net_total", "tax_total", "gross_total", "prepaid", "amount_due"),
        taxes=("percent", "base", "amount"),
        seller={"vat_id": "FR40303265045"},
        due=True,
        customer_number="C00417",
        currency="EUR",
        iban=account,
        bic="CRMIFRPP",
    )
    return Drawn(sheet.pdf(), [truth], data.flaw, ("seller.tax_number",))


@layout("invoice")
def spanish_factura(random: Random, flawed: bool) -> Drawn:
    """Base imponible, cuota de IVA, total in a row of boxes at the foot: labels above values."""
    data = invoice(random, "es", random.randint(1, 10), rates=("21",), discounts=True, number="F-{year}/{serial}")
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",", after=" €")
    bare = Money(".", ",")
    sheet = Sheet(A4, font="Helvetica", points=9, writing=Writing.SHUFFLED, seed=random.randint(0, 99))
    sheet.text(50, 60, data.seller, size=14, bold=True)
    sheet.lines(50, 76, [*data.seller_address, "NIF: B12345674"])
    sheet.text(545, 60, "FACTURA", size=18, align="right")
    sheet.text(545, 84, f"Número: {data.number}", align="right")
    sheet.text(545, 97, f"Fecha: {day(data.issued, 'dd-MM-yyyy')}", align="right")
    sheet.text(300, 140, "Cliente:", bold=True)
    sheet.lines(345, 140, [data.buyer, *data.buyer_address, "NIF: A58818501"])
    columns = [Column(50), Column(330, "decimal"), Column(410, "right"), Column(455, "right"), Column(545, "right")]
    flow = Flow(sheet, columns, top=220, bottom=640, leading=14)
    sheet.text(50, flow.y, "Concepto", bold=True)
    for x, label in ((345, "Cantidad"), (410, "Precio"), (455, "Dto."), (545, "Importe")):
        sheet.text(x, flow.y, label, bold=True, align="right")
    flow.row(down=1.4)
    flow.rule(50, 545)
    for item in data.items:
        discount = f"{item.discount_percent}%" if item.discount_percent else ""
        pieces = f"{item.quantity:.2f}".replace(".", ",")
        flow.row(item.description[0], pieces, bare(item.unit_price), discount, bare(item.net))
        for more in item.description[1:]:
            flow.row(more, size=8)
    boxes = (
        ("BASE IMPONIBLE", money(data.net_total)),
        ("% IVA", "21,00 %"),
        ("CUOTA IVA", money(data.tax_total)),
        ("TOTAL FACTURA", money(data.gross_total)),
    )
    for place, (label, value) in enumerate(boxes):
        sheet.box(50 + 124 * place, 680, 172 + 124 * place, 722, grey=0.3, border=True)
        sheet.text(111 + 124 * place, 694, label, size=7.5, align="center", grey=0.3)
        sheet.text(111 + 124 * place, 712, value, size=10, align="center", bold=True)
    sheet.text(50, 760, f"Forma de pago: transferencia. Vencimiento: {day(data.due, 'dd-MM-yyyy')}")
    truth = data.truth(
        lines=("description", "quantity", "unit_price", "discount_percent", "net_amount"),
        totals=("net_total", "tax_total", "gross_total"),
        seller={"vat_id": "B12345674"},
        buyer={"vat_id": "A58818501"},
        due=True,
        currency="EUR",
    )
    return Drawn(
        sheet.pdf(),
        [truth],
        data.flaw,
        ("taxes", "amount_due", "seller.tax_number", "buyer.tax_number", "seller.vat_id", "buyer.vat_id"),
    )


@layout("invoice")
def japanese_seikyusho(random: Random, flawed: bool) -> Drawn:
    """A 請求書 without decimals, yen signs before the figures, 10 and 8 per cent apart."""
    data = invoice(random, "ja", random.randint(2, 8), rates=("10", "8"), digits=0, number="{serial}", more_lines=0)
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".", before="¥", digits=0)
    sheet = Sheet(A4, font="cjk", points=10)
    sheet.text(297, 60, "請 求 書", size=20, align="center")
    sheet.text(60, 110, f"{data.buyer} 御中", size=12)
    sheet.lines(60, 126, data.buyer_address[::-1])
    sheet.lines(
        380,
        110,
        [
            f"請求番号: {data.number}",
            f"請求日: {day(data.issued, 'y年M月d日', 'ja')}",
            f"支払期限: {day(data.due, 'y年M月d日', 'ja')}",
        ],
        leading=14,
    )
    sheet.lines(380, 165, [data.seller, *data.seller_address[::-1], "登録番号: T1234567890123"], leading=13)
    sheet.text(60, 200, f"ご請求金額  {money(data.gross_total)}", size=14)
    columns = [Column(60), Column(360, "right"), Column(440, "right"), Column(480, "right"), Column(540, "right")]
    flow = Flow(sheet, columns, top=250, bottom=640, leading=18)
    flow.row("品目", "数量", "単価", "税率", "金額")
    flow.rule(60, 540)
    for item in data.items:
        flow.row(
            item.description[0],
            quantity(item.quantity),
            money(item.unit_price),
            f"{item.tax_percent}%",
            money(item.net),
        )
    flow.rule(60, 540)
    rows = [
        ("小計", data.net_total),
        *((f"消費税({percent}%対象 {money(base)})", tax) for percent, base, tax in data.taxes),
        ("合計", data.gross_total),
    ]
    for label, amount in rows:
        sheet.text(430, flow.y, label, align="right")
        flow.row("", "", "", "", money(amount))
    truth = data.truth(
        lines=("description", "quantity", "unit_price", "tax_percent", "net_amount"),
        totals=("net_total", "gross_total"),
        taxes=("percent", "base", "amount"),
        due=True,
        currency="JPY",
    )
    open_fields = ("tax_total", "amount_due", "seller.tax_number", "seller.vat_id", "seller.address", "buyer.address")
    return Drawn(sheet.pdf(), [truth], data.flaw, open_fields)
