"""Invoices as desktop programs and utilities in further countries print them."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from tests.services.ai.made.amounts import Money, day, quantity
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.flow import Column, Flow
from tests.services.ai.made.invoice_data import invoice, rounded, spoiled, with_tax
from tests.services.ai.made.sheet import A4, Sheet, Writing
from tests.services.ai.made.vocabulary import iban, in_fours


@layout("invoice", seen=False)
def swiss_payment_slip(random: Random, flawed: bool) -> Drawn:
    """8.1 and 2.6 per cent, the payment part with its own amounts and references at the foot, rounded to 5 Rappen."""
    data = invoice(random, "de", random.randint(1, 8), rates=("8.1", "2.6"), number="{serial}", units=("Std.", "Stk."))
    nearest = (data.gross_total * 20).quantize(Decimal(1)) / 20
    data.rounding, data.amount_due = nearest - data.gross_total, rounded(nearest)
    data.rounding = rounded(data.rounding)
    data = spoiled(data, random) if flawed else data
    money = Money("\u2019", ".")
    account = iban(random, "CH", 17)
    reference = "".join(str(random.randint(0, 9)) for _ in range(26)) + "4"
    shown = f"{reference[:2]} " + " ".join(reference[place : place + 5] for place in range(2, 27, 5))
    sheet = Sheet(A4, font="Helvetica", points=9.5)
    sheet.lines(60, 60, [data.seller, *data.seller_address, "CHE-107.787.577 MWST"])
    sheet.lines(350, 130, [data.buyer, *data.buyer_address])
    sheet.text(60, 215, f"Rechnung Nr. {data.number}", size=13, bold=True)
    sheet.text(60, 232, f"Datum {day(data.issued, 'dd.MM.yyyy')}, zahlbar bis {day(data.due, 'dd.MM.yyyy')}")
    columns = [
        Column(60),
        Column(325, "right"),
        Column(335),
        Column(430, "right"),
        Column(475, "right"),
        Column(545, "right"),
    ]
    flow = Flow(sheet, columns, top=262, bottom=520, leading=12.5)
    flow.row("Leistung", "Anzahl", "", "Ansatz CHF", "MWST", "Total CHF", bold=True, down=1.4)
    for item in data.items:
        flow.row(
            item.description[0],
            quantity(item.quantity),
            item.unit,
            money(item.unit_price),
            f"{item.tax_percent}%",
            money(item.net),
        )
        for more in item.description[1:]:
            flow.row(more, size=8, grey=0.4)
    flow.rule(60, 545)
    rows = [
        ("Zwischentotal exkl. MWST", data.net_total),
        *((f"MWST {percent}% von CHF {money(base)}", tax) for percent, base, tax in data.taxes),
        ("Rundungsdifferenz", data.rounding),
        ("Rechnungsbetrag inkl. MWST", data.amount_due),
    ]
    for label, amount in rows:
        sheet.text(290, flow.y, label, bold=amount is data.amount_due)
        sheet.text(545, flow.y, money(amount), align="right", bold=amount is data.amount_due)
        flow.y += 12.5
    sheet.rule(0, 545, 595)
    sheet.stroke(175, 545, 175, 842)
    for x, title, size in ((14, "Empfangsschein", 11), (190, "Zahlteil", 11)):
        sheet.text(x, 565, title, size=size, bold=True)
    for x in (14, 340):
        lines = [
            "Konto / Zahlbar an",
            in_fours(account),
            data.seller,
            *data.seller_address,
            "",
            "Referenz",
            shown,
            "",
            "Zahlbar durch",
            data.buyer,
            *data.buyer_address,
        ]
        sheet.lines(x, 585, lines, size=7, leading=9)
    for x in (14, 190):
        sheet.text(x, 760, "Währung", size=7, bold=True)
        sheet.text(x + 45, 760, "Betrag", size=7, bold=True)
        sheet.text(x, 771, "CHF", size=8)
        sheet.text(x + 45, 771, Money(" ", ".")(data.amount_due), size=8)
    truth = data.truth(
        lines=("description", "quantity", "unit", "unit_price", "tax_percent", "net_amount"),
        totals=("net_total", "rounding", "amount_due"),
        taxes=("percent", "base", "amount"),
        seller={"vat_id": "CHE-107.787.577"},
        due=True,
        currency="CHF",
        iban=account,
        payment_reference=reference,
    )
    open_fields = ("tax_total", "gross_total", "seller.vat_id", "payment_reference", "seller.tax_number")
    return Drawn(sheet.pdf(), [truth], data.flaw, open_fields)


@layout("invoice", seen=False)
def italian_fattura(random: Random, flawed: bool) -> Drawn:
    """Imponibile and imposta in a table at the foot beside instalments; boxes with small labels all over."""
    data = invoice(
        random,
        "it",
        random.randint(2, 12),
        rates=("22", "10"),
        number="{serial}/A",
        units=("NR", "KG", "H"),
        more_lines=0,
    )
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",")
    sheet = Sheet(A4, font="narrow", points=9, writing=Writing.STRINGS)
    sheet.lines(40, 45, [data.seller, *data.seller_address, "P.IVA e C.F. IT00743110157"], bold=True)
    sheet.text(330, 80, "Spett.le", size=8)
    sheet.lines(330, 93, [data.buyer, *data.buyer_address, "P.IVA IT07643520567"])
    strip = (
        ("Tipo documento", "FATTURA"),
        ("Numero", data.number),
        ("Data documento", day(data.issued, "dd/MM/yyyy")),
        ("Codice cliente", "C00417"),
        ("Pagamento", "BONIFICO 30 GG"),
    )
    for place, (label, value) in enumerate(strip):
        sheet.box(40 + 103 * place, 150, 141 + 103 * place, 178, grey=0.4, border=True)
        sheet.text(44 + 103 * place, 159, label, size=6.5, grey=0.4)
        sheet.text(44 + 103 * place, 173, value)
    columns = [
        Column(44),
        Column(110),
        Column(330),
        Column(390, "right"),
        Column(450, "right"),
        Column(525, "right"),
        Column(552, "right"),
    ]
    flow = Flow(sheet, columns, top=200, bottom=640, leading=13)
    flow.row("Codice", "Descrizione", "U.M.", "Quantità", "Prezzo", "Importo", "IVA", bold=True, down=1.3)
    for item in data.items:
        flow.row(
            item.code,
            item.description[0],
            item.unit,
            f"{item.quantity:.3f}".replace(".", ","),
            money(item.unit_price),
            money(item.net),
            str(item.tax_percent),
        )
    for x, label in ((44, "% IVA"), (130, "Imponibile"), (210, "Imposta")):
        sheet.text(x, 680, label, size=7, grey=0.4)
    for row, (percent, base, tax) in enumerate(data.taxes):
        sheet.text(44, 694 + 12 * row, str(percent))
        sheet.text(165, 694 + 12 * row, money(base), align="right")
        sheet.text(240, 694 + 12 * row, money(tax), align="right")
    for y, label, amount in (
        (680, "Totale imponibile", data.net_total),
        (705, "Totale imposta", data.tax_total),
        (730, "TOTALE DOCUMENTO EUR", data.gross_total),
    ):
        sheet.box(380, y - 10, 555, y + 13, grey=0.4, border=True)
        sheet.text(384, y - 2, label, size=6.5, grey=0.4)
        sheet.text(550, y + 9, money(amount), align="right", bold="DOC" in label, size=10)
    sheet.text(44, 770, f"Scadenze: {day(data.due, 'dd/MM/yyyy')}  {money(data.gross_total)}", size=8)
    truth = data.truth(
        lines=("code", "description", "unit", "quantity", "unit_price", "net_amount", "tax_percent"),
        totals=("net_total", "tax_total", "gross_total"),
        taxes=("percent", "base", "amount"),
        seller={"vat_id": "IT00743110157"},
        buyer={"vat_id": "IT07643520567"},
        due=True,
        customer_number="C00417",
        currency="EUR",
    )
    return Drawn(sheet.pdf(), [truth], data.flaw, ("amount_due", "seller.tax_number", "seller.address"))


@layout("invoice", seen=False)
def dutch_factuur(random: Random, flawed: bool) -> Drawn:
    """A designer's invoice: labels left, values right of them, amounts with the euro before and far from the figure."""
    data = invoice(random, "nl", random.randint(1, 6), rates=("21",), number="{year}{serial}")
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",")
    account = iban(random, "NL", 10, "POLD")
    sheet = Sheet(A4, font="carlito", points=10.5, writing=Writing.GAPS)
    sheet.text(70, 80, data.seller, size=20)
    sheet.lines(
        400,
        70,
        [*data.seller_address, "KvK 34123456", "Btw NL004495445B01", f"IBAN {in_fours(account)}"],
        size=8,
        leading=10.5,
    )
    sheet.lines(70, 160, [data.buyer, *data.buyer_address])
    for row, (label, value) in enumerate(
        (
            ("Factuurnummer", data.number),
            ("Factuurdatum", day(data.issued, "d MMMM yyyy", "nl")),
            ("Vervaldatum", day(data.due, "d MMMM yyyy", "nl")),
        )
    ):
        sheet.text(70, 230 + 14 * row, label, grey=0.5)
        sheet.text(160, 230 + 14 * row, value)
    columns = [Column(70), Column(110), Column(400), Column(455, "right"), Column(480), Column(540, "right")]
    flow = Flow(sheet, columns, top=310, bottom=700, leading=15)
    flow.row("Aantal", "Omschrijving", "Prijs", "", "Bedrag", "", bold=True, down=1.3)
    for item in data.items:
        flow.row(quantity(item.quantity, ","), item.description[0], "€", money(item.unit_price), "€", money(item.net))
        for more in item.description[1:]:
            flow.row("", more, grey=0.5)
    flow.rule(70, 540)
    for label, amount in (
        ("Subtotaal", data.net_total),
        ("21% btw", data.tax_total),
        ("Totaal te voldoen", data.gross_total),
    ):
        flow.row("", "", label, "", "€", money(amount), bold=label.startswith("Totaal"))
    sheet.text(70, 760, "Gelieve te betalen binnen de vervaltermijn onder vermelding van het factuurnummer.", size=8)
    truth = data.truth(
        lines=("quantity", "description", "unit_price", "net_amount"),
        totals=("net_total", "tax_total", "gross_total"),
        seller={"vat_id": "NL004495445B01", "tax_number": "34123456"},
        due=True,
        currency="EUR",
        iban=account,
    )
    return Drawn(sheet.pdf(), [truth], data.flaw, ("taxes", "amount_due", "seller.tax_number", "seller.address"))


