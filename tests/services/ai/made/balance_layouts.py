"""Trial balances as accounting programs of several countries print them."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from tests.services.ai.made.amounts import Money
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.flow import Column, Flow
from tests.services.ai.made.ledger_data import figures, ledger, spoiled
from tests.services.ai.made.sheet import A4, LANDSCAPE, LETTER, Sheet, Writing

_SIX = ("opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit")
_CLOSING = ("closing_debit", "closing_credit")


def _cells(values: dict[str, Decimal], columns: tuple[str, ...], money: Money, *, zero: str = "") -> list[str]:
    return [money(values[name]) if values[name] else zero for name in columns]


@layout("trial_balance")
def german_sums_and_balances(random: Random, flawed: bool) -> Drawn:
    """Six columns in landscape, a sum for each class, `Übertrag` at page ends, empty cells where nothing is."""
    names = ("Anlagevermögen", "Umlaufvermögen", "Aufwendungen", "Erlöse")
    data = ledger(random, "de", random.choice([12, 45, 110]), groups=("0", "1", "4", "8"), group_names=names)
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",")
    sheet = Sheet(LANDSCAPE, points=8, writing=random.choice([Writing.STRINGS, Writing.COLUMNS]))
    columns = [Column(40), Column(85), *(Column(x, "right") for x in (385, 470, 560, 645, 725, 805))]
    printed: list[Any] = []

    def head() -> None:
        sheet.text(40, 40, data.company, bold=True, size=11)
        sheet.text(805, 40, f"Seite {sheet.page_number}", align="right")
        sheet.text(40, 56, "Summen- und Saldenliste 01.01.2025 - 31.12.2025      Währung: EUR")
        for x, title in ((428, "Eröffnungsbilanz"), (602, "Jahresverkehrszahlen"), (765, "Saldo")):
            sheet.text(x, 76, title, bold=True, align="center")
        for column, title in zip(columns, ("Konto", "Bezeichnung", *("Soll", "Haben") * 3), strict=True):
            sheet.text(column.x, 88, title, bold=True, align=column.align)
        sheet.rule(40, 92, 805)

    def carried(label: str) -> None:
        flow.row("", label, *_cells(data.totals(_SIX, printed), _SIX, money))

    flow = Flow(sheet, columns, top=106, bottom=548, leading=11, head=head, foot=lambda: carried("Übertrag"))
    head()
    subtotals = []
    for place, entry in enumerate(data.entries):
        breaks = sheet.page_number
        flow.room(2)
        if sheet.page_number > breaks:
            carried("Übertrag")
        printed.append(entry)
        flow.row(entry.code, entry.name, *_cells(figures(entry), _SIX, money))
        if place + 1 == len(data.entries) or data.entries[place + 1].group != entry.group:
            sums = data.totals(_SIX, [each for each in data.entries if each.group == entry.group])
            name = f"Summe Klasse {entry.group} {data.groups[entry.group]}"
            subtotals.append({"name": name, **{key: str(value) for key, value in sums.items() if value}})
            flow.room(2)
            flow.row("", name, *_cells(sums, _SIX, money), bold=True, down=1.4)
    flow.room(2)
    flow.rule(40, 805)
    flow.row("", "Summe gesamt", *_cells(data.totals(_SIX), _SIX, money, zero="0,00"), bold=True)
    truth = data.truth(_SIX, currency="EUR", period_start="2025-01-01", period_end="2025-12-31", subtotals=subtotals)
    return Drawn(sheet.pdf(), [truth], data.flaw)


@layout("trial_balance")
def american_two_columns(random: Random, flawed: bool) -> Drawn:
    """Names without codes, debit and credit, a title in the middle, dollars at the first line and the total only."""
    data = ledger(random, "en", random.choice([8, 20, 60]))
    data = spoiled(data, random) if flawed else data
    data.entries = [entry for entry in data.entries if entry.closing]
    money, dollars = Money(",", "."), Money(",", ".", before="$")
    sheet = Sheet(LETTER, font="Times-Roman", points=10, writing=Writing.GAPS)
    for row, line in enumerate((data.company, "Trial Balance", "As of December 31, 2025")):
        sheet.text(306, 60 + 16 * row, line, size=13, bold=row < 2, align="center")
    columns = [Column(90), Column(420, "right"), Column(520, "right")]

    def head() -> None:
        flow.row("", "DEBIT", "CREDIT", bold=True, down=1.4)
        flow.rule(90, 520)

    flow = Flow(sheet, columns, top=130, bottom=720, leading=14, next_top=70, head=head)
    head()
    for place, entry in enumerate(data.entries):
        flow.room(1)
        flow.row(entry.name, *_cells(figures(entry), _CLOSING, dollars if place == 0 else money))
    flow.room(2)
    flow.rule(330, 520)
    totals = data.totals(_CLOSING)
    flow.row("TOTAL", *(dollars(totals[name]) for name in _CLOSING), bold=True)
    for y in (flow.y - 10, flow.y - 8):
        sheet.rule(330, y, 520)
    sheet.text(90, 760, "Accrual basis  Wednesday, January 14, 2026 09:22 AM GMT-05:00", size=7)
    truth = data.truth(_CLOSING, codes=False, currency="USD", period_end="2025-12-31")
    return Drawn(sheet.pdf(), [truth], data.flaw, ("period_start",))


@layout("trial_balance")
def french_balance_generale(random: Random, flawed: bool) -> Drawn:
    """Six columns, ruled all over, spaces between thousands, zeros printed, totals of each class."""
    data = ledger(
        random, "fr", random.choice([10, 40, 80]), code="{group}{serial:05d}", groups=("1", "4", "5", "6", "7")
    )
    data = spoiled(data, random) if flawed else data
    money = Money("\xa0", ",")
    sheet = Sheet(LANDSCAPE, points=7.5, writing=Writing.WORDS)
    columns = [Column(40), Column(95), *(Column(x, "right") for x in (385, 465, 555, 640, 725, 805))]
    edges = (36, 91, 300, 390, 470, 560, 645, 730, 809)

    def head() -> None:
        sheet.text(40, 40, data.company, bold=True, size=10)
        sheet.text(421, 40, "BALANCE GÉNÉRALE", bold=True, size=12, align="center")
        sheet.text(805, 40, "Du 01/01/25 au 31/12/25", align="right")
        sheet.text(805, 52, "Tenue de compte : EUR", align="right")
        for x, title in ((387, "Soldes d'ouverture"), (560, "Mouvements"), (727, "Soldes de clôture")):
            sheet.text(x, 78, title, bold=True, align="center")
        for column, title in zip(columns, ("Compte", "Intitulé", *("Débit", "Crédit") * 3), strict=True):
            sheet.text(column.x, 92, title, bold=True, align=column.align)
        sheet.rule(36, 66, 809)

    def lines() -> None:
        for edge in edges:
            sheet.stroke(edge, 66, edge, flow.y - 10, grey=0.4)

    flow = Flow(sheet, columns, top=108, bottom=550, leading=13, head=head, foot=lines)
    head()
    subtotals = []
    for place, entry in enumerate(data.entries):
        flow.room(1)
        sheet.rule(36, flow.y - 10, 809, grey=0.6)
        flow.row(entry.code, entry.name, *(money(value) for value in figures(entry).values()))
        if place + 1 == len(data.entries) or data.entries[place + 1].group != entry.group:
            sums = data.totals(_SIX, [each for each in data.entries if each.group == entry.group])
            subtotals.append(
                {"name": f"Total classe {entry.group}", **{key: str(value) for key, value in sums.items()}}
            )
            flow.room(1)
            flow.row("", f"Total classe {entry.group}", *(money(sums[name]) for name in _SIX), bold=True)
    flow.room(1)
    sheet.rule(36, flow.y - 10, 809)
    flow.row("", "TOTAL GÉNÉRAL", *(money(value) for value in data.totals(_SIX).values()), bold=True)
    lines()
    truth = data.truth(
        _SIX, zeros=True, currency="EUR", period_start="2025-01-01", period_end="2025-12-31", subtotals=subtotals
    )
    return Drawn(sheet.pdf(), [truth], data.flaw)


@layout("trial_balance")
def single_signed_balance(random: Random, flawed: bool) -> Drawn:
    """`1000 - Cash` in one cell and one balance, credits in parentheses; the total is nil."""
    data = ledger(random, "en", random.choice([9, 30, 75]), code="{group}{serial:03d}")
    entries = [entry for entry in data.entries if entry.closing]
    data.entries = entries
    data.flaw = "missing_line" if flawed else None
    if flawed:
        data.entries = entries[:3] + entries[4:]
    money = Money(",", ".", "parentheses")
    sheet = Sheet(A4, points=9.5)
    sheet.text(50, 60, data.company, size=14, bold=True)
    sheet.text(50, 78, "Trial Balance at 30 June 2025")
    sheet.text(50, 91, "All amounts in GBP", grey=0.4)
    columns = [Column(50), Column(500, "right")]

    def head() -> None:
        flow.row("Account", "Balance", bold=True, down=1.5)
        flow.rule(50, 504)

    flow = Flow(sheet, columns, top=125, bottom=770, leading=13, next_top=60, head=head)
    head()
    for entry in data.entries:
        flow.room(1)
        bracket = 3.2 if entry.closing < 0 else 0
        sheet.text(500 + bracket, flow.y, money(entry.closing), align="right")
        flow.row(f"{entry.code} - {entry.name}")
    flow.room(2)
    flow.rule(400, 504)
    flow.row("Total", "0.00", bold=True)
    truth = data.truth(_CLOSING, currency="GBP", period_end="2025-06-30", totals=False)
    return Drawn(sheet.pdf(), [truth], data.flaw, ("totals", "period_start"))


@layout("trial_balance")
def italian_tree(random: Random, flawed: bool) -> Drawn:
    """Dotted codes indented below their groups, whose lines bear the sums; period and balance, no opening."""
    names = ("ATTIVITÀ", "PASSIVITÀ", "COSTI", "RICAVI")
    data = ledger(
        random,
        "it",
        random.choice([10, 35, 70]),
        code="{group}.{serial:03d}",
        groups=("10", "20", "60", "80"),
        group_names=names,
    )
    data = spoiled(data, random) if flawed else data
    data.entries = [entry for entry in data.entries if entry.debit or entry.credit or entry.closing]
    four = ("debit", "credit", "closing_debit", "closing_credit")
    money = Money(".", ",")
    sheet = Sheet(A4, points=8, writing=Writing.LETTERS)
    columns = [Column(40), Column(100), *(Column(x, "right") for x in (350, 420, 490, 560))]

    def head() -> None:
        sheet.text(40, 40, data.company, bold=True, size=11)
        sheet.text(40, 54, "Bilancio di verifica dal 01/01/2025 al 31/12/2025 - importi in EUR")
        for column, title in zip(
            columns, ("Conto", "Descrizione", "Dare", "Avere", "Saldo Dare", "Saldo Avere"), strict=True
        ):
            sheet.text(column.x, 76, title, bold=True, align=column.align)
        sheet.rule(40, 80, 560)

    flow = Flow(sheet, columns, top=94, bottom=790, leading=12, head=head)
    head()
    subtotals, group = [], None
    for entry in data.entries:
        flow.room(2)
        if entry.group != group:
            group = entry.group
            sums = data.totals(four, [each for each in data.entries if each.group == group])
            subtotals.append(
                {"code": group, "name": data.groups[group], **{key: str(value) for key, value in sums.items() if value}}
            )
            flow.row(group, data.groups[group], *_cells(sums, four, money), bold=True)
        sheet.text(50, flow.y, entry.code)
        sheet.text(110, flow.y, entry.name)
        flow.row("", "", *_cells(figures(entry), four, money))
    flow.room(2)
    flow.rule(40, 560)
    flow.row("", "TOTALI", *_cells(data.totals(four), four, money, zero="0,00"), bold=True)
    truth = data.truth(four, currency="EUR", period_start="2025-01-01", period_end="2025-12-31", subtotals=subtotals)
    return Drawn(sheet.pdf(), [truth], data.flaw)
