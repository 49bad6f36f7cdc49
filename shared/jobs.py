"""THE LIFE OF A JOB: every change of a job's state, each one guarded statement that also writes the journal.

                 create                    complete
    (gateway) ------------> PENDING       .---------> COMPLETED
                             |   ^       /
                       claim |   | retry, interrupt, reap (worker lost)
                             v   |     /
                            PROCESSING ----- fail, reap -----> FAILED
                             |                                   |
      cancel (pending: at once; processing: flagged, then        | retry by a person
      its process is killed) ------------> CANCELLED -----------'-------> PENDING

Rules that hold for every statement here:
- `attempt` is the fencing token: it only grows, at each claim. What an older attempt says changes no row.
- All arithmetic on time uses the database's clock, never a host's.
- The change and its line in `job_event` are one statement, so that they are there together or not at all.
- Only the gateway creates jobs: the statement that inserts one stands in `gateway/job_creation.py`, which no
  worker's image contains.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared import counts, database, settings
from shared.errors import BinderyError, ClaimLost, QueueTimeExceeded, WorkerLost
from shared.models import Status


@dataclass(frozen=True)
class StoredFile:
    """A file that is durably in storage: where, and what it is."""

    name: str
    media_type: str
    bytes: int
    sha256: str
    storage_key: str


def made_by(job: str) -> str:
    """SQL: whether `file`, a row of job_file, is a document that the completed job of this alias made or handed on."""
    return (
        f"file.job_id = {job}.id AND {job}.status = 'completed' "
        f"AND (file.role = 'carried' OR file.role = 'output' AND file.attempt = {job}.result_attempt)"
    )


#: SQL: the jobs of `%(job_ids)s` and the steps that they are done in.
_WITH_STEPS = """
    SELECT unnest(%(job_ids)s::uuid[]) UNION ALL
    SELECT step.id FROM pipeline JOIN job AS step ON step.pipeline_id = pipeline.id
    WHERE pipeline.job_id = ANY(%(job_ids)s)"""


@dataclass(frozen=True)
class Claim:
    """The right of one worker to work on one job, until its lease ends."""

    job_id: UUID
    attempt: int
    worker_id: UUID
    operation: str
    options: dict[str, Any]
    #: Encrypted, see secret_box.
    secrets: bytes | None
    inputs: tuple[StoredFile, ...]
    pipeline_id: UUID | None = None
    #: What it does not take of the step before goes on to the next: it may have nothing to do.
    carries: bool = False
    #: The trace that it belongs to, see tracing.py; when it was ready and claimed, in seconds since 1970.
    traceparent: str | None = None
    ready_at_s: float = 0.0
    claimed_at_s: float = 0.0


@dataclass(frozen=True)
class Change:
    """What became of a job: the answer of every change of state."""

    job_id: UUID
    status: Status
    attempt: int
    queue: str


def journalled(update: str, event: str, *, before: str = "", after: str = "", ran: bool = False) -> str:
    """SQL that runs `update` (an UPDATE of job without RETURNING) and notes `event`, an SQL expression, per row.

    `ran` says that the change ends an attempt: see counts.py.
    """
    return f"""
        WITH {before} changed AS ({update} RETURNING job.*),
        noted AS (
            INSERT INTO job_event (job_id, event, status, attempt, actor, details)
            SELECT id, {event}, status, attempt, %(actor)s, %(details)s::jsonb FROM changed
        ), {counts.of_changes(event, ran=ran)} {after}
        SELECT id, status, attempt, queue FROM changed"""


def changes(sql: str, **parameters: Any) -> list[Change]:
    """Run a statement that `journalled` made; `details` go to the journal."""
    parameters["details"] = json.dumps(parameters.get("details") or {})
    return [Change(r["id"], Status(r["status"]), r["attempt"], r["queue"]) for r in database.rows(sql, parameters)]


def _keeping() -> dict[str, float]:
    chosen = settings.current()
    return {"keep_completed_days": chosen.keep_completed_days, "keep_failed_days": chosen.keep_failed_days}


_WAITS = "job.queue = %(queue)s AND job.status = 'pending' AND NOT job.waits_for_step"
_READY = f"""
    {_WAITS} AND job.run_at <= now() AND job.operation = ANY(%(operations)s)
    AND NOT EXISTS (SELECT FROM queue_state WHERE queue_state.queue = %(queue)s)"""

# Owners in the order in which they are served: the one with the fewest running jobs first, of these the one that was
# served longest ago. They are found by leaps through the index `job_ready`, so that a claim costs as much as there
# are owners who wait, however many jobs they have. See docs/decisions/0014-turns-of-owners.md.
_OWNERS = f"""
    RECURSIVE waiting AS (
        (SELECT owner FROM job WHERE {_WAITS} ORDER BY owner LIMIT 1)
        UNION ALL
        SELECT (SELECT owner FROM job WHERE {_WAITS} AND job.owner > waiting.owner ORDER BY owner LIMIT 1)
        FROM waiting WHERE waiting.owner IS NOT NULL
    ), running AS MATERIALIZED (
        SELECT owner, count(*) AS jobs FROM job WHERE status = 'processing' GROUP BY owner
    ), turn AS MATERIALIZED (
        SELECT waiting.owner, coalesce(running.jobs, 0) AS jobs, owner.claims,
               coalesce(owner.served_at, 'epoch') AS served_at,
               coalesce(owner.running_jobs, %(running_jobs)s) AS running_jobs
        FROM waiting LEFT JOIN running USING (owner) LEFT JOIN owner ON owner.name = waiting.owner
        WHERE waiting.owner IS NOT NULL
    ),"""
# Of an owner with a limit, one claim at a time: the row is locked until the commit, and who waited for nothing but an
# older count of the running jobs (another claim came in between) leaves the owner alone.
_LIMIT_HOLDS = """
    SELECT true AS locked FROM owner WHERE name = turn.owner AND claims = turn.claims AND turn.running_jobs > 0
    FOR NO KEY UPDATE SKIP LOCKED"""

_CLAIM = journalled(
    f"""
    UPDATE job SET status = 'processing', attempt = attempt + 1, worker_id = %(worker_id)s, claimed_at = now(),
        started_at = coalesce(started_at, now()), lease_until = now() + make_interval(secs => %(lease_s)s),
        updated_at = now(), progress_current = 0, progress_total = 0, progress_message = ''
    WHERE id = (
        SELECT best.id
        FROM (SELECT * FROM turn WHERE running_jobs = 0 OR jobs < running_jobs ORDER BY jobs, served_at, owner) AS turn
            LEFT JOIN LATERAL ({_LIMIT_HOLDS}) AS held ON true
            CROSS JOIN LATERAL (
                SELECT id FROM job
                WHERE {_READY} AND job.owner = turn.owner AND (turn.running_jobs = 0 OR held.locked)
                ORDER BY priority, id FOR UPDATE SKIP LOCKED LIMIT 1
            ) AS best
        LIMIT 1)""",
    "'claimed'",
    before=_OWNERS,
    # Who finds the row locked lets it be: another claim of the same owner writes the same a moment earlier.
    after="""
        , served AS (
            UPDATE owner SET served_at = now(), claims = owner.claims + 1
            FROM (SELECT name FROM owner WHERE name IN (SELECT owner FROM changed)
                  FOR NO KEY UPDATE SKIP LOCKED) AS free
            WHERE owner.name = free.name
        )""",
).replace(
    "SELECT id, status, attempt, queue FROM changed",
    """SELECT id, attempt, operation, options, secrets, pipeline_id, pipeline_carries, traceparent,
            extract(epoch FROM run_at)::float8 AS ready_at_s, extract(epoch FROM claimed_at)::float8 AS claimed_at_s,
            ARRAY(
            SELECT jsonb_build_object('name', name, 'media_type', media_type, 'bytes', bytes, 'sha256', sha256,
                                      'storage_key', storage_key)
            FROM job_file WHERE job_id = changed.id AND role = 'input' ORDER BY position) AS inputs,
            EXISTS (SELECT FROM turn WHERE running_jobs > jobs) AS contested
        FROM (SELECT) AS always LEFT JOIN changed ON true""",
)
#: A claim that found an owner with a limit in the hands of another claim looks again, at most so often.
_CLAIM_TRIES = 5


def claim(queue: str, operations: Sequence[str], worker_id: UUID) -> Claim | None:
    """Take the best ready job of a queue, or None when nothing is ready.

    Owners take turns: the one with the fewest running jobs, of these the one that was served longest ago; who is at
    the limit of running jobs waits. Of an owner's jobs the least priority number comes first, then the oldest.
    `operations` are those that this worker can perform; jobs of others are left for workers that can.
    """
    chosen = settings.current()
    parameters = {
        "queue": queue,
        "operations": list(operations),
        "worker_id": worker_id,
        "lease_s": chosen.lease_s,
        "running_jobs": chosen.running_jobs,
        "actor": str(worker_id),
        "details": "{}",
    }
    for _ in range(_CLAIM_TRIES):
        row = database.rows(_CLAIM, parameters)[0]
        if row["id"] or not row["contested"]:
            break
    if not row["id"]:
        return None
    inputs = tuple(StoredFile(**stored) for stored in row["inputs"])
    return Claim(
        row["id"],
        row["attempt"],
        worker_id,
        row["operation"],
        row["options"],
        row["secrets"],
        inputs,
        row["pipeline_id"],
        row["pipeline_carries"],
        row["traceparent"],
        row["ready_at_s"],
        row["claimed_at_s"],
    )


#: True for the row that a claim still owns. Every statement of a worker carries it.
_HELD = "job.id = %(job_id)s AND job.attempt = %(attempt)s AND job.status = 'processing'"


def _held(held: Claim) -> dict[str, Any]:
    return {"job_id": held.job_id, "attempt": held.attempt, "actor": str(held.worker_id)}


def renew(held: Claim, current: int, total: int, message: str) -> bool:
    """Keep a claim for another lease and save its progress. Returns whether the job is to be cancelled.

    Raises:
        ClaimLost: another attempt owns the job, or it has ended.
    """
    found = database.rows(
        f"""
        UPDATE job SET lease_until = now() + make_interval(secs => %(lease_s)s), progress_current = %(current)s,
            progress_total = %(total)s, progress_message = %(message)s, updated_at = now()
        WHERE {_HELD} RETURNING cancel_requested""",
        {
            **_held(held),
            "lease_s": settings.current().lease_s,
            "current": current,
            "total": total,
            "message": message[:200],
        },
    )
    if not found:
        raise ClaimLost
    return bool(found[0]["cancel_requested"])


def cancel_requested(held: Claim) -> bool:
    """Whether somebody asked to cancel the job. Costs no commit. Raises ClaimLost as `renew` does."""
    found = database.rows(f"SELECT cancel_requested FROM job WHERE {_HELD}", _held(held))
    if not found:
        raise ClaimLost
    return bool(found[0]["cancel_requested"])


_COMPLETE = journalled(
    f"""
    UPDATE job SET status = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'completed' END,
        result = CASE WHEN cancel_requested THEN NULL ELSE %(result)s::jsonb END,
        result_attempt = CASE WHEN cancel_requested THEN NULL ELSE attempt END,
        progress_current = greatest(progress_total, 1), progress_total = greatest(progress_total, 1),
        progress_message = '', worker_id = NULL, lease_until = NULL, secrets = NULL, last_error = NULL,
        updated_at = now(), completed_at = now(),
        expires_at = now() + make_interval(secs => %(keep_completed_days)s * 86400)
    WHERE {_HELD}""",
    "status",
    after="""
        , stored AS (
            INSERT INTO job_file (job_id, role, attempt, position, name, media_type, bytes, sha256, storage_key)
            SELECT changed.id, 'output', changed.attempt, given.* FROM changed, jsonb_to_recordset(%(files)s::jsonb)
                AS given (position integer, name text, media_type text, bytes bigint, sha256 text, storage_key text)
            WHERE changed.status = 'completed'
        )""",
    ran=True,
)


def complete(
    held: Claim, outputs: Sequence[StoredFile], result: dict[str, Any], details: dict[str, Any] | None = None
) -> Status:
    """Final. Returns COMPLETED, or CANCELLED when somebody asked for that in the meantime.

    `details` (what the engine used: seconds, peak memory) go to the journal.

    Raises:
        ClaimLost: another attempt owns the job now: the late result is dropped.
    """
    files = [{"position": position, **vars(stored)} for position, stored in enumerate(outputs)]
    changed = changes(
        _COMPLETE,
        **_held(held),
        **_keeping(),
        result=json.dumps(result),
        files=json.dumps(files),
        details=details,
    )
    if changed:
        return changed[0].status
    # A commit whose answer was lost (Postgres restarted) looks like a lost claim when it is repeated.
    if _ended_by(held) is Status.COMPLETED:
        return Status.COMPLETED
    raise ClaimLost


def _ended_by(held: Claim) -> Status | None:
    found = database.rows("SELECT status FROM job WHERE id = %(job_id)s AND result_attempt = %(attempt)s", _held(held))
    return Status(found[0]["status"]) if found else None


def may_count(held: Claim) -> bool:
    """Whether a claim is, or may yet become, the one whose outputs the row names; False is final."""
    return bool(
        database.rows(
            "SELECT id FROM job WHERE id = %(job_id)s AND attempt = %(attempt)s "
            "AND (status = 'processing' OR result_attempt = attempt)",
            _held(held),
        )
    )


def _handed_back(guard: str, *, forgiven: str, counter: str, wait_s: str, which: str = "FOR UPDATE") -> str:
    """SQL that takes the claim off every job that `guard` finds, and decides in SQL what becomes of it.

    `forgiven` says when the job goes back to the queue, after `wait_s` seconds; `counter` is the budget that
    pays; all three are SQL expressions; `which` ends the SELECT that locks the rows. A job that somebody asked to
    cancel is cancelled in any case.
    """
    return journalled(
        f"""
        UPDATE job SET status = verdict, {counter} = {counter} + 1, worker_id = NULL, lease_until = NULL,
            updated_at = now(),
            run_at = CASE WHEN verdict = 'pending' THEN now() + make_interval(secs => {wait_s}) ELSE run_at END,
            error = CASE WHEN verdict = 'failed' THEN %(error)s::jsonb END,
            last_error = CASE WHEN verdict = 'pending' THEN %(error)s::jsonb END,
            secrets = CASE WHEN verdict = 'pending' THEN secrets END,
            completed_at = CASE WHEN verdict <> 'pending' THEN now() END,
            expires_at = CASE verdict
                WHEN 'failed' THEN now() + make_interval(secs => %(keep_failed_days)s * 86400)
                WHEN 'cancelled' THEN now() + make_interval(secs => %(keep_completed_days)s * 86400) END
        FROM judged WHERE job.id = judged.judged_id AND job.attempt = judged.judged_attempt
            AND job.status = 'processing'""",
        f"CASE status WHEN 'pending' THEN '{_EVENT_OF[counter]}' ELSE status END",
        before=f"""
            judged AS MATERIALIZED (
                SELECT id AS judged_id, attempt AS judged_attempt, CASE
                    WHEN cancel_requested THEN 'cancelled' WHEN {forgiven} THEN 'pending' ELSE 'failed' END AS verdict
                FROM job WHERE {guard} {which}
            ),""",
        ran=True,
    )


#: What the journal calls a job's return to the queue, by the budget that pays for it.
_EVENT_OF = {"failures": "retry", "crashes": "worker_lost", "interruptions": "interrupted"}

_FAIL = _handed_back(
    _HELD,
    counter="failures",
    forgiven="%(retryable)s AND failures + 1 <= max_failures",
    # 50 to 100 percent of the wait: jobs that failed together do not come back together.
    wait_s="(%(delays_s)s::float8[])[least(failures + 1, cardinality(%(delays_s)s::float8[]))] * (0.5 + random() / 2)",
)
_CRASH = _handed_back(
    _HELD, counter="crashes", forgiven="crashes + 1 <= %(max_crashes)s", wait_s="%(crash_delay_s)s * (0.5 + random())"
)
# No wait and the old id: an interrupted job is the first of its priority to be claimed again.
_INTERRUPT = _handed_back(_HELD, counter="interruptions", forgiven="true", wait_s="0")
_REAP = _handed_back(
    "status = 'processing' AND lease_until < now()",
    counter="crashes",
    forgiven="crashes + 1 <= %(max_crashes)s",
    # The first time the lease was wait enough; a job that loses a second worker may be what kills them.
    wait_s="%(crash_delay_s)s * crashes * (0.5 + random())",
    which="ORDER BY lease_until LIMIT 100 FOR UPDATE SKIP LOCKED",
)


def _one(changes: list[Change]) -> Change:
    if not changes:
        raise ClaimLost
    return changes[0]


def fail(held: Claim, error: BinderyError, details: dict[str, Any] | None = None) -> Change:
    """The operation ended with an error: try again later if that can help and the budget allows, else fail.

    `details` (what is known of the engine's process) go to the journal.

    Raises:
        ClaimLost: another attempt owns the job now.
    """
    record = error.as_record()
    return _one(
        changes(
            _FAIL,
            **_held(held),
            **_keeping(),
            error=json.dumps(record),
            retryable=error.retryable,
            delays_s=list(settings.current().failure_delays_s) or [0.0],
            details={"error_code": error.code, "message": error.message, **(details or {})},
        )
    )


def crash(held: Claim, error: BinderyError, details: dict[str, Any]) -> Change:
    """The child process died while its worker lives on: paid from the budget of lost workers, at once.

    `details` (signal, exit code, peak memory) go to the journal. Raises ClaimLost as `fail` does.
    """
    chosen = settings.current()
    return _one(
        changes(
            _CRASH,
            **_held(held),
            **_keeping(),
            error=json.dumps(error.as_record()),
            max_crashes=chosen.max_crashes,
            crash_delay_s=chosen.crash_delay_s,
            details={"error_code": error.code, **details},
        )
    )


def interrupt(held: Claim, reason: str) -> Change:
    """The worker stops before the job is done: back to the same place of the queue, at nobody's expense."""
    return _one(changes(_INTERRUPT, **_held(held), **_keeping(), error=None, details={"reason": reason}))


def reap() -> list[Change]:
    """Take up to 100 jobs from workers that let their lease run out. Called by the keeper."""
    chosen = settings.current()
    return changes(
        _REAP,
        **_keeping(),
        actor="keeper",
        error=json.dumps(WorkerLost().as_record()),
        max_crashes=chosen.max_crashes,
        crash_delay_s=chosen.crash_delay_s,
        details={"error_code": WorkerLost.code, "reason": "lease expired"},
    )


_GIVE_UP = journalled(
    """
    UPDATE job SET status = 'failed', error = %(error)s::jsonb, last_error = NULL, secrets = NULL, updated_at = now(),
        completed_at = now(), expires_at = now() + make_interval(secs => %(keep_failed_days)s * 86400)
    WHERE status = 'pending' AND id IN (
        SELECT id FROM job WHERE status = 'pending' AND run_at < now() - make_interval(secs => %(max_queue_s)s)
            AND NOT waits_for_step
            AND NOT EXISTS (SELECT FROM queue_state WHERE queue_state.queue = job.queue)
        ORDER BY run_at LIMIT 100 FOR UPDATE SKIP LOCKED)""",
    "'failed'",
)


def give_up_waiting() -> list[Change]:
    """Fail up to 100 jobs that were ready for longer than the queue limit. Called by the keeper.

    A paused queue is somebody's decision: its jobs wait as long as that stands.
    """
    error = QueueTimeExceeded()
    return changes(
        _GIVE_UP,
        **_keeping(),
        actor="keeper",
        error=json.dumps(error.as_record()),
        max_queue_s=settings.current().max_queue_hours * 3600,
        details={"error_code": error.code},
    )


#: SQL: whether a job that is not processing ends with its cancellation; one that is done in steps ends as they do.
_ENDS_AT_ONCE = "status = 'pending' AND NOT (waits_for_step AND pipeline_id IS NULL)"

_CANCEL = journalled(
    f"""
    UPDATE job SET cancel_requested = true, updated_at = now(),
        status = CASE WHEN {_ENDS_AT_ONCE} THEN 'cancelled' ELSE status END,
        secrets = CASE WHEN {_ENDS_AT_ONCE} THEN NULL ELSE secrets END,
        last_error = CASE WHEN {_ENDS_AT_ONCE} THEN NULL ELSE last_error END,
        completed_at = CASE WHEN {_ENDS_AT_ONCE} THEN now() END,
        expires_at = CASE WHEN {_ENDS_AT_ONCE} THEN now() + make_interval(secs => %(keep_completed_days)s * 86400) END
    WHERE id IN ({_WITH_STEPS}) AND status IN ('pending', 'processing') AND NOT cancel_requested""",
    "CASE status WHEN 'cancelled' THEN 'cancelled' ELSE 'cancel_requested' END",
)


def cancel(job_ids: Sequence[UUID], actor: str) -> list[Change]:
    """End waiting jobs and steps at once and flag running ones; what has ended stays as it is.

    Returns the jobs that this call changed. A job that is done in steps ends with the next `pipelines.advance`.
    """
    return changes(_CANCEL, **_keeping(), job_ids=list(job_ids), actor=actor)


def retried(which: str, *, also: str = "") -> str:
    """SQL that gives failed and cancelled jobs all their tries again: those that the condition `which` finds."""
    return journalled(
        f"""
        UPDATE job SET status = 'pending', run_at = now(), updated_at = now(), failures = 0, crashes = 0,
            interruptions = 0, cancel_requested = false, last_error = error, error = NULL, completed_at = NULL,
            expires_at = NULL {also}
        WHERE {which} AND status IN ('failed', 'cancelled')""",
        "'retried'",
    )


_RETRY = retried("id = %(job_id)s", also=", message_id = %(message_id)s")
_RETRY_ALL = retried("id = ANY(%(job_ids)s) AND NOT waits_for_step", also=", message_id = %(message_id)s")


def retry(job_id: UUID, actor: str, message_id: str) -> Change | None:
    """A person's retry of a failed or cancelled job: same job, new budgets. None when it is in another state."""
    changed = changes(_RETRY, job_id=job_id, actor=actor, message_id=message_id)
    return changed[0] if changed else None


def retry_all(job_ids: Sequence[UUID], actor: str, message_id: str) -> list[Change]:
    """`retry` of many jobs, in one statement. Returns those that were failed or cancelled."""
    return changes(_RETRY_ALL, job_ids=list(job_ids), actor=actor, message_id=message_id)


def is_processing(job_id: str) -> bool:
    """Whether a worker holds the job; False for what is no id of a job."""
    return bool(
        database.rows("SELECT id FROM job WHERE id::text = %(job_id)s AND status = 'processing'", {"job_id": job_id})
    )


def _erased(which: str, root: str) -> str:
    """SQL that deletes the row `root`, with the jobs that `which` finds and their steps, unless one is processing."""
    return f"""
        WITH asked AS MATERIALIZED (SELECT id, status FROM job WHERE {which} FOR UPDATE),
        steps AS MATERIALIZED (
            SELECT id, status FROM job WHERE pipeline_id IN
                (SELECT pipeline.id FROM pipeline JOIN asked ON asked.id = pipeline.job_id) FOR UPDATE
        ), gone AS (SELECT * FROM asked UNION ALL SELECT * FROM steps),
        deleted AS (
            DELETE FROM {root} AND NOT EXISTS (SELECT FROM gone WHERE status = 'processing') RETURNING id
        )
        SELECT gone.id FROM deleted LEFT JOIN gone ON true"""


_ERASE = _erased("id = %(id)s AND pipeline_id IS NULL", "job WHERE id IN (SELECT id FROM asked)")
_ERASE_BATCH = _erased("batch_id = %(id)s", "batch WHERE id = %(id)s")
_ERASE_PIPELINE = _erased("pipeline_id = %(id)s", "pipeline WHERE id = %(id)s")


def erase(job_id: UUID) -> list[UUID] | None:
    """Delete a job with its steps, its files' rows and its journal, unless something of it is processing.

    A step of a pipeline goes only with the whole: the others refer to its documents.

    Returns the jobs that are gone, or None when nothing was deleted; the caller deletes their documents afterwards:
    files go after rows.
    """
    return _ids(_ERASE, job_id)


def erase_batch(batch_id: UUID) -> list[UUID] | None:
    """`erase` for a batch with all its jobs."""
    return _ids(_ERASE_BATCH, batch_id)


def erase_pipeline(pipeline_id: UUID) -> list[UUID] | None:
    """`erase` for a pipeline with all its jobs."""
    return _ids(_ERASE_PIPELINE, pipeline_id)


def _ids(sql: str, root_id: UUID) -> list[UUID] | None:
    found = database.rows(sql, {"id": root_id})
    return [row["id"] for row in found if row["id"]] if found else None
