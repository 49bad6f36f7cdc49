"""Decide which of the labelled figures are the totals of an invoice: labels propose, arithmetic chooses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from services.ai.layout.labels import traits
from services.ai.layout.total_labels import Sum
from services.ai.rules.invoice.sums import Labelled

_NOTHING = Decimal(0)
#: How well a label fits, best first.
_GROSS_LABELS = (Sum.GROSS, Sum.TOTAL, Sum.DUE)
_NET_LABELS = (Sum.NET, Sum.SUBTOTAL, Sum.TOTAL)
#: More figures with one label than this are no totals but a list; trying them all would take long.
_MAX_OPTIONS = 12
#: Figures of one column end within so many points.
_IN_LINE_POINTS = 6.0


@dataclass
class Totals:
    """The totals; each with every place that shows it."""

    lines: list[Labelled] = field(default_factory=list)
    net: list[Labelled] = field(default_factory=list)
    tax: list[Labelled] = field(default_factory=list)
    gross: list[Labelled] = field(default_factory=list)
    due: list[Labelled] = field(default_factory=list)
    prepaid: list[Labelled] = field(default_factory=list)
    rounding: list[Labelled] = field(default_factory=list)
    allowances: list[Labelled] = field(default_factory=list)
    charges: list[Labelled] = field(default_factory=list)
    #: The taxes by rate together.
    tax_sum: Decimal | None = None

    def has_tax_in(self, lines_sum: Decimal) -> bool:
        """Whether lines have their tax in them: they make the gross total, and there is a tax."""
        tax = self.tax[0].number if self.tax else self.tax_sum
        return bool(tax) and bool(self.gross) and lines_sum + _extra(self) == self.gross[0].number


@dataclass(frozen=True)
class _Answer:
    """Net, tax and gross that make a sum; `rank` is lower where labels fit better."""

    net: Decimal | None
    tax: Decimal | None
    gross: Decimal
    rank: tuple[int, ...]
    #: The sum that was taken for the gross has rounding in it: it is what is due.
    rounded: bool = False


def settled(sums: Sequence[Labelled], lines_sum: Decimal | None, tax_sum: Decimal | None) -> Totals:
    """Choose the totals among labelled figures.

    Args:
        sums: what the labels say, in the order of the document.
        lines_sum: the sum of the amounts of the lines; None where one is missing.
        tax_sum: the sum of the taxes by rate; None without any.
    """
    found = Totals(rounding=_single(_of(sums, Sum.ROUNDING)), tax_sum=tax_sum)
    found.allowances, found.charges = _extras(sums, lines_sum)
    answer = _best(list(_answers(sums, found, lines_sum, tax_sum)))
    if answer is None:
        _by_labels(sums, found)
        if not found.net and lines_sum is not None and not found.has_tax_in(lines_sum):
            reckoned = lines_sum + _extra(found)
            found.net = [each for each in sums if each.number == reckoned and each.kind in (Sum.NET, Sum.SUBTOTAL)]
    else:
        found.gross = _equal(sums, answer.gross, _GROSS_LABELS)
        if answer.rounded:
            found.gross, found.due = [], found.gross
        # A net total that is printed and does not fit is told all the same: the checks will say so.
        found.net = _equal(sums, answer.net, _NET_LABELS) if answer.net is not None else _single(_of(sums, Sum.NET))
        found.tax = _equal(sums, answer.tax, (Sum.TAX,)) if answer.tax is not None else []
    if lines_sum is not None and found.has_tax_in(lines_sum):
        # What is printed as a sum of such lines is none without tax.
        found.net = [each for each in found.net if each.number != found.gross[0].number]
        _settle_due(sums, found)
        return found
    subtotals = [*_of(sums, Sum.SUBTOTAL), *_of(sums, Sum.NET)]
    found.lines = [each for each in subtotals if each.number == lines_sum] or _single(_of(sums, Sum.SUBTOTAL))
    if found.net and found.gross and found.net[0].number != found.gross[0].number:
        # A subtotal that is the gross total has the tax in it already.
        found.lines = [each for each in found.lines if each.number != found.gross[0].number]
    _settle_due(sums, found)
    return found


def _answers(
    sums: Sequence[Labelled], found: Totals, lines_sum: Decimal | None, tax_sum: Decimal | None
) -> Iterator[_Answer]:
    """Every net, tax and gross that agree: with rounding or without, with allowances and charges or after them."""
    grosses, nets = _options(sums, _GROSS_LABELS), _options(sums, _NET_LABELS)
    taxes: list[Decimal] = list(dict.fromkeys(each.number for each in _of(sums, Sum.TAX)))[:_MAX_OPTIONS]
    printed = set(taxes)
    if tax_sum is not None and tax_sum not in printed:
        taxes.append(tax_sum)
    rounding = found.rounding[0].number if found.rounding else _NOTHING
    extra = _extra(found)
    for (gross, gross_rank), tax in product(grosses, taxes):
        for net, net_rank in nets:
            if net == gross and tax:
                continue
            for rounds in {_NOTHING, rounding}:
                rank, rounded = (gross_rank, net_rank), bool(rounds)
                if net + tax + rounds == gross:
                    yield _Answer(net, tax if tax in printed else None, gross, (0, *rank), rounded)
                elif extra and net + extra + tax + rounds == gross:
                    yield _Answer(None, tax if tax in printed else None, gross, (1, *rank), rounded)
        if lines_sum is not None and lines_sum + extra + tax + rounding == gross:
            yield _Answer(None, tax if tax in printed else None, gross, (2, gross_rank, 0), bool(rounding))


def _extras(sums: Sequence[Labelled], lines_sum: Decimal | None) -> tuple[list[Labelled], list[Labelled]]:
    """Allowances and charges: the sums of them where those are printed, else each that stands among the totals.

    Where the lines are known, what does not lead from them to a net or gross total is left out: a discount that is
    only told of, a rate, a list.
    """
    allowances, charges = _of(sums, Sum.ALLOWANCE), _of(sums, Sum.CHARGE)
    totals = [each for each in sums if each.kind in (Sum.NET, Sum.GROSS, Sum.TOTAL, Sum.DUE, Sum.SUBTOTAL)]
    for choose in (_with_word_total, lambda extras: _in_line(extras, totals), list):
        some = choose(allowances), choose(charges)
        if not (some[0] or some[1]):
            continue
        trial = Totals(allowances=some[0], charges=some[1])
        if lines_sum is None or _leads(lines_sum, _extra(trial), sums):
            return some
    return _in_line(allowances, totals), _in_line(charges, totals)


def _with_word_total(extras: Sequence[Labelled]) -> list[Labelled]:
    return [each for each in extras if "total" in traits(each.label, "amounts")]


def _in_line(extras: Sequence[Labelled], totals: Sequence[Labelled]) -> list[Labelled]:
    """Those whose figures end where the figures of totals end."""
    ends = [(each.row.page.number, each.printed.right) for each in totals]
    return [
        each
        for each in extras
        if any(page == each.row.page.number and abs(end - each.printed.right) < _IN_LINE_POINTS for page, end in ends)
    ]


def _leads(lines_sum: Decimal, extra: Decimal, sums: Sequence[Labelled]) -> bool:
    """Whether the lines with what is added and taken off are a total, or become one with a tax."""
    numbers = {each.number for each in sums if each.kind in (*_GROSS_LABELS, *_NET_LABELS)}
    taxes = {each.number for each in _of(sums, Sum.TAX)} | {_NOTHING}
    taxes.add(sum({(each.row.index, each.number): each.number for each in _of(sums, Sum.TAX)}.values(), _NOTHING))
    reached = {lines_sum + extra, lines_sum - extra if lines_sum < 0 else lines_sum + extra}
    return any(each + tax in numbers for each in reached for tax in taxes)


def _extra(found: Totals) -> Decimal:
    """What charges add and allowances take off."""
    charges = sum((abs(each.number) for each in _distinct(found.charges)), _NOTHING)
    return charges - sum((abs(each.number) for each in _distinct(found.allowances)), _NOTHING)


def _best(answers: Sequence[_Answer]) -> _Answer | None:
    """The largest gross among the sums that agree: smaller ones are rows of a table of taxes, or sums of a part."""
    if not answers:
        return None
    largest = max(abs(answer.gross) for answer in answers)
    best = min((answer for answer in answers if abs(answer.gross) == largest), key=lambda answer: answer.rank)
    rivals = {(answer.net, answer.tax) for answer in answers if answer.gross == best.gross and answer.rank == best.rank}
    if len(rivals) > 1:
        return _Answer(None, None, best.gross, best.rank)
    return best


def _by_labels(sums: Sequence[Labelled], found: Totals) -> None:
    """Take what only one figure has the label of; of several totals none."""
    found.net = _single(_of(sums, Sum.NET))
    taxes = _of(sums, Sum.TAX)
    found.tax = _single(_with_word_total(taxes)) or _single([each for each in taxes if each.percent is None])
    found.tax = found.tax or _single(taxes)
    for kind in _GROSS_LABELS:
        named = _of(sums, kind)
        if named:
            found.gross = _single(named)
            break


def _settle_due(sums: Sequence[Labelled], found: Totals) -> None:
    dues, prepaid = _of(sums, Sum.DUE), _of(sums, Sum.PREPAID)
    if found.due:
        found.prepaid = _single(prepaid)
        return
    gross = found.gross[0].number if found.gross else None
    rounding = found.rounding[0].number if found.rounding else _NOTHING
    paid = _distinct(prepaid)
    if gross is not None:
        whole = sum((abs(each.number) for each in paid), _NOTHING)
        for due in dues:
            if due.number in (gross - whole, gross - whole + rounding):
                found.due = [each for each in dues if each.number == due.number]
                found.prepaid = prepaid if len(paid) == 1 else []
                return
    found.due, found.prepaid = _single(dues), _single(prepaid)


def _options(sums: Sequence[Labelled], kinds: Sequence[Sum]) -> list[tuple[Decimal, int]]:
    found: dict[Decimal, int] = {}
    for rank, kind in enumerate(kinds):
        for each in _of(sums, kind):
            found.setdefault(each.number, rank)
    return list(found.items())[:_MAX_OPTIONS]


def _of(sums: Iterable[Labelled], kind: Sum) -> list[Labelled]:
    return [each for each in sums if each.kind is kind]


def _equal(sums: Iterable[Labelled], number: Decimal, kinds: Sequence[Sum]) -> list[Labelled]:
    return [each for each in sums if each.number == number and each.kind in kinds]


def _distinct(found: Iterable[Labelled]) -> list[Labelled]:
    """One of those that stand in one row: labels beside and above may have found it twice."""
    return list({(each.row.index, each.number): each for each in found}.values())


def _single(found: Sequence[Labelled]) -> list[Labelled]:
    """All of them where they show one number, else none."""
    return list(found) if len({each.number for each in found}) == 1 else []
