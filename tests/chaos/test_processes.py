"""Whichever process of a worker dies, nothing that it started goes on."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from shared.confinement import GUARD
from tests.chaos import invariants
from tests.chaos.conftest import StartStage
from tests.chaos.parts import Part
from tests.chaos.stage import Stage


def external_program(stage: Stage, worker: Part) -> psutil.Process:
    """The program that the document of a job has started."""
    stage.wait_until(lambda: any("sleep" in one.name() for one in worker.engines()))
    return next(one for one in worker.engines() if "sleep" in one.name())


@pytest.fixture(scope="module")
def stage(module_stage: StartStage) -> Stage:
    """One worker, which starts again when it dies."""
    return module_stage(workers=1)


@pytest.mark.parametrize("dies", [["worker"], ["host"], ["engine"], ["worker", "host", "engine"]], ids="+".join)
def test_an_external_program_ends_with_the_processes_that_it_works_for(stage: Stage, dies: list[str]):
    stage.wait_until_ready()
    (worker,) = stage.workers
    job_id = stage.submit("external", seconds=60)
    program = external_program(stage, worker)
    (host,) = worker.hosts()
    engine = program.parent()
    assert engine

    if len(dies) > 1 and not any(process.name() == GUARD for process in worker.children()):
        pytest.skip("this kernel lets us make no PID namespace: nobody is left to end the program")
    pids = {"worker": worker.pid, "host": host.pid, "engine": engine.pid}
    # Nobody has the time to clean up after the others.
    for name in dies:
        os.kill(pids[name], signal.SIGSTOP)
    for name in dies:
        os.kill(pids[name], signal.SIGKILL)

    stage.wait_until(lambda: not program.is_running() or program.status() == psutil.STATUS_ZOMBIE, 20)
    assert stage.client.post(f"/v1/jobs/{job_id}/cancel").is_success
    assert stage.finished(job_id)["status"] == "cancelled"
    assert invariants.broken(stage) == []
