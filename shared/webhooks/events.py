"""What webhooks tell of: the end of jobs, batches and pipelines."""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """The events by name; an ended thing is told once per end, and again when somebody retried it."""

    JOB_COMPLETED = "job.completed"
    JOB_FAILED = "job.failed"
    JOB_CANCELLED = "job.cancelled"
    BATCH_COMPLETED = "batch.completed"  # its last job has ended, however that one did
    PIPELINE_COMPLETED = "pipeline.completed"
    PIPELINE_FAILED = "pipeline.failed"
    PIPELINE_CANCELLED = "pipeline.cancelled"
