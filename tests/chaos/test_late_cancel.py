"""A job that is cancelled when its engine is all but done leaves no output behind."""

from __future__ import annotations

import time

import pytest

from tests.chaos import invariants
from tests.chaos.conftest import StartStage
from tests.chaos.stage import Stage

_ENGINE_S = 1.5


@pytest.fixture(scope="module")
def stage(module_stage: StartStage) -> Stage:
    """One worker."""
    return module_stage(workers=1)


@pytest.mark.parametrize("before_end_s", [0.3, 0.15, 0.05])
def test_nothing_of_a_job_that_is_cancelled_in_its_last_moment_stays(stage: Stage, before_end_s: float):
    job_id = stage.submit("sleep", seconds=_ENGINE_S)
    stage.wait_until(lambda: stage.workers[0].engines())

    time.sleep(_ENGINE_S - before_end_s)
    stage.client.post(f"/v1/jobs/{job_id}/cancel")

    # Whichever of the two was first: no output without a row that names it, no row without its output.
    assert stage.finished(job_id)["status"] in ("cancelled", "completed")
    assert invariants.broken(stage) == []
