"""The sums of an invoice by the labels beside and above them, before anybody decides which is which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

from services.ai.layout.currencies import codes_of
from services.ai.layout.figures import Printed
from services.ai.layout.labels import plain, traits, whole_traits
from services.ai.layout.sheet import Sheet, SheetRow, shape_is_money
from services.ai.layout.total_labels import Sum, names_base, percent_in, sum_named
from services.ai.rules.invoice.columns import Head, Kind
from shared.pdf.lines import Run
from shared.pdf.words import Word

#: A label stands no further above its figure, in heights of a line; in a table, no further than its other rows go.
_ABOVE_HEIGHTS = 2.2
#: Rows of one small table of taxes.
_MAX_TABLE_ROWS = 15
#: Larger taxes there are none; what is larger is no rate.
_MAX_PERCENT = 60
#: A longer number without marks is a reference.
_MAX_PLAIN_DIGITS = 11
#: A figure further off a head, in points and weighed as in `_apart`, does not stand under it.
_MAX_OFF_HEAD = 30.0
#: Between the label at one edge of a box and the figure at the other.
_BOX_POINTS = 120.0
_RATE_TOLERANCE = Decimal("0.02")
#: Base, tax and their sum.
_MAX_RATED_FIGURES = 3
_MAX_RATED_CHARACTERS = 90
#: The fewest rows of a table that ends with its sums.
_RATE_AND_SUM = 2
#: Beside a rate and its figures, shorter words are the letter of a rate or a currency.
_MAX_MARK_LETTERS = 3
_COLUMN_SUMS = {Kind.NET: Sum.NET, Kind.TAX_AMOUNT: Sum.TAX, Kind.GROSS: Sum.GROSS, Kind.AMOUNT: Sum.TOTAL}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A figure and what its label says."""

    kind: Sum
    row: SheetRow
    printed: Printed
    number: Decimal
    label: str
    #: The rate that the label tells.
    percent: Decimal | None = None
    #: The figure in its label that a tax is reckoned on.
    base: Printed | None = None
    #: The label stands above it, not beside it.
    above: bool = False


@dataclass(frozen=True, slots=True)
class Rated:
    """A row of a table of taxes: figures by what the heads above them say."""

    row: SheetRow
    percent: Printed | None
    base: Printed | None
    tax: Printed | None
    gross: Printed | None = None
    #: Heads above tell what its figures are; else arithmetic does.
    headed: bool = True


def labelled_sums(
    sheet: Sheet, rows: Sequence[SheetRow], rated: Sequence[Rated], heads: Sequence[Head] = ()
) -> list[Labelled]:
    """Every figure in rows that a label beside it makes a sum.

    Figures without decimals and currency count only where no money of the document has decimals.
    """
    whole = not any(shape_is_money(printed) for row in sheet.rows for printed in row.figures)
    taken = taken_by(rated)
    found: list[Labelled] = []
    for row in rows:
        some = list(_in_row(sheet, row, whole=whole))
        in_columns = len(some) == 1 and _is_row_of_sums(row, some[0])
        found.extend(_under_columns(sheet, row, heads) if in_columns else some)
    return [each for each in found if id(each.printed) not in taken]


def without_sum_row(sheet: Sheet, rated: Sequence[Rated]) -> tuple[list[Rated], list[Labelled]]:
    """The rows of rates, and what a last row without a rate tells that is their sum."""
    if len(rated) < _RATE_AND_SUM:
        return list(rated), []
    *rates, last = rated
    if last.percent is not None or last.tax is None or not last.headed:
        return list(rated), []
    taxes = [sheet.amount(row.tax) for row in rates if row.tax is not None]
    known = [tax for tax in taxes if tax is not None]
    if len(known) < len(rates) or any(row.percent is None for row in rates) or sum(known) != sheet.amount(last.tax):
        return list(rated), []
    sums = []
    for kind, printed in ((Sum.NET, last.base), (Sum.TAX, last.tax), (Sum.GROSS, last.gross)):
        number = sheet.amount(printed) if printed is not None else None
        if printed is not None and number is not None:
            sums.append(Labelled(kind, last.row, printed, number, "Total", above=True))
    return rates, sums


def taken_by(rated: Sequence[Rated]) -> set[int]:
    """The figures of rows of tables of taxes, by their ids."""
    return {id(each) for row in rated for each in (row.percent, row.base, row.tax, row.gross) if each is not None}


