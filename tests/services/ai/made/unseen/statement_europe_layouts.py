"""Statements of further banks in Europe."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from tests.services.ai.made.amounts import Money, day
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.flow import Column, Flow
from tests.services.ai.made.programs import from_spreadsheet
from tests.services.ai.made.sheet import A4, Sheet, Writing
from tests.services.ai.made.statement_data import spoiled, statement
from tests.services.ai.made.vocabulary import address, iban, in_fours


@layout("bank_statement", seen=False)
def post_bank_spaced_signs(random: Random, flawed: bool) -> Drawn:
    """Booking and value day in one cell, `- 12,00` in a Soll column and `+ 12,00` in a Haben column."""
    data = statement(random, "de", random.randint(5, 55), start=date(2025, 9, 1), days=30)
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",", "none")
    account = iban(random, "DE", 18)
    sheet = Sheet(A4, font="carlito", points=9, writing=Writing.STRINGS)
    sheet.text(60, 50, "Kontoauszug", size=14, bold=True)
    sheet.text(540, 50, "Gelbe Post Bank", size=13, align="right")
    sheet.lines(60, 110, [data.holder, *address(random, "de")])
    facts = [
        ("Auszug", "009"),
        ("Jahr", "2025"),
        ("Seite", "1 von 3"),
        ("IBAN", in_fours(account)),
        ("Auszugsdatum", day(data.end, "dd.MM.yyyy")),
    ]
    for place, (label, value) in enumerate(facts):
        sheet.text(60 + (55, 0, 110, 160, 340)[place], 190, label, size=7.5, grey=0.4)
        sheet.text(60 + (55, 0, 110, 160, 340)[place], 202, value)
    columns = [Column(60), Column(130), Column(450, "right"), Column(540, "right")]

    def signed(value: Decimal) -> str:
        return f"{'-' if value < 0 else '+'} {money(abs(value))}"

    def head() -> None:
        flow.row("Buchung/Wert", "Vorgang/Buchungsinformation", "Soll", "Haben", bold=True, down=1.5)
        flow.rule(60, 540)

    flow = Flow(sheet, columns, top=235, bottom=760, next_top=70, head=head)
    head()
    for line in data.lines:
        flow.room(len(line.description))
        out, into = (signed(line.amount), "") if line.amount < 0 else ("", signed(line.amount))
        flow.row(f"{day(line.booked, 'dd.MM.')}/{day(line.value, 'dd.MM.')}", line.description[0], out, into)
        for more in line.description[1:]:
            flow.row("", more)
    flow.room(8)
    flow.y += 10
    for label, amount in (
        ("Kontonummer BLZ Summe Zahlungseingänge", data.credits),
        ("Summe Zahlungsausgänge", -data.debits),
        ("Alter Kontostand", data.opening),
        ("Neuer Kontostand", data.closing),
    ):
        sheet.text(60, flow.y, label.removeprefix("Kontonummer BLZ "))
        sheet.text(540, flow.y, f"EUR {signed(amount)}", align="right", bold="Kontostand" in label)
        flow.y += 14
    truth = data.truth(
        value_dates=True,
        sums=True,
        bank="Gelbe Post Bank",
        iban=account,
        currency="EUR",
        statement_number="009",
        period=False,
    )
    return Drawn(sheet.pdf(), [truth], data.flaw, ("period_start", "period_end"))


@layout("bank_statement", seen=False)
def belgian_numbered(random: Random, flawed: bool) -> Drawn:
    """Movements with running numbers, value day inside the text, the sign behind the figure, no running balance."""
    data = statement(random, "nl", random.randint(4, 35), start=date(2025, 3, 1), days=62)
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",", "plus-minus-after")
    account = iban(random, "BE", 12)
    sheet = Sheet(A4, font="Helvetica", points=8.5, writing=Writing.WORDS)
    sheet.text(50, 50, "Scheldebank", size=16, bold=True)
    sheet.text(545, 50, "Rekeninguittreksel", size=12, align="right")
    sheet.lines(320, 110, [data.holder, *address(random, "nl")])
    sheet.lines(50, 180, [f"Rekening {in_fours(account)} EUR", "BIC: SCHDBEBB", "Uittreksel nr. 4"])
    columns = [Column(50), Column(80), Column(140), Column(545, "right")]
    flow = Flow(sheet, columns, top=240, bottom=775, leading=11.5, next_top=60)
    flow.row("", "", f"Vorig saldo op {day(data.start, 'dd-MM-yyyy')}", money(data.opening), bold=True, down=1.6)
    for number, line in enumerate(data.lines, start=1):
        flow.room(len(line.description) + 1)
        flow.row(f"{number:04d}", day(line.booked, "dd-MM-yyyy"), line.description[0], money(line.amount))
        for more in line.description[1:]:
            flow.row("", "", more)
        flow.row("", "", f"Valutadatum: {day(line.value, 'dd-MM-yyyy')}", down=1.4)
    flow.room(2)
    flow.row("", "", f"Nieuw saldo op {day(data.end, 'dd-MM-yyyy')}", money(data.closing), bold=True)
    truth = data.truth(
        bank="Scheldebank", iban=account, bic="SCHDBEBB", currency="EUR", statement_number="4", period=False
    )
    open_fields = ("period_start", "period_end", "movements.value_date", "movements.reference", "movements.description")
    return Drawn(sheet.pdf(), [truth], data.flaw, open_fields)


@layout("bank_statement", seen=False)
def swiss_french_post(random: Random, flawed: bool) -> Drawn:
    """Crédit before débit, value day between, a balance where the day ends, 1 234.56 with a point."""
    data = statement(random, "fr", random.randint(5, 45), start=date(2025, 2, 1), days=28, opening=Decimal("8410.35"))
    data = spoiled(data, random) if flawed else data
    money = Money(" ", ".")
    account = iban(random, "CH", 17)
    sheet = Sheet(A4, points=9, writing=Writing.SHUFFLED, seed=random.randint(0, 99))
    sheet.text(50, 50, "Banque des Postes Romandes", size=13, bold=True)
    sheet.lines(350, 100, [data.holder, *address(random, "fr")])
    sheet.text(
        50,
        170,
        f"Extrait de compte {day(data.start, 'dd.MM.yyyy')} - {day(data.end, 'dd.MM.yyyy')}",
        size=12,
        bold=True,
    )
    sheet.text(50, 188, f"Compte privé CHF   IBAN {in_fours(account)}")
    columns = [
        Column(50),
        Column(110),
        Column(345, "right"),
        Column(420, "right"),
        Column(480, "right"),
        Column(555, "right"),
    ]

    def head() -> None:
        flow.row("Date", "Texte", "Crédit", "Débit", "Valeur", "Solde", bold=True, down=1.4)
        flow.rule(50, 555)

    flow = Flow(sheet, columns, top=220, bottom=770, leading=12.5, next_top=70, head=head)
    head()
    flow.row(day(data.start, "dd.MM.yy"), "Etat de compte", "", "", "", money(data.opening))
    ends = data.last_of_days()
    for number, line in enumerate(data.lines):
        flow.room(len(line.description))
        into, out = (money(line.amount), "") if line.amount > 0 else ("", money(-line.amount))
        balance = money(line.balance) if number in ends else ""
        flow.row(
            day(line.booked, "dd.MM.yy"), line.description[0].upper(), into, out, day(line.value, "dd.MM.yy"), balance
        )
        for more in line.description[1:]:
            flow.row("", more.upper())
    flow.room(3)
    flow.rule(50, 555)
    flow.row("", "Total", money(data.credits), money(data.debits))
    flow.row(day(data.end, "dd.MM.yy"), "Etat de compte", "", "", "", money(data.closing), bold=True)
    truth = data.truth(
        value_dates=True, balances=ends, sums=True, bank="Banque des Postes Romandes", iban=account, currency="CHF"
    )
    for movement in truth["movements"]:
        movement["description"] = movement["description"].upper()
    return Drawn(sheet.pdf(), [truth], data.flaw)


@layout("bank_statement", seen=False)
def italian_spreadsheet(random: Random, flawed: bool) -> Drawn:
    """A list that was exported to a spreadsheet and printed: one signed column, balances in the head."""
    data = statement(random, "it", random.choice([6, 25, 90]), start=date(2025, 4, 1), days=30, more_lines=1)
    data = spoiled(data, random) if flawed else data
    account = iban(random, "IT", 22, "X")
    rows: list[list[str | Decimal | None]] = [
        ["Lista movimenti"],
        ["Intestatario", None, data.holder],
        ["IBAN", None, account],
        ["Periodo", None, f"dal {day(data.start, 'dd/MM/yyyy')} al {day(data.end, 'dd/MM/yyyy')}"],
        ["Saldo iniziale", None, None, data.opening],
        ["Saldo finale", None, None, data.closing],
        [],
        ["Data contabile", "Data valuta", "Descrizione", "Importo", "Divisa"],
    ]
    for line in data.lines:
        days = [day(each, "dd/MM/yyyy") for each in (line.booked, line.value)]
        rows.append([*days, " ".join(line.description), line.amount, "EUR"])
    pdf = from_spreadsheet(rows, widths=(15, 13, 52, 15, 8), bold=(0, 7), number_format="[$-410]#,##0.00;-#,##0.00")
    truth = data.truth(value_dates=True, iban=account, currency="EUR")
    return Drawn(pdf, [truth], data.flaw, ("bank",))


@layout("bank_statement", seen=False)
def spanish_online_list(random: Random, flawed: bool) -> Drawn:
    """A list of movements as a web page prints it: `03 mar 2025`, euros glued on, a balance on each line, no ends."""
    data = statement(random, "es", random.randint(5, 40), start=date(2025, 3, 1), days=31, more_lines=1)
    while flawed and data.flaw in (None, "closing_balance"):
        data = spoiled(data, random)
    money = Money(".", ",", "typographic", after="€")
    sheet = Sheet(A4, font="sans", points=8)
    sheet.text(50, 50, "Últimos movimientos", size=13, bold=True)
    sheet.text(50, 68, f"Cuenta Online ****{random.randint(1000, 9999)} · {data.holder}", grey=0.4)
    columns = [Column(50), Column(130), Column(460, "right"), Column(545, "right")]

    def head() -> None:
        flow.row("Fecha", "Concepto", "Importe", "Disponible", bold=True, down=1.6)

    flow = Flow(sheet, columns, top=100, bottom=780, leading=12, next_top=60, head=head)
    head()
    for line in data.lines:
        flow.room(2)
        flow.row(day(line.booked, "dd MMM yyyy", "es"), line.description[0], money(line.amount), money(line.balance))
        flow.row("", " ".join(line.description[1:]), down=1.3, grey=0.4)
    truth = data.truth(balances=True, opening=False, closing=False, period=False)
    open_fields = (
        "bank",
        "opening_balance",
        "closing_balance",
        "account_number",
        "currency",
        "period_start",
        "period_end",
    )
    return Drawn(sheet.pdf(), [truth], data.flaw, open_fields)


@layout("bank_statement", seen=False)
def british_at_a_glance(random: Random, flawed: bool) -> Drawn:
    """The table in the left two thirds, a box of balances and advice at the right, days as `3 Mar`."""
    data = statement(random, "en", random.randint(6, 40), start=date(2025, 3, 3), days=28)
    data = spoiled(data, random) if flawed else data
    money, signed = Money(",", "."), Money(",", ".", before="£")
    sheet = Sheet(A4, font="serif", points=8.5, writing=Writing.GAPS)
    sheet.text(40, 50, "Your business current account", size=15)
    sheet.text(
        40,
        70,
        f"{day(data.start, 'd')} - {day(data.end, 'd MMM yyyy')}"
        if data.start.month == data.end.month
        else f"{day(data.start, 'd MMM')} - {day(data.end, 'd MMM yyyy')}",
    )
    sheet.lines(40, 92, [data.holder, "Sort code 20-45-77 · Account no 40117763"])
    sheet.box(415, 130, 560, 235, grey=0.92)
    sheet.text(425, 148, "At a glance", size=11, bold=True)
    for row, (label, amount) in enumerate(
        (
            ("Start balance", data.opening),
            ("Money in", data.credits),
            ("Money out", data.debits),
            ("End balance", data.closing),
        )
    ):
        sheet.text(425, 168 + 16 * row, label)
        sheet.text(552, 168 + 16 * row, signed(amount), align="right")
    sheet.lines(
        420,
        270,
        [
            "Rates you pay",
            "From 1 April 2025 cash",
            "deposits cost 0.60% with",
            "a minimum of £1.50.",
            "Call us on 0345 605 2345",
            "8am to 8pm, 7 days.",
        ],
        leading=11,
        size=8,
    )
    columns = [Column(40), Column(80), Column(270, "right"), Column(330, "right"), Column(400, "right")]

    def head() -> None:
        flow.row("Date", "Description", "Money out £", "Money in £", "Balance £", bold=True, down=1.3, size=8)
        flow.rule(40, 400)

    flow = Flow(sheet, columns, top=150, bottom=770, leading=11.5, next_top=70, head=head)
    head()
    flow.row(day(data.start, "d MMM"), "Start balance", "", "", money(data.opening), bold=True)
    ends, last = data.last_of_days(), None
    for number, line in enumerate(data.lines):
        flow.room(len(line.description))
        out, into = (money(-line.amount), "") if line.amount < 0 else ("", money(line.amount))
        shown = day(line.booked, "d MMM") if line.booked != last else ""
        last = line.booked
        flow.row(shown, line.description[0], out, into, money(line.balance) if number in ends else "")
        for more in line.description[1:]:
            flow.row("", more, grey=0.3)
    flow.row(day(data.end, "d MMM"), "End balance", "", "", money(data.closing), bold=True)
    truth = data.truth(balances=ends, sums=True, account_number="40117763", currency="GBP")
    return Drawn(sheet.pdf(), [truth], data.flaw, ("bank",))
