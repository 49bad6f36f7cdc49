"""Trial balances of many layouts are read: accounts apart from sums, columns by their meaning."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.ai.contracts.trial_balance import TrialBalanceOptions
from services.ai.documents.trial_balance import TrialBalance
from services.ai.figures.checks import whole
from services.ai.figures.value import Status
from services.ai.gates.trial_balance import NEEDED, check
from services.ai.rules.trial_balance import read
from tests.services.ai.typewritten import typewritten

LAYOUTS = {
    "signed, dashes for nothing, names not over their figures": """
Code   Account         Opening balance Debit            Credit        Closing balance
1000   Cash                   100.00        50.00         20.00            130.00
1200   Bank                 1,000.00       200.00        500.00            700.00
2000   Equity              -1,100.00            -             -         -1,100.00
4000   Sales                       -            -        230.00           -230.00
4900   Cost                        -       500.00             -            500.00
       Total                       -       750.00        750.00                 -
""",
    "letters behind balances, names of two lines": """
Code   Account           Opening Balance     Transactions              Closing Balance
                                             Debit        Credit
1000   Cash                  100.00 Dr        50.00        20.00          130.00 Dr
1200   Bank                1,000.00 Dr       200.00       500.00          700.00 Dr
2000   Equity              1,100.00 Cr                                  1,100.00 Cr
4000   Sales                                              230.00          230.00 Cr
4900   Cost                                  500.00                       500.00 Dr
       Grand Total                           750.00       750.00
""",
}
TREE = """
ACME Ltd
Trial balance at 31/12/2025

Account                    Debit      Credit
Assets                    2,024.00
  Cash                      700.00
  Bank                    1,324.00
Equity                                 2,024.00
  Capital                              1,024.55
  Reserves                               999.45
Total                     2,024.00     2,024.00
"""


def read_one(page: str) -> TrialBalance:
    """The only trial balance in a typewritten page."""
    (balance,) = read(typewritten(page), TrialBalanceOptions())
    return balance


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_ledger_is_read_from_every_layout(layout: str) -> None:
    balance = read_one(LAYOUTS[layout])
    assert whole(check(balance), NEEDED) is Status.VERIFIED
    equity = balance.accounts[2]
    assert [account.code and account.code.value for account in balance.accounts] == [
        "1000",
        "1200",
        "2000",
        "4000",
        "4900",
    ]
    assert equity.name is not None
    assert equity.name.value == "Equity"
    assert (equity.opening_credit and equity.opening_credit.value) == Decimal("1100.00")
    assert (equity.opening_debit, equity.debit, equity.credit, equity.closing_debit) == (None, None, None, None)
    assert balance.totals is not None
    assert balance.totals.debit is not None
    assert balance.totals.debit.status is Status.VERIFIED


def test_lines_that_sum_others_are_no_accounts_though_nothing_calls_them_so() -> None:
    balance = read_one(TREE)
    assert [each.name and each.name.value for each in balance.subtotals] == ["Assets", "Equity"]
    assert len(balance.accounts) == 4
    assert whole(check(balance), NEEDED) is Status.VERIFIED


def test_a_name_between_debit_and_credit_and_figures_without_decimals() -> None:
    balance = read_one("""
株式会社テスト
合計残高試算表     2025年12月31日
        借方                                          貸方
  残高           合計        勘定科目            合計           残高
  700,000     1,000,000      現金             300,000
1,324,000     2,324,500      普通預金         1,000,500
                             資本金           2,024,000      2,024,000
2,024,000     3,324,500      合計           3,324,500      2,024,000
""")
    cash = balance.accounts[0]
    assert [value and value.value for value in (cash.debit, cash.closing_debit)] == [1_000_000, 700_000]
    assert len(balance.accounts) == 3


def test_a_ledger_that_does_not_balance_is_a_discrepancy_and_its_figures_are_not_verified() -> None:
    balance = read_one(TREE.replace("999.45", "999.54"))
    assert whole(check(balance), NEEDED) is Status.DISCREPANCY
    reserves = balance.accounts[-1]
    assert reserves.closing_credit is not None
    assert reserves.closing_credit.status is Status.DISCREPANCY


def test_exchanged_figures_of_two_accounts_are_not_verified_by_their_sum() -> None:
    balance = read_one("""
Account                     Debit      Credit
Cash                       700.10
Bank                     1,324.45
Capital                              1,025.10
Reserves                               999.45
Total                    2,024.55    2,024.55
""")
    cash, bank, *_ = balance.accounts
    cash.closing_debit, bank.closing_debit = bank.closing_debit, cash.closing_debit
    check(balance)
    statuses = [(each.closing_debit or each.closing_credit) for each in balance.accounts]
    assert [value and value.status for value in statuses] == [Status.UNVERIFIABLE] * 2 + [Status.VERIFIED] * 2
    assert balance.totals is not None
    assert balance.totals.closing_debit is not None
    assert balance.totals.closing_debit.status is Status.VERIFIED


def test_two_columns_are_balances_whatever_they_are_called() -> None:
    balance = read_one("""
Account                   Account Code     Debit - Year to date     Credit - Year to date
Sales                     200                                              1,230.00
Rent                      404                           500.00
Cash                      610                           730.00
Total                                                 1,230.00             1,230.00
""")
    assert [account.code and account.code.value for account in balance.accounts] == ["200", "404", "610"]
    assert balance.accounts[0].closing_credit is not None
    assert balance.accounts[0].credit is None


@pytest.mark.parametrize("layout", LAYOUTS)
def test_debits_and_credits_that_were_exchanged_throughout_are_not_verified(layout: str) -> None:
    balance = read_one(LAYOUTS[layout])
    assert whole(check(balance), NEEDED) is Status.VERIFIED
    names = (("opening_debit", "opening_credit"), ("debit", "credit"), ("closing_debit", "closing_credit"))
    for account in [*balance.accounts, *([balance.totals] if balance.totals else [])]:
        for one, other in names:
            debit, credit = getattr(account, one), getattr(account, other)
            setattr(account, one, credit)
            setattr(account, other, debit)
            for value in filter(None, (debit, credit)):
                value.status = Status.UNVERIFIABLE
    assert whole(check(balance), NEEDED) is not Status.VERIFIED
    figures = [getattr(account, name) for account in balance.accounts for pair in names for name in pair]
    assert not any(value.status is Status.VERIFIED for value in filter(None, figures))
