"""Waits for jobs without holding a thread."""

from __future__ import annotations

import time
from uuid import UUID

from gateway.process import Process
from shared import job_records
from shared.models import ENDED


async def until_ended(process: Process, job_ids: list[UUID], at_most_s: float) -> None:
    """Return when all of the jobs have ended or are gone, or after `at_most_s`, whichever is first."""
    end_s = time.monotonic() + at_most_s
    with process.changes.of(job_ids) as watch:
        while not process.stopping:
            found = await process.query(job_records.watched, job_ids)
            left_s = end_s - time.monotonic()
            if left_s <= 0 or all(job["status"] in ENDED for job in found.values()):
                return
            await watch.wait(left_s)
