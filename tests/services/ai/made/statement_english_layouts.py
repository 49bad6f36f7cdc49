"""Statements as banks in Britain and America print them: paid out and paid in, sections, mainframe lists."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from tests.services.ai.made.amounts import Money, day
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.flow import Column, Flow
from tests.services.ai.made.sheet import A4, LETTER, Sheet, Writing
from tests.services.ai.made.statement_data import Line, spoiled, statement
from tests.services.ai.made.vocabulary import address, iban, in_fours


@layout("bank_statement")
def british_high_street(random: Random, flawed: bool) -> Drawn:
    """Paid out, paid in and balance; a date and a balance once a day; brought and carried forward."""
    data = statement(random, "en", random.randint(6, 80), start=date(2025, 2, 5), days=30, interest=True)
    data = spoiled(data, random) if flawed else data
    money, overdrawn = Money(",", ".", "none"), Money(",", ".", "none", after=" D")
    account, sort_code = f"{random.randint(10**7, 10**8 - 1)}", "40-12-88"
    number = iban(random, "GB", 14, "MIDB")

    def balance_text(value: Decimal) -> str:
        return (overdrawn if value < 0 else money)(value)

    sheet = Sheet(A4, points=9)
    sheet.text(60, 60, "Midshire Bank", size=18, bold=True)
    sheet.lines(60, 110, [data.holder, *address(random, "en")])
    sheet.text(330, 110, "Your Statement", size=14)
    sheet.text(330, 130, f"{day(data.start, 'd MMMM')} to {day(data.end, 'd MMMM yyyy')}")
    for row, (label, value) in enumerate(
        (("Account Name", data.holder), ("Sortcode", sort_code), ("Account Number", account), ("Sheet Number", "114"))
    ):
        sheet.text(330 + 62 * row, 160, label, size=6.5, grey=0.3)
        sheet.text(330 + 62 * row, 171, value, size=8)
    sheet.text(60, 200, f"International Bank Account Number {in_fours(number)}", size=8)
    sheet.box(60, 215, 320, 285, grey=0.92)
    for row, (label, amount) in enumerate(
        (
            ("Opening Balance", data.opening),
            ("Payments In", data.credits),
            ("Payments Out", data.debits),
            ("Closing Balance", data.closing),
        )
    ):
        sheet.text(70, 230 + 15 * row, label, bold=row in (0, 3))
        sheet.text(310, 230 + 15 * row, balance_text(amount), align="right", bold=row in (0, 3))
    columns = [Column(60), Column(115), Column(400, "right"), Column(470, "right"), Column(540, "right")]
    balance = data.opening

    def head() -> None:
        flow.row("Date", "Payment type and details", "Paid out", "Paid in", "Balance", bold=True, down=1.5)
        flow.rule(60, 540)
        flow.row("", "BALANCE BROUGHT FORWARD", "", "", balance_text(balance), bold=True)

    flow = Flow(sheet, columns, top=320, bottom=770, next_top=90, head=head)
    flow._foot = lambda: flow.row("", "BALANCE CARRIED FORWARD", "", "", balance_text(balance), bold=True)
    head()
    ends, last = data.last_of_days(), None
    for place, line in enumerate(data.lines):
        flow.room(len(line.description) + 1)
        shown_day = day(line.booked, "dd MMM yy") if line.booked != last else ""
        last = line.booked
        out, into = (money(-line.amount), "") if line.amount < 0 else ("", money(line.amount))
        cells = (out, into, balance_text(line.balance) if place in ends else "")
        for row, text in enumerate(line.description):
            final = row == len(line.description) - 1
            flow.row(shown_day if row == 0 else "", text, *(cells if final else ()))
        balance = line.balance
    flow.room(2)
    flow.row("", "BALANCE CARRIED FORWARD", "", "", balance_text(data.closing), bold=True)
    sheet.text(
        60,
        815,
        "Midshire Bank plc, registered in England number 1409872. Credit interest 0.10% AER, overdrawn 39.9% EAR",
        size=6,
    )
    truth = data.truth(
        balances=ends,
        sums=True,
        bank="Midshire Bank",
        account_number=account,
        iban=number,
        statement_number="114",
    )
    return Drawn(sheet.pdf(), [truth], data.flaw, ("currency",))


@layout("bank_statement")
def american_checking(random: Random, flawed: bool) -> Drawn:
    """Deposits, withdrawals and fees in sections of their own, 03/14 without a year, a table of daily balances."""
    data = statement(random, "en", random.randint(10, 60), start=date(2025, 3, 1), days=31, opening=Decimal("4120.55"))
    into = [line for line in data.lines if line.amount > 0]
    out = [line for line in data.lines if line.amount < 0]
    data.lines = into + out
    data = spoiled(data, random) if flawed else data
    into = [line for line in data.lines if line.amount > 0]
    out = [line for line in data.lines if line.amount < 0]
    money, dollars = Money(",", "."), Money(",", ".", before="$")
    account = f"{random.randint(10**11, 10**12 - 1)}"
    sheet = Sheet(LETTER, points=9, writing=Writing.TRACKED)
    sheet.text(50, 50, "FIRST PRAIRIE BANK, N.A.", size=14, bold=True)
    sheet.lines(50, 66, ["P.O. Box 5520, Columbus, OH 43218-2051"], size=7)
    sheet.lines(50, 130, [data.holder.upper(), *(line.upper() for line in address(random, "en"))])
    sheet.text(562, 100, f"{day(data.start, 'MMMM dd, yyyy')} through {day(data.end, 'MMMM dd, yyyy')}", align="right")
    sheet.text(562, 114, f"Account Number: {account}", align="right", bold=True)
    sheet.text(50, 200, "CHECKING SUMMARY", size=11, bold=True)
    sheet.rule(50, 204, 562)
    rows = [
        ("Beginning Balance", "", dollars(data.opening)),
        ("Deposits and Additions", str(len(into)), money(data.credits)),
        ("Withdrawals and Payments", str(len(out)), money(-data.debits)),
        ("Ending Balance", str(len(data.lines)), dollars(data.closing)),
    ]
    sheet.text(360, 217, "INSTANCES", size=7, align="right")
    sheet.text(460, 217, "AMOUNT", size=7, align="right")
    for row, (label, count, amount) in enumerate(rows):
        sheet.text(50, 232 + 14 * row, label, bold=row in (0, 3))
        sheet.text(360, 232 + 14 * row, count, align="right")
        sheet.text(460, 232 + 14 * row, amount, align="right", bold=row in (0, 3))
    flow = Flow(sheet, [Column(50), Column(110), Column(562, "right")], top=320, bottom=740, next_top=80)

    def section(title: str, lines: list[Line], total: Decimal, first: Money) -> None:
        flow.room(5)
        flow.row(title, bold=True, down=1.4, size=11)
        flow.row("DATE", "DESCRIPTION", "AMOUNT", down=1.3, size=7)
        for place, line in enumerate(lines):
            flow.room(len(line.description))
            flow.row(day(line.booked, "MM/dd"), line.description[0], (first if place == 0 else money)(abs(line.amount)))
            for more in line.description[1:]:
                flow.row("", more)
        flow.rule(50, 562)
        flow.row(f"Total {title.title()}", "", dollars(total), bold=True, down=2.2)

    section("DEPOSITS AND ADDITIONS", into, data.credits, dollars)
    section("WITHDRAWALS AND PAYMENTS", out, data.debits, dollars)
    by_day = sorted({line.booked: line.balance for line in sorted(data.lines, key=lambda each: each.booked)}.items())
    flow.room(3)
    flow.row("DAILY ENDING BALANCE", bold=True, down=1.4, size=11)
    for place in range(0, len(by_day), 3):
        flow.room(1)
        for offset, (when, ending) in enumerate(by_day[place : place + 3]):
            sheet.text(50 + 170 * offset, flow.y, day(when, "MM/dd"))
            sheet.text(190 + 170 * offset, flow.y, money(ending), align="right")
        flow.row(down=1)
    truth = data.truth(
        sums=True,
        bank="FIRST PRAIRIE BANK, N.A.",
        account_number=account,
        currency="USD",
        account_holder=data.holder.upper(),
    )
    return Drawn(sheet.pdf(), [truth], data.flaw, ("bank",))


@layout("bank_statement")
def mainframe_list(random: Random, flawed: bool) -> Drawn:
    """Courier on long paper, DR and CR behind each figure, a running balance on each line."""
    data = statement(random, "en", random.choice([3, 18, 150]), start=date(2025, 4, 1), days=30, more_lines=1)
    data = spoiled(data, random) if flawed else data
    money, balance_money = Money(",", ".", "none"), Money(",", ".", "dr-cr")
    account = f"{random.randint(10**9, 10**10 - 1)}"
    sheet = Sheet(A4, font="Courier", points=8, writing=random.choice([Writing.STRINGS, Writing.LETTERS]))
    brought = data.opening

    def heading() -> None:
        sheet.text(40, 40, f"ULSTER & WESTERN BANK{'STATEMENT OF ACCOUNT':>50}{'PAGE':>18}{sheet.page_number:>4}")
        sheet.text(40, 60, f"ACCOUNT {account}   {data.holder.upper():<34} CURRENCY EUR")
        sheet.text(
            40, 72, f"FROM {day(data.start, 'dd/MM/yyyy')} TO {day(data.end, 'dd/MM/yyyy')}   STATEMENT NO 00047"
        )
        sheet.text(40, 96, f"{'DATE':<12}{'PARTICULARS':<40}{'DEBIT':>14}{'CREDIT':>14}{'BALANCE':>20}")
        sheet.text(40, 104, "-" * 100)

    def head() -> None:
        heading()
        flow.row(f"{'':<12}{'BALANCE FORWARD':<40}{'':>14}{'':>14}{balance_money(brought):>20}")

    flow = Flow(sheet, [Column(40)], top=116, bottom=780, leading=10, head=head)
    heading()
    flow.row(f"{day(data.start, 'dd/MM/yyyy'):<12}{'OPENING BALANCE':<40}{'':>14}{'':>14}{balance_money(brought):>20}")
    for line in data.lines:
        flow.room(2)
        out, into = (money(-line.amount), "") if line.amount < 0 else ("", money(line.amount))
        text = " ".join(line.description).upper()[:38]
        flow.row(f"{day(line.booked, 'dd/MM/yyyy'):<12}{text:<40}{out:>14}{into:>14}{balance_money(line.balance):>20}")
        brought = line.balance
    flow.row(
        f"{day(data.end, 'dd/MM/yyyy'):<12}{'CLOSING BALANCE':<40}{'':>14}{'':>14}{balance_money(data.closing):>20}"
    )
    truth = data.truth(
        balances=True,
        bank="ULSTER & WESTERN BANK",
        account_number=account,
        currency="EUR",
        statement_number="00047",
        account_holder=data.holder.upper(),
    )
    for movement, line in zip(truth["movements"], data.lines, strict=True):
        movement["description"] = " ".join(line.description).upper()[:38].strip()
    return Drawn(sheet.pdf(), [truth], data.flaw)
