"""The compression benchmark: ours and rivals over the corpus in one run, as tables and as ratios to reach.

python -m benchmarks.compression --help
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import corpus, goals, slots, tables, worst
from benchmarks.measure import LIMIT_CPU_S
from benchmarks.rivals import RIVALS
from benchmarks.session import METHOD, RESULTS, Record, Session, usable
from services.compression.operations import Preset

PRESETS = [preset.value for preset in Preset]


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="take every N-th file")
    parser.add_argument("--kinds", default="", help="only these kinds, comma between")
    parser.add_argument("--tools", default=",".join([*PRESETS, *RIVALS]), help="presets and rivals, comma between")
    parser.add_argument("--corpus", type=Path, default=corpus.CORPUS, help="folder with an index.csv")
    parser.add_argument("--folder", type=Path, help="any folder of PDFs instead of the corpus")
    parser.add_argument("--output", type=Path, help="where to write NAME.json and NAME.md")
    parser.add_argument("--keep", type=Path, help="keep the compressed files below this folder")
    parser.add_argument("--core", type=int, default=0, help="the core to which every tool is pinned")
    parser.add_argument("--limit", type=int, default=LIMIT_CPU_S, metavar="S", help="CPU seconds a file, ours only")
    parser.add_argument("--no-cache", action="store_true", help="run the rivals again, so that CPU may be compared")
    parser.add_argument("--speed-up", action="store_true", help="also measure two slots on two cores (idle machine)")
    return parser.parse_args()


def commit() -> str:
    """Return the commit that was measured, marked when the engine differs from it."""
    root = Path(__file__).parents[1]
    head = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=root, capture_output=True, text=True, check=False
    )
    if head.returncode:
        return "unknown"
    clean = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", "services"], cwd=root, check=False).returncode == 0
    return head.stdout.strip() + ("" if clean else " + uncommitted changes")


def measured(
    session: Session, documents: list[corpus.Document], tools: list[str]
) -> tuple[dict[str, list[Record]], dict[str, dict[str, Any]], dict[str, list[Record]]]:
    """Return the records by tool, the facts by document, and apart the records of files that no viewer opens."""
    by_tool: dict[str, list[Record]] = {tool: [] for tool in tools}
    unopened: dict[str, list[Record]] = {tool: [] for tool in tools}
    facts = {}
    begun = time.monotonic()
    for number, document in enumerate(documents, start=1):
        facts[document.name] = session.facts(document)
        for tool in tools:
            record = session.measure(document, tool)
            (by_tool if facts[document.name]["opens"] else unopened)[tool].append(record)
        print(f"[{time.monotonic() - begun:5.0f} s] {number}/{len(documents)} {document.name}", file=sys.stderr)
    return by_tool, facts, unopened


def report(
    by_tool: dict[str, list[Record]], facts: dict[str, dict[str, Any]], unopened: dict[str, list[Record]], speed: Any
) -> tuple[str, list[goals.Goal]]:
    """Return the tables as Markdown, and the ratios."""
    shared = tables.common(by_tool)
    presets = [tool for tool in by_tool if tool in PRESETS]
    reached = [
        *goals.size_goals(by_tool),
        *goals.safety_goals(by_tool, presets),
        *goals.cost_goals(by_tool, presets, speed),
    ]
    structures = {name: found.get("structure", {}) for name, found in facts.items()}
    closed = sorted({record.document for records in unopened.values() for record in records})
    parts = [
        ("Ratios to reach", goals.goal_table(reached)),
        (f"All tools, on the {len(shared)} files where all came through", tables.main_table(by_tool, shared)),
        ("By kind", tables.kind_table(by_tool, shared)),
        ("Structure kept (files)", tables.structure_table(by_tool, structures, shared)),
        ("Where we do worst", worst.worst_tables(by_tool, presets)),
        ("Failures on files that a viewer opens", tables.failure_table(by_tool)),
        (f"Files that no viewer opens without a password ({', '.join(closed)})", tables.failure_table(unopened)),
    ]
    return "\n".join(f"## {title}\n\n{body}" for title, body in parts), reached


def main() -> None:
    """Measure, print, and write the results."""
    chosen = options()
    documents = corpus.folder(chosen.folder) if chosen.folder else corpus.indexed(chosen.corpus)
    documents = corpus.sampled(documents, chosen.sample, set(filter(None, chosen.kinds.split(","))))
    if not documents:
        sys.exit("no PDF to measure: look at --folder, --kinds and --sample")
    tools = usable(chosen.tools.split(","))
    unknown = [tool for tool in tools if tool not in RIVALS and tool not in PRESETS]
    if unknown:
        sys.exit(f"unknown tools {unknown}; there are {[*PRESETS, *RIVALS]}")
    # Asked before the first file: the engine is imported then, and may be edited while the run goes on.
    load_before, begun_at, engine = os.getloadavg()[0], datetime.now(UTC), commit()
    session = Session(cached=not chosen.no_cache, keep=chosen.keep, core=chosen.core, limit_cpu_s=chosen.limit)
    by_tool, facts, unopened = measured(session, documents, tools)
    session.close()
    speed = slots.speed_up([d for d in documents if facts[d.name]["opens"]]) if chosen.speed_up else None
    body, reached = report(by_tool, facts, unopened, speed)
    versions = ", ".join(f"{tool} {RIVALS[tool].version}" for tool in tools if tool in RIVALS)
    head = (
        f"# Compression, {begun_at:%Y-%m-%d %H:%M} UTC, commit {engine}\n\n"
        f"{len(documents)} files, {sum(d.size_bytes for d in documents) / 1e6:.1f} MB; one core of {os.cpu_count()}; "
        f"load {load_before:.1f} before, {os.getloadavg()[0]:.1f} after; method {METHOD}; {versions}\n\n"
    )
    print(head + body)
    target = chosen.output or RESULTS / f"compression-{datetime.now(UTC):%Y%m%d-%H%M}"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.with_suffix(".md").write_text(head + body)
    records = [record.__dict__ for part in (by_tool, unopened) for found in part.values() for record in found]
    target.with_suffix(".json").write_text(
        json.dumps({"goals": [g.__dict__ | {"verdict": g.verdict} for g in reached], "records": records}, indent=1)
    )


if __name__ == "__main__":
    main()
