"""Turns records into the tables of the benchmark, as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable

from benchmarks.session import Record
from benchmarks.structure import KINDS

MAIN_HEADER = ["tool", "total", "geo. mean", "grew", "CPU s", "peak MB"]
MAIN_HEADER += ["mean sim.", "p5 worst", "worst page", "words kept", "failed"]


def table(header: list[str], rows: Iterable[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def total_ratio(records: list[Record]) -> float:
    """Bytes out over bytes in, all files together."""
    return sum(record.out_bytes for record in records) / sum(record.in_bytes for record in records)


def geometric_mean(records: list[Record]) -> float:
    """Geometric mean over files of out/in, where a file that grew counts as kept (its source would be used)."""
    ratios = [min(record.out_bytes, record.in_bytes) / record.in_bytes for record in records]
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def mean_similarity(records: list[Record]) -> float:
    return sum(record.similarity for record in records) / len(records)


def worst_similarity(records: list[Record]) -> float:
    return min(record.worst_similarity for record in records)


def fifth_percentile(records: list[Record]) -> float:
    """The worst-page similarity below which one file in twenty lies."""
    ordered = sorted(record.worst_similarity for record in records)
    return ordered[len(ordered) // 20]


def words_kept(records: list[Record]) -> float:
    """Share of words kept, mean over the files that have words."""
    shares = [
        1 - record.words_lost / had for record in records if (had := sum(page["words"] for page in record.pages)) > 0
    ]
    return sum(shares) / len(shares) if shares else 1.0


def common(by_tool: dict[str, list[Record]]) -> set[str]:
    """Return the documents on which every tool came through: only there may sums be compared."""
    through = [{record.document for record in records if record.error is None} for records in by_tool.values()]
    return set.intersection(*through) if through else set()


def only(records: list[Record], documents: set[str]) -> list[Record]:
    return [record for record in records if record.document in documents]


def main_table(by_tool: dict[str, list[Record]], documents: set[str]) -> str:
    """One line a tool: size, cost and likeness on the common documents; failures on all."""
    rows = []
    for tool, every in by_tool.items():
        records = only(every, documents)
        cached = " (cached)" if any(record.from_cache for record in every) else ""
        rows.append(
            [
                tool + cached,
                f"{total_ratio(records):.3f}",
                f"{geometric_mean(records):.3f}",
                str(sum(record.out_bytes > record.in_bytes for record in records)),
                f"{sum(record.cpu_s for record in records):.1f}",
                f"{max(record.peak_bytes for record in records) / 1e6:.0f}",
                f"{mean_similarity(records):.4f}",
                f"{fifth_percentile(records):.3f}",
                f"{worst_similarity(records):.3f}",
                f"{words_kept(records):.4f}",
                str(sum(record.error is not None for record in every)),
            ]
        )
    return table(MAIN_HEADER, rows)


def kind_table(by_tool: dict[str, list[Record]], documents: set[str]) -> str:
    """Per kind and tool: total ratio, geometric mean, mean similarity."""
    kinds = sorted({record.kind for records in by_tool.values() for record in only(records, documents)})
    rows = []
    for kind in kinds:
        cells, count = [], 0
        for records in by_tool.values():
            chosen = [record for record in only(records, documents) if record.kind == kind]
            count = len(chosen)
            cells.append(f"{total_ratio(chosen):.3f} {geometric_mean(chosen):.3f} {mean_similarity(chosen):.3f}")
        rows.append([f"{kind} ({count})", *cells])
    return table(["kind (total, geo. mean, similarity)", *by_tool], rows)


def structure_table(by_tool: dict[str, list[Record]], facts: dict[str, dict[str, int]], documents: set[str]) -> str:
    """Per tool and kind of structure: files that kept all of it / files that had it."""
    rows = []
    for tool, records in by_tool.items():
        cells = []
        for kind in KINDS:
            having = [record for record in only(records, documents) if facts[record.document].get(kind, 0)]
            cells.append(f"{sum(kind not in record.lost for record in having)}/{len(having)}")
        rows.append([tool, *cells])
    return table(["tool", *KINDS], rows)


def failure_table(by_tool: dict[str, list[Record]]) -> str:
    """Every file on which a tool failed, and why."""
    rows = [
        [tool, record.document, record.error.replace("|", "/").replace("\n", " ")[:160]]
        for tool, records in by_tool.items()
        for record in records
        if record.error is not None
    ]
    return table(["tool", "file", "why"], rows) if rows else "No tool failed on any file.\n"