@layout("invoice", seen=False)
def german_telephone_bill(random: Random, flawed: bool) -> Drawn:
    """No quantities: services of a month with net sums only, a page of single calls that are no lines, direct debit."""
    data = invoice(random, "de", random.randint(3, 7), rates=("19",), number="80{serial}417", more_lines=0)
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",")
    first = data.issued.replace(day=1)
    sheet = Sheet(A4, points=9, writing=Writing.COLUMNS)
    sheet.text(545, 55, data.seller, size=15, bold=True, align="right")
    sheet.lines(60, 130, [data.buyer, *data.buyer_address])
    for row, (label, value) in enumerate(
        (
            ("Kundennummer", "5 417 220 931"),
            ("Rechnungsnummer", data.number),
            ("Datum", day(data.issued, "dd.MM.yyyy")),
            ("Seite", "1/2"),
        )
    ):
        sheet.text(400, 130 + 13 * row, label, bold=True)
        sheet.text(545, 130 + 13 * row, value, align="right")
    last = first.replace(day=28)
    sheet.text(
        60,
        230,
        f"Ihre Rechnung für die Zeit vom {day(first, 'dd.MM.yyyy')} bis {day(last, 'dd.MM.yyyy')}",
        size=12,
        bold=True,
    )
    flow = Flow(sheet, [Column(60), Column(545, "right")], top=265, bottom=700, leading=15)
    flow.row("Leistung", "Betrag (EUR)", bold=True)
    flow.rule(60, 545)
    for item in data.items:
        flow.row(item.description[0], money(item.net))
    flow.rule(60, 545)
    for label, amount in (
        ("Summe ohne Umsatzsteuer", data.net_total),
        ("19 % Umsatzsteuer", data.tax_total),
        ("Zu zahlender Betrag", data.gross_total),
    ):
        flow.row(label, money(amount), bold=label.startswith("Zu"))
    sheet.text(
        60,
        flow.y + 20,
        f"Der Betrag wird am {day(data.due, 'dd.MM.yyyy')} von Ihrem Konto abgebucht. Mandat TK-771204.",
    )
    sheet.new_page()
    sheet.text(60, 60, "Einzelverbindungsnachweis", size=12, bold=True)
    for row in range(28):
        sheet.text(60, 90 + 13 * row, day(first.replace(day=row % 28 + 1), "dd.MM."))
        sheet.text(120, 90 + 13 * row, f"0171 {random.randint(1000000, 9999999)}")
        sheet.text(400, 90 + 13 * row, f"00:{random.randint(1, 59):02d}:{random.randint(0, 59):02d}", align="right")
        sheet.text(545, 90 + 13 * row, money(Decimal(random.randint(2, 240)) / 100), align="right")
    truth = data.truth(
        lines=("description", "net_amount"),
        totals=("net_total", "tax_total", "gross_total"),
        customer_number="5 417 220 931",
        currency="EUR",
        period_start=first.isoformat(),
        period_end=last.isoformat(),
    )
    truth["seller"].pop("address")
    open_fields = ("taxes", "amount_due", "due_date", "payment_reference", "customer_number")
    return Drawn(sheet.pdf(), [truth], data.flaw, open_fields)


