"""A process dies at each named gap between two durable steps: nothing is lost, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.chaos import invariants
from tests.chaos.stage import Stage, document, sha256

#: Exit code of a process that died at a fault point.
_DIED = 137
#: How a job of each kind ends, and at which points a worker that has one can die.
_ENDS = {"echo": "completed", "fail": "failed", "fail-retryable": "failed"}
_POINTS = {
    "after_claim": ("echo", "fail", "fail-retryable"),
    "after_store_before_update": ("echo",),
    "after_update": ("echo", "fail", "fail-retryable"),
}
_ATTEMPTS = {"echo": 1, "fail": 1, "fail-retryable": 4}


@pytest.fixture(scope="module")
def stage(module_stage: Callable[..., Stage]) -> Stage:
    """A gateway, shared by the tests of this file; each brings workers of its own."""
    return module_stage(workers=0)


@pytest.fixture(autouse=True)
def _no_workers_left(stage: Stage) -> Iterator[None]:
    yield
    stage.stop_workers()


@pytest.mark.parametrize(("point", "behave"), [(point, kind) for point, kinds in _POINTS.items() for kind in kinds])
def test_a_job_whose_worker_dies_there_ends_as_any_other(stage: Stage, point: str, behave: str):
    job_id = stage.submit(behave)

    worker = stage.start_worker(fault_point=point)

    job = stage.finished(job_id)
    stage.wait_until(lambda: worker.starts == 2)
    assert worker.exit_codes == [_DIED]
    assert job["status"] == _ENDS[behave]
    died_before_the_row_changed = point != "after_update"
    assert job["crashes"] == int(died_before_the_row_changed)
    assert job["attempt"] == _ATTEMPTS[behave] + job["crashes"]
    assert stage.events(job["id"]).count(_ENDS[behave]) == 1
    assert invariants.broken(stage) == []


def test_steps_follow_one_another_although_each_worker_dies_after_its_step(stage: Stage):
    content = document()
    job_id = stage.post(content, address="/v1/chained-probe", before="echo", after="echo").json()["id"]

    # It dies again each time that it has done a step, before it lets the next one begin.
    worker = stage.start_worker(fault_point="after_update", always=True)

    job = stage.finished(job_id)
    assert worker.exit_codes[:3] == [_DIED] * 3
    assert [(step["status"], step["attempt"]) for step in job["steps"]] == [("completed", 1)] * 3
    assert stage.client.get(job["links"]["result"]).content == content
    assert [line["event"] for line in stage.journal(job_id) if line["step"] is None] == ["created", "completed"]
    assert invariants.broken(stage) == []


def dying_gateway(stage: Stage, point: str) -> None:
    """Let the gateway die there until `well_gateway`."""
    gateway = stage.gateway
    assert gateway
    starts = gateway.starts
    stage.rearm(gateway, point)
    stage.wait_until(lambda: gateway.starts > starts)
    stage.wait_until(stage.gateway_answers)


def well_gateway(stage: Stage) -> None:
    """Replace it."""
    dying_gateway(stage, "")


def jobs_of(stage: Stage, content: bytes) -> list[str]:
    sql = "SELECT job_id::text FROM job_file WHERE role = 'input' AND sha256 = %(sha256)s"
    return [row["job_id"] for row in stage.rows(sql, sha256=sha256(content))]


def test_a_gateway_that_dies_before_the_commit_leaves_no_job(stage: Stage):
    dying_gateway(stage, "after_store_before_commit")
    content = document()

    with pytest.raises(httpx.TransportError):
        stage.post(content)

    assert jobs_of(stage, content) == []
    well_gateway(stage)
    job_id = stage.post(content).json()["id"]
    stage.start_worker()
    assert stage.finished(job_id)["status"] == "completed"
    assert jobs_of(stage, content) == [job_id]


def test_a_job_whose_gateway_dies_before_the_bell_is_done_once(stage: Stage):
    stage.start_worker()
    stage.wait_until_ready()
    dying_gateway(stage, "after_commit_before_ring")
    content = document()

    with pytest.raises(httpx.TransportError):
        stage.post(content)

    (job_id,) = jobs_of(stage, content)
    well_gateway(stage)
    job = stage.finished(job_id)
    assert (job["status"], job["attempt"]) == ("completed", 1)
    assert invariants.broken(stage) == []
