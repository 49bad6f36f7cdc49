"""Turns judged cases into the lines of the table: shares beside their targets, fields, layouts, lies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from benchmarks.extract.judged import Judged
from benchmarks.platform.figure import Figure
from benchmarks.tables import table
from services.ai.figures.value import Status
from tests.services.ai.made.scoring import MAIN_LIST, total

#: What the issue promises of the rules on unseen layouts: share of lines exactly right, or of totals.
_REACH = {"bank_statement": 0.95, "trial_balance": 0.98}
_INVOICE_REACH = 0.90
#: The totals of an invoice.
_TOTALS = ("net_total", "tax_total", "gross_total", "amount_due")


def percent(right: float, there: float) -> str:
    """A share as text; a dash of nothing."""
    return f"{100 * right / there:.1f} %" if there else "-"


def figures(cases: Sequence[Judged], group: str, kind: str) -> list[Figure]:
    """The lines of one kind in one group."""
    if not cases:
        return []
    name = f"{kind.replace('_', ' ')}, {group} ({len(cases)})"
    promised = group == "unseen"
    lines = [_lines(cases, name, kind, promised)]
    if kind == "invoice":
        lines.append(_totals(cases, name, promised))
    lies = sum(len(each.score.lies) for each in cases)
    whole = sum(each.score.fully_right for each in cases)
    sound = [each for each in cases if each.case.flaw is None]
    proven = sum(each.status is Status.VERIFIED for each in sound)
    alarms = sum(each.false_alarm for each in sound)
    flawed = [each for each in cases if each.case.flaw is not None]
    called = sum(each.status is Status.VERIFIED for each in flawed)
    seconds, pages = sum(each.cpu_s for each in cases), sum(each.pages for each in cases)
    lines += [
        Figure(f"{name}: wrong but verified", f"{lies} values", reach="0", reached=lies == 0),
        Figure(
            f"{name}: documents fully right",
            f"{percent(whole, len(cases))}; sound ones verified {percent(proven, len(sound))}, "
            f"falsely doubted {percent(alarms, len(sound))}",
        ),
    ]
    if flawed:
        missed = sum(each.flaw_missed for each in flawed)
        found = f"{len(flawed) - missed} of {len(flawed)} found, {called} called verified"
        lines.append(Figure(f"{name}: wrong in themselves", found, reach="0 verified", reached=called == 0))
    lines.append(Figure(f"{name}: CPU s a page", f"{seconds / pages:.3f}" if pages else "-"))
    return lines


def _lines(cases: Sequence[Judged], name: str, kind: str, promised: bool) -> Figure:
    there = sum(each.score.lines + each.score.lines_extra for each in cases)
    right = sum(each.score.lines_right for each in cases)
    bare = sum(each.score.lines_figures_right for each in cases)
    reach = _REACH.get(kind) if promised else None
    return Figure(
        f"{name}: {MAIN_LIST[kind]} exactly right",
        f"{percent(right, there)} of {there}; dates and figures {percent(bare, there)}",
        reach=f"{100 * reach:.0f} %" if reach else "",
        reached=None if reach is None else there > 0 and right >= reach * there,
        numbers={"right": right, "figures_right": bare, "lines": there},
    )


def _totals(cases: Sequence[Judged], name: str, promised: bool) -> Figure:
    """Totals that are read right among those that invoices print, and invoices with all of them."""
    right = there = 0
    for field, tally in total([each.score for each in cases]).items():
        if field in _TOTALS:
            right, there = right + tally.right, there + tally.right + tally.wrong + tally.missed + tally.extra
    whole = sum(not any(fault.split(" ")[0] in _TOTALS for fault in each.score.faults) for each in cases)
    return Figure(
        f"{name}: invoices with all totals right",
        f"{percent(whole, len(cases))}; of all totals {percent(right, there)}",
        reach=f"{100 * _INVOICE_REACH:.0f} %" if promised else "",
        reached=whole >= _INVOICE_REACH * len(cases) if promised else None,
        numbers={"right": right, "totals": there, "invoices_right": whole},
    )


def field_table(cases: Sequence[Judged]) -> str:
    """Precision and recall of every field, and how much of what is right was verified."""

    def share(value: float | None) -> str:
        return "-" if value is None else f"{100 * value:.1f}"

    rows = [
        [
            name,
            str(tally.right + tally.wrong + tally.missed),
            share(tally.precision),
            share(tally.recall),
            share(tally.verified / tally.right if tally.right else None),
        ]
        for name, tally in sorted(total([each.score for each in cases]).items())
    ]
    return table(["field", "values", "precision %", "recall %", "verified %"], rows)


def layout_table(cases: Sequence[Judged]) -> str:
    """How each layout went: for whoever may see their names."""
    rows = []
    for name, group in _grouped(cases, lambda each: each.case.layout).items():
        there = sum(each.score.lines + each.score.lines_extra for each in group)
        faults: dict[str, int] = defaultdict(int)
        for each in group:
            for fault in each.score.faults:
                faults[f"{fault.split(' ')[0]} {fault.split(':')[0].split(' ')[-1]}"] += 1
        common = ", ".join(f"{name} {count}" for name, count in sorted(faults.items(), key=lambda item: -item[1])[:6])
        lies, missed = sum(len(each.score.lies) for each in group), sum(each.flaw_missed for each in group)
        alarms = sum(each.false_alarm for each in group)
        rows.append(
            [
                name,
                percent(sum(each.score.lines_right for each in group), there),
                f"{sum(each.score.fully_right for each in group)}/{len(group)}",
                str(lies),
                str(alarms),
                str(missed),
                common,
            ]
        )
    return table(["layout", "lines right", "fully right", "lies", "false alarms", "flaws missed", "faults"], rows)


def _grouped(cases: Iterable[Judged], key: Callable[[Judged], str]) -> dict[str, list[Judged]]:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for each in cases:
        groups[key(each)].append(each)
    return groups


def lies(cases: Sequence[Judged]) -> list[str]:
    """Every value that is wrong but verified."""
    return [f"{each.case.group} {each.case.kind} {each.case.name}: {lie}" for each in cases for lie in each.score.lies]
