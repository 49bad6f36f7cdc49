"""Whichever process of a worker dies, nothing that it started goes on."""

from __future__ import annotations

import psutil
import pytest

from tests.chaos.conftest import StartStage
from tests.chaos.parts import Part
from tests.chaos.stage import Stage


def external_program(stage: Stage, worker: Part) -> psutil.Process:
    """The program that the document of a job has started."""
    stage.wait_until(lambda: any("sleep" in one.name() for one in worker.engines()))
    return next(one for one in worker.engines() if "sleep" in one.name())


@pytest.mark.parametrize("dies", ["worker", "host", "engine"])
def test_an_external_program_ends_with_the_processes_that_it_works_for(start_stage: StartStage, dies: str):
    stage = start_stage(workers=1)
    (worker,) = stage.workers
    job_id = stage.submit("external", seconds=60)
    program = external_program(stage, worker)
    (host,) = worker.children()
    engine = program.parent()
    assert engine

    psutil.Process({"worker": worker.pid, "host": host.pid, "engine": engine.pid}[dies]).kill()

    stage.wait_until(lambda: not program.is_running() or program.status() == psutil.STATUS_ZOMBIE, 20)
    job = stage.job(job_id)
    assert (job["status"], job["crashes"]) != ("completed", 0)
