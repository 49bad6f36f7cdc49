"""How well figures are read: `python -m benchmarks.extract [--quick] [--kind ...] [--seen | --unseen | --real]`.

Prints a table of shares beside their targets and of every field; keeps every number in benchmarks/results/.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks.extract import corpus_invoices, report
from benchmarks.extract.cases import Case, made, scans
from benchmarks.extract.judged import Judged, judge
from benchmarks.extract.scanned import through_ocr
from benchmarks.platform.figure import Figure, table
from tests.services.ai.made.catalogue import KINDS
from tests.services.ai.made.extraction import by_rules

_RESULTS = Path(__file__).parents[1] / "results"
#: Documents of each kind that are read as scans: OCR takes seconds a page.
_SCANS = 3


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extract", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two documents of each layout, no scans")
    parser.add_argument("--kind", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seen", action="store_true", help="only layouts that rules were written for")
    parser.add_argument("--unseen", action="store_true", help="only layouts that nobody looked at")
    parser.add_argument("--real", action="store_true", help="only the real invoices of the corpus")
    parser.add_argument("--no-scans", action="store_true", help="nothing through OCR")
    parser.add_argument("--layouts", action="store_true", help="each layout by its name, and what fails in it")
    parser.add_argument("--show", metavar="LAYOUT", help="every fault of the documents of one layout")
    chosen = parser.parse_args()
    figures, judged = _measured(chosen)
    print(f"\n{table(figures)}\n")
    for kind in chosen.kind:
        for group in dict.fromkeys(each.case.group for each in judged):
            some = [each for each in judged if (each.case.kind, each.case.group) == (kind, group)]
            if some:
                print(f"### {kind}, {group}\n\n{report.field_table(some)}")
                if chosen.layouts:
                    print(report.layout_table(some))
    for lie in report.lies(judged):
        print(f"WRONG BUT VERIFIED: {lie}")
    for each in judged:
        if each.error:
            print(f"FAILED: {each.case.group} {each.case.kind} {each.case.name}: {each.error}")
        if each.case.layout == chosen.show:
            print("\n".join([f"--- {each.case.name} {each.status} {each.discrepancies}", *each.score.faults]))
    _keep(chosen, figures, judged)


def _measured(chosen: argparse.Namespace) -> tuple[list[Figure], list[Judged]]:
    halves = [] if chosen.real else [True] if chosen.seen else [False] if chosen.unseen else [True, False]
    figures: list[Figure] = []
    judged: list[Judged] = []

    def measure(cases: list[Case], group: str, kind: str, engine: Callable[..., object]) -> None:
        some = [judge(case, engine) for case in cases]  # type: ignore[arg-type]
        judged.extend(some)
        figures.extend(report.figures(some, group, kind))

    for kind in chosen.kind:
        cases: list[Case] = []
        for seen in halves:
            half = list(made(seen=seen, kinds=(kind,), every=4 if chosen.quick else 1))
            cases += half
            print(f"{kind}, {'seen' if seen else 'unseen'}: {len(half)} documents ...", flush=True)
            measure(half, "seen" if seen else "unseen", kind, by_rules)
        if cases and not chosen.quick and not chosen.no_scans:
            print(f"{kind}, scans ...", flush=True)
            measure(list(scans(cases, _SCANS)), "scan", kind, through_ocr)
    if "invoice" in chosen.kind and not chosen.quick:
        for group, some in corpus_invoices.cases():
            measure(some, group, "invoice", by_rules)
        figures += corpus_invoices.rival_figures()
    return figures, judged


def _keep(chosen: argparse.Namespace, figures: list[Figure], judged: list[Judged]) -> None:
    parts = ["extract", *(name for name in ("quick", "seen", "unseen", "real", "no_scans") if getattr(chosen, name))]
    parts += chosen.kind if len(chosen.kind) < len(KINDS) else []
    cases = [
        {
            "group": each.case.group,
            "kind": each.case.kind,
            "name": each.case.name,
            "status": each.status,
            "flaw": each.case.flaw,
            "discrepancies": each.discrepancies,
            "faults": each.score.faults,
            "lies": each.score.lies,
            "cpu_s": each.cpu_s,
            "pages": each.pages,
            "error": each.error,
        }
        for each in judged
    ]
    _RESULTS.mkdir(exist_ok=True)
    kept = _RESULTS / f"{'-'.join(parts)}.json"
    kept.write_text(json.dumps({"figures": [asdict(figure) for figure in figures], "cases": cases}, indent=1))
    print(f"Load average {os.getloadavg()[0]:.1f}. Every number: {kept}")


if __name__ == "__main__":
    main()
