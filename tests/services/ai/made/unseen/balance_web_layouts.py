"""Trial balances of web programs and spreadsheets."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from tests.services.ai.made.amounts import Money
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.ledger_data import figures, ledger, spoiled
from tests.services.ai.made.programs import from_html, from_spreadsheet

_CLOSING = ("closing_debit", "closing_credit")
_STYLE = """@page { size: A4; margin: 20mm } body { font-family: 'DejaVu Sans'; font-size: 8pt }
table { width: 100%; border-collapse: collapse }
td, th { padding: 2.5pt; text-align: left } .n { text-align: right } h1 { font-size: 15pt; margin: 0 }
.t td { border-top: 0.7pt solid; font-weight: bold }
thead { display: table-header-group } .g td { font-weight: bold; padding-top: 8pt } tr { page-break-inside: avoid }"""


@layout("trial_balance", seen=False)
def web_grouped(random: Random, flawed: bool) -> Drawn:
    """The code behind the name, headings of groups without sums, empty cells, `-` for the company's period."""
    titles = {"1": "Assets", "2": "Liabilities", "4": "Revenue", "6": "Expenses"}
    data = ledger(random, "en", random.choice([9, 30, 70]))
    data = spoiled(data, random) if flawed else data
    data.entries = [entry for entry in data.entries if entry.closing]
    money, parts, group = Money(",", "."), [], None
    for entry in data.entries:
        if entry.group != group:
            group = entry.group
            parts.append(f"<tr class='g'><td colspan='4'>{titles[group]}</td></tr>")
        debit, credit = (money(value) if value else "" for value in (figures(entry)[name] for name in _CLOSING))
        name = entry.name.replace("&", "&amp;")
        parts.append(
            f"<tr><td>{name}</td><td>{entry.code}</td><td class='n'>{debit}</td><td class='n'>{credit}</td></tr>"
        )
    total = [money(value) for value in data.totals(_CLOSING).values()]
    body = f"""<h1>Trial Balance</h1><div>{data.company.replace("&", "&amp;")}</div><div>As at 31 March 2025</div><br>
<table><thead><tr><th>Account</th><th>Account Code</th><th class='n'>Debit - Year to date</th>
<th class='n'>Credit - Year to date</th></tr></thead>
<tbody>{"".join(parts)}<tr class='t'><td>Total</td><td></td><td class='n'>{total[0]}</td>
<td class='n'>{total[1]}</td></tr></tbody></table>"""
    truth = data.truth(_CLOSING, period_end="2025-03-31")
    return Drawn(from_html(body, _STYLE), [truth], data.flaw, ("currency", "period_start"))


@layout("trial_balance", seen=False)
def spreadsheet_signed(random: Random, flawed: bool) -> Drawn:
    """Signed opening and closing balances, debits and credits between them, dashes for nothing; by LibreOffice."""
    data = ledger(random, "en", random.choice([10, 40]), code="{group}-{serial:04d}")
    data = spoiled(data, random) if flawed else data
    names = ("Opening balance", "Debit", "Credit", "Closing balance")
    rows: list[list[Any]] = [
        [data.company],
        ["Trial balance 01/01/2025 to 31/12/2025 (EUR)"],
        [],
        ["Account no.", "Account name", *names],
    ]
    for entry in data.entries:
        rows.append([entry.code, entry.name, entry.opening, entry.debit, entry.credit, entry.closing])
    sums = data.totals(("debit", "credit"))
    opening, closing = (
        sum(values, Decimal(0)) for values in zip(*((e.opening, e.closing) for e in data.entries), strict=True)
    )
    rows.append(["Total", None, opening, sums["debit"], sums["credit"], closing])
    pdf = from_spreadsheet(
        rows,
        widths=(13, 30, 16, 16, 16, 16),
        bold=(0, 3, len(rows) - 1),
        number_format='#,##0.00;-#,##0.00;"-"',
        landscape=True,
    )
    six = ("opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit")
    truth = data.truth(six, currency="EUR", period_start="2025-01-01", period_end="2025-12-31")
    truth["totals"] = None
    data.flaw = "missing_line" if data.flaw and opening else data.flaw
    return Drawn(pdf, [truth], data.flaw, ("totals",))
