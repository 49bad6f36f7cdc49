"""Random lives of jobs on real Postgres: whatever happens in whatever order, the invariants hold."""

from __future__ import annotations

import uuid
from typing import Any

import peewee
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shared import database, jobs
from shared.errors import BinderyError, ClaimLost, EngineCrashed, ExternalServiceError, FileProcessingError
from shared.models import ENDED, Job, JobEvent, JobFile, Owner, Status
from tests.shared.job_factory import OPERATIONS, QUEUE, created, output_of

#: Status before -> statuses that one event may lead to. Nothing but a person's retry leaves an end.
ALLOWED = {
    "created": {None: {"pending"}},
    "released": {"pending": {"pending"}},
    "claimed": {"pending": {"processing"}},
    "completed": {"processing": {"completed"}},
    "failed": {"processing": {"failed"}, "pending": {"failed"}},
    "retry": {"processing": {"pending"}},
    "worker_lost": {"processing": {"pending"}},
    "interrupted": {"processing": {"pending"}},
    "cancel_requested": {"processing": {"processing"}},
    "cancelled": {"pending": {"cancelled"}, "processing": {"cancelled"}},
    "retried": {"failed": {"pending"}, "cancelled": {"pending"}},
}
#: A job that is done in steps is never claimed: it ends with them.
ALLOWED_IN_STEPS = ALLOWED | {
    "completed": {"pending": {"completed"}},
    "cancel_requested": {"pending": {"pending"}},
    "claimed": {},
}


#: Most running jobs of each owner; 0: no limit.
LIMITS = {"anna": 1, "ben": 2, "cleo": 0}


def _next() -> uuid.UUID | None:
    """The job that the next claim must take: of the owner with the fewest running jobs who was served longest ago."""
    turns = []
    for owner in Owner.select():
        running = Job.select().where(Job.owner == owner.name, Job.status == "processing").count()
        waiting = Job.select().where(Job.owner == owner.name, Job.status == "pending")
        best = waiting.order_by(Job.priority, Job.id).first()
        if best and (not LIMITS[owner.name] or running < LIMITS[owner.name]):
            turns.append((running, owner.served_at, owner.name, best.id))
    return min(turns)[-1] if turns else None