@layout("invoice", seen=False)
def bilingual_reverse_charge(random: Random, flawed: bool) -> Drawn:
    """Labels in two languages, delivery inside the Union: no tax, VAT ids of both sides, weights among the figures."""
    data = invoice(random, "de", random.randint(1, 9), rates=("0",), number="EX{serial}", units=("pc",), more_lines=0)
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".")
    sheet = Sheet(A4, font="serif", points=9, writing=Writing.STRINGS)
    sheet.text(50, 60, data.seller, size=15, bold=True)
    sheet.lines(50, 76, [*data.seller_address, "USt-IdNr./VAT ID: DE136695976"])
    sheet.text(50, 140, "Rechnungsempfänger / Bill to", size=7)
    sheet.lines(50, 153, [data.buyer, *data.buyer_address, "VAT ID: ATU66889218"])
    rows = (
        ("Rechnung Nr. / Invoice No.", data.number),
        ("Datum / Date", day(data.issued, "dd.MM.yyyy")),
        ("Bestellung / Your order", "4500017731"),
        ("Währung / Currency", "EUR"),
    )
    for row, (label, value) in enumerate(rows):
        sheet.text(330, 140 + 14 * row, label)
        sheet.text(545, 140 + 14 * row, value, align="right", bold=True)
    columns = [
        Column(50),
        Column(75),
        Column(135),
        Column(345, "right"),
        Column(400, "right"),
        Column(465, "right"),
        Column(545, "right"),
    ]
    flow = Flow(sheet, columns, top=240, bottom=700, leading=13)
    flow.row("Pos", "Artikel", "Bezeichnung", "kg netto", "Menge", "Preis", "Betrag", bold=True, down=0.9)
    flow.row("Item", "Part no.", "Description", "net kg", "Quantity", "Price", "Amount", grey=0.4, down=1.3)
    for item in data.items:
        weight = f"{random.randint(1, 400) / 10:.3f}"
        flow.row(
            str(item.position),
            item.code,
            item.description[0],
            weight,
            quantity(item.quantity),
            money(item.unit_price),
            money(item.net),
        )
    flow.rule(50, 545)
    for label, amount in (
        ("Warenwert / Value of goods", data.net_total),
        ("MwSt. / VAT 0 %", Decimal("0.00")),
        ("Rechnungsbetrag / Invoice total", data.gross_total),
    ):
        sheet.text(460, flow.y, label, align="right", bold="total" in label)
        sheet.text(545, flow.y, money(amount), align="right", bold="total" in label)
        flow.y += 14
    sheet.lines(
        50,
        flow.y + 14,
        [
            "Steuerfreie innergemeinschaftliche Lieferung / VAT exempt intra-community supply",
            "Zahlung / Payment: 30 Tage netto / 30 days net. HS code 94032080, 2 Colli, 184.500 kg brutto.",
        ],
        size=8,
    )
    truth = data.truth(
        lines=("position", "code", "description", "quantity", "unit_price", "net_amount"),
        totals=("net_total", "gross_total"),
        seller={"vat_id": "DE136695976"},
        buyer={"vat_id": "ATU66889218"},
        purchase_order="4500017731",
        currency="EUR",
    )
    return Drawn(sheet.pdf(), [truth], data.flaw, ("taxes", "tax_total", "amount_due", "due_date"))


