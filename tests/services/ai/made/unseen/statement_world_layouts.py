"""Statements of banks in India, Japan, Australia and America."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from tests.services.ai.made.amounts import Money, day
from tests.services.ai.made.catalogue import Drawn, layout
from tests.services.ai.made.flow import Column, Flow
from tests.services.ai.made.sheet import A4, LETTER, Sheet, Writing
from tests.services.ai.made.statement_data import spoiled, statement
from tests.services.ai.made.vocabulary import address


@layout("bank_statement", seen=False)
def indian_narration(random: Random, flawed: bool) -> Drawn:
    """Narration broken over lines in a ruled table, cheque numbers, lakhs, a summary at the end with labels above."""
    data = statement(
        random,
        "en",
        random.choice([5, 30, 65]),
        start=date(2025, 4, 1),
        days=30,
        opening=Decimal("184230.50"),
        large=90000,
    )
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".", indian=True)
    account = f"5010{random.randint(10**9, 10**10 - 1)}"
    sheet = Sheet(A4, points=7.5, writing=Writing.GAPS)
    sheet.text(40, 40, "BHARAT UNITED BANK", size=13, bold=True)
    sheet.lines(40, 62, [data.holder.upper(), *(line.upper() for line in address(random, "en"))], leading=10)
    pairs = [
        ("Account Branch", "KORAMANGALA"),
        ("Account No", account),
        ("RTGS/NEFT IFSC", "BUBK0000417"),
        ("MICR", "560240017"),
        ("Currency", "INR"),
    ]
    for row, (label, value) in enumerate(pairs):
        sheet.text(340, 62 + 11 * row, f"{label} : {value}")
    sheet.text(
        40, 130, f"Statement From : {day(data.start, 'dd/MM/yyyy')}   To : {day(data.end, 'dd/MM/yyyy')}", bold=True
    )
    columns = [
        Column(43),
        Column(88),
        Column(262),
        Column(335),
        Column(440, "right"),
        Column(497, "right"),
        Column(557, "right"),
    ]
    edges = (40, 85, 258, 332, 375, 443, 500, 560)
    tops = [146.0]

    def head() -> None:
        sheet.box(40, flow.y - 10, 560, flow.y + 4, grey=0.88)
        flow.row(
            "Date",
            "Narration",
            "Chq./Ref.No.",
            "Value Dt",
            "Withdrawal Amt.",
            "Deposit Amt.",
            "Closing Balance",
            bold=True,
            down=1.5,
            size=7,
        )

    def foot() -> None:
        for edge in edges:
            sheet.stroke(edge, tops[-1], edge, flow.y - 8)
        sheet.text(
            40,
            800,
            "*Closing balance includes funds earmarked for hold and uncleared funds. GSTN 29AAACB1534F1ZE",
            size=6,
        )
        sheet.text(560, 820, f"Page No .: {sheet.page_number}", align="right", size=6)
        tops.append(50.0)

    flow = Flow(sheet, columns, top=156, bottom=770, leading=10.5, next_top=60, head=head, foot=foot)
    head()
    for line in data.lines:
        words = "-".join(line.description).upper().replace(" ", "")
        pieces = [words[start : start + 30] for start in range(0, len(words), 30)]
        flow.room(len(pieces))
        out, into = (money(-line.amount), "") if line.amount < 0 else ("", money(line.amount))
        value = day(line.value, "dd/MM/yy")
        flow.row(
            day(line.booked, "dd/MM/yy"), pieces[0], f"0000{line.reference}", value, out, into, money(line.balance)
        )
        for piece in pieces[1:]:
            flow.row("", piece)
        flow.rule(40, 560, grey=0.7)
    foot()
    flow.room(5)
    flow.y += 10
    flow.row("STATEMENT SUMMARY :-", bold=True)
    counts = (sum(line.amount < 0 for line in data.lines), sum(line.amount > 0 for line in data.lines))
    for x, label, value in (
        (40, "Opening Balance", money(data.opening)),
        (150, "Dr Count", str(counts[0])),
        (220, "Cr Count", str(counts[1])),
        (290, "Debits", money(data.debits)),
        (390, "Credits", money(data.credits)),
        (480, "Closing Bal", money(data.closing)),
    ):
        sheet.text(x, flow.y, label, bold=True)
        sheet.text(x, flow.y + 11, value)
    truth = data.truth(
        value_dates=True,
        references=True,
        balances=True,
        sums=True,
        bank="BHARAT UNITED BANK",
        account_number=account,
        currency="INR",
        account_holder=data.holder.upper(),
    )
    for movement in truth["movements"]:
        movement["reference"] = f"0000{movement['reference']}"
    # Whether a broken word is put together again is a matter of taste.
    return Drawn(sheet.pdf(), [truth], data.flaw, ("movements.description",))


@layout("bank_statement", seen=False)
def australian_years(random: Random, flawed: bool) -> Drawn:
    """Days without a year, the year on a line of its own where it turns; balances end with CR or DR."""
    data = statement(random, "en", random.randint(6, 60), start=date(2024, 12, 10), days=45)
    data = spoiled(data, random) if flawed else data
    money, balance = Money(",", "."), Money(",", ".", "dr-cr", before="$")
    number = f"{random.randint(10**7, 10**8 - 1)}"
    sheet = Sheet(A4, font="narrow", points=9.5)
    sheet.text(45, 55, "Southern Cross Bank", size=17, bold=True)
    sheet.lines(45, 95, [data.holder, *address(random, "en")])
    for row, (label, value) in enumerate(
        (
            ("Your Statement", ""),
            ("Statement 27", "(Page 1 of 4)"),
            ("Account Number", f"06 2904 {number}"),
            ("Statement Period", f"{day(data.start, 'd MMM yyyy')} - {day(data.end, 'd MMM yyyy')}"),
            ("Closing Balance", balance(data.closing)),
        )
    ):
        sheet.text(330, 90 + 15 * row, label, bold=True)
        sheet.text(550, 90 + 15 * row, value, align="right")
    columns = [Column(45), Column(95), Column(395, "right"), Column(465, "right"), Column(550, "right")]

    def head() -> None:
        flow.row("Date", "Transaction", "Debit", "Credit", "Balance", bold=True, down=1.3)
        flow.rule(45, 550)

    flow = Flow(sheet, columns, top=210, bottom=765, leading=12.5, next_top=80, head=head)
    head()
    flow.row(day(data.start, "dd MMM"), f"{data.start.year} OPENING BALANCE", "", "", balance(data.opening), bold=True)
    year = data.start.year
    for line in data.lines:
        if line.booked.year != year:
            year = line.booked.year
            flow.room(2)
            flow.row(str(year), bold=True)
        flow.room(len(line.description))
        out, into = (money(-line.amount), "") if line.amount < 0 else ("", money(line.amount))
        cells = (out, into, balance(line.balance))
        for row, text in enumerate(line.description):
            # The figures stand beside the last line of the description.
            flow.row(
                day(line.booked, "dd MMM") if row == 0 else "",
                text,
                *(cells if row == len(line.description) - 1 else ()),
            )
    flow.room(4)
    flow.row(
        day(data.end, "dd MMM"), f"{data.end.year} CLOSING BALANCE", "", "", balance(data.closing), bold=True, down=2
    )
    flow.row("", "Opening balance - Total debits + Total credits = Closing balance", bold=True)
    flow.row(
        "", f"{balance(data.opening)}    ${money(data.debits)}    ${money(data.credits)}    {balance(data.closing)}"
    )
    truth = data.truth(balances=True, sums=True, bank="Southern Cross Bank", statement_number="27")
    return Drawn(sheet.pdf(), [truth], data.flaw, ("currency", "account_number"))


@layout("bank_statement", seen=False)
def credit_union(random: Random, flawed: bool) -> Drawn:
    """Posting date with two-digit year, minus behind debits, running balance, a share and a checking account."""
    sheet = Sheet(LETTER, font="Times-Roman", points=10, writing=Writing.COLUMNS)
    money = Money(",", ".", "after")
    member, documents, flaw = f"{random.randint(10**5, 10**6 - 1)}", [], None
    holder, street = statement(random, "en", 0).holder.upper(), [line.upper() for line in address(random, "en")]
    sheet.text(50, 50, "Prairie Community Credit Union", size=15, bold=True)
    sheet.lines(50, 100, [holder, *street])
    sheet.text(380, 100, f"Member Number: {member}")
    sheet.text(380, 114, "Statement Period: 05/01/25 to 05/31/25")
    columns = [Column(50), Column(110), Column(440, "right"), Column(550, "right")]
    flow = Flow(sheet, columns, top=190, bottom=720, leading=13, next_top=70)
    for place, (title, count) in enumerate((("SHARE SAVINGS 00", 2), ("FREE CHECKING 70", random.randint(8, 50)))):
        data = statement(random, "en", count, start=date(2025, 5, 1), days=31, opening=Decimal("1810.09"), large=700)
        data.holder = holder
        if flawed and place == 1:
            data = spoiled(data, random)
            flaw = data.flaw
        flow.room(6)
        flow.row(title, bold=True, down=1.3)
        flow.row("Post Date", "Transaction Description", "Amount", "Balance", bold=True)
        flow.rule(50, 550)
        flow.row("05/01/25", "Balance Forward", "", money(data.opening))
        for line in data.lines:
            flow.room(len(line.description))
            flow.row(day(line.booked, "MM/dd/yy"), line.description[0], money(line.amount), money(line.balance))
            for more in line.description[1:]:
                flow.row("", more, size=8.5)
        flow.row("05/31/25", "Ending Balance", "", money(data.closing), down=2)
        documents.append(data.truth(balances=True, bank="Prairie Community Credit Union"))
    return Drawn(sheet.pdf(), documents, flaw, ("currency", "account_number"))


@layout("bank_statement", seen=False)
def japanese_passbook(random: Random, flawed: bool) -> Drawn:
    """年月日, お支払金額, お預り金額, 差引残高; yen without decimals; the year in two digits of the Western count."""
    data = statement(
        random,
        "ja",
        random.randint(5, 40),
        start=date(2025, 4, 1),
        days=30,
        digits=0,
        opening=Decimal(412380),
        large=90000,
        more_lines=1,
    )
    data = spoiled(data, random) if flawed else data
    money = Money(",", ".", digits=0)
    sheet = Sheet(A4, font="cjk", points=9)
    sheet.text(297, 50, "普通預金 入出金明細", size=14, align="center")
    sheet.text(50, 85, f"{data.holder} 様")
    sheet.text(50, 100, "東都銀行 港支店 口座番号 7654321")
    sheet.text(
        50,
        115,
        f"照会期間 {day(data.start, 'y年M月d日', 'ja')} - {day(data.end, 'y年M月d日', 'ja')}",
    )
    columns = [Column(50), Column(130), Column(370, "right"), Column(460, "right"), Column(545, "right")]

    def head() -> None:
        flow.row("年月日", "お取引内容", "お支払金額", "お預り金額", "差引残高", down=1.4)
        flow.rule(50, 545)

    flow = Flow(sheet, columns, top=145, bottom=770, leading=14, next_top=60, head=head)
    head()
    flow.row("", "前月繰越", "", "", money(data.opening))
    for line in data.lines:
        flow.room(1)
        out, into = (money(-line.amount), "") if line.amount < 0 else ("", money(line.amount))
        flow.row(day(line.booked, "yyyy/MM/dd"), " ".join(line.description), out, into, money(line.balance))
    flow.room(2)
    flow.rule(50, 545)
    flow.row("", "合計", money(data.debits), money(data.credits), money(data.closing))
    truth = data.truth(balances=True, sums=True, bank="東都銀行", account_number="7654321", currency=None)
    return Drawn(sheet.pdf(), [truth], data.flaw, ("currency", "bank"))
