"""Invoices as programs in Britain, America and India print them."""

from __future__ import annotations

from random import Random

from tests.services.ai.made.amounts import Money, day, quantity
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.flow import Column, Flow
from tests.services.ai.made.invoice_data import invoice, spoiled
from tests.services.ai.made.sheet import A4, LETTER, Sheet, Writing


@layout("invoice")
def american_sales_tax(random: Random, flawed: bool) -> Drawn:
    """Bill to and ship to, sales tax at one broken rate, month first, total due with dollars glued to it."""
    data = invoice(
        random, "en", random.randint(2, 9), rates=("8.25",), charge=True, number="INV-{serial}", units=("ea",)
    )
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".", before="$")
    sheet = Sheet(LETTER, points=9.5)
    sheet.text(50, 60, data.seller, size=15, bold=True)
    sheet.lines(50, 76, [*data.seller_address, "Phone (555) 010-2234"])
    sheet.text(560, 60, "INVOICE", size=24, bold=True, align="right", grey=0.4)
    for row, (label, value) in enumerate(
        (
            ("Invoice #", data.number),
            ("Date", day(data.issued, "MM/dd/yyyy")),
            ("P.O. No.", "PO-77120"),
            ("Due Date", day(data.due, "MM/dd/yyyy")),
        )
    ):
        sheet.text(450, 84 + 13 * row, label, align="right", bold=True)
        sheet.text(560, 84 + 13 * row, value, align="right")
    for place, title in enumerate(("BILL TO", "SHIP TO")):
        sheet.box(50 + 270 * place, 150, 300 + 270 * place, 166, grey=0.85)
        sheet.text(55 + 270 * place, 162, title, bold=True)
        sheet.lines(55 + 270 * place, 180, [data.buyer, *data.buyer_address])
    columns = [Column(60, "center"), Column(90), Column(440, "right"), Column(555, "right")]
    sheet.box(50, 228, 560, 244, grey=0.85)
    flow = Flow(sheet, columns, top=240, bottom=620, leading=16)
    flow.row("QTY", "DESCRIPTION", "UNIT PRICE", "AMOUNT", bold=True, down=1.3)
    for item in data.items:
        flow.row(quantity(item.quantity), item.description[0], money(item.unit_price), money(item.net))
        for more in item.description[1:]:
            flow.row("", more, grey=0.4)
    flow.rule(50, 560)
    rows = [
        ("Subtotal", data.lines_total),
        ("Shipping & Handling", data.charge_total),
        ("Sales Tax (8.25%)", data.tax_total),
        ("TOTAL DUE", data.gross_total),
    ]
    for label, amount in rows:
        sheet.text(440, flow.y, label, align="right", bold=label.isupper())
        sheet.text(555, flow.y, money(amount), align="right", bold=label.isupper())
        flow.y += 15
    sheet.text(
        305,
        700,
        "Make all checks payable to the above. 1.5% monthly interest after 30 days. THANK YOU!",
        align="center",
    )
    truth = data.truth(
        lines=("quantity", "description", "unit_price", "net_amount"),
        totals=("charge_total", "tax_total", "gross_total"),
        due=True,
        purchase_order="PO-77120",
        currency="USD",
    )
    return Drawn(sheet.pdf(), [truth], data.flaw, ("net_total", "amount_due", "taxes"))


@layout("invoice")
def british_services(random: Random, flawed: bool) -> Drawn:
    """Net, VAT and gross on each line; labels above their values in a strip; part paid already."""
    data = invoice(random, "en", random.choice([2, 6, 40]), rates=("20", "5", "0"), prepaid=True, number="{serial}")
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".", before="£")
    bare = Money(",", ".")
    sheet = Sheet(A4, points=9, writing=Writing.WORDS)
    sheet.lines(
        545, 55, [data.seller, *data.seller_address, "VAT Reg No GB 123 4567 82", "accounts@example.com"], align="right"
    )
    sheet.text(50, 70, "Sales Invoice", size=20)
    sheet.text(50, 120, "To:", grey=0.5)
    sheet.lines(70, 120, [data.buyer, *data.buyer_address])
    strip = (
        ("Invoice No", data.number),
        ("Invoice date", day(data.issued, "d MMM yyyy")),
        ("Payment due", day(data.due, "d MMM yyyy")),
        ("Your reference", "HC/2231"),
    )
    for place, (label, value) in enumerate(strip):
        sheet.text(50 + 125 * place, 185, label, size=7.5, grey=0.45)
        sheet.text(50 + 125 * place, 198, value, bold=True)
    columns = [
        Column(50),
        Column(265, "right"),
        Column(325, "right"),
        Column(370, "right"),
        Column(425, "right"),
        Column(480, "right"),
        Column(545, "right"),
    ]

    def head() -> None:
        flow.row("Description", "Qty", "Price", "VAT %", "Net", "VAT", "Gross", bold=True, down=1.5)
        flow.rule(50, 545)

    flow = Flow(sheet, columns, top=230, bottom=740, leading=13, next_top=60, head=head)
    head()
    for item in data.items:
        flow.room(len(item.description))
        figures = (
            bare(item.unit_price),
            str(item.tax_percent),
            bare(item.net),
            bare(item.gross - item.net),
            bare(item.gross),
        )
        flow.row(item.description[0], quantity(item.quantity), *figures)
        for more in item.description[1:]:
            flow.row(more, size=7.5, grey=0.4)
    flow.room(7)
    flow.y += 8
    rows = [
        ("Total Net", data.net_total),
        ("Total VAT", data.tax_total),
        ("Invoice Total", data.gross_total),
        ("Less deposit paid", -data.prepaid),
        ("Balance Due", data.amount_due),
    ]
    for label, amount in rows:
        sheet.text(400, flow.y, label, bold=label == "Balance Due")
        sheet.text(545, flow.y, money(amount), align="right", bold=label == "Balance Due")
        flow.y += 14
    sheet.text(
        50, 800, "Payment by BACS to sort code 20-45-77, account 40117763. Registered in England 06112233.", size=7
    )
    truth = data.truth(
        lines=("description", "quantity", "unit_price", "tax_percent", "net_amount", "gross_amount"),
        totals=("net_total", "tax_total", "gross_total", "prepaid", "amount_due"),
        seller={"vat_id": "GB123456782", "email": "accounts@example.com"},
        due=True,
        currency="GBP",
    )
    return Drawn(sheet.pdf(), [truth], data.flaw, ("taxes", "purchase_order", "payment_reference", "customer_number"))