@layout("invoice", seen=False)
def australian_inclusive(random: Random, flawed: bool) -> Drawn:
    """Prices with GST in them, `Includes GST of`, ABN, a payment slip below a dashed line that repeats the sum."""
    data = invoice(random, "en", random.randint(1, 6), rates=("10",), number="INV{serial}", more_lines=0)
    data.items = [with_tax(item) for item in data.items]
    total = sum((item.gross for item in data.items), Decimal(0))
    data.gross_total = data.amount_due = total
    data.tax_total = rounded(total / 11)
    data = spoiled(data, random) if flawed else data
    if data.flaw == "tax_total":
        data.flaw = "gross_total"
        data.gross_total = data.amount_due = total + 20
    money = Money(",", ".", before="$")
    sheet = Sheet(A4, font="sans", points=8.5)
    sheet.text(50, 60, "TAX INVOICE", size=20)
    sheet.lines(50, 90, [data.buyer, *data.buyer_address])
    for row, (label, value) in enumerate(
        (("Invoice Date", day(data.issued, "d MMM yyyy")), ("Invoice Number", data.number), ("ABN", "51 824 753 556"))
    ):
        sheet.text(260, 70 + 26 * row, label, bold=True)
        sheet.text(260, 82 + 26 * row, value)
    sheet.lines(400, 70, [data.seller, *data.seller_address])
    columns = [Column(50), Column(340, "right"), Column(420, "right"), Column(545, "right")]
    flow = Flow(sheet, columns, top=190, bottom=600, leading=15)
    flow.row("Description", "Quantity", "Unit Price", "Amount AUD", bold=True)
    flow.rule(50, 545)
    for item in data.items:
        flow.row(
            item.description[0], f"{item.quantity:.2f}", Money(",", ".")(item.unit_price), Money(",", ".")(item.gross)
        )
    flow.rule(50, 545)
    for label, amount in (("Includes GST 10%", data.tax_total), ("TOTAL AUD", data.gross_total)):
        sheet.text(420, flow.y, label, align="right", bold=label.isupper())
        sheet.text(545, flow.y, Money(",", ".")(amount), align="right", bold=label.isupper())
        flow.y += 15
    sheet.text(50, 640, f"Due Date: {day(data.due, 'd MMM yyyy')}", bold=True)
    sheet.text(50, 680, "- " * 90, size=6)
    sheet.text(50, 710, "PAYMENT ADVICE", size=14)
    for row, (label, value) in enumerate(
        (
            ("Customer", data.buyer),
            ("Invoice Number", data.number),
            ("Amount Due", money(data.amount_due)),
            ("Due Date", day(data.due, "d MMM yyyy")),
        )
    ):
        sheet.text(330, 710 + 14 * row, label, bold=True)
        sheet.text(430, 710 + 14 * row, value)
    truth = data.truth(
        lines=("description", "quantity", "gross_amount"),
        totals=("tax_total", "gross_total", "amount_due"),
        due=True,
        currency="AUD",
    )
    open_fields = (
        "taxes",
        "net_total",
        "lines.unit_price",
        "lines.net_amount",
        "lines.gross_amount",
        "seller.vat_id",
        "seller.tax_number",
    )
    return Drawn(sheet.pdf(), [truth], data.flaw, open_fields)


