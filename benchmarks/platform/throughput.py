"""No-op jobs per second on two cores: the whole way through the sandbox, the queue's own part of it, and the rivals.

The jobs wait already when work begins; the rate is taken from the first start to the last end.
"""

from __future__ import annotations

import multiprocessing
import time
import uuid
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import psutil
from uuid_utils.compat import uuid7

from benchmarks.platform.figure import Figure
from benchmarks.platform.machine import cpu_s, wait_until
from benchmarks.platform.ours import QUEUE, Ours, count
from benchmarks.platform.stock.queue import RIVALS, StockQueue
from gateway import job_creation
from gateway.job_creation import NewJob
from shared import database, jobs
from shared.confinement import HOST

_SANDBOXED, _SANDBOXED_QUICK = 400, 60
_QUEUED, _QUEUED_QUICK = 3000, 300
_STOCK, _STOCK_QUICK = 6000, 1000
_CONNECTIONS = 4
_SLOTS = 4
_REACH_PER_S = 300


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Drain a full queue in each way."""
    stock = {rival.name: _stock(rival, folder / rival.name, _STOCK_QUICK if quick else _STOCK) for rival in RIVALS}
    rivals = {name: f"{per_s:.0f}/s, nothing durable" for name, per_s in stock.items()}
    with Ours(folder / "ours") as ours:
        queued = _QUEUED_QUICK if quick else _QUEUED
        before_s = cpu_s(ours.postgres.process)
        durable = _queue_alone(ours, queued)
        postgres_ms = 1000 * (cpu_s(ours.postgres.process) - before_s) / queued
        with_creation = _queue_alone(ours, queued, creating=True)
        database.rows("ALTER DATABASE bindery SET synchronous_commit = off", {})
        lax = _queue_alone(ours, queued)
        database.rows("ALTER DATABASE bindery RESET synchronous_commit", {})
        sandboxed = _sandboxed(ours, _SANDBOXED_QUICK if quick else _SANDBOXED)
    waits = 1 - durable / lax
    return [
        Figure(
            "no-op jobs per second: the queue's part (claim, renew, complete, each durable; "
            f"{_CONNECTIONS} connections)",
            f"{durable:.0f}/s; {lax:.0f}/s without waiting for the disk: {100 * waits:.0f} % is commits; "
            f"CPU ms a job: PostgreSQL {postgres_ms:.1f}",
            rivals,
            f"at least {_REACH_PER_S}/s",
            durable >= _REACH_PER_S,
            {"durable_per_s": durable, "lax_per_s": lax, "postgres_cpu_ms": postgres_ms, **stock},
        ),
        Figure(
            "the same with the job's creation by the same connections",
            f"{with_creation:.0f}/s",
            numbers={"per_s": with_creation},
        ),
        Figure(
            f"no-op jobs per second: the whole way (a sandboxed child, document in and out; {_SLOTS} slots)",
            "{per_s:.0f}/s; CPU ms a job: worker {worker:.1f}, sandbox {sandbox:.1f}".format(**sandboxed),
            rivals,
            f"at least {_REACH_PER_S}/s",
            sandboxed["per_s"] >= _REACH_PER_S,
            sandboxed,
        ),
    ]


def _new() -> NewJob:
    return NewJob(uuid7(), "probe", QUEUE, {}, [], 3, str(uuid.uuid4()))


def _queue_alone(ours: Ours, number: int, *, creating: bool = False) -> float:
    """Jobs per second through `_CONNECTIONS` processes that do all that a worker does with a row, and nothing else."""
    if not creating:
        for _ in range(0, number, 100):
            job_creation.create([_new() for _ in range(100)])
    share = number // _CONNECTIONS
    with ProcessPoolExecutor(_CONNECTIONS, mp_context=multiprocessing.get_context("spawn")) as pool:
        spans = list(pool.map(_take_part, *zip(*[(ours.postgres.url, share, creating)] * _CONNECTIONS, strict=True)))
    return _CONNECTIONS * share / (max(end_s for _, end_s in spans) - min(start_s for start_s, _ in spans))


def _take_part(url: str, share: int, creating: bool) -> tuple[float, float]:
    """One connection's part. Returns when it began and ended, by the machine's monotonic clock."""
    database.configure(url, "benchmark")
    database.rows("SELECT 1", {})
    worker_id = uuid.uuid4()
    start_s = time.monotonic()
    for _ in range(share):
        if creating:
            job_creation.create([_new()])
        # A job that another connection takes at this very moment is passed over, and a newer one is not seen yet.
        while not (claim := jobs.claim(QUEUE, ["probe"], worker_id)):
            pass
        jobs.renew(claim, 1, 1, "")
        jobs.complete(claim, [], {})
    return start_s, time.monotonic()


def _sandboxed(ours: Ours, number: int) -> dict[str, float]:
    for job in [ours.prepare() for _ in range(number)]:
        job_creation.create([job])
    worker = ours.start_worker(worker_slots=str(_SLOTS))
    (host,) = (child for child in psutil.Process(worker.pid).children(recursive=True) if child.name() == HOST)
    before = _cpu_s(psutil.Process(worker.pid), host)
    assert wait_until(lambda: not count("status IN ('pending', 'processing')"), 300, 0.1), "jobs were not done"
    worker_s, sandbox_s = (b - a for a, b in zip(before, _cpu_s(psutil.Process(worker.pid), host), strict=True))
    span = database.rows(
        "SELECT extract(epoch FROM max(job_event.at) - min(job_event.at))::float8 AS s FROM job_event "
        "JOIN job_file ON job_file.job_id = job_event.job_id AND role = 'output' "
        "WHERE event IN ('claimed', 'completed')",
        {},
    )
    return {
        "per_s": number / span[0]["s"],
        "worker": 1000 * worker_s / number,
        "sandbox": 1000 * sandbox_s / number,
    }


def _cpu_s(worker: psutil.Process, host: psutil.Process) -> tuple[float, float]:
    """CPU seconds of the worker, and of its sandbox host with the children that ended."""
    own: Any = worker.cpu_times()
    of_host: Any = host.cpu_times()
    return own.user + own.system, of_host.user + of_host.system + of_host.children_user + of_host.children_system


def _stock(rival: type[StockQueue], folder: Path, number: int) -> float:
    with rival(folder) as queue:
        for job in range(number):
            queue.send(job)
        queue.start_worker()
        assert wait_until(lambda: queue.ended() == number, 300, 0.5), f"{queue.name} did not do its jobs"
        runs = queue.runs().values()
        return number / (max(run.ended_s[-1] for run in runs) - min(run.started_s[0] for run in runs))
