"""Statements as German-speaking banks print them: S and H behind amounts, days without a year, carried lines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from tests.services.ai.made.amounts import Money, day
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.flow import Column, Flow
from tests.services.ai.made.sheet import A4, Sheet, Writing
from tests.services.ai.made.statement_data import StatementData, spoiled, statement
from tests.services.ai.made.vocabulary import address, iban, in_fours


@layout("bank_statement")
def german_savings_bank(random: Random, flawed: bool) -> Drawn:
    """One amount column with S or H behind; the year stands in the head only; `Übertrag` at the end of a page."""
    data = statement(random, "de", random.choice([0, 7, 24, 60]) if not flawed else 20, start=date(2025, 1, 1))
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",", "s-h")
    account, number = iban(random, "DE", 18), f"{random.randint(1, 12)}/2025"
    sheet = Sheet(A4, points=8.5, writing=Writing.GAPS)
    sheet.text(40, 50, "Sparbank Nordheim", size=15, bold=True)
    sheet.lines(40, 110, [data.holder, *address(random, "de")], leading=12)
    right = [
        f"Kontoauszug {number}",
        "Blatt 1",
        f"Kontonummer {account[12:]}",
        f"IBAN {in_fours(account)}",
        "BIC SPNODE51XXX",
    ]
    sheet.lines(350, 110, right, leading=13)
    sheet.text(350, 180, f"Auszug vom {day(data.start, 'dd.MM.yyyy')} bis {day(data.end, 'dd.MM.yyyy')}")
    columns = [Column(40), Column(80), Column(125), Column(555, "right")]
    balance = data.opening

    def head() -> None:
        sheet.text(480, 50, f"Blatt {sheet.page_number}")
        flow.row("Bu-Tag", "Wert", "Vorgang / Buchungsinformation", "Betrag in EUR", bold=True, down=1.5)
        flow.rule(40, 555)
        flow.row("", "", "Übertrag vom vorigen Blatt", money(balance), down=1.5)

    def foot() -> None:
        flow.row("", "", f"Übertrag auf Blatt {sheet.page_number + 1}", money(balance))

    flow = Flow(sheet, columns, top=230, bottom=760, next_top=90, head=head, foot=foot)
    flow.row("Bu-Tag", "Wert", "Vorgang / Buchungsinformation", "Betrag in EUR", bold=True, down=1.5)
    flow.rule(40, 555)
    flow.row("", "", f"alter Kontostand vom {day(data.start, 'dd.MM.yyyy')}", money(data.opening), bold=True, down=1.5)
    for line in data.lines:
        flow.room(len(line.description) + 1)
        balance += line.amount
        flow.row(day(line.booked, "dd.MM."), day(line.value, "dd.MM."), line.description[0], money(line.amount))
        for more in line.description[1:]:
            flow.row("", "", more)
        flow.y += 3
    flow.room(3)
    flow.y += 6
    flow.rule(40, 555)
    flow.row("", "", f"neuer Kontostand vom {day(data.end, 'dd.MM.yyyy')}", money(data.closing), bold=True)
    sheet.lines(
        40,
        800,
        [
            "Sparbank Nordheim · Marktplatz 1 · 90402 Nürnberg · Telefon 0911 230-0 · HRA 4711",
            "Bitte prüfen Sie diesen Auszug. Einwendungen innerhalb von 6 Wochen nach Zugang.",
        ],
        leading=9,
        size=6.5,
        grey=0.3,
    )
    truth = data.truth(
        value_dates=True,
        bank="Sparbank Nordheim",
        account_number=account[12:],
        iban=account,
        bic="SPNODE51XXX",
        currency="EUR",
        statement_number=number,
    )
    return Drawn(sheet.pdf(), [truth], data.flaw)


@layout("bank_statement")
def swiss_accounts(random: Random, flawed: bool) -> Drawn:
    """Two accounts in one file; Belastung and Gutschrift apart, a balance at the end of each day, 1'234.56."""
    money = Money("'", ".", "before")
    sheet = Sheet(A4, font="Times-Roman", points=9, writing=Writing.STRINGS)
    documents, flaw = [], None
    holder = statement(random, "de", 0).holder
    street = address(random, "de")
    for number, currency in enumerate(("CHF", "EUR")):
        data = statement(random, "de", random.randint(6, 30), start=date(2024, 12, 15), days=40, large=9000)
        data.holder = holder
        if flawed and number == 1:
            data = spoiled(data, random)
            flaw = data.flaw
        if number:
            sheet.new_page()
        documents.append(_swiss_account(sheet, data, money, random, currency, street))
    return Drawn(sheet.pdf(), documents, flaw)


