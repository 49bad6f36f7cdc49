"""The command: read every page with every engine in turns, print error rates and CPU seconds per page."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.corpus import CORPUS
from benchmarks.ocr.engines import Read, available, warm
from benchmarks.ocr.errors import edits, missed_words
from benchmarks.ocr.pages import CONDITIONS, TruePage, corpus_scans, plain, worn_pages

_RESULTS = Path(__file__).parents[1] / "results" / "ocr.json"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--conditions", nargs="*", default=list(CONDITIONS), choices=list(CONDITIONS))
    parser.add_argument("--pages", type=int, default=30, help="worn pages of each condition")
    parser.add_argument("--engines", nargs="*", help="names as they are printed")
    chosen = parser.parse_args()
    engines = {name: read for name, read in available().items() if not chosen.engines or name in chosen.engines}
    warm()
    records: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        try:
            for condition, page in _pages(chosen, Path(name)):
                for engine, read in engines.items():
                    measured = _measured(read, page)
                    records.append({"condition": condition, "page": page.name, "engine": engine, **measured})
        except KeyboardInterrupt:
            print("Interrupted: what was measured so far.")
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.write_text(json.dumps(records, indent=1))
    _print(records)


def _pages(chosen: argparse.Namespace, folder: Path) -> Iterator[tuple[str, TruePage]]:
    for page in corpus_scans(chosen.corpus):
        yield "corpus scans", page
    for condition in chosen.conditions:
        for page in worn_pages(chosen.corpus, folder, condition, chosen.pages):
            yield condition, page


def _measured(read: Read, page: TruePage) -> dict[str, Any]:
    """One page in a child of its own; the kernel tells what it and its descendants used."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pid = os.fork()
        if not pid:
            code = 1
            try:
                (folder / "found").write_text(read(page.image, folder))
                code = 0
            finally:
                os._exit(code)
        _, status, usage = os.wait4(pid, 0)
        failed = os.waitstatus_to_exitcode(status) != 0
        found = "" if failed else plain((folder / "found").read_text())
    true = plain(page.text)
    return {
        "failed": failed,
        "characters": len(true),
        "words": len(true.split()),
        "character_edits": edits(true, found),
        "word_edits": edits(true.split(), found.split()),
        "missed_words": missed_words(true, found),
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss // 1024,
    }


def _print(records: list[dict[str, Any]]) -> None:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        groups[record["condition"], record["engine"]].append(record)
    load = os.getloadavg()[0]
    print(f"\nload {load:.1f}\n")
    print("| condition | engine | pages | CER % | WER % | missed words % | CPU s/page | peak MB | failed |")
    print("|---|---|---|---|---|---|---|---|---|")
    for (condition, engine), group in groups.items():
        total = {
            key: sum(record[key] for record in group) for key in group[0] if isinstance(group[0][key], (int, float))
        }
        rates = (
            total["character_edits"] / total["characters"],
            total["word_edits"] / total["words"],
            total["missed_words"] / total["words"],
        )
        shown = " | ".join(f"{100 * rate:.2f}" for rate in rates)
        peak = max(record["peak_mb"] for record in group)
        cpu = total["cpu_s"] / len(group)
        print(f"| {condition} | {engine} | {len(group)} | {shown} | {cpu:.2f} | {peak} | {total['failed']} |")


if __name__ == "__main__":
    main()
