"""The life of a job on real Postgres: what each change of state does, and what it refuses."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import peewee
import pytest

from gateway import job_creation
from shared import database, jobs
from shared.errors import ClaimLost, EngineCrashed, ExternalServiceError, FileProcessingError
from shared.models import Job, JobEvent, JobFile, Status
from tests.shared.job_factory import OPERATIONS, QUEUE, claimed, created, new_job, output_of

pytestmark = pytest.mark.usefixtures("database_url")


def row(job_id: uuid.UUID) -> Job:
    return Job.get_by_id(job_id)


def expire_lease(job_id: uuid.UUID) -> None:
    Job.update(lease_until=peewee.SQL("now() - interval '1 second'")).where(Job.id == job_id).execute()


def make_ready(job_id: uuid.UUID) -> None:
    Job.update(run_at=peewee.SQL("now()")).where(Job.id == job_id).execute()


def journal(job_id: uuid.UUID) -> list[str]:
    return [event.event for event in JobEvent.select().where(JobEvent.job == job_id).order_by(JobEvent.id)]


def test_jobs_of_one_request_are_created_all_or_none():
    first = new_job()
    twin = new_job(id=first.id)

    with pytest.raises(peewee.IntegrityError):
        job_creation.create([first, twin])

    assert Job.select().count() == 0
    assert JobFile.select().count() == 0
    assert JobEvent.select().count() == 0


def test_a_job_is_claimed_by_one_of_many_workers_that_want_it():
    job_id = created()

    def claim(_: int) -> jobs.Claim | None:
        try:
            return jobs.claim(QUEUE, OPERATIONS, uuid.uuid4())
        finally:
            database.disconnect()

    with ThreadPoolExecutor(8) as pool:
        won = [found for found in pool.map(claim, range(16)) if found]

    assert [(c.job_id, c.attempt) for c in won] == [(job_id, 1)]
    assert journal(job_id) == ["created", "claimed"]


def test_the_most_urgent_job_is_claimed_first_and_the_oldest_among_equals():
    late, urgent, early = created(priority=5), created(priority=1), created(priority=5)

    assert [claimed().job_id for _ in range(3)] == [urgent, late, early]


def test_a_claim_carries_what_the_work_needs():
    job_id = created(options={"seconds": 1.5})

    claim = claimed()

    assert claim.job_id == job_id
    assert claim.options == {"seconds": 1.5}
    assert [stored.name for stored in claim.inputs] == ["in.pdf"]


def test_a_worker_is_not_given_an_operation_that_it_cannot_perform():
    job_id = created(operation="other")

    assert jobs.claim(QUEUE, OPERATIONS, uuid.uuid4()) is None
    assert row(job_id).status == Status.PENDING


def test_a_paused_queue_gives_out_no_job():
    created()
    database.rows("INSERT INTO queue_state (queue, paused_by) VALUES (%(q)s, 'somebody')", {"q": QUEUE})

    assert jobs.claim(QUEUE, OPERATIONS, uuid.uuid4()) is None

    database.rows("DELETE FROM queue_state", {})
    assert jobs.claim(QUEUE, OPERATIONS, uuid.uuid4()) is not None


def test_a_completed_job_has_its_outputs_and_result_and_keeps_no_secret():
    job_creation.create([replace(new_job(), secrets=b"sealed")])
    claim = claimed()
    assert claim.secrets == b"sealed"

    assert jobs.complete(claim, [output_of(claim)], {"pages": 3}) is Status.COMPLETED

    job = row(claim.job_id)
    assert (job.status, job.result, job.result_attempt, job.secrets) == (Status.COMPLETED, {"pages": 3}, 1, None)
    assert job.expires_at > job.completed_at
    assert [f.name for f in JobFile.select().where(JobFile.role == "output")] == ["out.pdf"]


def test_completing_twice_counts_once():
    created()
    claim = claimed()

    jobs.complete(claim, [output_of(claim)], {})

    # The second call is what a worker sends whose first answer was lost with the connection.
    assert jobs.complete(claim, [output_of(claim)], {}) is Status.COMPLETED
    assert journal(claim.job_id) == ["created", "claimed", "completed"]
    assert JobFile.select().where(JobFile.role == "output").count() == 1


def test_a_job_whose_lease_ran_out_is_taken_over():
    job_id = created()
    lost = claimed()
    expire_lease(job_id)

    assert [(c.job_id, c.status) for c in jobs.reap()] == [(job_id, Status.PENDING)]
    make_ready(job_id)
    taken_over = claimed()

    assert taken_over.attempt == lost.attempt + 1
    assert row(job_id).crashes == 1
    assert row(job_id).last_error["code"] == "worker_lost"


def test_a_live_lease_is_not_reaped():
    created()
    claim = claimed()
    jobs.renew(claim, 1, 2, "half")

    assert jobs.reap() == []


LATE_WORDS: dict[str, Callable[[jobs.Claim], object]] = {
    "complete": lambda late: jobs.complete(late, [output_of(late)], {"by": "the late one"}),
    "fail": lambda late: jobs.fail(late, FileProcessingError()),
    "crash": lambda late: jobs.crash(late, EngineCrashed(), {}),
    "interrupt": lambda late: jobs.interrupt(late, "deploy"),
    "renew": lambda late: jobs.renew(late, 1, 1, ""),
    "cancel_requested": jobs.cancel_requested,
}


@pytest.mark.parametrize("word", LATE_WORDS)
def test_a_late_worker_cannot_change_a_job_that_another_one_took_over(word):
    job_id = created()
    late = claimed()
    expire_lease(job_id)
    jobs.reap()
    make_ready(job_id)
    owner = claimed()
    before = database.rows("SELECT * FROM job WHERE id = %(id)s", {"id": job_id})

    with pytest.raises(ClaimLost):
        LATE_WORDS[word](late)

    assert database.rows("SELECT * FROM job WHERE id = %(id)s", {"id": job_id}) == before
    jobs.complete(owner, [output_of(owner)], {"by": "the owner"})
    assert row(job_id).result == {"by": "the owner"}


@pytest.mark.parametrize("word", [w for w in LATE_WORDS if w != "complete"])
def test_a_finished_job_cannot_be_changed_by_its_own_worker(word):
    created()
    claim = claimed()
    jobs.complete(claim, [], {})

    with pytest.raises(ClaimLost):
        LATE_WORDS[word](claim)


def test_retryable_errors_wait_longer_each_time_and_end_in_failure(settings_env):
    settings_env(failure_delays_s="100,1000")
    job_id = created(max_failures=2)
    waits_s = []

    for _ in range(2):
        assert jobs.fail(claimed(), ExternalServiceError("no answer")).status is Status.PENDING
        waits_s.append(database.rows("SELECT extract(epoch FROM run_at - now()) AS s FROM job", {})[0]["s"])
        assert jobs.claim(QUEUE, OPERATIONS, uuid.uuid4()) is None
        make_ready(job_id)
    final = jobs.fail(claimed(), ExternalServiceError("no answer"))

    assert 49 <= waits_s[0] <= 100
    assert 499 <= waits_s[1] <= 1000
    assert final.status is Status.FAILED
    assert row(job_id).error["code"] == "external_service"
    assert journal(job_id) == ["created", *["claimed", "retry"] * 2, "claimed", "failed"]


def test_an_error_that_cannot_heal_fails_at_once():
    job_id = created()

    assert jobs.fail(claimed(), FileProcessingError("torn")).status is Status.FAILED

    assert row(job_id).error["message"] == "torn"
    assert row(job_id).failures == 1


def test_a_job_that_kills_its_workers_fails_after_three(settings_env):
    settings_env(max_crashes="2", crash_delay_s="0")
    job_id = created()

    for _ in range(2):
        assert jobs.crash(claimed(), EngineCrashed(), {"signal": 9}).status is Status.PENDING
    claimed()
    expire_lease(job_id)
    jobs.reap()

    assert row(job_id).status == Status.FAILED
    assert row(job_id).error["code"] == "worker_lost"
    assert row(job_id).attempt == 3


def test_a_lost_worker_delays_its_job_no_longer_than_the_lease_unless_it_happens_again(settings_env):
    settings_env(max_crashes="2", crash_delay_s="100")
    job_id = created()

    claimed()
    expire_lease(job_id)
    jobs.reap()
    assert claimed().attempt == 2
    expire_lease(job_id)
    jobs.reap()

    assert jobs.claim(QUEUE, OPERATIONS, uuid.uuid4()) is None
    assert row(job_id).status == Status.PENDING


def test_an_interruption_costs_nothing_and_keeps_the_place_in_the_queue():
    first, second = created(), created()
    assert claimed().job_id == first

    jobs.interrupt(jobs.claim(QUEUE, OPERATIONS, uuid.uuid4()) or pytest.fail("nothing to claim"), "deploy")

    assert claimed().job_id == second
    assert (row(second).interruptions, row(second).failures, row(second).crashes) == (1, 0, 0)


def test_a_waiting_job_is_cancelled_at_once_and_never_starts():
    job_id = created()

    assert [c.status for c in jobs.cancel([job_id], "somebody")] == [Status.CANCELLED]

    assert jobs.claim(QUEUE, OPERATIONS, uuid.uuid4()) is None
    assert journal(job_id) == ["created", "cancelled"]


def test_a_running_job_is_told_to_stop_and_shows_no_result():
    job_id = created()
    claim = claimed()

    assert [c.status for c in jobs.cancel([job_id], "somebody")] == [Status.PROCESSING]
    assert jobs.renew(claim, 0, 0, "") is True
    assert jobs.complete(claim, [output_of(claim)], {"too": "late"}) is Status.CANCELLED

    assert row(job_id).result is None
    assert JobFile.select().where(JobFile.role == "output").count() == 0


def test_cancelling_again_changes_nothing():
    job_id = created()
    jobs.cancel([job_id], "somebody")

    assert jobs.cancel([job_id], "somebody") == []


@pytest.mark.parametrize("end", ["fail", "crash", "interrupt", "reap"])
def test_a_job_that_was_asked_to_stop_is_never_tried_again(end):
    job_id = created()
    claim = claimed()
    jobs.cancel([job_id], "somebody")

    if end == "fail":
        jobs.fail(claim, ExternalServiceError())
    elif end == "crash":
        jobs.crash(claim, EngineCrashed(), {})
    elif end == "interrupt":
        jobs.interrupt(claim, "deploy")
    else:
        expire_lease(job_id)
        jobs.reap()

    assert row(job_id).status == Status.CANCELLED


def test_a_persons_retry_gives_a_failed_job_new_budgets():
    job_id = created()
    jobs.fail(claimed(), FileProcessingError())

    change = jobs.retry(job_id, "somebody", "a-new-bell")

    assert change is not None
    job = row(job_id)
    assert (job.status, job.failures, job.error, job.completed_at) == (Status.PENDING, 0, None, None)
    assert job.message_id == "a-new-bell"
    assert claimed().attempt == 2
    assert jobs.retry(job_id, "somebody", "x") is None


def test_erasing_takes_everything_but_a_running_job():
    job_id = created()
    claim = claimed()

    assert jobs.erase(job_id) is None
    jobs.complete(claim, [output_of(claim)], {})
    assert jobs.erase(job_id) == [job_id]

    assert JobFile.select().count() == 0
    assert JobEvent.select().count() == 0


IMPOSSIBLE = {
    "processing without a lease": "UPDATE job SET status = 'processing'",
    "completed without a result": "UPDATE job SET status = 'completed', completed_at = now(), expires_at = now()",
    "failed without an error": "UPDATE job SET status = 'failed', completed_at = now(), expires_at = now()",
    "an error without failure": "UPDATE job SET error = '{}'",
    "ended with a secret": "UPDATE job SET status = 'cancelled', completed_at = now(), expires_at = now(), "
    "secrets = 'x'",
    "an unknown status": "UPDATE job SET status = 'done'",
    "a lease without processing": "UPDATE job SET lease_until = now()",
    "a result of another attempt": "UPDATE job SET status = 'completed', completed_at = now(), expires_at = now(), "
    "result = '{}', result_attempt = 7",
}


@pytest.mark.parametrize("row_like", IMPOSSIBLE)
def test_the_database_refuses_impossible_rows(row_like):
    created()

    with pytest.raises(peewee.IntegrityError):
        database.rows(IMPOSSIBLE[row_like], {})


def test_the_models_and_the_migrated_schema_agree():
    from shared.models import TABLES

    for model in TABLES:
        columns = {c.name: c for c in database.DATABASE.get_columns(model._meta.table_name)}
        assert {f.column_name for f in model._meta.sorted_fields} == set(columns), model
        for field in model._meta.sorted_fields:
            assert columns[field.column_name].null == field.null, (model, field.name)
