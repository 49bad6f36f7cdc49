"""Statements as banks in France, Italy, Spain and the Netherlands print them."""

from __future__ import annotations

from datetime import date
from random import Random

from tests.services.ai.made.amounts import Money, day
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.flow import Column, Flow
from tests.services.ai.made.sheet import A4, LANDSCAPE, Sheet, Writing
from tests.services.ai.made.statement_data import spoiled, statement
from tests.services.ai.made.vocabulary import address, iban, in_fours


@layout("bank_statement")
def french_statement(random: Random, flawed: bool) -> Drawn:
    """Débit and crédit, balances as rows of the table, spaces between thousands, words placed one by one."""
    data = statement(random, "fr", random.randint(5, 55), start=date(2025, 3, 4), days=31)
    data = spoiled(data, random) if flawed else data
    money = Money(" ", ",", "none")
    account = iban(random, "FR", 23)
    sheet = Sheet(A4, points=8.5, writing=Writing.WORDS)
    sheet.text(40, 50, "CRÉDIT DU MIDI", size=16, bold=True)
    sheet.lines(330, 110, [data.holder, *address(random, "fr")])
    sheet.text(40, 130, "RELEVÉ DE COMPTE", size=12, bold=True)
    sheet.text(40, 146, f"du {day(data.start, 'd MMMM yyyy', 'fr')} au {day(data.end, 'd MMMM yyyy', 'fr')} - n° 3")
    sheet.text(40, 190, f"IBAN : {in_fours(account)}   BIC : CRMIFRPP")
    sheet.text(40, 204, "Monnaie du compte : EUR")
    columns = [Column(40), Column(85), Column(135), Column(480, "right"), Column(555, "right")]
    lefts = (38, 82, 130, 405, 484, 558)

    def head() -> None:
        flow.row("Date", "Valeur", "Nature des opérations", "Débit", "Crédit", bold=True, down=1.6)
        flow.rule(38, 558)

    def foot() -> None:
        for left in lefts:
            sheet.stroke(left, 215 if sheet.page_number == 1 else 60, left, 775, grey=0.5)
        sheet.text(40, 810, "Crédit du Midi, S.A. au capital de 1 254 300 500 € - RCS Lyon 954 509 741", size=6)

    def balance(label: str, value: object, when: date) -> None:
        side = "CREDITEUR" if value >= 0 else "DEBITEUR"  # type: ignore[operator]
        shown = money(value)  # type: ignore[arg-type]
        cells = ("", shown) if side == "CREDITEUR" else (shown, "")
        flow.row("", "", f"{label} {side} AU {day(when, 'dd.MM.yyyy')}", *cells, bold=True, down=1.3)

    flow = Flow(sheet, columns, top=228, bottom=765, next_top=75, head=head, foot=foot)
    head()
    balance("SOLDE", data.opening, data.start)
    for line in data.lines:
        flow.room(len(line.description))
        out, into = (money(-line.amount), "") if line.amount < 0 else ("", money(line.amount))
        flow.row(day(line.booked, "dd.MM"), day(line.value, "dd.MM.yy"), line.description[0], out, into)
        for more in line.description[1:]:
            flow.row("", "", f"  {more}")
    flow.room(3)
    flow.y += 6
    flow.row("", "", "TOTAL DES OPERATIONS", money(data.debits), money(data.credits), down=1.3)
    balance("SOLDE", data.closing, data.end)
    foot()
    truth = data.truth(
        value_dates=True,
        sums=True,
        bank="CRÉDIT DU MIDI",
        iban=account,
        bic="CRMIFRPP",
        currency="EUR",
        statement_number="3",
    )
    return Drawn(sheet.pdf(), [truth], data.flaw)


@layout("bank_statement")
def italian_statement(random: Random, flawed: bool) -> Drawn:
    """Dare and Avere before the description, a ruled table, text written column by column."""
    data = statement(random, "it", random.randint(5, 45), start=date(2025, 1, 1), days=90, interest=True)
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",", "none")
    signed = Money(".", ",", "before")
    account = iban(random, "IT", 22, "X")
    sheet = Sheet(A4, font="Times-Roman", points=9, writing=Writing.COLUMNS)
    sheet.text(50, 55, "Banca Tirrenica", size=17, bold=True)
    sheet.lines(330, 60, [data.holder, *address(random, "it")])
    sheet.text(50, 130, f"ESTRATTO CONTO AL {day(data.end, 'dd/MM/yyyy')}", size=11, bold=True)
    sheet.text(50, 146, f"Conto corrente in EUR n. 1000/{account[-8:]} - IBAN {account}")
    columns = [Column(50), Column(110), Column(240, "right"), Column(320, "right"), Column(335)]

    def head() -> None:
        flow.row("Data", "Valuta", "Dare", "Avere", "Descrizione operazioni", bold=True, down=1.6)

    def lined() -> None:
        for up in (0.75, 1.95):
            sheet.rule(48, flow.y - up * flow.leading + 2, 555, grey=0.7)

    flow = Flow(sheet, columns, top=185, bottom=750, leading=13, next_top=70, head=head)
    head()
    flow.row(
        day(data.start, "dd/MM/yyyy"),
        "",
        *(("", money(data.opening)) if data.opening >= 0 else (money(-data.opening), "")),
        "SALDO INIZIALE",
        bold=True,
    )
    for line in data.lines:
        flow.room(len(line.description))
        out, into = (money(-line.amount), "") if line.amount < 0 else ("", money(line.amount))
        flow.row(day(line.booked, "dd/MM/yyyy"), day(line.value, "dd/MM/yyyy"), out, into, line.description[0])
        for more in line.description[1:]:
            flow.row("", "", "", "", more)
        lined()
    flow.room(4)
    flow.row("", "", money(data.debits), money(data.credits), "TOTALE MOVIMENTI")
    flow.row(
        day(data.end, "dd/MM/yyyy"),
        "",
        *(("", money(data.closing)) if data.closing >= 0 else (money(-data.closing), "")),
        "SALDO FINALE",
        bold=True,
        down=2,
    )
    flow.row(f"Saldo contabile finale EUR {signed(data.closing)}")
    truth = data.truth(value_dates=True, sums=True, bank="Banca Tirrenica", iban=account, currency="EUR", period=False)
    truth["period_end"] = data.end.isoformat()
    return Drawn(sheet.pdf(), [truth], data.flaw, ("period_start", "period_end", "account_number"))


