"""What a stock Dramatiq 2.2 on Redis was measured to do wrong, each as a rule that holds here.

Where a test is about bells being heard again, polls and ticks are set to ten minutes: then only a bell can help.
"""

from __future__ import annotations

import signal
import threading

import pytest

from shared.broker import NAMESPACE
from tests.chaos import invariants
from tests.chaos.conftest import StartStage
from tests.chaos.servers import Servers
from tests.chaos.severing_proxy import SeveringProxy
from tests.chaos.stage import LEASE_S, Stage

#: Settings under which a job is found by its bell or not at all.
BY_BELL_ONLY = {"poll_s": 600, "tick_s": 600}
#: Lease, two ticks, back-off and a poll; the rest is for a busy machine.
_RECOVERED_S = LEASE_S + 1 + 0.3 + 1 + 15


@pytest.fixture(scope="module")
def shared_stage(module_stage: StartStage) -> Stage:
    """For the tests that need no settings of their own; they leave two well workers behind."""
    return module_stage(workers=2)


@pytest.fixture
def stage(shared_stage: Stage, servers: Servers) -> Stage:
    """It, when everybody is there."""
    assert servers.redis_answers()
    shared_stage.wait_until_ready()
    return shared_stage


def test_e3_the_job_of_a_killed_worker_is_taken_over_when_its_lease_ends(stage: Stage):
    """Stock: after 64 to 2493 s."""
    job_id = stage.submit("sleep", seconds=1.5)
    stage.processing(job_id)

    stage.claimant(job_id).send(signal.SIGKILL)

    job = stage.finished(job_id, _RECOVERED_S)
    assert (job["status"], job["attempt"], job["crashes"]) == ("completed", 2, 1)
    assert invariants.broken(stage) == []


def test_e4_a_document_that_kills_its_engine_ends_failed_while_others_go_on(stage: Stage):
    """Stock: run again for ever, and all workers of the container are restarted each time."""
    starts = [worker.starts for worker in stage.workers]
    poison = [stage.submit("segfault") for _ in range(2)]
    others = [stage.submit() for _ in range(10)]

    assert stage.all_finished(others) == {"completed"}
    assert stage.all_finished(poison) == {"failed"}

    for job_id in poison:
        job = stage.job(job_id)
        assert (job["error"]["code"], job["attempt"]) == ("engine_crashed", 3)
    assert [worker.starts for worker in stage.workers] == starts


def test_e4_a_document_that_kills_its_worker_ends_failed_after_three_attempts(stage: Stage):
    poison = stage.submit("sleep", seconds=15)

    for attempt in (1, 2, 3):
        stage.wait_until(
            lambda attempt=attempt: (job := stage.job(poison))["attempt"] == attempt and job["status"] == "processing"
        )
        stage.claimant(poison).send(signal.SIGKILL)
    others = [stage.submit() for _ in range(3)]

    job = stage.finished(poison, _RECOVERED_S)
    assert (job["status"], job["error"]["code"], job["crashes"]) == ("failed", "worker_lost", 3)
    assert stage.all_finished(others) == {"completed"}


def test_e5_a_retry_that_falls_due_while_redis_is_away_is_made(stage: Stage, servers: Servers):
    """Stock: 1 of 4 tries was made, and no trace was left."""
    job_id = stage.submit("fail-retryable")
    servers.stop_redis()

    job = stage.finished(job_id)

    assert (job["status"], job["failures"], job["attempt"]) == ("failed", 4, 4)


def test_e6_a_retry_that_waits_survives_a_restart_of_redis(start_stage: StartStage, servers: Servers):
    """Stock: 5 of 5 delayed messages were stuck."""
    stage = start_stage(workers=1, failure_delays_s="4,0.2,0.2")
    job_ids = [stage.submit("fail-retryable") for _ in range(5)]
    stage.wait_until(lambda: all((job := stage.job(one))["failures"] and job["waiting"] for one in job_ids))

    servers.restart_redis()

    assert stage.all_finished(job_ids) == {"failed"}
    assert {stage.job(job_id)["attempt"] for job_id in job_ids} == {4}


def test_e8_an_undecodable_message_keeps_no_other_from_being_heard(start_stage: StartStage):
    """Stock: 3 of 13 messages ran."""
    stage = start_stage(workers=1, **BY_BELL_ONLY)
    for number in range(3):
        stage.redis_client.hset(f"{NAMESPACE}:probe.msgs", f"nonsense-{number}", b"\xff not a message")
        stage.redis_client.rpush(f"{NAMESPACE}:probe", f"nonsense-{number}")

    first = [stage.submit() for _ in range(10)]

    assert stage.all_finished(first) == {"completed"}
    # Each by a bell of its own, one after the other: nothing that was heard before helps the next.
    for _ in range(3):
        assert stage.finished(stage.submit())["status"] == "completed"


def test_e15_a_bell_whose_delivery_was_lost_costs_a_poll_and_no_job(start_stage: StartStage, servers: Servers):
    """Stock: the messages stay with a living worker that never heard of them."""
    stage = start_stage(workers=0)
    with SeveringProxy(servers.redis_socket, question=b"fetch", answer=b"message_id") as proxy:
        stage.start_worker(redis_url=f"redis://127.0.0.1:{proxy.port}/{stage.redis_database}", poll_s=20)
        stage.wait_until_ready()
        job_ids = [stage.submit() for _ in range(3)]

        assert stage.all_finished(job_ids) == {"completed"}

        assert proxy.severed.is_set()
        assert {stage.job(job_id)["attempt"] for job_id in job_ids} == {1}


def test_e24_a_pause_of_redis_strands_nothing_on_a_healthy_worker(start_stage: StartStage, servers: Servers):
    """Stock: 8 of 600 jobs never ran, and nothing was logged. With polls: see test_redis_away.py."""
    stage = start_stage(workers=2, **BY_BELL_ONLY)
    pause = threading.Thread(target=servers.freeze_redis, args=(7,))
    job_ids = [stage.submit("sleep", seconds=0.1) for _ in range(20)]
    pause.start()
    job_ids += [stage.submit() for _ in range(20)]
    pause.join()
    # Bells that could not be rung are the keeper's business, which is asleep here: these can.
    job_ids += [stage.submit() for _ in range(2)]

    assert stage.all_finished(job_ids) == {"completed"}
    assert {stage.job(job_id)["attempt"] for job_id in job_ids} == {1}
    assert invariants.broken(stage) == []