def _swiss_account(
    sheet: Sheet, data: StatementData, money: Money, random: Random, currency: str, street: list[str]
) -> dict[str, object]:
    account = iban(random, "CH", 17)
    period = f"{day(data.start, 'dd.MM.yyyy')} - {day(data.end, 'dd.MM.yyyy')}"
    sheet.text(555, 60, "Kantonalbank Alpenrand", size=13, bold=True, align="right")
    sheet.lines(60, 120, [data.holder, *street])
    sheet.text(60, 200, f"Kontoauszug {period}", size=12, bold=True)
    sheet.lines(60, 220, [f"Privatkonto {currency}", f"IBAN {in_fours(account)}"])
    columns = [
        Column(60),
        Column(115),
        Column(370, "right"),
        Column(440, "right"),
        Column(490, "right"),
        Column(555, "right"),
    ]

    def head() -> None:
        flow.row("Datum", "Text", "Belastung", "Gutschrift", "Valuta", "Saldo", bold=True, down=1.4)
        flow.rule(60, 555)

    flow = Flow(sheet, columns, top=260, bottom=770, leading=12.5, next_top=80, head=head)
    head()
    flow.row(day(data.start, "dd.MM.yy"), "Saldovortrag", "", "", "", money(data.opening), bold=True)
    with_balance = data.last_of_days()
    for number, line in enumerate(data.lines):
        flow.room(len(line.description))
        out, into = (money(-line.amount), "") if line.amount < 0 else ("", money(line.amount))
        balance = money(line.balance) if number in with_balance else ""
        flow.row(day(line.booked, "dd.MM.yy"), line.description[0], out, into, day(line.value, "dd.MM.yy"), balance)
        for more in line.description[1:]:
            flow.row("", more, size=8)
    flow.room(3)
    flow.rule(60, 555)
    flow.row("", "Umsatztotal", money(data.debits), money(data.credits))
    flow.row(day(data.end, "dd.MM.yy"), "Schlusssaldo", "", "", "", money(data.closing), bold=True)
    return data.truth(
        value_dates=True,
        balances=with_balance,
        sums=True,
        bank="Kantonalbank Alpenrand",
        iban=account,
        currency=currency,
    )


@layout("bank_statement")
def german_direct_bank(random: Random, flawed: bool) -> Drawn:
    """Signs in front, euros behind, value date under the booking date; the year turns inside the period."""
    data = statement(random, "de", random.randint(8, 70), start=date(2024, 12, 20), days=28, opening=Decimal("-412.08"))
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",", "typographic", after=" €")
    account = iban(random, "DE", 18)
    sheet = Sheet(A4, font="carlito", points=10, writing=Writing.STRINGS)
    sheet.box(0, 0, 595, 46, grey=0.85)
    sheet.text(50, 30, "direkta bank", size=20, bold=True)
    sheet.text(50, 80, "Girokonto", size=16, bold=True)
    pairs = [("Kontoinhaber", data.holder), ("IBAN", in_fours(account)), ("BIC", "DIRKDEFF"), ("Auszugsnummer", "12")]
    for row, (label, value) in enumerate(pairs):
        sheet.text(50, 105 + 14 * row, label, grey=0.4)
        sheet.text(150, 105 + 14 * row, value)
    for row, (label, amount) in enumerate((("Alter Saldo", data.opening), ("Neuer Saldo", data.closing))):
        sheet.text(380, 105 + 14 * row, label, bold=True)
        sheet.text(545, 105 + 14 * row, money(amount), align="right", bold=True)
    sheet.text(380, 147, f"{day(data.start, 'd. MMMM yyyy', 'de')} bis {day(data.end, 'd. MMMM yyyy', 'de')}", size=9)
    columns = [Column(50), Column(130), Column(545, "right")]

    def head() -> None:
        flow.row("Buchung", "Empfänger / Verwendungszweck", "Betrag", bold=True)
        flow.row("Wertstellung", "", "", down=1.6, grey=0.4)
        flow.rule(50, 545, grey=0.6)

    flow = Flow(sheet, columns, top=190, bottom=780, leading=13, next_top=70, head=head)
    head()
    for line in data.lines:
        flow.room(max(2, len(line.description)) + 0.5)
        second = line.description[1] if len(line.description) > 1 else ""
        flow.row(day(line.booked, "dd.MM.yyyy"), line.description[0], money(line.amount))
        flow.row(day(line.value, "dd.MM.yyyy"), second, grey=0.35)
        for more in line.description[2:]:
            flow.row("", more, grey=0.35)
        flow.y += 5
        flow.rule(50, 545, grey=0.85)
    truth = data.truth(
        value_dates=True, bank="direkta bank", iban=account, bic="DIRKDEFF", currency="EUR", statement_number="12"
    )
    return Drawn(sheet.pdf(), [truth], data.flaw)
