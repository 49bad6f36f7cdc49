"""A file that kills its worker each time: how often it is tried, and whether other jobs go on meanwhile.

Our engines cannot kill their worker: one that tries kills its child. So that the worst is measured too, the
benchmark kills the whole worker from outside whenever it holds the job, and starts another as a supervisor does.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.platform.figure import Figure
from benchmarks.platform.machine import wait_until
from benchmarks.platform.ours import Ours, count, kill, submit
from benchmarks.platform.stock.queue import RIVALS, Dramatiq, StockQueue, kill_all
from shared import database
from shared.broker import Bell

_MOST_ATTEMPTS = 3
#: A rival is watched for so long.
_WATCHED_S, _WATCHED_S_QUICK = 40, 15
#: Its dead worker is noticed at once here; with Dramatiq's defaults the same takes minutes each time.
_HURRIED = {"heartbeat_timeout": 1000, "maintenance_chance": 1_000_000}
_OTHER_EVERY_S = 0.5


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """The child's death, the worker's death, and the rivals."""
    rivals = {rival.name: _stock(rival, folder, _WATCHED_S_QUICK if quick else _WATCHED_S) for rival in RIVALS}
    with Ours(folder / "child") as ours:
        ours.start_worker()
        child = _poisoned(ours, "segfault", [])
    figures = [_figure("a file that kills its engine each time", child, rivals)]
    if not quick:
        with Ours(folder / "worker") as ours:
            workers = [ours.start_worker(), ours.start_worker()]
            worker = _poisoned(ours, "sleep", workers)
        figures.append(_figure("a job whose whole worker is killed each time", worker, {}))
    return figures


def _poisoned(ours: Ours, behave: str, workers: list[subprocess.Popen[bytes]]) -> dict[str, Any]:
    """Run one poisonous job among harmless ones. The `workers` are killed when they hold it."""
    bell = Bell()
    poison = ours.prepare(behave, seconds=19)
    submit(bell, [poison])
    started_s = time.monotonic()
    others = 0
    while not _of(poison.id)["ended"]:
        submit(bell, [ours.prepare()])
        others += 1
        if workers and (pid := _of(poison.id)["pid"]):
            for worker in [worker for worker in workers if worker.pid == pid]:
                kill(worker)
                workers.remove(worker)
                workers.append(ours.start_worker(wait=False))
        time.sleep(_OTHER_EVERY_S)
    took_s = time.monotonic() - started_s
    assert wait_until(lambda: count("status = 'completed'") == others, 120, 0.5), "other jobs were not done"
    end = _of(poison.id)
    return {"status": end["status"], "attempts": end["attempt"], "took_s": took_s, "others_done": others}


def _of(job_id: UUID) -> dict[str, Any]:
    return database.rows(
        "SELECT job.status, attempt, completed_at IS NOT NULL AS ended, pid FROM job "
        "LEFT JOIN worker ON worker.id = job.worker_id WHERE job.id = %(id)s",
        {"id": job_id},
    )[0]


def _stock(rival: type[StockQueue], folder: Path, watched_s: float) -> str:
    """Runs of a deadly job while its worker is started again each time it ends."""
    settings = _HURRIED if rival is Dramatiq else {}
    with rival(folder / rival.name, **settings) as queue:
        queue.send(0, deadly=True)
        worker = queue.start_worker()
        until_s = time.monotonic() + watched_s
        while time.monotonic() < until_s:
            if worker.poll() is not None:
                kill_all(worker)
                worker = queue.start_worker()
            time.sleep(0.1)
        tried = len(queue.runs()[0].started_s)
    hurried = ", its waits shortened" if settings else ""
    return f"tried {tried} times in {watched_s:.0f} s{hurried}"


def _figure(what: str, found: dict[str, Any], rivals: dict[str, str]) -> Figure:
    return Figure(
        what,
        "{status} after {attempts} attempts in {took_s:.0f} s; {others_done} of {others_done} other jobs done".format(
            **found
        ),
        rivals,
        f"failed after at most {_MOST_ATTEMPTS}",
        found["status"] == "failed" and found["attempts"] <= _MOST_ATTEMPTS,
        {"ours": found},
    )
