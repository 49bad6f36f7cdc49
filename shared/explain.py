"""Why a job is not moving, in one sentence."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared import consumers, database, settings
from shared.durations import duration as duration
from shared.models import ENDED
from shared.progress import at_work, progress

#: A self-test's text may be long; the log has all of it.
_LONGEST_REASON = 300
#: Places in a queue are counted up to here.
_MOST_AHEAD = 1000
#: How long `recent_queues` repeats itself, in seconds.
_RECENT_S = 1.0


@dataclass(frozen=True)
class Queue:
    """What is known of one queue: who consumes it, how much of that is taken, who paused it."""

    consumers: list[dict[str, Any]] = field(default_factory=list)
    processing: int = 0
    paused_by: str | None = None
    #: Running jobs, of all queues, and the limit, of each owner who is at it.
    at_limit: dict[str, tuple[int, int]] = field(default_factory=dict)

    def able(self, operation: str) -> list[dict[str, Any]]:
        """The live consumers whose self-test of an operation passed."""
        return [one for one in self.consumers if one["live"] and one["operations"].get(operation, "") is None]

    def is_full_for(self, operation: str) -> bool:
        """Whether every slot that could take a job of an operation is taken."""
        return self.processing >= int(sum(worker["slots"] for worker in self.able(operation)))


_RUNNING = "SELECT owner, count(*) AS jobs FROM job WHERE status = 'processing' GROUP BY owner"
_AT_LIMIT = f"""
    SELECT owner, jobs, coalesce(owner.running_jobs, %(running_jobs)s) AS most
    FROM ({_RUNNING}) AS running LEFT JOIN owner ON owner.name = running.owner
    WHERE coalesce(owner.running_jobs, %(running_jobs)s) BETWEEN 1 AND jobs"""


def _default_limit() -> dict[str, int]:
    return {"running_jobs": settings.current().running_jobs}


def queues() -> dict[str, Queue]:
    """Every queue that has a consumer, a running job or a pause, by name."""
    workers = consumers.known()
    states = database.rows(
        """SELECT queue, coalesce(processing, 0) AS processing, paused_by FROM
               (SELECT queue, count(*) AS processing FROM job WHERE status = 'processing' GROUP BY queue) AS running
               FULL JOIN queue_state USING (queue)""",
        {},
    )
    by_name = {state["queue"]: state for state in states}
    at_limit = {row["owner"]: (row["jobs"], row["most"]) for row in database.rows(_AT_LIMIT, _default_limit())}
    return {
        name: Queue(
            [worker for worker in workers if worker["queue"] == name],
            by_name.get(name, {}).get("processing", 0),
            by_name.get(name, {}).get("paused_by"),
            at_limit,
        )
        for name in by_name.keys() | {worker["queue"] for worker in workers}
    }


#: What `recent_queues` answered last, and when (monotonic).
_recent: tuple[float, dict[str, Queue]] = (float("-inf"), {})


def recent_queues() -> dict[str, Queue]:
    """`queues` as they were at most a second ago: for many answers at once that need no more."""
    global _recent
    asked_s = time.monotonic()
    if asked_s - _recent[0] > _RECENT_S:
        _recent = (asked_s, queues())
    return _recent[1]


_READY = "queue = %(queue)s AND status = 'pending' AND NOT waits_for_step AND run_at <= now()"
# In what order the next claims would take them if nothing ended meanwhile. Each claim makes its owner have one more
# that runs: the n-th job of an owner with r running ones is taken when the others have n + r too. At equal numbers
# those come first who began with more, since the others were served a moment ago.
_PLACES = f"""
    WITH RECURSIVE waiting AS (
        (SELECT owner FROM job WHERE {_READY} ORDER BY owner LIMIT 1)
        UNION ALL
        SELECT (SELECT owner FROM job WHERE {_READY} AND job.owner > waiting.owner ORDER BY owner LIMIT 1)
        FROM waiting WHERE waiting.owner IS NOT NULL
    ), ready AS (
        SELECT first.id, turn.*, turn.jobs + row_number() OVER (
                   PARTITION BY turn.name ORDER BY first.priority, first.id) - 1 AS level
        FROM (
            SELECT waiting.owner AS name, coalesce(running.jobs, 0) AS jobs, owner.served_at,
                   coalesce(owner.running_jobs, %(running_jobs)s) AS most
            FROM waiting LEFT JOIN ({_RUNNING}) AS running USING (owner) LEFT JOIN owner ON owner.name = waiting.owner
        ) AS turn CROSS JOIN LATERAL (
            SELECT id, priority FROM job WHERE {_READY} AND job.owner = turn.name
            ORDER BY priority, id LIMIT {_MOST_AHEAD}
        ) AS first
    )
    SELECT id, ahead FROM (
        SELECT id, row_number() OVER (ORDER BY level, jobs DESC, served_at, name) - 1 AS ahead FROM ready
        WHERE most = 0 OR level < most
    ) AS placed WHERE id = ANY(%(job_ids)s) AND ahead < {_MOST_AHEAD}"""


def places(queue: str, job_ids: list[UUID]) -> dict[UUID, int]:
    """How many ready jobs of a queue are served before each of these; jobs far behind are left out."""
    found = database.rows(_PLACES, {"queue": queue, "job_ids": job_ids, **_default_limit()})
    return {row["id"]: row["ahead"] for row in found}


def explain(job: dict[str, Any], queue: Queue) -> dict[str, str] | None:
    """The first true reason why the job has not ended, as `{code, message}`; None for a job that has.

    `job` is a row with what `job_records` adds to it: `starts_in_s`, `lease_left_s`, and, where its place in a full
    queue was looked up, `ahead` (None: far behind).
    """
    if job["status"] == "pending":
        code, message = _why_pending(job, queue)
    elif job["status"] == "processing":
        code, message = _why_processing(job)
    else:
        return None
    return {"code": code, "message": message}


def explain_steps(job: dict[str, Any], known: dict[str, Queue]) -> dict[str, str] | None:
    """`explain` for a job that is done in `steps`: which one it waits for, and why that one has not ended."""
    if job["status"] in ENDED:
        return None
    number, step = at_work(job["steps"])
    reason = explain(step, known.get(step["queue"], Queue()))
    why = (
        reason["message"] if reason else f"It has ended; so will the job within {duration(settings.current().tick_s)}."
    )
    percent = f" ({progress(step)['percent']} %)" if step["status"] == "processing" else ""
    message = f"Step {number} of {len(job['steps'])}, {step['operation']!r}{percent}: {why}"
    return {"code": "waits_for_step", "message": message}


def _why_pending(job: dict[str, Any], queue: Queue) -> tuple[str, str]:
    if queue.paused_by is not None:
        return "paused", f"The queue {job['queue']!r} was paused by {queue.paused_by}."
    if job["starts_in_s"] > 0:
        starts = f"in {duration(job['starts_in_s'])}"
        if job["last_error"]:
            return "retry", f"Tried again {starts}, because: {job['last_error']['message']}"
        return "scheduled", f"Starts {starts}."
    if job["waits_for_step"]:
        whole = f"the job {job['step_of']}" if job["step_of"] else "its pipeline"
        return "waits_for_step", f"Waits for step {job['pipeline_step']} of {whole}."
    able = queue.able(job["operation"])
    if not able:
        return "no_consumer", _why_nobody(job, queue)
    if job["owner"] in queue.at_limit:
        running, most = queue.at_limit[job["owner"]]
        return "owner_limit", f"Its owner is at the limit: {running} of {most} jobs run."
    if queue.is_full_for(job["operation"]):
        slots = sum(worker["slots"] for worker in able)
        place = f"; {_position(job['ahead'])}" if "ahead" in job else ""
        return "all_busy", f"All {slots} slots of the queue are busy{place}."
    poll_s = settings.current().poll_s
    return "not_rung", f"Ready, and a slot is free: a worker looks within {duration(poll_s)}."


def _why_nobody(job: dict[str, Any], queue: Queue) -> str:
    live = [worker for worker in queue.consumers if worker["live"]]
    for worker in live:
        if failure := worker["operations"].get(job["operation"]):
            where = f"{worker['host']} (process {worker['pid']})"
            return f"The worker on {where} failed its self-test of {job['operation']!r}: {failure[:_LONGEST_REASON]}"
    if live:
        return f"The workers of the queue {job['queue']!r} do not know the operation {job['operation']!r}."
    if not queue.consumers:
        return f"No worker consumes the queue {job['queue']!r}."
    silent_s = min(worker["silent_s"] for worker in queue.consumers)
    return f"No worker consumes the queue {job['queue']!r}; the last one was seen {duration(silent_s)} ago."


def _why_processing(job: dict[str, Any]) -> tuple[str, str]:
    if job["cancel_requested"]:
        return "cancelling", "Somebody asked to cancel it; its process is being stopped."
    left_s = job["lease_left_s"]
    if left_s < 0:
        return "lease_expired", (
            f"Its worker {job['worker_id']} was lost: the claim ran out {duration(-left_s)} ago and is taken back "
            f"within {duration(settings.current().tick_s)}."
        )
    age_s = max(0.0, settings.current().lease_s - left_s)
    return "processing", f"Worker {job['worker_id']} is at it; its claim was renewed {duration(age_s)} ago."


def _position(ahead: int | None) -> str:
    return f"more than {_MOST_AHEAD} jobs are ahead" if ahead is None else f"position {ahead + 1} in the queue"
