"""Makes jobs that are done in three steps, `first`, `own` and `last`, as the gateway would; without documents."""

from __future__ import annotations

import uuid
from typing import Any

from gateway import job_creation
from gateway.chain_jobs import in_steps, links
from gateway.chains import Added, Chain
from shared import jobs, pipelines
from shared.media_types import JSON, PDF, TEXT
from shared.operation import Options, Service
from tests.shared.job_factory import QUEUE, SHA256, new_job

_SERVICE = Service(QUEUE, summary="For tests.")
_FIRST, _OWN, _LAST = (
    _SERVICE.operation(name, "For tests.", options=Options, accepts=(PDF,), produces=(PDF, TEXT))
    for name in ("first", "own", "last")
)
STEPS = ["first", "own", "last"]


def chained(password: str | None = None, **changes: Any) -> job_creation.NewJob:
    """A job of the operation `own`, done in three steps; created."""
    job = new_job(operation="own", **changes)
    chain = Chain((Added(_FIRST, {}, (PDF,)),), (Added(_LAST, {}, (PDF,)),))
    whole = in_steps(job, links(_OWN, {}, {"password": password} if password else {}, chain))
    job_creation.create([whole])
    return whole


def step_ids(job: job_creation.NewJob) -> list[uuid.UUID]:
    """The jobs that a job is done in."""
    assert job.steps
    return [step.id for step in job.steps.jobs]


def claim() -> jobs.Claim | None:
    """What is ready, whichever step of whichever job."""
    return jobs.claim(QUEUE, STEPS, uuid.uuid4())


def claimed() -> jobs.Claim:
    """Claim what is ready; there must be something."""
    found = claim()
    assert found
    return found


def made(held: jobs.Claim, *names: str) -> list[jobs.StoredFile]:
    """Outputs as an attempt would have stored them; their suffix tells their kind."""
    kinds = {kind.suffix: kind.name for kind in (PDF, TEXT, JSON)}
    return [
        jobs.StoredFile(
            name, kinds[name[name.index(".") :]], 2, SHA256, f"jobs/{held.job_id}/{held.attempt}/{position}"
        )
        for position, name in enumerate(names)
    ]


def complete(held: jobs.Claim, *names: str) -> None:
    """Do what a worker does at the end of a step."""
    jobs.complete(held, made(held, *(names or ("out.pdf",))), {"by": held.operation})
    assert held.pipeline_id
    pipelines.advance(held.pipeline_id)


def completed(job: job_creation.NewJob) -> None:
    """Do all that is left of a job."""
    for _ in step_ids(job):
        if held := claim():
            complete(held)
