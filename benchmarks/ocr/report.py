"""The tables of a run: each condition and program, the kinds of pages apart, and the targets with what was reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from benchmarks.ocr.pages import KINDS, UNSPACED
from benchmarks.ocr.score import Score
from benchmarks.ocr.session import Record

_OURS = ("ours onnxruntime", "ours openvino")
_UPRIGHT = "ocrmypdf --deskew --rotate-pages"
_TURNED = ("turned90", "turned180", "turned270")


def tables(records: Sequence[Record]) -> str:
    """Everything, as Markdown."""
    return "\n\n".join([_conditions(records), _kinds(records), _goals(records)])


def _total(records: Iterable[Record]) -> Score:
    score = Score()
    for record in records:
        score += record.score
    return score


def _spaced(records: Iterable[Record]) -> list[Record]:
    return [record for record in records if record.kind not in UNSPACED]


def _conditions(records: Sequence[Record]) -> str:
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in _spaced(records):
        groups[record.condition, record.program].append(record)
    rows = [
        "Pages in Latin script, all kinds together:\n",
        "| condition | program | pages | CER % | without spaces | WER % | bag F1 % | words in place % | in order % "
        "| CPU s/page | peak MB (private) | bytes out/in | failed |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (condition, program), group in groups.items():
        score = _total(group)
        rates = (
            score.cer_percent, score.letters_percent, score.wer_percent, score.bag_f1_percent, score.placed_percent,
            score.order_percent, _cpu(group),
        )  # fmt: skip
        bytes_in, bytes_out = sum(record.bytes_in for record in group), sum(record.bytes_out for record in group)
        memory = f"{max(record.peak_mb for record in group)} ({max(record.private_mb for record in group)})"
        rows.append(
            f"| {condition} | {program} | {score.pages} | {' | '.join(f'{rate:.2f}' for rate in rates)} | {memory} "
            f"| {bytes_out / bytes_in:.3f} | {sum(record.failed is not None for record in group)} |"
        )
    return "\n".join(rows)


def _kinds(records: Sequence[Record]) -> str:
    rows = [
        "Character errors % by kind (Japanese and Chinese without spaces):\n",
        f"| condition | program | {' | '.join(KINDS)} |",
        "|---|---|" + "---|" * len(KINDS),
    ]
    for condition, program in dict.fromkeys((record.condition, record.program) for record in records):
        cells = []
        for kind in KINDS:
            group = [r for r in records if (r.condition, r.program, r.kind) == (condition, program, kind)]
            score = _total(group)
            rate = score.letters_percent if kind in UNSPACED else score.cer_percent
            cells.append(f"{rate:.2f}" if group else "")
        rows.append(f"| {condition} | {program} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _cpu(records: Sequence[Record]) -> float:
    return sum(record.cpu_s for record in records) / max(sum(record.score.pages for record in records), 1)


def _goals(records: Sequence[Record]) -> str:
    rows = ["Targets:\n", "| what | program | measured | reach | |", "|---|---|---|---|---|"]

    def of(condition: str, program: str) -> list[Record]:
        return [r for r in _spaced(records) if (r.condition, r.program) == (condition, program)]

    def told(what: str, program: str, value: float | None, reach: float | None, *, least: bool = False) -> None:
        if value is None or reach is None:
            rows.append(f"| {what} | {program} | not measured | | |")
            return
        met = value >= reach if least else value <= reach
        sign = "at least" if least else "at most"
        rows.append(f"| {what} | {program} | {value:.2f} | {sign} {reach:.2f} | {'reached' if met else 'SHORT'} |")

    for program in _OURS:
        if not any(record.program == program for record in records):
            rows.append(f"| everything | {program} | not measured | | |")
            continue
        for condition, reach in (("scan200", 0.65), ("scan300", 0.6), ("noisy200", 2.0)):
            group = of(condition, program)
            told(f"CER % {condition}", program, _total(group).cer_percent if group else None, reach)
        for condition in _TURNED:
            told(f"CER % {condition} less upright", program, _less_upright(of, condition, program), 0.2)
        for condition in ("clean200", "scan200", "scan300", "photo"):
            if group := of(condition, program):
                told(f"words in place % {condition}", program, _total(group).placed_percent, 95, least=True)
        rival = "ocrmypdf" if program == "ours openvino" else _UPRIGHT
        for condition in ("scan200", "scan300"):
            group, theirs = of(condition, program), of(condition, rival)
            reach = _cpu(theirs) if theirs else None
            told(f"CPU s/page {condition}, against {rival}", program, _cpu(group) if group else None, reach)
        own = [record for record in records if record.program == program]
        told("peak MB of a slot", program, max(record.peak_mb for record in own), 900)
    return "\n".join(rows)


def _less_upright(of: object, condition: str, program: str) -> float | None:
    """Only kinds that were read both ways count."""
    turned, upright = of(condition, program), of("scan200", program)  # type: ignore[operator]
    kinds = {(record.kind, record.score.pages) for record in turned} & {(r.kind, r.score.pages) for r in upright}
    if not kinds:
        return None
    rates = [_total(r for r in group if (r.kind, r.score.pages) in kinds).cer_percent for group in (turned, upright)]
    return rates[0] - rates[1]