def tax_rows(sheet: Sheet, rows: Sequence[SheetRow]) -> list[Rated]:
    """Rows below heads that name a rate or a base and a tax."""
    found: list[Rated] = []
    for position, row in enumerate(rows):
        heads = _heads(row)
        names = {name for name, _ in heads}
        if "tax" not in names or not names & {"percent", "base"}:
            continue
        before = len(found)
        for below in rows[position + 1 : position + 1 + _MAX_TABLE_ROWS]:
            if below.page is not row.page:
                break
            rated = _rated(sheet, below, heads)
            if rated is not None:
                found.append(rated)
            elif below.figures and found:
                break
        if "percent" not in names and len(found) > before + 1:
            # Rows of something else: what was used of several services, what came each month.
            del found[before:]
    return found or [each for row in rows if (each := _rated_alone(sheet, row)) is not None]


def _rated_alone(sheet: Sheet, row: SheetRow) -> Rated | None:
    """A row that names a tax and its rate, and has two figures of which the rate makes one from the other."""
    money = [each for each in row.figures if shape_is_money(each)]
    if not 2 <= len(money) <= _MAX_RATED_FIGURES or len(row.text) > _MAX_RATED_CHARACTERS:
        return None
    label = " ".join(word.text for word in row.words if word.left < money[0].left)
    percent = _percent(row.text)
    said = traits(row.text, "amounts")
    letters = [word for word in plain(row.text).split() if word.isalpha()]
    if not percent or (names_base(label) and sum_named(label) is Sum.TAX) or said & {"allowance", "charge", "due"}:
        return None
    if "tax" not in said and any(len(word) > _MAX_MARK_LETTERS for word in letters):
        return None
    rate = next((each for each in row.figures if each.percent), None)
    numbers = [(each, sheet.amount(each)) for each in money]
    pairs = [
        (base, tax)
        for base, one in numbers
        for tax, other in numbers
        if one is not None
        and other is not None
        and base is not tax
        and other
        and abs(one * percent / 100 - other) <= _RATE_TOLERANCE
    ]
    return Rated(row, rate, *pairs[0], headed=False) if len(pairs) == 1 else None


def _in_row(sheet: Sheet, row: SheetRow, *, whole: bool) -> Iterator[Labelled]:
    free = 0
    words = list(row.words)
    base: Printed | None = None
    for printed in row.figures:
        first = words.index(printed.words[0])
        label_words = _nearest_label(row, words[free:first], printed)
        label = " ".join(word.text for word in label_words)
        kind = sum_named(label) if label else None
        if kind is Sum.TAX and names_base(label):
            base = printed
            continue
        number = sheet.amount(printed)
        if kind is not None and number is not None and _may_be_sum(printed, whole=whole):
            yield Labelled(kind, row, printed, number, label, _percent(label), base)
            free, base = words.index(printed.words[-1]) + 1, None


def _is_row_of_sums(row: SheetRow, found: Labelled) -> bool:
    """Whether more money follows the first sum of a row: its columns tell what each is, its label does not."""
    more = [each for each in row.figures if each.left > found.printed.right and shape_is_money(each)]
    return bool(more) and found.kind in (Sum.TOTAL, Sum.SUBTOTAL, Sum.NET, Sum.GROSS)


def _under_columns(sheet: Sheet, row: SheetRow, heads: Sequence[Head]) -> Iterator[Labelled]:
    """The sums of columns below the lines. Columns of prices and of amounts that may be either give none."""
    head = next((head for head in reversed(heads) if head.row.index < row.index), None)
    if head is None:
        return
    for index, printed in head.placed([each for each in row.figures if shape_is_money(each)]).items():
        kind = _COLUMN_SUMS.get(head.columns[index].kind)
        number = sheet.amount(printed)
        if kind is not None and number is not None:
            yield Labelled(kind, row, printed, number, head.columns[index].label)


def _nearest_label(row: SheetRow, words: Sequence[Word], printed: Printed) -> list[Word]:
    """Words before the figure in its run; where it begins one, those of the nearest run with letters."""
    runs: list[list[Word]] = []
    for run in row.runs:
        within = [word for word in run.words if word in words]
        if within:
            runs.append(within)
    for run_words in reversed(runs):
        if any(any(letter.isalpha() for letter in word.text) for word in run_words if not codes_of(word.text)):
            return run_words
    return []


def _may_be_sum(printed: Printed, *, whole: bool) -> bool:
    """Money, or where money has no decimals a plain number that is no rate and not too long."""
    return not printed.percent and (shape_is_money(printed) or (whole and len(printed.core) <= _MAX_PLAIN_DIGITS))


def _percent(label: str) -> Decimal | None:
    digits = percent_in(label)
    if digits is None:
        return None
    percent = Decimal(digits.replace(",", "."))
    return percent if percent <= _MAX_PERCENT else None


