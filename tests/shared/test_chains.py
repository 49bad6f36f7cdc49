"""A job that is done in steps ends as they do: once, with what they made, or with what went wrong in one of them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import database, job_records, jobs, pipelines, secret_box
from shared.errors import ExternalServiceError, FileProcessingError, WrongPassword
from shared.models import Job
from tests.shared.chain_factory import chained, claim, claimed, complete, completed, step_ids

pytestmark = pytest.mark.usefixtures("database_url")


def status(job_id: object) -> str:
    return str(Job.get_by_id(job_id).status)


def outputs(job_id: object) -> list[str]:
    return [output["name"] for output in job_records.row(job_id)["outputs"]]  # type: ignore[arg-type]


def test_the_steps_follow_one_another_and_the_job_ends_with_the_last():
    job = chained()
    seen = []
    while held := claim():
        seen.append((held.operation, [stored.name for stored in held.inputs], status(job.id)))
        complete(held, f"{held.operation}.pdf")

    assert seen == [
        ("first", ["in.pdf"], "pending"),
        ("own", ["first.pdf"], "pending"),
        ("last", ["own.pdf"], "pending"),
    ]
    assert (status(job.id), outputs(job.id)) == ("completed", ["last.pdf"])


def test_the_result_is_that_of_the_operation_that_was_asked_for_with_the_others_beside_it():
    job = chained()
    completed(job)

    assert job_records.row(job.id)["result"] == {
        "by": "own",
        "other_steps": [
            {"operation": "first", "result": {"by": "first"}},
            {"operation": "last", "result": {"by": "last"}},
        ],
    }


def test_what_the_last_step_does_not_take_is_kept():
    job = chained()
    complete(claimed())
    complete(claimed(), "own.pdf", "words.txt", "words.json")
    last = claimed()
    complete(last, "small.pdf")

    assert [stored.name for stored in last.inputs] == ["own.pdf"]
    assert outputs(job.id) == ["small.pdf", "words.txt", "words.json"]


def test_what_only_led_from_step_to_step_is_erased_and_nothing_else():
    job = chained()
    held = claimed()
    complete(held)
    second = claimed()
    complete(second, "own.pdf", "words.txt")
    third = claimed()
    assert third.pipeline_id
    assert pipelines.drop_intermediate(third.pipeline_id) == []
    complete(third, "small.pdf")

    assert pipelines.drop_intermediate(third.pipeline_id) == [f"jobs/{held.job_id}/1/0", f"jobs/{second.job_id}/1/0"]
    row = job_records.row(job.id)
    assert [output["erased"] for output in row["outputs"]] == [False, False]
    assert [stored["name"] for stored in row["inputs"]] == ["in.pdf"]


def test_a_step_before_that_has_nothing_to_do_hands_everything_on():
    job = chained()
    complete(claimed(), "only.txt")
    own = claimed()
    # `own` was asked for: what it does not take of the step before is no wish of the caller's.
    assert (own.inputs, own.carries) == ((), False)
    complete(own, "words.txt")
    last = claimed()
    assert (last.inputs, last.carries) == ((), True)
    jobs.complete(last, [], {})
    assert last.pipeline_id
    pipelines.advance(last.pipeline_id)

    assert outputs(job.id) == ["words.txt"]


@pytest.mark.parametrize("broken", [0, 1, 2])
def test_a_step_that_fails_fails_the_job_with_its_own_error(broken: int):
    job = chained()
    for _ in range(broken):
        complete(claimed())
    held = claimed()
    jobs.fail(held, WrongPassword())
    pipelines.advance(held.pipeline_id)

    error = job_records.row(job.id)["error"]
    assert (status(job.id), error["code"], error["step"]) == ("failed", "wrong_password", held.operation)
    assert error["remedy"] == WrongPassword.remedy
    assert claim() is None


def test_a_step_that_is_tried_again_does_not_end_the_job(settings_env):
    settings_env(failure_delays_s="0")
    job = chained()
    held = claimed()
    jobs.fail(held, ExternalServiceError())
    pipelines.advance(held.pipeline_id)

    assert status(job.id) == "pending"
    completed(job)
    assert status(job.id) == "completed"


def test_a_job_whose_step_runs_is_cancelled_when_that_has_ended():
    job = chained()
    held = claimed()

    jobs.cancel([job.id], "somebody")
    pipelines.advance_steps_of([job.id])
    assert status(job.id) == "pending"
    assert jobs.cancel_requested(held)
    jobs.interrupt(held, "cancelled")
    pipelines.advance(held.pipeline_id)

    assert [status(job.id), *map(status, step_ids(job))] == ["cancelled"] * 4


def test_a_job_of_which_nothing_runs_is_cancelled_at_once():
    job = chained()
    complete(claimed())

    jobs.cancel([job.id], "somebody")
    pipelines.advance_steps_of([job.id])

    assert [status(job.id), *map(status, step_ids(job))] == ["cancelled", "completed", "cancelled", "cancelled"]


def test_a_retry_goes_on_from_the_step_that_failed():
    job = chained()
    complete(claimed())
    held = claimed()
    jobs.fail(held, FileProcessingError())
    pipelines.advance(held.pipeline_id)

    changed = pipelines.retry_steps_of(job.id, "somebody", "bell")
    assert len(changed) == 3
    assert pipelines.retry_steps_of(job.id, "somebody", "bell") == []
    pipelines.advance()
    assert claimed().operation == "own"
    assert [status(job.id), *map(status, step_ids(job))] == ["pending", "completed", "processing", "pending"]


def test_an_answer_that_comes_late_does_not_end_a_job_that_is_tried_again():
    """What a slow look at the steps saw before the retry is not written after it."""
    job = chained()
    held = claimed()
    jobs.fail(held, FileProcessingError())
    with ThreadPoolExecutor(1) as other:
        with database.connected() as connection, connection.atomic():
            database.rows("SELECT id FROM job WHERE id = %(id)s FOR UPDATE", {"id": job.id})
            late = other.submit(advanced)
            while not database.rows(
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()", {}
            ):
                time.sleep(0.01)
            pipelines.advance(held.pipeline_id)
            pipelines.retry_steps_of(job.id, "somebody", "bell")
        late.result(timeout=30)

    assert [status(job.id), status(held.job_id)] == ["pending", "pending"]


def test_of_many_who_advance_at_once_one_ends_the_job():
    job = chained()
    for _ in step_ids(job):
        held = claimed()
        jobs.complete(held, [], {})
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: advanced(), range(8)))
        assert sum(len(changes) for changes in found) == 1

    events = [line["event"] for line in job_records.journal(job.id) if line["step"] is None]
    assert (status(job.id), events) == ("completed", ["created", "completed"])


def advanced() -> list[jobs.Change]:
    try:
        return pipelines.advance()
    finally:
        database.disconnect()


def test_every_step_gets_the_password_and_none_keeps_it():
    job = chained(password="open sesame")
    seen = []
    while held := claim():
        assert held.secrets
        seen.append(secret_box.unseal(held.secrets))
        complete(held)

    assert seen == [{"password": "open sesame"}] * 3
    assert not Job.select().where(Job.secrets.is_null(False)).count()
    assert Job.get_by_id(job.id).secrets is None


def test_a_job_is_erased_with_its_steps_but_not_while_one_runs():
    job = chained()
    held = claimed()

    assert jobs.erase(job.id) is None
    assert jobs.erase(held.job_id) is None
    complete(held)
    assert set(jobs.erase(job.id) or ()) == {job.id, *step_ids(job)}
    assert Job.select().count() == 0
    assert database.rows("SELECT id FROM pipeline", {}) == []


def test_the_row_tells_how_far_the_steps_are():
    job = chained()
    complete(claimed())
    jobs.renew(claimed(), 1, 2, "Reading page 2")

    row = job_records.job(job.id)

    assert (row["status"], row["progress"]["percent"]) == ("processing", 50)
    assert row["progress"]["message"] == "Step 2 of 3, own: Reading page 2"
    assert row["waiting"]["code"] == "waits_for_step"
    assert row["waiting"]["message"].startswith("Step 2 of 3, 'own' (50 %): Worker")
    assert [(step["operation"], step["status"]) for step in row["steps"]] == [
        ("first", "completed"),
        ("own", "processing"),
        ("last", "pending"),
    ]


def test_a_list_shows_the_job_and_its_steps_only_to_who_asks():
    job = chained()
    claimed()

    def listed(**chosen: object) -> list[str]:
        page, _ = job_records.listed(job_records.Filters(**chosen), limit=10, before=None)  # type: ignore[arg-type]
        return [found["id"] for found in page]

    assert listed() == [str(job.id)]
    assert listed(status="processing") == [str(job.id)]
    assert listed(status="pending") == []
    assert set(listed(steps=True)) == {str(job.id), *map(str, step_ids(job))}
