"""Random lives of jobs in steps: whatever happens to the steps in whatever order, the job ends as they do, once."""

from __future__ import annotations

import uuid
from contextlib import suppress

import peewee
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from gateway.job_creation import NewJob
from shared import database, jobs, pipelines
from shared.errors import BinderyError, ClaimLost, ExternalServiceError, FileProcessingError
from shared.models import ENDED, Job, JobEvent
from tests.shared.chain_factory import chained, claim, made, step_ids
from tests.shared.test_jobs_state_machine import ALLOWED_IN_STEPS


class Lives(RuleBasedStateMachine):
    """Workers, keeper and people act on the steps of a few jobs; nobody need ever call `advance` in time."""

    def __init__(self) -> None:
        super().__init__()
        database.rows("TRUNCATE job CASCADE", {})
        self.created: list[NewJob] = []

    known = Bundle("known")
    claims = Bundle("claims")

    @rule(target=known)
    def create(self) -> NewJob:
        self.created.append(chained())
        return self.created[-1]

    @rule(target=claims)
    def claim(self) -> jobs.Claim | None:
        return claim()

    @rule(held=claims)
    def complete(self, held: jobs.Claim | None) -> None:
        if held:
            with suppress(ClaimLost):
                jobs.complete(held, made(held, "out.pdf", "words.txt"), {"by": held.operation})

    @rule(held=claims, error=st.sampled_from([ExternalServiceError(), FileProcessingError()]))
    def fail(self, held: jobs.Claim | None, error: BinderyError) -> None:
        if held:
            with suppress(ClaimLost):
                jobs.fail(held, error)

    @rule(held=claims)
    def interrupt(self, held: jobs.Claim | None) -> None:
        if held:
            with suppress(ClaimLost):
                jobs.interrupt(held, "deploy")

    @rule(job=known)
    def cancel(self, job: NewJob) -> None:
        jobs.cancel([job.id], "somebody")

    @rule(job=known, step=st.integers(0, 2))
    def cancel_a_step(self, job: NewJob, step: int) -> None:
        jobs.cancel([step_ids(job)[step]], "somebody")

    @rule(job=known)
    def retry(self, job: NewJob) -> None:
        status = Job.get_by_id(job.id).status
        assert bool(pipelines.retry_steps_of(job.id, "somebody", "bell")) == (status in ("failed", "cancelled"))

    @rule()
    def lease_runs_out(self) -> None:
        Job.update(lease_until=peewee.SQL("now() - interval '1 second'")).where(Job.status == "processing").execute()
        jobs.reap()

    @rule()
    def advance(self) -> None:
        pipelines.advance()

    @rule(job=known)
    def advance_one(self, job: NewJob) -> None:
        pipelines.advance_steps_of([job.id])

    @invariant()
    def a_job_that_has_ended_has_no_step_that_has_not(self) -> None:
        for job in self.created:
            whole = Job.get_by_id(job.id)
            steps = [Job.get_by_id(step_id) for step_id in step_ids(job)]
            if whole.status in ENDED:
                assert all(step.status in ENDED for step in steps)
                own = {step.status for step in steps if not step.waits_for_step}
                assert (whole.status == "completed") == (own == {"completed"})
                assert (whole.status == "failed") == ("failed" in own)
            else:
                assert whole.status == "pending"

    @invariant()
    def the_journal_replays_to_the_row(self) -> None:
        for job in self.created:
            status: str | None = None
            for event in JobEvent.select().where(JobEvent.job == job.id).order_by(JobEvent.id):
                assert event.status in ALLOWED_IN_STEPS[event.event].get(status, set()), (event.event, status)
                status = event.status
            assert status == Job.get_by_id(job.id).status

    def teardown(self) -> None:
        """When nothing more goes wrong everything ends."""
        self.lease_runs_out()
        Job.update(run_at=peewee.SQL("now()")).execute()
        pipelines.advance()
        while held := claim():
            self.complete(held)
            pipelines.advance()
        assert {job.status for job in Job.select()} <= set(ENDED)


@pytest.mark.usefixtures("database_url")
def test_no_order_of_events_breaks_an_invariant(settings_env):
    settings_env(failure_delays_s="0", crash_delay_s="0", max_crashes="2")
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=15, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_a_claim_is_of_a_step_and_never_of_the_job(database_url: str):
    job = chained()

    held = claim()

    assert held
    assert held.job_id == step_ids(job)[0]
    assert jobs.claim(job.queue, ["first", "own", "last"], uuid.uuid4()) is None