@layout("invoice", seen=False)
def french_small_trader(random: Random, flawed: bool) -> Drawn:
    """No VAT by law, one total, a deposit, dates written out; a face with serifs and letters placed one by one."""
    data = invoice(random, "fr", random.randint(1, 5), rates=("0",), number="{year}-{serial}", prepaid=True)
    data = spoiled(data, random) if flawed else data
    money = Money(" ", ",", after=" €")
    sheet = Sheet(A4, font="Times-Roman", points=11, writing=Writing.LETTERS)
    sheet.lines(60, 70, [data.seller, *data.seller_address, "SIRET 732 829 320 00074"], leading=14)
    sheet.lines(350, 150, ["À l'attention de", data.buyer, *data.buyer_address], leading=14)
    sheet.text(60, 240, f"Facture n° {data.number}", size=15, bold=True)
    sheet.text(60, 258, f"Le {day(data.issued, 'd MMMM yyyy', 'fr')}")
    columns = [Column(60), Column(370, "right"), Column(455, "right"), Column(540, "right")]
    flow = Flow(sheet, columns, top=300, bottom=680, leading=17)
    flow.row("Prestation", "Quantité", "Prix unitaire", "Total", bold=True, down=1.2)
    flow.rule(60, 540)
    for item in data.items:
        flow.row(item.description[0], quantity(item.quantity, ","), money(item.unit_price), money(item.net))
        for more in item.description[1:]:
            flow.row(more, size=9)
    flow.rule(60, 540)
    for label, amount in (
        ("Total", data.gross_total),
        ("Acompte reçu", data.prepaid),
        ("Reste à payer", data.amount_due),
    ):
        sheet.text(455, flow.y, label, align="right", bold=label.startswith("Reste"))
        sheet.text(540, flow.y, money(amount), align="right", bold=label.startswith("Reste"))
        flow.y += 17
    sheet.text(
        60,
        740,
        "TVA non applicable, art. 293 B du CGI. Paiement à réception, pénalités : 3 fois le taux légal.",
        size=8,
    )
    truth = data.truth(
        lines=("description", "quantity", "unit_price", "net_amount"),
        totals=("gross_total", "prepaid", "amount_due"),
        currency="EUR",
    )
    return Drawn(sheet.pdf(), [truth], data.flaw, ("taxes", "net_total", "tax_total", "seller.tax_number", "due_date"))
