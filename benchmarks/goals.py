"""The ratios that we promise against rivals of the same run, each with what was measured and what it should reach."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import tables
from benchmarks.session import Record

#: Kinds whose bytes are pictures of pages; of the others, a file counts as text-like when images are its smaller half.
IMAGE_KINDS = frozenset({"scan", "slides"})
EBOOK = "gs-ebook"


@dataclass(frozen=True)
class Goal:
    """One promise. `measured` is None when the run lacks a tool that the figure needs."""

    name: str
    measured: float | None
    reach: float
    at_most: bool
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.measured is None:
            return "not measured"
        met = self.measured <= self.reach if self.at_most else self.measured >= self.reach
        return "PASS" if met else "SHORT"


def is_text_like(record: Record) -> bool:
    return record.kind not in IMAGE_KINDS and record.image_share < 0.5


def uses_mixed_raster(record: Record) -> bool:
    """Whether our engine said that it coded a page of this file as mixed raster."""
    return record.tool == "scan" and bool(record.said.get("scan_pages", {}).get("taken"))


def pairs(by_tool: dict[str, list[Record]], ours: str, rival: str) -> list[tuple[Record, Record]]:
    """Return the records of the documents on which both came through, side by side."""
    theirs = {record.document: record for record in by_tool.get(rival, []) if record.error is None}
    return [
        (record, theirs[record.document])
        for record in by_tool.get(ours, [])
        if record.error is None and record.document in theirs
    ]


def _bytes_ratio(chosen: list[tuple[Record, Record]]) -> float | None:
    return sum(a.out_bytes for a, _ in chosen) / sum(b.out_bytes for _, b in chosen) if chosen else None


def _cpu_ratio(chosen: list[tuple[Record, Record]]) -> float | None:
    return sum(a.cpu_s for a, _ in chosen) / sum(b.cpu_s for _, b in chosen) if chosen else None


def _similarity_gain(chosen: list[tuple[Record, Record]]) -> float | None:
    if not chosen:
        return None
    return tables.mean_similarity([a for a, _ in chosen]) - tables.mean_similarity([b for _, b in chosen])


def size_goals(by_tool: dict[str, list[Record]]) -> list[Goal]:
    """Bytes against Ghostscript /ebook and qpdf, with the similarity that they were bought at."""
    balanced, small = pairs(by_tool, "balanced", EBOOK), pairs(by_tool, "small", EBOOK)
    scans = [pair for pair in pairs(by_tool, "scan", EBOOK) if uses_mixed_raster(pair[0])]
    lossless = pairs(by_tool, "lossless", "qpdf")
    packed = None
    if lossless:
        packed = tables.geometric_mean([a for a, _ in lossless]) / tables.geometric_mean([b for _, b in lossless])
    text = [pair for pair in balanced if is_text_like(pair[0])]
    return [
        Goal("balanced: bytes / gs-ebook, all files", _bytes_ratio(balanced), 0.70, True, f"{len(balanced)} files"),
        Goal("balanced: bytes / gs-ebook, text-like files", _bytes_ratio(text), 0.95, True, f"{len(text)} files"),
        Goal("balanced: mean similarity - gs-ebook's", _similarity_gain(balanced), 0.010, False),
        Goal("balanced: worst page", _worst([a for a, _ in balanced]), 0.94, False),
        Goal("small: bytes / gs-ebook", _bytes_ratio(small), 0.55, True, f"{len(small)} files"),
        Goal("small: mean similarity - gs-ebook's", _similarity_gain(small), 0.0, False),
        Goal(
            "scan: bytes / gs-ebook, text scans", _bytes_ratio(scans), 0.20, True, f"{len(scans)} files, mixed raster"
        ),
        Goal("scan: mean similarity - gs-ebook's, text scans", _similarity_gain(scans), 0.0, False),
        Goal("lossless: geo. mean / qpdf's", packed, 0.68, True, f"{len(lossless)} files"),
    ]


def safety_goals(by_tool: dict[str, list[Record]], presets: list[str]) -> list[Goal]:
    """What no preset may lose, on every file that a viewer opens."""
    every = [record for preset in presets for record in by_tool.get(preset, [])]
    through = [record for record in every if record.error is None]
    lossless = [record for record in through if record.tool == "lossless"]
    changed = [record for record in lossless if not record.identical]
    losing = [record for record in through if record.lost]

    def none_of(name: str, among: list[Record], bad: int, note: str = "") -> Goal:
        return Goal(name, float(bad) if among else None, 0, True, note)

    return [
        none_of("lossless: files with a changed pixel", lossless, len(changed), _names(changed)),
        none_of("words lost, all presets", through, sum(r.words_lost for r in through), _losing_words(through)),
        none_of("files that lost structure", through, len(losing), _losing(losing)),
        none_of("files that grew", through, sum(r.out_bytes > r.in_bytes for r in through)),
        none_of("files that a viewer opens and we fail", every, len(every) - len(through), _failing(every)),
    ]


def cost_goals(by_tool: dict[str, list[Record]], presets: list[str], speed_up: float | None) -> list[Goal]:
    """CPU and memory."""
    balanced = pairs(by_tool, "balanced", EBOOK)
    cached = any(rival.from_cache for _, rival in balanced)
    note = "gs-ebook's from the CACHE, another session: not a fair figure" if cached else "same session"
    # One file on which the rival loses minutes could pay for slowness everywhere else.
    quick = sorted(balanced, key=lambda pair: pair[1].cpu_s)[:-1]
    every = [record for preset in presets for record in by_tool.get(preset, [])]
    largest = max(every, key=lambda record: record.peak_bytes, default=None)
    peak_mb = largest.peak_bytes / 1e6 if largest else None
    where = f"{largest.tool} {largest.document}" if largest else ""
    return [
        Goal("balanced: CPU / gs-ebook", _cpu_ratio(balanced), 1.0, True, note),
        Goal("the same without gs-ebook's slowest file", _cpu_ratio(quick), 1.0, True, note),
        Goal("balanced: two slots on two cores, times faster", speed_up, 1.7, False),
        Goal("peak memory, all presets, MB", peak_mb, 400, True, where),
    ]


def goal_table(goals: list[Goal]) -> str:
    """Return the ratio table of the run."""
    rows = []
    for goal in goals:
        measured = "-" if goal.measured is None else f"{goal.measured:.4g}"
        sign = "at most" if goal.at_most else "at least"
        rows.append([goal.name, measured, f"{sign} {goal.reach:g}", goal.verdict, goal.note])
    return tables.table(["ratio", "measured", "reach", "verdict", "note"], rows)


def _worst(records: list[Record]) -> float | None:
    return tables.worst_similarity(records) if records else None


def _names(records: list[Record]) -> str:
    return ", ".join(record.document for record in records[:8])


def _losing_words(records: list[Record]) -> str:
    return ", ".join(f"{r.tool} {r.document} {r.words_lost}" for r in records if r.words_lost)[:300]


def _losing(records: list[Record]) -> str:
    return ", ".join(f"{r.tool} {r.document} {sorted(r.lost)}" for r in records)[:300]


def _failing(records: list[Record]) -> str:
    return ", ".join(f"{r.tool} {r.document}" for r in records if r.error is not None)[:300]
