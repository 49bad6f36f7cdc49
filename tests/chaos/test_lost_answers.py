"""The answer to a commit is lost and Postgres stays away: what was committed stands, and nobody is told otherwise."""

from __future__ import annotations

import time

from psycopg.conninfo import conninfo_to_dict

from tests.chaos import invariants
from tests.chaos.conftest import StartStage
from tests.chaos.servers import Servers
from tests.chaos.severing_proxy import SeveringProxy
from tests.chaos.stage import LEASE_S, Stage, document

#: What only the statement that completes a job holds.
_COMPLETES = b"result_attempt = CASE WHEN cancel_requested"
_CREATES = b"INSERT INTO job_event"


def through(stage: Stage, proxy: SeveringProxy) -> str:
    """The stage's database, by way of a proxy."""
    known = conninfo_to_dict(stage.database_url)
    return f"postgresql://{known['user']}@127.0.0.1:{proxy.port}/{known['dbname']}"


def test_a_result_stays_when_its_worker_never_learns_that_it_was_committed(start_stage: StartStage, servers: Servers):
    stage = start_stage(workers=0)
    content = document()
    job_id = stage.post(content).json()["id"]

    with SeveringProxy(servers.postgres_socket, question=_COMPLETES, stays_away=True) as proxy:
        stage.start_worker(database_url=through(stage, proxy))
        stage.wait_until(proxy.severed.is_set)
        # Longer than the lease: the worker has to think that the job is somebody else's now.
        time.sleep(2 * LEASE_S)
        proxy.heal()

        assert stage.finished(job_id)["status"] == "completed"
        assert stage.client.get(f"/v1/jobs/{job_id}/result").content == content
        assert invariants.broken(stage) == []


def test_nobody_is_told_that_nothing_was_kept_when_a_job_was_created(start_stage: StartStage, servers: Servers):
    stage = start_stage(workers=0)
    assert stage.gateway
    stage.gateway.kill_group()
    stage.gateway.wait()

    with SeveringProxy(servers.postgres_socket, question=_CREATES, delivered=True, stays_away=True) as proxy:
        stage.start_gateway(database_url=through(stage, proxy))
        stage.wait_until(stage.gateway_answers)

        answer = stage.post(document())

        assert proxy.severed.is_set()
        proxy.heal()
    (job,) = stage.rows("SELECT id::text FROM job")
    assert (answer.status_code, answer.json()["code"]) == (503, "submission_uncertain")
    assert answer.json()["job_ids"] == [job["id"]]
