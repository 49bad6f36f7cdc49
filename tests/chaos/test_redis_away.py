"""Redis only rings the bell: stopped, flushed, frozen or restarted, it delays jobs and loses none."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.chaos import invariants
from tests.chaos.conftest import StartStage
from tests.chaos.servers import Servers
from tests.chaos.stage import Stage


@pytest.fixture(scope="module")
def stage(module_stage: StartStage) -> Stage:
    """Shared by the tests that break only Redis."""
    return module_stage()


def each_once(stage: Stage, job_ids: list[str]) -> None:
    """All jobs end completed, each at its first attempt."""
    assert stage.all_finished(job_ids) == {"completed"}
    assert {stage.job(job_id)["attempt"] for job_id in job_ids} == {1}
    assert invariants.broken_in_rows(stage) == []


def test_jobs_complete_with_redis_stopped_throughout(start_stage: StartStage, servers: Servers):
    servers.stop_redis()
    stage = start_stage()

    each_once(stage, [stage.submit() for _ in range(30)])


def test_jobs_that_wait_survive_flushall(stage: Stage, servers: Servers):
    assert stage.client.post("/v1/queues/probe/pause").is_success
    job_ids = [stage.submit() for _ in range(20)]

    servers.redis_client.flushall()
    assert stage.client.post("/v1/queues/probe/resume").is_success

    each_once(stage, job_ids)


def freeze(servers: Servers) -> None:
    """Longer than the time-out at which redis-py would send a command again."""
    servers.freeze_redis(7)


def restart(servers: Servers) -> None:
    servers.restart_redis()


def flush(servers: Servers) -> None:
    servers.redis_client.flushall()


def disconnect(servers: Servers) -> None:
    servers.redis_client.execute_command("CLIENT", "KILL", "TYPE", "normal")


@pytest.mark.parametrize("happens", [freeze, restart, flush, disconnect])
def test_no_job_in_flight_is_lost_or_done_twice(stage: Stage, servers: Servers, happens: Callable[[Servers], None]):
    with ThreadPoolExecutor(8) as pool:
        job_ids = list(pool.map(lambda _: stage.submit("sleep", seconds=0.2), range(60)))

    happens(servers)

    each_once(stage, job_ids + [stage.submit() for _ in range(5)])
