"""Statements of banks that live in an app: HTML turned into PDF, dates in second lines, newest first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from tests.services.ai.made.amounts import Money, day
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.programs import from_html, table
from tests.services.ai.made.statement_data import spoiled, statement
from tests.services.ai.made.vocabulary import address, iban

_STYLE = """@page { size: A4; margin: 18mm 16mm; @bottom-right { content: counter(page) " / " counter(pages);
font-size: 7pt } }
body { font-family: Carlito, sans-serif; font-size: 9pt }
table { width: 100%; border-collapse: collapse; margin: 8pt 0 }
td, th { padding: 3pt 4pt; vertical-align: top; text-align: left } .n { text-align: right; white-space: nowrap }
thead { display: table-header-group } tr { border-bottom: 0.5pt solid #ccc; page-break-inside: avoid }
h1 { font-size: 15pt }
.s { color: #666; font-size: 7.5pt } .foot { font-size: 6.5pt; color: #777; margin-top: 20pt }"""


@layout("bank_statement", seen=False)
def app_bank_summary(random: Random, flawed: bool) -> Drawn:
    """A summary table on top, one table below, details in further lines of the cell, balance on each line."""
    data = statement(
        random, "en", random.choice([4, 22, 70]), start=date(2025, 3, 1), days=31, opening=Decimal("640.18")
    )
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".", before="€")
    account = iban(random, "LT", 16)
    ends = [
        [
            "Account (Current Account)",
            money(data.opening),
            money(data.debits),
            money(data.credits),
            money(data.closing),
        ],
        ["Total", money(data.opening), money(data.debits), money(data.credits), money(data.closing)],
    ]
    rows = [
        [
            day(line.booked, "MMM d, yyyy"),
            "\n".join(line.description),
            money(-line.amount) if line.amount < 0 else "",
            money(line.amount) if line.amount > 0 else "",
            money(line.balance),
        ]
        for line in data.lines
    ]
    body = f"""<h1>EUR Statement</h1><p class='s'>Generated on the {day(data.end, "MMM d, yyyy")}
<br>Fleetbank Europe UAB</p>
<p><b>{data.holder.upper()}</b><br>{"<br>".join(address(random, "en"))}</p>
<p>IBAN {account}<br>BIC FLTBLT21</p><h3>Balance summary</h3>
{table(ends, head=["Product", "Opening balance", "Money out", "Money in", "Closing balance"], kinds=["", *"nnnn"])}
<h3>Account transactions from {day(data.start, "MMMM d, yyyy")} to {day(data.end, "MMMM d, yyyy")}</h3>
{table(rows, head=["Date", "Description", "Money out", "Money in", "Balance"], kinds=["", "", "n", "n", "n"])}
<p class='foot'>Report lost or stolen card: +370 5 214 3608. Deposits are insured up to €100,000.</p>"""
    truth = data.truth(
        balances=True,
        sums=True,
        bank="Fleetbank Europe UAB",
        iban=account,
        bic="FLTBLT21",
        currency="EUR",
        account_holder=data.holder.upper(),
    )
    return Drawn(from_html(body, _STYLE), [truth], data.flaw, ("bank",))


@layout("bank_statement", seen=False)
def transfer_service(random: Random, flawed: bool) -> Drawn:
    """Newest first; the date stands under the description; Incoming, Outgoing and the balance called Amount."""
    data = statement(
        random, "en", random.randint(3, 40), start=date(2024, 11, 20), days=70, opening=Decimal("1200.00"), more_lines=0
    )
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".")
    data.lines = data.lines[::-1]
    rows = [
        [
            f"{line.description[0]}\n{day(line.booked, 'd MMMM yyyy')}",
            money(line.amount) if line.amount > 0 else "",
            money(line.amount) if line.amount < 0 else "",
            money(line.balance),
        ]
        for line in data.lines
    ]
    number = f"{random.randint(10**7, 10**8 - 1)}"
    body = f"""<h1>GBP statement</h1><p>{day(data.start, "d MMMM yyyy")} [GMT] - {day(data.end, "d MMMM yyyy")}
[GMT]</p>
<table><tr><td class='s'>Account Holder<br><b>{data.holder}</b></td>
<td class='s'>Account number<br><b>{number}</b></td></tr></table>
<table><tr><td><b>GBP on {day(data.end, "d MMMM yyyy")} [GMT]</b></td>
<td class='n'><b>{money(data.closing)} GBP</b></td></tr></table>
{table(rows, head=["Description", "Incoming", "Outgoing", "Amount"], kinds=["", "n", "n", "n"])}
<p class='foot'>Need help? Visit example.com/help. Authorised by the Conduct Authority, reference 900507.</p>"""
    truth = data.truth(balances=True, opening=False, account_number=number, currency="GBP")
    return Drawn(from_html(body, _STYLE), [truth], data.flaw, ("bank", "opening_balance"))


@layout("bank_statement", seen=False)
def day_headings(random: Random, flawed: bool) -> Drawn:
    """A heading for each day, below it payee, text and a signed amount; three balances in cards on top."""
    data = statement(
        random, "de", random.randint(5, 45), start=date(2025, 7, 1), days=31, opening=Decimal("2310.44"), more_lines=1
    )
    data = spoiled(data, random) if flawed else data
    money = Money(".", ",", "plus-minus", after="€")
    bare = Money(".", ",", "before", after="€")
    account = iban(random, "DE", 18)
    parts, last = [], None
    for line in data.lines:
        if line.booked != last:
            parts.append(f"<h4>{day(line.booked, 'EEEE, d. MMMM yyyy', 'de')}</h4>")
            last = line.booked
        more = "".join(f"<br><span class='s'>{text}</span>" for text in line.description[1:]).replace("&", "&amp;")
        parts.append(f"<div class='r'><span class='n'>{money(line.amount)}</span>{line.description[0]}{more}</div>")
    cards = (
        ("Dein alter Kontostand", bare(data.opening)),
        ("Ausgehende Transaktionen", bare(-data.debits)),
        ("Eingehende Transaktionen", money(data.credits)),
        ("Dein neuer Kontostand", bare(data.closing)),
    )
    shown = "".join(f"<td><span class='s'>{label}</span><br><b>{value}</b></td>" for label, value in cards)
    body = f"""<h1>Kontoauszug Nr. 07/2025</h1><p>{day(data.start, "dd.MM.yyyy")}
bis {day(data.end, "dd.MM.yyyy")}</p>
<p>{data.holder} &nbsp; IBAN: {account} &nbsp; BIC: NOVADEB1XXX</p><table><tr>{shown}</tr></table>{"".join(parts)}
<p class='foot'>Nova Bank AG, Klosterstraße 62, 10179 Berlin. Bitte erhebe Einwendungen innerhalb von 6 Wochen.</p>"""
    style = f"""{_STYLE} .r {{ margin: 0 0 5pt 8pt }} .r .n {{ float: right }}
h4 {{ border-bottom: 0.5pt solid #999; margin: 9pt 0 4pt }}"""
    truth = data.truth(sums=True, iban=account, bic="NOVADEB1XXX", currency="EUR", statement_number="07/2025")
    return Drawn(from_html(body, style), [truth], data.flaw, ("bank",))
