"""Trial balances as accounting programs of further countries print them."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from tests.services.ai.made.amounts import Money
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.flow import Column, Flow
from tests.services.ai.made.ledger_data import Entry, figures, ledger, spoiled
from tests.services.ai.made.sheet import A4, LANDSCAPE, Sheet, Writing

_CLOSING = ("closing_debit", "closing_credit")
_FOUR = ("debit", "credit", *_CLOSING)


def _shown(value: Decimal, money: Money, zero: str = "") -> str:
    return money(value) if value else zero


@layout("trial_balance", seen=False)
def sage_print(random: Random, flawed: bool) -> Drawn:
    """Typewriter face, N/C before the name, the period named by its month, totals below a double line."""
    data = ledger(random, "en", random.choice([9, 25, 90]), code="{group}{serial:03d}")
    data = spoiled(data, random) if flawed else data
    data.entries = [entry for entry in data.entries if entry.closing]
    money = Money(",", ".")
    sheet = Sheet(A4, font="Courier", points=8.5, writing=Writing.STRINGS)

    def head() -> None:
        sheet.text(40, 40, "Date: 14/01/2026")
        sheet.text(297, 40, data.company, align="center", bold=True)
        sheet.text(555, 40, f"Page: {sheet.page_number}", align="right")
        sheet.text(40, 52, "Time: 09:41:07")
        sheet.text(297, 52, "Period Trial Balance", align="center")
        sheet.text(40, 76, "To Period: Month 12, December 2025")
        sheet.text(40, 100, f"{'N/C':<8}{'Name':<44}{'Debit':>20}{'Credit':>20}", bold=True)

    flow = Flow(sheet, [Column(40)], top=118, bottom=780, leading=11, head=head)
    head()
    for entry in data.entries:
        flow.room(1)
        debit, credit = (_shown(figures(entry)[name], money) for name in _CLOSING)
        flow.row(f"{entry.code:<8}{entry.name[:42]:<44}{debit:>20}{credit:>20}")
    flow.room(3)
    debit, credit = (money(value) for value in data.totals(_CLOSING).values())
    flow.row(f"{'':<52}{'=' * 18:>20}{'=' * 18:>20}")
    flow.row(f"{'':<8}{'Totals:':>44}{debit:>20}{credit:>20}")
    truth = data.truth(_CLOSING, period_end="2025-12-31")
    return Drawn(sheet.pdf(), [truth], data.flaw, ("currency", "period_start", "period_end"))


@layout("trial_balance", seen=False)
def german_marked_sides(random: Random, flawed: bool) -> Drawn:
    """One opening and one closing figure with S or H behind, sums of the year between; tiny type, no rules."""
    data = ledger(
        random, "de", random.choice([12, 50, 130]), code="{group}{serial:03d}00", groups=("0", "1", "3", "4", "8")
    )
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",")
    sheet = Sheet(A4, font="narrow", points=7.5, writing=Writing.STRINGS)
    columns = [Column(40), Column(85), *(Column(x, "right") for x in (330, 405, 480, 555))]

    def marked(value: Decimal) -> str:
        return f"{money(abs(value))} {'S' if value > 0 else 'H'}" if value else ""

    def head() -> None:
        sheet.text(40, 36, data.company, bold=True)
        sheet.text(300, 36, "Summen und Salden per Dezember 2025", bold=True)
        sheet.text(555, 36, f"Blatt {sheet.page_number}", align="right")
        for column, title in zip(
            columns, ("Konto", "Beschriftung", "EB-Wert", "kumul. Soll", "kumul. Haben", "Saldo"), strict=True
        ):
            sheet.text(column.x, 60, title, bold=True, align=column.align)

    flow = Flow(sheet, columns, top=74, bottom=800, leading=9.5, head=head)
    head()
    for entry in data.entries:
        flow.room(1)
        moved = [_shown(value, money) for value in (entry.debit, entry.credit)]
        flow.row(entry.code, entry.name, marked(entry.opening), *moved, marked(entry.closing))
    flow.room(2)
    sums = data.totals(_FOUR)
    wrong = data.flaw == "total"
    total_debit = sums["debit"] + (100 if wrong else 0)
    flow.row("", "Summe", "", money(total_debit), money(sums["credit"]), "", bold=True)
    six = ("opening_debit", "opening_credit", *_FOUR)
    truth = data.truth(six, period_end="2025-12-31", totals=False)
    truth["totals"] = {"debit": str(total_debit), "credit": str(sums["credit"])}
    return Drawn(sheet.pdf(), [truth], data.flaw, ("currency", "period_start", "period_end"))


@layout("trial_balance", seen=False)
def spanish_sums(random: Random, flawed: bool) -> Drawn:
    """Sumas and Saldos, nine-digit accounts, `Suma y sigue` at the foot of each page, sums of page carried on."""
    data = ledger(
        random, "es", random.choice([12, 60, 100]), code="{group}{serial:03d}00000", groups=("1", "4", "5", "6", "7")
    )
    data = spoiled(data, random) if flawed else data
    data.entries = [entry for entry in data.entries if entry.debit or entry.credit or entry.closing]
    money = Money(".", ",")
    sheet = Sheet(A4, points=8, writing=Writing.COLUMNS)
    columns = [Column(40), Column(98), *(Column(x, "right") for x in (345, 415, 485, 555))]
    printed: list[Entry] = []

    def head() -> None:
        sheet.text(40, 38, data.company, bold=True, size=10)
        sheet.text(40, 52, "Balance de Sumas y Saldos")
        sheet.text(555, 38, "Fecha: 31/12/2025", align="right")
        sheet.text(555, 52, "Periodo: 01/01/2025 - 31/12/2025", align="right")
        sheet.box(38, 66, 557, 92, grey=0.9)
        sheet.text(380, 76, "SUMAS", bold=True, align="center")
        sheet.text(520, 76, "SALDOS", bold=True, align="center")
        for column, title in zip(columns, ("Cuenta", "Título", "Debe", "Haber", "Deudor", "Acreedor"), strict=True):
            sheet.text(column.x, 88, title, bold=True, align=column.align)
        if printed:
            flow.row("", "Suma anterior", *(money(value) for value in data.totals(_FOUR, printed).values()))

    def foot() -> None:
        flow.row("", "Suma y sigue", *(money(value) for value in data.totals(_FOUR, printed).values()))

    flow = Flow(sheet, columns, top=106, bottom=770, leading=12, head=head, foot=foot)
    head()
    for entry in data.entries:
        flow.room(1)
        printed.append(entry)
        flow.row(entry.code, entry.name[:44], *(_shown(figures(entry)[name], money) for name in _FOUR))
    flow.room(2)
    flow.row("", "Total", *(money(value) for value in data.totals(_FOUR).values()), bold=True)
    truth = data.truth(_FOUR, period_start="2025-01-01", period_end="2025-12-31")
    return Drawn(sheet.pdf(), [truth], data.flaw, ("currency",))


@layout("trial_balance", seen=False)
def dutch_columns(random: Random, flawed: bool) -> Drawn:
    """Proef- en saldibalans: zeros as dashes, whole euros, groups with indented accounts and a sum line each."""
    data = ledger(
        random,
        "nl",
        random.choice([10, 32, 64]),
        code="{group}{serial:03d}",
        groups=("0", "1", "4", "8"),
        digits=0,
        group_names=("Vaste activa", "Vlottende activa", "Kosten", "Opbrengsten"),
    )
    data = spoiled(data, random) if flawed else data
    data.entries = [entry for entry in data.entries if entry.debit or entry.credit or entry.closing]
    money = Money(".", ",", digits=0)
    sheet = Sheet(A4, font="Times-Roman", points=9, writing=Writing.WORDS)
    columns = [Column(50), Column(95), *(Column(x, "right") for x in (350, 415, 485, 550))]

    def head() -> None:
        sheet.text(50, 45, f"{data.company} - Proef- en saldibalans boekjaar 2025", bold=True)
        sheet.text(425, 70, "Proefbalans", align="right")
        sheet.text(550, 70, "Saldibalans", align="right")
        for column, title in zip(columns, ("Rek.", "Omschrijving", "Debet", "Credit", "Debet", "Credit"), strict=True):
            sheet.text(column.x, 83, title, bold=True, align=column.align)
        sheet.rule(50, 87, 550)

    flow = Flow(sheet, columns, top=102, bottom=780, leading=12.5, head=head)
    head()
    subtotals, group = [], None
    for place, entry in enumerate(data.entries):
        flow.room(2)
        if entry.group != group:
            group = entry.group
            flow.row(data.groups[group], bold=True)
        flow.row(entry.code, entry.name, *(_shown(figures(entry)[name], money, "-") for name in _FOUR))
        if place + 1 == len(data.entries) or data.entries[place + 1].group != group:
            sums = data.totals(_FOUR, [each for each in data.entries if each.group == group])
            flow.rule(300, 550, grey=0.5)
            flow.row(
                "", f"Totaal {data.groups[group]}", *(_shown(value, money, "-") for value in sums.values()), down=1.5
            )
            subtotals.append(
                {"name": f"Totaal {data.groups[group]}", **{key: str(value) for key, value in sums.items() if value}}
            )
    flow.room(2)
    flow.row("", "Totaal generaal", *(money(value) for value in data.totals(_FOUR).values()), bold=True)
    truth = data.truth(_FOUR, subtotals=subtotals)
    return Drawn(sheet.pdf(), [truth], data.flaw, ("currency", "period_start", "period_end"))


@layout("trial_balance", seen=False)
def japanese_middle_names(random: Random, flawed: bool) -> Drawn:
    """試算表: 借方 at the left, the account in the middle, 貸方 at the right."""
    data = ledger(random, "ja", random.choice([8, 20, 40]), digits=0)
    data = spoiled(data, random) if flawed else data
    data.entries = [entry for entry in data.entries if entry.debit or entry.credit or entry.closing]
    money = Money(",", ".", digits=0)
    sheet = Sheet(A4, font="cjk", points=9.5)
    columns = [
        Column(150, "right"),
        Column(240, "right"),
        Column(300, "center"),
        Column(440, "right"),
        Column(530, "right"),
    ]
    sheet.text(297, 50, "合計残高試算表", size=14, align="center")
    sheet.text(297, 68, "2025年12月31日", align="center")
    sheet.text(60, 85, data.company)
    sheet.text(530, 85, "(単位:円)", align="right")

    def head() -> None:
        for x, title in ((190, "借方"), (480, "貸方")):
            sheet.text(x, flow.y, title, align="center")
        flow.y += 14
        flow.row("残高", "合計", "勘定科目", "合計", "残高", down=1.3)
        flow.rule(60, 535)

    flow = Flow(sheet, columns, top=110, bottom=780, leading=15, next_top=60, head=head)
    head()
    for entry in data.entries:
        flow.room(1)
        values = figures(entry)
        cells = [_shown(values[name], money) for name in ("closing_debit", "debit", "credit", "closing_credit")]
        flow.row(*cells[:2], entry.name, *cells[2:])
    flow.room(2)
    flow.rule(60, 535)
    sums = data.totals(_FOUR)
    flow.row(
        money(sums["closing_debit"]), money(sums["debit"]), "合計", money(sums["credit"]), money(sums["closing_credit"])
    )
    truth = data.truth(_FOUR, codes=False, period_end="2025-12-31")
    return Drawn(sheet.pdf(), [truth], data.flaw, ("currency", "period_start"))


@layout("trial_balance", seen=False)
def indian_particulars(random: Random, flawed: bool) -> Drawn:
    """Particulars; opening and closing with Dr and Cr behind, debits and credits between; lakhs; no codes."""
    data = ledger(random, "en", random.choice([10, 30, 55]))
    data = spoiled(data, random) if flawed else data
    data.entries = [entry for entry in data.entries if entry.debit or entry.credit or entry.closing or entry.opening]
    money = Money(",", ".", indian=True)
    sheet = Sheet(LANDSCAPE, font="sans", points=8, writing=Writing.STRINGS)
    columns = [Column(50), *(Column(x, "right") for x in (430, 550, 670, 790))]

    def marked(value: Decimal) -> str:
        return f"{money(abs(value))} {'Dr' if value > 0 else 'Cr'}" if value else ""

    def head() -> None:
        sheet.text(421, 40, data.company, bold=True, size=12, align="center")
        sheet.text(421, 56, "Trial Balance", align="center")
        sheet.text(421, 70, "1-Apr-24 to 31-Mar-25", align="center")
        sheet.rule(50, 80, 790)
        for column, title in zip(
            columns, ("Particulars", "Opening Balance", "Debit", "Credit", "Closing Balance"), strict=True
        ):
            sheet.text(column.x, 94, title, bold=True, align=column.align)
        sheet.rule(50, 99, 790)

    flow = Flow(sheet, columns, top=114, bottom=555, leading=13, head=head)
    head()
    for entry in data.entries:
        flow.room(1)
        moved = [_shown(value, money) for value in (entry.debit, entry.credit)]
        flow.row(entry.name, marked(entry.opening), *moved, marked(entry.closing))
    flow.room(2)
    sums = data.totals(("debit", "credit"))
    flow.rule(50, 790)
    flow.row("Grand Total", "", *(money(value) for value in sums.values()), "", bold=True)
    six = ("opening_debit", "opening_credit", *_FOUR)
    truth = data.truth(six, codes=False, period_start="2024-04-01", period_end="2025-03-31", totals=False)
    truth["totals"] = {name: str(value) for name, value in sums.items()}
    return Drawn(sheet.pdf(), [truth], data.flaw, ("currency",))
