"""Redis is flushed, frozen for 7 s, or away from start to end: how many of 600 jobs are done, and how many twice."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import redis
from kombu.exceptions import OperationalError

from benchmarks.platform.figure import Figure
from benchmarks.platform.machine import wait_until
from benchmarks.platform.ours import Ours, count
from benchmarks.platform.stock.queue import RIVALS, StockQueue
from cli.embedded_redis import EmbeddedRedis
from gateway import job_creation
from shared import database
from shared.broker import Bell

_JOBS, _JOBS_QUICK = 600, 120
#: The fault comes when so many jobs are done.
_FAULT_AFTER = 60
_FROZEN_S = 7
#: A job of a rival takes so long, so that the fault meets it at work. Ours has its sandbox to take time.
_JOB_S = 0.05
#: Nothing new for so long after the fault: what is not done now stays undone.
_QUIET_S = 25
#: A freeze strands jobs in some runs only.
_FREEZES = 3

Fault = Callable[[EmbeddedRedis], None]


def _flush(server: EmbeddedRedis) -> None:
    redis.Redis.from_url(server.url).flushall()


def _freeze(server: EmbeddedRedis) -> None:
    assert server.process
    server.process.send_signal(signal.SIGSTOP)
    time.sleep(_FROZEN_S)
    server.process.send_signal(signal.SIGCONT)


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Each fault for everyone."""
    jobs = _JOBS_QUICK if quick else _JOBS
    stock = _stock(folder, jobs)
    return [
        _figure("flushed", jobs, _ours(folder / "flushed", jobs, _flush), stock["flushed"]),
        _figure(f"frozen for {_FROZEN_S} s", jobs, _ours(folder / "frozen", jobs, _freeze), stock["frozen"]),
        _figure("away throughout", jobs, _ours(folder / "away", jobs, None), stock["away"]),
    ]


def _ours(folder: Path, jobs: int, fault: Fault | None) -> tuple[int, int, float]:
    """Returns the jobs done, those whose engine ran more than once, and the seconds it took. No fault: no Redis."""
    chosen = {} if fault else {"redis_url": f"unix://{folder}/nobody-listens.sock"}
    with Ours(folder, **chosen) as ours:
        new = [ours.prepare() for _ in range(jobs)]
        ours.start_worker()
        started_s = time.monotonic()
        job_creation.create(new)
        bell = Bell()
        for job in new:
            bell.ring(job.queue, job.message_id)
        if fault:
            assert wait_until(lambda: count("status = 'completed'") >= _FAULT_AFTER, 120)
            fault(ours.redis)
        done = _until_quiet(lambda: count("status = 'completed'"), jobs)
        took_s = time.monotonic() - started_s
        again = database.rows(
            "SELECT count(*) AS jobs FROM (SELECT FROM job_event WHERE event IN ('claimed', 'completed') "
            "GROUP BY job_id, event HAVING count(*) > 1) AS twice",
            {},
        )
        return done, again[0]["jobs"], took_s


def _stock(folder: Path, jobs: int) -> dict[str, dict[str, list[tuple[int, int]]]]:
    """Done, and done more than once, of every run, by fault and rival. The runs go side by side: they mostly sleep."""
    faults: list[tuple[str, Fault]] = [("flushed", _flush), *([("frozen", _freeze)] * _FREEZES)]
    found: dict[str, dict[str, list[tuple[int, int]]]] = {"flushed": {}, "frozen": {}, "away": {}}
    with ExitStack() as stack:
        runs = []
        for rival in RIVALS:
            for number, (name, fault) in enumerate(faults):
                queue = stack.enter_context(rival(folder / f"{rival.name}-{number}"))
                for job in range(jobs):
                    queue.send(job, seconds=_JOB_S)
                runs.append((queue, name, fault))
        for queue, _, _ in runs:
            queue.start_worker()
        with ThreadPoolExecutor(len(runs)) as pool:
            outcomes = list(pool.map(lambda run: _one_stock(run[0], jobs, run[2]), runs))
    for (queue, name, _), outcome in zip(runs, outcomes, strict=True):
        found[name].setdefault(queue.name, []).append(outcome)
    for rival in RIVALS:
        found["away"][rival.name] = [(0 if _refuses(rival(folder / f"{rival.name}-away")) else jobs, 0)]
    return found


def _one_stock(queue: StockQueue, jobs: int, fault: Fault) -> tuple[int, int]:
    assert wait_until(lambda: queue.ended() >= _FAULT_AFTER, 120), f"{queue.name} did not begin"
    fault(queue.redis)
    done = _until_quiet(queue.ended, jobs)
    return done, sum(len(runs.started_s) > 1 for runs in queue.runs().values())


def _until_quiet(done: Callable[[], int], jobs: int) -> int:
    """Wait until all jobs are done, or nothing new is for `_QUIET_S`. Returns how many are done."""
    seen, seen_s = done(), time.monotonic()

    def quiet() -> bool:
        nonlocal seen, seen_s
        if (now := done()) != seen:
            seen, seen_s = now, time.monotonic()
        return seen == jobs or time.monotonic() - seen_s > _QUIET_S

    wait_until(quiet, 600, 0.25)
    return seen


def _refuses(queue: StockQueue) -> bool:
    """Whether sending fails when Redis is not there."""
    with queue:
        queue.redis.stop()
        try:
            queue.send(0)
        except (redis.RedisError, OperationalError, OSError):
            return True
        return False


def _figure(fault: str, jobs: int, ours: tuple[int, int, float], stock: dict[str, list[tuple[int, int]]]) -> Figure:
    done, twice, took_s = ours
    return Figure(
        f"Redis {fault}, {jobs} jobs: done, done twice",
        f"{done}, {twice} (in {took_s:.0f} s)",
        {name: _text(outcomes, jobs) for name, outcomes in stock.items()},
        f"{jobs}, 0",
        done == jobs and twice == 0,
        {"ours": ours, **stock},
    )


def _text(outcomes: list[tuple[int, int]], jobs: int) -> str:
    if outcomes == [(0, 0)]:
        return f"0 of {jobs} (sending fails)"
    return " and ".join(f"{done}, {twice}" for done, twice in outcomes)
