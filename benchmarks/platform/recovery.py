"""How long a job waits for another worker after its own was killed by SIGKILL; every system with its defaults.

All trials run side by side. Each of our victims runs one job and is killed at a moment of its own; one worker is
left. A job that reports progress renews its lease each second, a silent one every 10 s: the first has more of its
lease before it when its worker dies. Each trial of a rival has a Redis, a victim and an idle worker of its own: what
one finds must not help another.
"""

from __future__ import annotations

import random
import statistics
import time
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

from benchmarks.platform.figure import Figure
from benchmarks.platform.machine import wait_until
from benchmarks.platform.ours import Ours, count, kill, submit
from benchmarks.platform.stock.queue import Celery, Dramatiq, StockQueue, kill_all
from shared import database, jobs
from shared.broker import Bell

_TRIALS, _TRIALS_QUICK = 20, 4
_RIVAL_TRIALS, _RIVAL_TRIALS_QUICK = 5, 1
#: The rivals are watched for so long after their kill.
_WATCHED_S = 120
#: As long as the probe may run: nobody finishes before it is killed.
_JOB_S = 19
#: Kills spread over so long, so that they meet the leases at every age.
_SPREAD_S = 9
_REACH_S = (35, 60)
#: What the probe is told to do, and what that stands for.
_BEHAVIOURS = {"sleep": "a job that reports progress", "spin": "a silent job"}


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Kill workers of everyone; wait until the jobs are taken again."""
    trials = _TRIALS_QUICK if quick else _TRIALS
    rival_trials = _RIVAL_TRIALS_QUICK if quick else _RIVAL_TRIALS
    with ExitStack() as stack:
        queues = [
            stack.enter_context(rival(folder / f"{rival.name}-{number}"))
            for rival in (Dramatiq, Celery)
            for number in range(rival_trials)
        ]
        killed_s = [_kill_busy_worker(queue) for queue in queues]
        ours_s = _ours(folder / "ours", trials)
        until_s = max(killed_s) + _WATCHED_S
        wait_until(lambda: time.monotonic() > until_s, _WATCHED_S + 60, 1)
        rivals = {
            name: [_again_s(queue, at_s) for queue, at_s in zip(queues, killed_s, strict=True) if queue.name == name]
            for name in (Dramatiq.name, Celery.name)
        }
    return [_figure(what, taken_s, rivals) for what, taken_s in ours_s.items()]


def _kill_busy_worker(queue: StockQueue) -> float:
    victim = queue.start_worker()
    queue.send(0, seconds=3600)
    assert wait_until(lambda: queue.runs()[0].started_s, 60), f"{queue.name} took no job"
    kill_all(victim)
    killed_s = time.monotonic()
    queue.start_worker()
    return killed_s


def _again_s(queue: StockQueue, killed_s: float) -> float | None:
    started_s = queue.runs()[0].started_s
    return started_s[1] - killed_s if len(started_s) > 1 else None


def _ours(folder: Path, trials: int) -> dict[str, list[float]]:
    """Seconds from each kill to the next claim of its job, by what the job did."""
    with Ours(folder) as ours:
        new = [ours.prepare(behave, seconds=_JOB_S) for behave in _BEHAVIOURS for _ in range(trials)]
        victims = {process.pid: process for process in (ours.start_worker(wait=False, worker_slots="1") for _ in new)}
        assert wait_until(lambda: ours.live_workers() == len(new), 300), "the victims did not come up"
        submit(Bell(), new)
        assert wait_until(lambda: count("status = 'processing'") == len(new), 60), "the victims took no jobs"
        held = database.rows("SELECT job.id, pid FROM job JOIN worker ON worker.id = job.worker_id", {})
        ours.start_worker(worker_slots=str(len(new)), wait=False)
        killed: dict[UUID, float] = {}
        for row in random.sample(held, len(held)):
            kill(victims[row["pid"]])
            killed[row["id"]] = time.time()
            time.sleep(_SPREAD_S / len(new))
        assert wait_until(lambda: count("attempt > 1") == len(new), 300, 1), "a job was not taken again"
        claimed = database.rows(
            "SELECT options ->> 'behave' AS behave, job_id, extract(epoch FROM at)::float8 AS at_s "
            "FROM job_event JOIN job ON job.id = job_id WHERE event = 'claimed' AND job_event.attempt = 2",
            {},
        )
        jobs.cancel([job.id for job in new], "benchmark")
        return {
            what: [row["at_s"] - killed[row["job_id"]] for row in claimed if row["behave"] == behave]
            for behave, what in _BEHAVIOURS.items()
        }


def _figure(what: str, ours_s: list[float], rivals: dict[str, list[float | None]]) -> Figure:
    median_s, worst_s = statistics.median(ours_s), max(ours_s)
    return Figure(
        f"worker killed by SIGKILL, {what}: its job runs again after, median / worst of {len(ours_s)}",
        f"{median_s:.1f} / {worst_s:.1f} s",
        {name: _text(again_s) for name, again_s in rivals.items()},
        "at most {} / {} s".format(*_REACH_S),
        median_s <= _REACH_S[0] and worst_s <= _REACH_S[1],
        {"ours_s": ours_s, **rivals},
    )


def _text(again_s: list[float | None]) -> str:
    seen = sorted(at_s for at_s in again_s if at_s is not None)
    missing = f"{len(again_s) - len(seen)} of {len(again_s)} not within {_WATCHED_S} s"
    return "; ".join([missing, *([f"the others after {', '.join(f'{at_s:.0f}' for at_s in seen)} s"] if seen else [])])