class Lives(RuleBasedStateMachine):
    """Gateway, workers (also late ones), keeper and people, all acting on the same few jobs."""

    def __init__(self) -> None:
        super().__init__()
        database.rows("TRUNCATE job, owner CASCADE", {})
        database.rows("INSERT INTO owner (name, running_jobs) VALUES ('anna', 1), ('ben', 2), ('cleo', 0)", {})
        self.completed: dict[uuid.UUID, int] = {}
        self.attempts: dict[uuid.UUID, int] = {}

    known = Bundle("known")
    claims = Bundle("claims")

    @rule(target=known, priority=st.integers(0, 9), owner=st.sampled_from(sorted(LIMITS)))
    def create(self, priority: int, owner: str) -> uuid.UUID:
        return created(owner, priority=priority)

    @rule(target=claims)
    def claim(self) -> jobs.Claim | None:
        best = _next()
        claim = jobs.claim(QUEUE, OPERATIONS, uuid.uuid4())
        assert (claim.job_id if claim else None) == best
        return claim

    def _try(self, claim: jobs.Claim | None, change: Any) -> Any:
        """Let a worker speak; it must be heard if and only if it holds the job."""
        if claim is None:
            return None
        row = Job.get_or_none(Job.id == claim.job_id)
        holds = row is not None and row.status == "processing" and row.attempt == claim.attempt
        try:
            answer = change(claim)
        except ClaimLost:
            assert not holds
            return None
        assert holds or (row is not None and row.result_attempt == claim.attempt)
        return answer

    @rule(claim=claims)
    def renew(self, claim: jobs.Claim | None) -> None:
        self._try(claim, lambda c: jobs.renew(c, 1, 2, "working") or True)

    @rule(claim=claims)
    def complete(self, claim: jobs.Claim | None) -> None:
        status = self._try(claim, lambda c: jobs.complete(c, [output_of(c)], {"attempt": c.attempt}))
        if status is Status.COMPLETED and claim:
            assert self.completed.setdefault(claim.job_id, claim.attempt) == claim.attempt

    @rule(claim=claims, error=st.sampled_from([ExternalServiceError(), FileProcessingError()]))
    def fail(self, claim: jobs.Claim | None, error: BinderyError) -> None:
        self._try(claim, lambda c: jobs.fail(c, error))

    @rule(claim=claims)
    def crash(self, claim: jobs.Claim | None) -> None:
        self._try(claim, lambda c: jobs.crash(c, EngineCrashed(), {"signal": 11}))

    @rule(claim=claims)
    def interrupt(self, claim: jobs.Claim | None) -> None:
        self._try(claim, lambda c: jobs.interrupt(c, "deploy"))

    @rule(job_id=known)
    def cancel(self, job_id: uuid.UUID) -> None:
        jobs.cancel([job_id], "somebody")

    @rule(job_id=known)
    def retry(self, job_id: uuid.UUID) -> None:
        status = Job.get_by_id(job_id).status
        assert (jobs.retry(job_id, "somebody", "bell") is not None) == (status in ("failed", "cancelled"))

    @rule(job_id=known)
    def lease_runs_out(self, job_id: uuid.UUID) -> None:
        Job.update(lease_until=peewee.SQL("now() - interval '1 second'")).where(
            Job.id == job_id, Job.status == "processing"
        ).execute()

    @rule(job_id=known)
    def nobody_comes(self, job_id: uuid.UUID) -> None:
        Job.update(run_at=peewee.SQL("now() - interval '100 hours'")).where(
            Job.id == job_id, Job.status == "pending"
        ).execute()
        waiting = Job.select().where(Job.run_at < peewee.SQL("now() - interval '72 hours'"), Job.status == "pending")
        expected = {job.id for job in waiting}
        assert {change.job_id for change in jobs.give_up_waiting()} == expected

    @rule()
    def reap(self) -> None:
        expired = Job.select().where(Job.lease_until < peewee.SQL("now()")).count()
        assert len(jobs.reap()) == expired

    @invariant()
    def attempts_never_go_down(self) -> None:
        for job in Job.select():
            assert job.attempt >= self.attempts.get(job.id, 0)
            self.attempts[job.id] = job.attempt

    @invariant()
    def nobody_has_more_running_than_the_limit_allows(self) -> None:
        for owner, most in LIMITS.items():
            running = Job.select().where(Job.owner == owner, Job.status == "processing").count()
            assert running <= (most or running)

    @invariant()
    def budgets_are_kept(self) -> None:
        for job in Job.select():
            assert job.failures <= job.max_failures + 1
            assert job.crashes <= 3

    @invariant()
    def outputs_are_of_the_attempt_that_counts(self) -> None:
        for stored in JobFile.select(JobFile, Job).join(Job).where(JobFile.role == "output"):
            assert stored.job.status == "completed"
            assert stored.attempt == stored.job.result_attempt

    @invariant()
    def the_journal_replays_to_the_row(self) -> None:
        for job in Job.select():
            status: str | None = None
            claims = 0
            for event in JobEvent.select().where(JobEvent.job == job.id).order_by(JobEvent.id):
                assert event.status in ALLOWED[event.event].get(status, set()), (event.event, status)
                claims += event.event == "claimed"
                assert event.attempt == claims
                status = event.status
            assert (status, claims) == (job.status, job.attempt)

    @invariant()
    def an_end_is_marked_as_one(self) -> None:
        for job in Job.select():
            assert (job.status in ENDED) == (job.completed_at is not None)
            assert job.status not in ENDED or job.secrets is None


@pytest.mark.usefixtures("database_url")
def test_no_order_of_events_breaks_an_invariant(settings_env):
    settings_env(failure_delays_s="0", crash_delay_s="0", max_crashes="2")
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
