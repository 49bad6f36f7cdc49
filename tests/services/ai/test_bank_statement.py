"""Statements of many layouts are read, and only what arithmetic bears out is called verified."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.ai.contracts.bank_statement import BankStatementOptions
from services.ai.documents.bank_statement import BankStatement
from services.ai.figures.checks import whole
from services.ai.figures.value import Source, Status
from services.ai.gates.bank_statement import NEEDED, check
from services.ai.rules.bank_statement import read
from tests.services.ai.typewritten import typewritten

SPLIT = """
Account 12345678     Statement 01.03.2025 - 31.03.2025
Date        Text               Debit       Credit      Balance
            Opening balance                              100,00
02.03.2025  Rent               50,00                      50,00
            Landlord
05.03.2025  Pay                          1.200,00      1.250,00
09.03.2025  Power              33,10                   1.216,90
            Closing balance                            1.216,90
"""
SUMMARY = """
Balance summary
Product        Opening balance    Money out      Money in   Closing balance
Current              -€1,100.00       €83.10    €1,200.00           €16.90
Total                -€1,100.00       €83.10    €1,200.00           €16.90

"""
#: Layouts that print the same movements in other ways.
LAYOUTS = {
    "no heading, sign behind": """
Start balance                                 100,00 EUR
1   02.03.2025  Rent                            50,00 -
                Landlord
2   05.03.2025  Pay                          1.200,00 +
3   09.03.2025  Power                           33,10 -
End balance                                 1.216,90 EUR
""",
    "no heading, three columns": """
01.03.2025  Opening balance                              100,00
02.03.2025  Rent                50,00                     50,00
            Landlord
05.03.2025  Pay                            1.200,00    1.250,00
09.03.2025  Power               33,10                  1.216,90
""",
    "unknown name of the balance": """
Date        Details            Amount       Blorp
01.03.2025  Opening balance                100,00
02.03.2025  Rent               -50,00       50,00
            Landlord
05.03.2025  Pay              1.200,00    1.250,00
09.03.2025  Power              -33,10    1.216,90
""",
    "amounts without a sign": """
Date        Details            Amount     Balance
01.03.2025  Opening balance                100,00
02.03.2025  Rent                50,00       50,00
            Landlord
05.03.2025  Pay              1.200,00    1.250,00
09.03.2025  Power               33,10    1.216,90
""",
    "letters": """
Datum       Text                        Betrag
            Alter Saldo               100,00 H
02.03.2025  Rent                       50,00 S
            Landlord
05.03.2025  Pay                     1.200,00 H
09.03.2025  Power                      33,10 S
            Neuer Saldo             1.216,90 H
""",
    "summary above, sign of the currency glued to every figure": SUMMARY
    + """Account transactions from Mar 1, 2025 to Mar 31, 2025
Date            Description          Money out      Money in        Balance
Mar 2, 2025     Rent                    €50.00                   -€1,150.00
                Landlord
Mar 5, 2025     Pay                                €1,200.00         €50.00
Mar 9, 2025     Power                   €33.10                       €16.90
""",
    "box beside the table": """
Date        Details            Amount     Balance     Your balances
02.03.2025  Rent               -50,00       50,00     Opening balance    100,00
            Landlord                                  Closing balance  1.216,90
05.03.2025  Pay              1.200,00    1.250,00     Did you know that you can
09.03.2025  Power              -33,10    1.216,90     save with us?
""",
}


def read_one(*pages: str) -> BankStatement:
    """The only statement in typewritten pages, checked."""
    (statement,) = read(typewritten(*pages), BankStatementOptions())
    check(statement)
    return statement


def amounts(statement: BankStatement) -> list[Decimal]:
    """Of all movements, in order."""
    return [movement.amount.value for movement in statement.movements]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_movements_are_read_from_every_layout(layout: str) -> None:
    statement = read_one(LAYOUTS[layout])
    assert amounts(statement) == [Decimal("-50.00"), Decimal("1200.00"), Decimal("-33.10")]
    described = [movement.description.value for movement in statement.movements if movement.description]
    assert described == ["Rent Landlord", "Pay", "Power"]
    assert all(movement.booking_date for movement in statement.movements)


def test_amounts_that_the_balances_bear_out_are_verified_and_texts_and_dates_are_not() -> None:
    statement = read_one(SPLIT)
    assert whole(check(read_one(SPLIT)), NEEDED) is Status.VERIFIED
    first = statement.movements[0]
    assert (first.amount.status, first.balance and first.balance.status) == (Status.VERIFIED, Status.VERIFIED)
    assert first.description is not None
    assert first.booking_date is not None
    assert {first.description.status, first.booking_date.status} == {Status.UNVERIFIABLE}


def test_a_wrong_amount_is_a_discrepancy_and_never_verified() -> None:
    statement = read_one(SPLIT.replace("33,10", "33,70"))
    assert statement.movements[2].amount.status is Status.DISCREPANCY
    assert whole(check(statement), NEEDED) is Status.DISCREPANCY


def test_exchanged_amounts_are_not_verified_by_a_sum_that_holds_all_the_same() -> None:
    (statement,) = read(typewritten(LAYOUTS["letters"]), BankStatementOptions())
    one, other = statement.movements[0], statement.movements[2]
    one.amount, other.amount = other.amount, one.amount
    check(statement)
    statuses = [movement.amount.status for movement in statement.movements]
    assert statuses == [Status.UNVERIFIABLE, Status.VERIFIED, Status.UNVERIFIABLE]


def test_a_zero_proves_nothing() -> None:
    statement = read_one(
        SPLIT.replace("33,10                   1.216,90", " 0,00                   1.250,00").replace(
            "1.216,90", "1.250,00"
        )
    )
    assert statement.movements[2].amount.status is Status.UNVERIFIABLE


def test_movements_go_on_over_pages_and_carried_balances_are_no_movements() -> None:
    head = "Date        Text               Debit       Credit      Balance"
    statement = read_one(
        SPLIT.split("05.03.")[0] + "            Balance carried forward                       50,00",
        f"{head}\n            Balance brought forward                       50,00\n05.03." + SPLIT.split("05.03.")[1],
    )
    assert amounts(statement) == [Decimal("-50.00"), Decimal("1200.00"), Decimal("-33.10")]


def test_another_account_number_begins_another_statement() -> None:
    found = read(typewritten(SPLIT, SPLIT.replace("12345678", "87654321")), BankStatementOptions())
    assert [each.account_number and each.account_number.value for each in found] == ["12345678", "87654321"]
    assert [len(each.movements) for each in found] == [3, 3]


def test_newest_first_is_checked_the_other_way_round() -> None:
    statement = read_one("""
