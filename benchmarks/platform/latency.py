"""From POST to result of a one-page file with everything running: how long, and how much of it is not the engine.

`bindery up` with durable settings; one request at a time, on an otherwise idle machine, after a warm-up.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import httpx

from benchmarks.platform.figure import Figure
from benchmarks.platform.machine import percentile
from benchmarks.platform.ours import ROOT
from tests.running_platform import RunningPlatform

_DOCUMENT = ROOT / "services" / "compression" / "samples" / "compress.pdf"
_WARM_UP = 10
_REQUESTS, _REQUESTS_QUICK = 100, 20
#: Target of the project: the platform's own share of one request, median, on an idle machine.
_REACH_MS = 40


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Start a platform and send it one document after the other."""
    document = _DOCUMENT.read_bytes()
    with RunningPlatform(folder) as platform, httpx.Client(base_url=platform.url, timeout=60) as client:
        for _ in range(_WARM_UP):
            post_to_result(client, "compress", document)
        requests = _REQUESTS_QUICK if quick else _REQUESTS
        measured = [post_to_result(client, "compress", document) for _ in range(requests)]
    return [_figure(measured)]


def post_to_result(client: httpx.Client, operation: str, document: bytes) -> tuple[float, float]:
    """One document through the platform. Returns the milliseconds in all, and those of the engine."""
    # Each document differs: an equal one would be answered from the result cache.
    document += f"\n%{time.monotonic_ns()}\n".encode()
    started_s = time.perf_counter()
    files = {"file": ("document.pdf", document)}
    answer = client.post(f"/v1/{operation}", files=files, headers={"Prefer": "wait=30"})
    assert answer.status_code == 303, answer.text
    job = answer.json()
    client.get(f"/v1/jobs/{job['id']}/result").raise_for_status()
    total_ms = 1000 * (time.perf_counter() - started_s)
    journal = client.get(f"/v1/jobs/{job['id']}/journal").json()["journal"]
    return total_ms, 1000 * journal[-1]["details"]["engine_s"]


def _figure(measured: list[tuple[float, float]]) -> Figure:
    total = [total_ms for total_ms, _ in measured]
    own = [total_ms - engine_ms for total_ms, engine_ms in measured]
    p50_ms, p99_ms = statistics.median(own), percentile(own, 99)
    return Figure(
        "POST to result of a one-page PDF, less the engine: p50 / p99",
        f"{p50_ms:.0f} / {p99_ms:.0f} ms "
        f"(with the engine {statistics.median(total):.0f} / {percentile(total, 99):.0f})",
        reach=f"p50 at most {_REACH_MS} ms",
        reached=p50_ms <= _REACH_MS,
        numbers={"own_ms": own, "total_ms": total},
    )