def above_sums(
    sheet: Sheet, rows: Sequence[SheetRow], rated: Sequence[Rated], beside: Sequence[Labelled]
) -> list[Labelled]:
    """Figures that stand below their label, in a box or in a table of one row, which may be that of the totals too.

    What has a label beside it (`beside`) is left out.
    """
    found = []
    taken = taken_by(rated) if len(rated) > 1 else set()
    taken |= {id(each) for label in beside for each in (label.printed, label.base) if each is not None}
    for position, row in enumerate(rows):
        for printed in row.figures:
            number = sheet.amount(printed)
            if number is None or not shape_is_money(printed) or printed.percent or id(printed) in taken:
                continue
            label = _label_above(rows[max(position - 3, 0) : position], row, printed)
            kind = sum_named(label.text) if label is not None else None
            if kind is not None and label is not None:
                found.append(Labelled(kind, row, printed, number, label.text, _percent(label.text), above=True))
    return found


def _label_above(rows: Sequence[SheetRow], row: SheetRow, printed: Printed) -> Run | None:
    for above in reversed(rows):
        if above.page is not row.page or row.top - above.bottom > _ABOVE_HEIGHTS * row.height:
            return None
        over = [run for run in above.runs if run.left < printed.right and printed.left < run.right]
        over = over or _same_box(above, printed)
        if over:
            run = over[0]
            taken = any(shape_is_money(each) and each.words[0] in run.words for each in above.figures)
            return run if len(over) == 1 and not taken else None
    return None


def _same_box(above: SheetRow, printed: Printed) -> list[Run]:
    """The label at the left edge of a box whose figure stands at the right edge: nothing begins between them."""
    before = [run for run in above.runs if run.left <= printed.left]
    behind = [run for run in above.runs if run.left > printed.left]
    if not before or (behind and behind[0].left < printed.right):
        return []
    label = before[-1]
    return [label] if printed.left - label.right < _BOX_POINTS and sum_named(label.text) is not None else []


def _heads(row: SheetRow) -> list[tuple[str, Run]]:
    """The heads of a table of taxes with what they name: percent, base, tax or gross."""
    figures = {id(printed.words[0]) for printed in row.figures}
    heads = []
    for run, right in zip_longest(row.runs, row.runs[1:]):
        # What has a figure to its right is the label of that.
        labels = any(id(word) in figures for word in (*run.words, *(right.words[:1] if right else ())))
        name = None if labels else _named(run.text)
        if name is not None:
            heads.append((name, run))
    return heads


def _named(text: str) -> str | None:
    kind = sum_named(text)
    if _names_rate(text):
        return "percent"
    if kind is Sum.TAX:
        return "tax"
    if kind in (Sum.NET, Sum.SUBTOTAL) or names_base(text):
        return "base"
    return "gross" if kind in (Sum.GROSS, Sum.TOTAL) else None


def _names_rate(text: str) -> bool:
    return "%" in text or bool(whole_traits(text, "rates"))


def _rated(sheet: Sheet, row: SheetRow, heads: Sequence[tuple[str, Run]]) -> Rated | None:
    """Put the figures of a row under their heads; of two bases the one that the tax was reckoned on."""
    placed: dict[str, list[Printed]] = {}
    for printed in row.figures:
        name, run = min(heads, key=lambda head: _apart(head[1], printed))
        if _apart(run, printed) > _MAX_OFF_HEAD:
            continue
        if printed.percent:
            name = "percent"
        placed.setdefault(name, []).append(printed)
    if (
        len(placed.get("tax", [])) != 1
        or len(placed) < 2
        or any(len(placed.get(n, [])) > 1 for n in ("percent", "gross"))
    ):
        return None
    percent, tax, gross = (next(iter(placed.get(name, [])), None) for name in ("percent", "tax", "gross"))
    bases = placed.get("base", [])
    if len(bases) > 1:
        bases = [base for base in bases if _reckons(sheet, base, percent, tax)]
    return Rated(row, percent, bases[0] if len(bases) == 1 else None, tax, gross)


def _reckons(sheet: Sheet, base: Printed, percent: Printed | None, tax: Printed | None) -> bool:
    numbers = [sheet.amount(each) for each in (base, percent, tax) if each is not None]
    known = [number for number in numbers if number is not None]
    return len(known) == 3 and abs(known[0] * known[1] / 100 - known[2]) <= _RATE_TOLERANCE


def _apart(run: Run, printed: Printed) -> float:
    lined = min(abs(run.right - printed.right), abs(run.left - printed.left))
    return 4 * max(run.left - printed.right, printed.left - run.right, 0.0) + min(lined, 20.0)
