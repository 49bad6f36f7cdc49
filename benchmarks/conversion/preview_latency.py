"""First-page preview: from POST until the image is there, on a whole platform with durable settings, one at a time."""

from __future__ import annotations

import statistics
from pathlib import Path

import httpx

from benchmarks.conversion.programs import readable
from benchmarks.platform.figure import Figure
from benchmarks.platform.latency import post_to_result
from benchmarks.platform.machine import percentile
from tests.running_platform import RunningPlatform

_WARM_UP = 5
_REACH_MS = 150


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Start a platform and ask for previews of different documents."""
    documents = [document.path.read_bytes() for document in readable(quick=quick)]
    with RunningPlatform(folder) as platform, httpx.Client(base_url=platform.url, timeout=60) as client:
        for document in documents[:_WARM_UP]:
            post_to_result(client, "convert-preview", document)
        measured = [post_to_result(client, "convert-preview", document) for document in documents]
    total = [total_ms for total_ms, _ in measured]
    engine = [engine_ms for _, engine_ms in measured]
    p50_ms = statistics.median(total)
    return [
        Figure(
            f"first-page preview, POST to result, {len(total)} documents: p50 / p95",
            f"{p50_ms:.0f} / {percentile(total, 95):.0f} ms (the engine: {statistics.median(engine):.0f} / "
            f"{percentile(engine, 95):.0f})",
            reach=f"p50 at most {_REACH_MS} ms",
            reached=p50_ms <= _REACH_MS,
            numbers={"total_ms": total, "engine_ms": engine},
        )
    ]
