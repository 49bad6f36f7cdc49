"""Makes jobs for tests as the gateway would, without files behind them."""

from __future__ import annotations

import uuid
from typing import Any

from uuid_utils.compat import uuid7

from gateway import job_creation
from shared import jobs
from shared.callers import LOCAL

QUEUE = "probe"
OPERATIONS = ["probe"]
#: A SHA-256 that looks like one.
SHA256 = "0" * 64


def new_job(**changes: Any) -> job_creation.NewJob:
    """A job with one input, not yet created."""
    job_id = uuid7()
    stored = jobs.StoredFile("in.pdf", "application/pdf", 3, SHA256, f"jobs/{job_id}/input/0")
    defaults: dict[str, Any] = {
        "id": job_id,
        "operation": "probe",
        "queue": QUEUE,
        "options": {},
        "inputs": [stored],
        "max_failures": 2,
        "message_id": str(uuid.uuid4()),
    }
    return job_creation.NewJob(**{**defaults, **changes})


def created(owner: str = LOCAL, **changes: Any) -> uuid.UUID:
    """Create one job and return its id."""
    job = new_job(**changes)
    job_creation.create([job], owner=owner)
    return job.id


def claimed(worker_id: uuid.UUID | None = None) -> jobs.Claim:
    """Claim what is ready; there must be something."""
    claim = jobs.claim(QUEUE, OPERATIONS, worker_id or uuid.uuid4())
    assert claim is not None
    return claim


def output_of(claim: jobs.Claim) -> jobs.StoredFile:
    """An output as an attempt would have stored it."""
    key = f"jobs/{claim.job_id}/{claim.attempt}/0"
    return jobs.StoredFile("out.pdf", "application/pdf", 2, SHA256, key)
