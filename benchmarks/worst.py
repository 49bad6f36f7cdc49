"""Names the files on which we did worst, so that an engineer knows where to look first."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.goals import EBOOK, pairs
from benchmarks.session import Record
from benchmarks.tables import table

TOP = 12
#: Whom a preset is held against; Ghostscript /ebook where nothing is said.
RIVAL_OF = {"lossless": "qpdf", "print": "gs-printer"}
Pair = tuple[Record, Record]


def worst_tables(by_tool: dict[str, list[Record]], presets: list[str]) -> str:
    """Return per preset the files that cost most bytes, likeness, CPU and memory, beside its rival's."""
    parts = []
    for preset in presets:
        rival = RIVAL_OF.get(preset, EBOOK)
        chosen = pairs(by_tool, preset, rival)
        for title, badness in RANKINGS.items():
            ranked = sorted(chosen, key=badness, reverse=True)[:TOP]
            shown = [_row(ours, theirs) for ours, theirs in ranked if badness((ours, theirs)) > 0]
            if shown:
                parts.append(f"### {preset}, {title} {rival}\n\n{table(HEADER, shown)}")
    lossy = [_loss(record) for preset in presets for record in by_tool[preset] if _loses(record)]
    parts.append("### Words, structure, pixels (lossless) or growth\n\n" + table(["file", "preset", "what"], lossy))
    return "\n".join(parts)


def _similarity_behind(pair: Pair) -> float:
    ours, _ = pair
    return 0.0 if ours.tool == "lossless" else 0.97 - ours.worst_similarity


RANKINGS: dict[str, Callable[[Pair], float]] = {
    "bytes more than": lambda pair: pair[0].out_bytes - pair[1].out_bytes,
    "worst page below 0.97, beside": _similarity_behind,
    "CPU more than": lambda pair: pair[0].cpu_s - pair[1].cpu_s,
    "memory over 400 MB, beside": lambda pair: pair[0].peak_bytes - 400e6,
}

HEADER = ["file", "kB in", "kB ours", "kB rival", "sim. ours", "worst ours", "worst rival", "CPU ours", "CPU rival"]
HEADER += ["MB ours"]


def _row(ours: Record, theirs: Record) -> list[str]:
    return [
        ours.document,
        f"{ours.in_bytes / 1000:.0f}",
        f"{ours.out_bytes / 1000:.0f}",
        f"{theirs.out_bytes / 1000:.0f}",
        f"{ours.similarity:.4f}",
        f"{ours.worst_similarity:.3f}",
        f"{theirs.worst_similarity:.3f}",
        f"{ours.cpu_s:.2f}",
        f"{theirs.cpu_s:.2f}",
        f"{ours.peak_bytes / 1e6:.0f}",
    ]


def _loses(record: Record) -> bool:
    if record.error is not None:
        return True
    changed = record.tool == "lossless" and not record.identical
    return bool(record.lost or record.words_lost or changed or record.out_bytes > record.in_bytes)


def _loss(record: Record) -> list[str]:
    said = [f"failed: {record.error}"] if record.error else []
    if not said:
        said += [f"{record.words_lost} words lost"] if record.words_lost else []
        said += [f"{kind}: had {had}, has {has}" for kind, (had, has) in record.lost.items()]
        changed = [str(page["page"]) for page in record.pages if not page["identical"]]
        said += [f"pixels changed on page {', '.join(changed)}"] if record.tool == "lossless" and changed else []
        said += [f"grew {record.in_bytes} -> {record.out_bytes}"] if record.out_bytes > record.in_bytes else []
    return [record.document, record.tool, "; ".join(said).replace("|", "/").replace("\n", " ")]
