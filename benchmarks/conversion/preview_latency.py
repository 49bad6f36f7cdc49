"""First-page preview: from POST until the image is there, on a whole platform with durable settings, one at a time."""

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

from benchmarks.conversion.programs import readable
from benchmarks.platform.figure import Figure
from benchmarks.platform.machine import percentile, wait_until
from benchmarks.platform.ours import ROOT

_READY_S = 120
_WARM_UP = 5
_REACH_MS = 150


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Start a platform and ask for previews of different documents."""
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
            documents = [document.path.read_bytes() for document in readable(quick=quick)]
            for document in documents[:_WARM_UP]:
                _one(client, document)
            measured = [_one(client, document) for document in documents]
    finally:
        platform.send_signal(signal.SIGTERM)
        platform.wait(timeout=60)
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


def _ready(client: httpx.Client) -> bool:
    try:
        queues = client.get("/v1/queues").json()["queues"]
        return any(queue["name"] == "conversion" and queue["consumers"] for queue in queues)
    except (httpx.TransportError, KeyError, ValueError):
        return False


def _one(client: httpx.Client, document: bytes) -> tuple[float, float]:
    """Milliseconds in all, and those of the engine."""
    # Each document differs: an equal one would be answered from the result cache.
    document += f"\n%{time.monotonic_ns()}\n".encode()
    started_s = time.perf_counter()
    files = {"file": ("document.pdf", document)}
    answer = client.post("/v1/convert-preview", files=files, headers={"Prefer": "wait=30"})
    assert answer.status_code == 303, answer.text
    job = answer.json()
    client.get(f"/v1/jobs/{job['id']}/result").raise_for_status()
    total_ms = 1000 * (time.perf_counter() - started_s)
    journal = client.get(f"/v1/jobs/{job['id']}/journal").json()["journal"]
    return total_ms, 1000 * journal[-1]["details"]["engine_s"]