Description                         Incoming     Outgoing       Amount
Card payment Shop                                  -20.50       979.50
3 March 2025
Received from ACME                    500.00                  1,000.00
2 March 2025
Rent                                            -1,500.00       500.00
1 March 2025
""")
    assert amounts(statement) == [Decimal("-20.50"), Decimal("500.00"), Decimal("-1500.00")]
    assert [movement.amount.status for movement in statement.movements[:2]] == [Status.VERIFIED] * 2
    assert [movement.booking_date and movement.booking_date.value.day for movement in statement.movements] == [3, 2, 1]


def test_a_document_without_movements_gives_nothing() -> None:
    assert read(typewritten("Dear Sir,\n\nthank you for 12,50 EUR of 3 May 2025."), BankStatementOptions()) == []


def test_balances_and_sums_in_one_line_belong_to_the_words_above_in_their_order() -> None:
    line = "Opening balance - Total debits + Total credits = Closing balance\n100,00   83,10   1.200,00   1.216,90\n"
    statement = read_one(line + LAYOUTS["amounts without a sign"])
    figures = (statement.opening_balance, statement.total_debits, statement.total_credits, statement.closing_balance)
    assert [figure and str(figure.value) for figure in figures] == ["100.00", "83.10", "1200.00", "1216.90"]


@pytest.mark.parametrize(
    ("line", "first"),
    [("Period 3 - 30 March 2025", 3), ("3. bis 30. März 2025", 3), ("Page 3 - 30 March 2025", None)],
)
def test_a_period_within_one_month_begins_with_a_day_alone(line: str, first: int | None) -> None:
    statement = read_one(f"{line}\n{LAYOUTS['amounts without a sign']}")
    assert (statement.period_start and statement.period_start.value.day) == first


def test_lists_under_the_title_of_a_summary_are_no_movements() -> None:
    daily = """
Daily balance summary
Date        Text               Amount
02.03.2025  After rent          50,00
05.03.2025  After pay        1.250,00
"""
    assert amounts(read_one(SPLIT + daily)) == [Decimal("-50.00"), Decimal("1200.00"), Decimal("-33.10")]


def test_the_number_of_a_statement_is_not_cut_out_of_what_stands_below_its_title() -> None:
    above = """
Account statement
IBAN: DE89 3704 0044 0532 0130 00
Statement no. 3/2025
"""
    number = read_one(above + SPLIT.replace("Account 12345678     Statement", "Period")).statement_number
    assert number is not None
    assert number.value == "3/2025"


def test_a_page_of_hostile_words_ends_without_an_error() -> None:
    row = "Date Balance Debit 12.00 - 01.02.2025 Total Saldo 1 " + "9" * 5000
    assert isinstance(read(typewritten("\n".join([row] * 300)), BankStatementOptions()), list)


@pytest.mark.parametrize("layout", ["letters", "unknown name of the balance", "amounts without a sign"])
def test_debits_that_a_model_took_for_credits_are_never_verified(layout: str) -> None:
    told = read_one(LAYOUTS[layout])
    for mirrored in (False, True):
        statement = told.model_copy(deep=True)
        lines = [(movement.amount, movement.balance) for movement in statement.movements]
        signed = [statement.opening_balance, statement.closing_balance, *(value for line in lines for value in line)]
        for value in filter(None, signed):
            value.source, value.status = Source.MODEL, Status.UNVERIFIABLE
            value.value = -value.value if mirrored else value.value
        checks = check(statement)
        assert not any(value.status is Status.VERIFIED for value in filter(None, signed)) or not mirrored
        assert any(each.code == "directions" and each.status is Status.VERIFIED for each in checks) is not mirrored
