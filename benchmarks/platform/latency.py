"""From POST to result of a one-page file with everything running: how long, and how much of it is not the engine.

`bindery up` with durable settings; one request at a time, on an otherwise idle machine, after a warm-up.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx

from benchmarks.platform.figure import Figure
from benchmarks.platform.machine import percentile, wait_until
from benchmarks.platform.ours import ROOT

_DOCUMENT = ROOT / "services" / "compression" / "samples" / "compress.pdf"
_WARM_UP = 10
_REQUESTS, _REQUESTS_QUICK = 100, 20
_READY_S = 120
#: Target of the project: the platform's own share of one request, median, on an idle machine.
_REACH_MS = 40


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Start a platform and send it one document after the other."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    environment = {**os.environ, "BINDERY_VAR_DIR": f"{folder}/var", "BINDERY_BIND": bind}
    with (folder / "up.log").open("wb") as log:
        platform = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "up"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        with httpx.Client(base_url=f"http://{bind}", timeout=60) as client:
            assert wait_until(lambda: _ready(client), _READY_S, 0.2), "the platform did not become ready"
            for _ in range(_WARM_UP):
                _one(client)
            measured = [_one(client) for _ in range(_REQUESTS_QUICK if quick else _REQUESTS)]
    finally:
        platform.send_signal(signal.SIGTERM)
        platform.wait(timeout=60)
    return [_figure(measured)]


def _ready(client: httpx.Client) -> bool:
    try:
        queues = client.get("/v1/queues").json()["queues"]
        return bool(queues) and all(queue["consumers"] for queue in queues)
    except (httpx.TransportError, KeyError, ValueError):
        return False


def _one(client: httpx.Client) -> tuple[float, float]:
    """One document through the platform. Returns the milliseconds in all, and those of the engine."""
    document = _DOCUMENT.read_bytes()
    started_s = time.perf_counter()
    # Each document differs: an equal one would be answered from the result cache.
    document += f"%{time.monotonic_ns()}\n".encode()
    answer = client.post("/v1/compress", files={"file": ("one-page.pdf", document)}, headers={"Prefer": "wait=30"})
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
