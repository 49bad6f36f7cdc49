"""Idle pickup: from the call that submits a job until a waiting worker has it, all systems in turn.

Ours ends when the worker has the answer to its claim's commit (its log line `job.claimed`), a rival when the
actor's first line runs. Everyone waits between its turns while the others have theirs.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx

from benchmarks.platform.figure import Figure
from benchmarks.platform.machine import percentile, wait_until
from benchmarks.platform.ours import SAMPLE, Ours, count
from benchmarks.platform.stock.queue import RIVALS, StockQueue
from gateway import job_creation
from shared.broker import Bell

_TURNS, _TURNS_QUICK = 100, 10
#: Between two turns, in seconds: a system is idle for about four of these.
_PAUSE_S = (0.3, 0.6)
_WARM_UP = 3
_REACH_MS = (10, 50)


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Every system picks up one job after the other."""
    taken_ms: dict[str, list[float]] = defaultdict(list)
    with ExitStack() as stack:
        ours = stack.enter_context(Ours(folder / "ours"))
        ours.start_worker()
        address, _ = ours.start_gateway()
        client = stack.enter_context(httpx.Client(base_url=address, timeout=60))
        bell, submitted = Bell(), dict[UUID, tuple[str, float]]()
        turns: list[Callable[[], None]] = [
            lambda: _ours(ours, bell, submitted, taken_ms["creation"]),
            lambda: _over_http(client, submitted),
        ]
        for rival in RIVALS:
            queue = stack.enter_context(rival(folder / rival.name))
            queue.start_worker()
            turns.append(_turns_of(queue, taken_ms[queue.name]))
        for turn in range(_WARM_UP + (_TURNS_QUICK if quick else _TURNS)):
            if turn == _WARM_UP:
                submitted.clear()
                for taken in taken_ms.values():
                    taken.clear()
            for take_turn in turns:
                take_turn()
                time.sleep(random.uniform(*_PAUSE_S))
        claimed = _claimed_at(ours)
    for job_id, (way, sent_s) in submitted.items():
        taken_ms[way].append(1000 * (claimed[job_id] - sent_s))
    return _figures(taken_ms)


def _ours(ours: Ours, bell: Bell, submitted: dict[UUID, tuple[str, float]], created_ms: list[float]) -> None:
    job = ours.prepare()
    sent_s = time.time()
    job_creation.create([job])
    created_ms.append(1000 * (time.time() - sent_s))
    bell.ring(job.queue, job.message_id)
    submitted[job.id] = ("ours", sent_s)
    _until_done(job.id)


def _over_http(client: httpx.Client, submitted: dict[UUID, tuple[str, float]]) -> None:
    document = SAMPLE.read_bytes() + f"%{time.monotonic_ns()}\n".encode()
    sent_s = time.time()
    answer = client.post("/v1/probe", files={"file": ("in.pdf", document)})
    assert answer.status_code == 202, answer.text
    job_id = UUID(answer.json()["id"])
    submitted[job_id] = ("over HTTP", sent_s)
    _until_done(job_id)


def _until_done(job_id: UUID) -> None:
    assert wait_until(lambda: count(f"id = '{job_id}' AND status = 'completed'"), 30, 0.02), "a job was not done"


def _turns_of(queue: StockQueue, taken_ms: list[float]) -> Callable[[], None]:
    number = 0

    def turn() -> None:
        nonlocal number
        number += 1
        sent_s = time.monotonic()
        queue.send(number)
        assert wait_until(lambda: queue.runs()[number].ended_s, 60, 0.02), f"{queue.name} did not do a job"
        taken_ms.append(1000 * (queue.runs()[number].started_s[0] - sent_s))

    return turn


def _claimed_at(ours: Ours) -> dict[UUID, float]:
    """When the worker had each claim, as the log says, in seconds since the epoch."""
    lines = (json.loads(line) for log in ours.logs() for line in log.read_text().splitlines() if "job.claimed" in line)
    return {UUID(line["job_id"]): datetime.fromisoformat(line["timestamp"]).timestamp() for line in lines}


def _figures(taken_ms: dict[str, list[float]]) -> list[Figure]:
    p50_p99 = {name: (statistics.median(taken), percentile(taken, 99)) for name, taken in taken_ms.items()}
    rivals = {rival.name: "{:.0f} / {:.0f} ms".format(*p50_p99[rival.name]) for rival in RIVALS}
    p50_ms, p99_ms = p50_p99["ours"]
    return [
        Figure(
            "idle pickup, row and bell to claim, its commit included: p50 / p99",
            f"{p50_ms:.1f} / {p99_ms:.1f} ms, of which the row's creation {p50_p99['creation'][0]:.1f}",
            rivals,
            "at most {} / {} ms".format(*_REACH_MS),
            p50_ms <= _REACH_MS[0] and p99_ms <= _REACH_MS[1],
            dict(taken_ms),
        ),
        Figure(
            "the same from POST, with upload and durable storage: p50 / p99",
            "{:.1f} / {:.1f} ms".format(*p50_p99["over HTTP"]),
        ),
    ]
