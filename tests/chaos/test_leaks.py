"""After many jobs all that could grow is as it was: descriptors, threads, processes, folders, keys, connections."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from tests.chaos import invariants
from tests.chaos.conftest import StartStage
from tests.chaos.stage import Stage

_AT_ONCE = 8
#: Enough for every thread, connection and warm process of the platform to be there.
_WARM_UP = 60
#: One in ten documents fails in one of these ways: an error must not leak either.
_BAD = ("fail", "raise", "segfault", "memory", "fail-retryable")
_SETTLED_S = 20
#: Rounds of jobs after which a pool has its size.
_ROUNDS = 4


def test_many_jobs_leave_nothing_behind(start_stage: StartStage):
    leave_nothing_behind(start_stage, 50)


@pytest.mark.heavy
def test_a_thousand_jobs_leave_nothing_behind(start_stage: StartStage):
    leave_nothing_behind(start_stage, 1000)


def leave_nothing_behind(start_stage: StartStage, jobs: int) -> None:
    """Compare the platform before and after some jobs.

    Pools of threads and their connections may fill for a while yet; what leaks grows in every round.
    """
    stage = start_stage(workers=1, gateway_threads=2)
    run(stage, _WARM_UP)
    grown: list[dict[str, tuple[int, int]]] = []
    for _ in range(_ROUNDS):
        before = held(stage)
        run(stage, jobs)
        if not (more_now := settled(stage, before)):
            break
        grown.append(more_now)
    assert len(grown) < _ROUNDS, grown
    assert invariants.broken(stage) == []


def settled(stage: Stage, before: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """What there is more of, once idle connections and threads that end by themselves have had their time."""
    deadline_s = time.monotonic() + _SETTLED_S
    while (grown := more(before, held(stage))) and time.monotonic() < deadline_s:
        time.sleep(0.5)
    return grown


def run(stage: Stage, jobs: int) -> None:
    """Let documents through, several at once, good ones and bad ones."""
    kinds = ["echo" if number % 10 else _BAD[number // 10 % len(_BAD)] for number in range(jobs)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        job_ids = list(pool.map(stage.submit, kinds))
    assert stage.all_finished(job_ids, 600) == {"completed", "failed"}


def held(stage: Stage) -> dict[str, Any]:
    """Everything that could leak, counted."""
    (worker,) = stage.workers
    (host,) = worker.hosts()
    assert stage.gateway
    (serving,) = stage.gateway.children()
    counted = {"worker": psutil.Process(worker.pid), "host": host, "gateway": serving}
    connections = stage.rows(
        "SELECT application_name, count(*) AS count FROM pg_stat_activity "
        "WHERE datname = current_database() GROUP BY application_name"
    )
    return {
        **{f"file descriptors of the {name}": process.num_fds() for name, process in counted.items()},
        **{f"threads of the {name}": process.num_threads() for name, process in counted.items()},
        **{f"children of the {name}": len(process.children()) for name, process in counted.items()},
        **{f"connections of {row['application_name']}": row["count"] for row in connections},
        "scratch folders": len(list(stage.scratch.glob("*"))),
        "Redis entries": entries(stage),
    }


def entries(stage: Stage) -> int:
    """Keys in Redis and what they hold, but for the wake list, which is bounded and expires."""
    client = stage.redis_client
    sizes = {b"list": client.llen, b"hash": client.hlen, b"set": client.scard, b"zset": client.zcard}
    keys = [key for key in client.scan_iter() if b":wake:" not in key]
    return sum(int(sizes[client.type(key)](key)) for key in keys)


def more(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """What there is more of now."""
    return {name: (before.get(name, 0), count) for name, count in after.items() if count > before.get(name, 0)}
