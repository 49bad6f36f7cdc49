"""A database that neither answers nor breaks the connection: a worker still lets go of its job when its lease ends."""

from __future__ import annotations

import os
import signal

import psutil

from tests.chaos import invariants
from tests.chaos.conftest import StartStage
from tests.chaos.stage import LEASE_S


def test_an_engine_is_stopped_when_the_lease_cannot_be_renewed(start_stage: StartStage):
    stage = start_stage(workers=1)
    job_id = stage.submit("sleep", seconds=19)
    # Its worker has renewed the lease once, and has a connection that will hang.
    stage.wait_until(lambda: stage.job(job_id)["progress"]["current"] > 0)
    postgres = psutil.Process(stage.servers.postgres_process.pid)
    frozen = [postgres, *postgres.children(recursive=True)]
    for process in frozen:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        stage.wait_until(lambda: not stage.workers[0].engines(), LEASE_S + 8)
    finally:
        for process in frozen:
            os.kill(process.pid, signal.SIGCONT)

    assert stage.finished(job_id)["status"] == "completed"
    assert invariants.broken(stage) == []
