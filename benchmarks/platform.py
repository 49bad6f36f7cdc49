"""From POST to result of a one-page file with everything running: how long, and how much of it is not the engine.

`python -m benchmarks.platform [--requests N]` starts a platform of its own, with real embedded servers and durable
settings, in a temporary folder. One request at a time, on an otherwise idle machine, after a warm-up.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

_ROOT = Path(__file__).parents[1]
_DOCUMENT = _ROOT / "services" / "compression" / "samples" / "compress.pdf"
_BIND = "127.0.0.1:8765"
_WARM_UP = 10
#: Target of the project: the platform's own share of one request, median, on an idle machine.
_REACH_MS = 40


def measure(client: httpx.Client) -> tuple[float, float]:
    """One document through the platform. Returns the seconds in all, and those of the engine."""
    document = _DOCUMENT.read_bytes()
    started_s = time.perf_counter()
    answer = client.post("/v1/compress", files={"file": ("one-page.pdf", document)}, headers={"Prefer": "wait=30"})
    assert answer.status_code == 303, answer.text
    job = answer.json()
    result = client.get(f"/v1/jobs/{job['id']}/result")
    total_s = time.perf_counter() - started_s
    result.raise_for_status()
    journal = client.get(f"/v1/jobs/{job['id']}/journal").json()["journal"]
    return total_s, journal[-1]["details"]["engine_s"]


def percentile(values: list[float], percent: int) -> float:
    """The value that `percent` of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def fsync_ms(folder: Path, count: int = 50) -> float:
    """Median milliseconds of one 4 KiB write with fsync in `folder`: what the machine makes of durability."""
    taken = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(count):
            started_s = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - started_s) * 1000)
    return statistics.median(taken)


def main() -> None:
    """Start a platform, measure, print a table, write JSON beside it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "BINDERY_VAR_DIR": f"{folder}/var", "BINDERY_BIND": _BIND}
        with (Path(folder) / "up.log").open("wb") as log:
            platform = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "up"], cwd=_ROOT, env=environment, stdout=log, stderr=log
            )
        try:
            with httpx.Client(base_url=f"http://{_BIND}", timeout=60) as client:
                _wait_until_ready(client)
                for _ in range(_WARM_UP):
                    measure(client)
                measured = [measure(client) for _ in range(arguments.requests)]
            sync_ms = fsync_ms(Path(folder))
        finally:
            platform.terminate()
            platform.wait(timeout=60)
    _print(measured, sync_ms)


def _wait_until_ready(client: httpx.Client) -> None:
    deadline_s = time.monotonic() + 120
    while time.monotonic() < deadline_s:
        try:
            queues = client.get("/v1/queues").json()["queues"]
            if all(queue["consumers"] for queue in queues):
                return
        except (httpx.TransportError, KeyError, ValueError):
            pass
        time.sleep(0.2)
    raise SystemExit("the platform did not become ready")


def _print(measured: list[tuple[float, float]], sync_ms: float) -> None:
    total = [1000 * total_s for total_s, _ in measured]
    own = [1000 * (total_s - engine_s) for total_s, engine_s in measured]
    rows = {"POST to result": total, "of it not the engine": own}
    print(f"\nOne-page PDF of {_DOCUMENT.stat().st_size:,} bytes, {len(measured)} requests, one at a time")
    print(f"{'ms':24}{'p50':>8}{'p90':>8}{'p99':>8}")
    for name, values in rows.items():
        print(f"{name:24}{statistics.median(values):8.1f}{percentile(values, 90):8.1f}{percentile(values, 99):8.1f}")
    reached = "reached" if statistics.median(own) <= _REACH_MS else "SHORT OF IT"
    print(f"reach: not the engine, p50, at most {_REACH_MS} ms: {reached}")
    print(
        f"one fsync of 4 KiB on this disk: {sync_ms:.1f} ms (median); 1-minute load average: {os.getloadavg()[0]:.1f}"
    )
    results = _ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    summary = {name: {"p50_ms": statistics.median(v), "p99_ms": percentile(v, 99)} for name, v in rows.items()}
    (results / "platform.json").write_text(json.dumps({**summary, "fsync_ms": sync_ms}, indent=2))


if __name__ == "__main__":
    main()