@layout("invoice")
def indian_gst(random: Random, flawed: bool) -> Drawn:
    """A boxed tax invoice with HSN codes, CGST and SGST apart, lakhs, a rounding line and the sum in words."""
    data = invoice(
        random,
        "en",
        random.randint(1, 7),
        rates=("18",),
        number="GST/25-26/{serial}",
        units=("Nos", "Kg"),
        more_lines=0,
    )
    half = (data.tax_total / 2).quantize(data.tax_total)
    data.rounding = (data.gross_total.quantize(type(half)("1")) - data.gross_total).quantize(half)
    data.amount_due = data.gross_total + data.rounding
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".", indian=True)
    sheet = Sheet(A4, font="sans", points=8)
    sheet.text(297, 50, "TAX INVOICE", size=12, bold=True, align="center")
    sheet.box(40, 60, 555, 600, grey=0.0, border=True)
    sheet.lines(46, 76, [data.seller, *data.seller_address, "GSTIN: 29AAGCB7383J1Z4"], leading=11)
    for row, (label, value) in enumerate(
        (("Invoice No.", data.number), ("Dated", day(data.issued, "d-MMM-yy")), ("Place of Supply", "Karnataka"))
    ):
        sheet.text(320, 76 + 14 * row, f"{label} : {value}")
    sheet.rule(40, 125, 555)
    sheet.text(46, 138, "Buyer (Bill to)", grey=0.4)
    sheet.lines(46, 150, [data.buyer, *data.buyer_address, "GSTIN: 27AADCB2230M1ZT"], leading=11)
    sheet.rule(40, 200, 555)
    columns = [
        Column(46),
        Column(70),
        Column(300),
        Column(385, "right"),
        Column(455, "right"),
        Column(465),
        Column(550, "right"),
    ]
    flow = Flow(sheet, columns, top=213, bottom=590, leading=14)
    flow.row("Sl", "Description of Goods", "HSN/SAC", "Quantity", "Rate", "per", "Amount", bold=True)
    flow.rule(40, 555)
    for item in data.items:
        flow.row(
            str(item.position),
            item.description[0],
            item.code[4:] + "90",
            f"{quantity(item.quantity)} {item.unit}",
            money(item.unit_price),
            item.unit,
            money(item.net),
            down=1.2,
        )
    flow.y += 10
    for label, amount in (("CGST @ 9%", half), ("SGST @ 9%", data.tax_total - half), ("Round Off", data.rounding)):
        sheet.text(290, flow.y, label, align="right", bold=True)
        flow.row("", "", "", "", "", "", money(amount))
    flow.rule(40, 555)
    flow.row("", "Total", "", "", "", "", f"₹ {money(data.amount_due)}", bold=True, down=2)
    sheet.text(46, flow.y, "Amount chargeable: Indian Rupees as above only. E. & O.E")
    truth = data.truth(
        lines=("position", "description", "quantity", "unit", "unit_price", "net_amount"),
        totals=("rounding", "amount_due"),
        seller={"vat_id": "29AAGCB7383J1Z4"},
        buyer={"vat_id": "27AADCB2230M1ZT"},
        currency="INR",
    )
    for line, item in zip(truth["lines"], data.items, strict=True):
        line["code"] = item.code[4:] + "90"
    open_fields = ("gross_total", "net_total", "tax_total", "taxes", "seller.tax_number", "buyer.tax_number")
    return Drawn(sheet.pdf(), [truth], data.flaw, open_fields)
