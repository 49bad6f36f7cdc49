"""The articles of a receipt: a description to the left, an amount to the right, quantities beside or below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.ai.documents.receipt import ReceiptLine
from services.ai.figures.value import FigureValue, TextValue
from services.ai.layout.figures import Printed
from services.ai.layout.sheet import Sheet, SheetRow, evidence, shape_is_money, text_value
from shared.pdf.words import Word

#: Stands between a quantity and a price.
_TIMES = re.compile(
    r"(?:^|[\s\d])(?:x|\u00d7|@|\*|\u00e0|a|stk\.?\s?x|st\.?\s?\u00e0|each|je|kg\s?x)(?:$|[\s\d\u00a3$\u20ac])",
    re.IGNORECASE,
)
#: The same without spaces between figures and units.
_COUNTED = re.compile(
    r"(?<![\d.,])(\d{1,4})[^\d\s]{0,3} ?[x\u00d7@*] ?[^\d\s]{0,4}(\d{1,7}(?:[.,]\d{1,3}){0,2})(?![\d.,])"
)
#: Quantities that stand before a description have no more digits.
_LEADING = re.compile(r"\d{1,3}")
#: Amounts of one column end within so many points.
_IN_LINE_POINTS = 9.0
#: So large a share of the lines must begin with a number before it is taken for a quantity.
_MOST = 0.9


@dataclass
class _Article:
    row: SheetRow
    words: list[Word]
    amount: FigureValue
    quantity: FigureValue | None = None
    price: FigureValue | None = None


def articles_of(sheet: Sheet, rows: Sequence[SheetRow]) -> list[ReceiptLine]:
    """The lines in the rows above the totals."""
    column = _column(rows)
    found: list[_Article] = []
    pending: tuple[FigureValue, FigureValue] | None = None
    for row in rows:
        amount = _amount_of(row, column)
        if amount is None:
            counted = _counted(sheet, row, row.figures)
            if counted is not None and found and _makes(counted, found[-1]):
                found[-1].quantity, found[-1].price = counted
            else:
                pending = counted
            continue
        value = sheet.figure(row, amount)
        words = [word for word in row.words if word.right <= amount.words[0].left + 1.0]
        if value is None or not any(any(map(str.isalpha, word.text)) for word in words):
            pending = None
            continue
        article = _Article(row, words, value)
        inner = [each for each in row.figures if each is not amount]
        within = _counted(sheet, row, inner)
        if within is not None and _makes(within, article):
            article.quantity, article.price = within
            article.words = _without_count(words, inner) or words
        elif pending is not None and _makes(pending, article):
            article.quantity, article.price = pending
        _cut_columns(sheet, article, inner)
        found.append(article)
        pending = None
    _take_leading(sheet, found)
    return [
        ReceiptLine(description=_description(each), quantity=each.quantity, unit_price=each.price, amount=each.amount)
        for each in found
    ]


def _column(rows: Sequence[SheetRow]) -> float:
    """Where the amounts end: the place where most last figures of rows do."""
    ends = [money[-1].right for row in rows if (money := [each for each in row.figures if shape_is_money(each)])]
    return max(ends, key=lambda end: sum(abs(end - other) < _IN_LINE_POINTS for other in ends), default=0.0)


def _amount_of(row: SheetRow, column: float) -> Printed | None:
    money = [each for each in row.figures if shape_is_money(each) or (each.core.isdigit() and each.currency)]
    if not money or abs(money[-1].right - column) > _IN_LINE_POINTS or money[-1].percent:
        return None
    return money[-1]


def _counted(sheet: Sheet, row: SheetRow, figures: Sequence[Printed]) -> tuple[FigureValue, FigureValue] | None:
    """Quantity and price of `6 x 0,39` or `3 @ 1.66 each`."""
    if len(figures) != 2 or not _TIMES.search(row.text):
        return _counted_in_text(sheet, row)
    one, other = (sheet.figure(row, printed) for printed in figures)
    return (one, other) if one is not None and other is not None else None


def _counted_in_text(sheet: Sheet, row: SheetRow) -> tuple[FigureValue, FigureValue] | None:
    """The same where units are written without a space, as in Japanese."""
    match = _COUNTED.search(row.text[:80])
    if match is None:
        return None
    numbers = [_number(sheet, digits) for digits in match.groups()]
    if numbers[0] is None or numbers[1] is None:
        return None
    place = (evidence(row, row.words),)
    return FigureValue(value=numbers[0], evidence=place), FigureValue(value=numbers[1], evidence=place)


def _number(sheet: Sheet, digits: str) -> Decimal | None:
    plain = digits.replace(",", "")
    found = sheet.notation.number(digits)
    return Decimal(plain) if found is None and plain.isdigit() else found


def _makes(counted: tuple[FigureValue, FigureValue], article: _Article) -> bool:
    quantity, price = counted
    return abs(quantity.value * price.value - article.amount.value) * 200 <= 1


def _without_count(words: Sequence[Word], figures: Sequence[Printed]) -> list[Word]:
    """The description before a quantity that stands in its line."""
    start = min((printed.words[0].left for printed in figures), default=1e9)
    return [word for word in words if word.right <= start]


def _cut_columns(sheet: Sheet, article: _Article, figures: Sequence[Printed]) -> None:
    """Take rates, prices and quantities that stand in columns of their own off the end of a description."""
    cut: list[Printed] = []
    words = article.words
    for printed in reversed(figures):
        own = [word for word in printed.words if word in words]
        if not own or own[-1] is not words[-1] or not (shape_is_money(printed) or printed.percent or cut):
            break
        if not any(run.words[0] is own[0] for run in article.row.runs):
            break
        words = words[: words.index(own[0])]
        cut.append(printed)
    if not words or not any(any(map(str.isalpha, word.text)) for word in words):
        return
    article.words = words
    values = [sheet.figure(article.row, printed) for printed in cut if not printed.percent]
    if len(values) == 2 and values[0] is not None and values[1] is not None and _makes((values[1], values[0]), article):
        article.quantity, article.price = values[1], values[0]
    elif len(values) == 1 and values[0] is not None and article.price is None:
        article.price = values[0]


def _take_leading(sheet: Sheet, found: Sequence[_Article]) -> None:
    """Numbers before the descriptions are quantities where nearly all lines have one."""
    led = [each for each in found if len(each.words) > 1 and _LEADING.fullmatch(each.words[0].text)]
    positive = [each for each in found if each.amount.value > 0]
    if not led or len(led) < _MOST * len(positive):
        return
    for each in led:
        printed = next((p for p in each.row.figures if p.words[0] is each.words[0]), None)
        value = sheet.figure(each.row, printed) if printed is not None else None
        if each.quantity is None and value is not None:
            each.quantity = value
            each.words = each.words[1:]


def _description(article: _Article) -> TextValue | None:
    return text_value(article.row, article.words) if article.words else None