@layout("bank_statement")
def spanish_landscape(random: Random, flawed: bool) -> Drawn:
    """Landscape; importe with the minus behind and saldo on each line; each letter placed; newest line first."""
    data = statement(random, "es", random.choice([4, 30, 120]), start=date(2025, 5, 1), days=31, more_lines=1)
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",", "after")
    account = iban(random, "ES", 20)
    sheet = Sheet(LANDSCAPE, points=8.5, writing=Writing.LETTERS)
    sheet.text(40, 45, "Caja Levante", size=15, bold=True)
    sheet.text(40, 70, f"Titular: {data.holder}")
    sheet.text(40, 84, f"Cuenta: {in_fours(account)}    Divisa: EUR")
    sheet.text(40, 98, f"Movimientos del {day(data.start, 'dd/MM/yyyy')} al {day(data.end, 'dd/MM/yyyy')}")
    sheet.text(800, 70, f"Saldo anterior: {money(data.opening)}", align="right")
    sheet.text(800, 84, f"Saldo actual: {money(data.closing)}", align="right", bold=True)
    columns = [Column(40), Column(110), Column(180), Column(560), Column(700, "right"), Column(800, "right")]

    def head() -> None:
        sheet.box(38, flow.y - 10, 802, flow.y + 4, grey=0.85)
        flow.row("F. oper.", "F. valor", "Concepto", "Referencia", "Importe", "Saldo", bold=True, down=1.5)

    flow = Flow(sheet, columns, top=125, bottom=555, leading=12, next_top=60, head=head)
    head()
    data.lines = data.lines[::-1]
    for line in data.lines:
        flow.room(1)
        cells = (day(line.booked, "dd/MM/yyyy"), day(line.value, "dd/MM/yyyy"), " ".join(line.description))
        flow.row(*cells, line.reference, money(line.amount), money(line.balance))
    truth = data.truth(
        value_dates=True, references=True, balances=True, bank="Caja Levante", iban=account, currency="EUR"
    )
    return Drawn(sheet.pdf(), [truth], data.flaw)


@layout("bank_statement")
def dutch_statement(random: Random, flawed: bool) -> Drawn:
    """One amount column and beside it the word Af or Bij; balances above the table."""
    data = statement(random, "nl", random.randint(6, 50), start=date(2025, 6, 1), days=30)
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",", "before", before="€ ")
    bare = Money(".", ",", "none")
    account = iban(random, "NL", 10, "POLD")
    sheet = Sheet(A4, font="Helvetica", points=9, writing=Writing.SHUFFLED, seed=random.randint(0, 99))
    sheet.text(50, 50, "Polderbank", size=18, bold=True)
    sheet.lines(50, 100, [data.holder, *address(random, "nl")])
    sheet.text(50, 170, "Rekeningafschrift", size=13, bold=True)
    pairs = [
        ("Rekeningnummer", account),
        ("Periode", f"{day(data.start, 'dd-MM-yyyy')} t/m {day(data.end, 'dd-MM-yyyy')}"),
        ("Afschriftnummer", "6"),
        ("Beginsaldo", money(data.opening)),
        ("Eindsaldo", money(data.closing)),
    ]
    for place, (label, value) in enumerate(pairs):
        sheet.text(50 + 103 * place, 192, label, size=7, grey=0.4)
        sheet.text(50 + 103 * place, 204, value, size=8 if place != 0 else 7)
    columns = [Column(50), Column(115), Column(460), Column(545, "right")]

    def head() -> None:
        flow.row("Datum", "Naam / Omschrijving", "Af/Bij", "Bedrag (EUR)", bold=True, down=1.5)
        flow.rule(50, 545, width=1)

    flow = Flow(sheet, columns, top=240, bottom=775, next_top=80, head=head)
    head()
    for line in data.lines:
        flow.room(len(line.description))
        side = "Af" if line.amount < 0 else "Bij"
        flow.row(day(line.booked, "dd-MM-yyyy"), line.description[0], side, bare(line.amount))
        for more in line.description[1:]:
            flow.row("", more, grey=0.3)
        flow.y += 4
    truth = data.truth(bank="Polderbank", iban=account, currency="EUR", statement_number="6")
    return Drawn(sheet.pdf(), [truth], data.flaw, ("account_number",))
