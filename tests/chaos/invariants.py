"""What must hold whatever failed: each check returns what breaks it, in words; nothing when all is well.

The numbers are those of the list that these checks were written from:
I1 accepted is there once · I2 everything ends · I3 no half states · I4 an end is an end · I5 attempts grow, claims do
not overlap · I6 one success, its output verifies · I7 late words change nothing · I8 budgets are kept, poison ends ·
I9 no worker holds more than its slots · I10 no process and no folder is left · I11 cancelled stays cancelled ·
I14 a refusal leaves no job · I15 what is accepted can be performed · I16 no lease is taken before its end by the
database's clock · I17 the journal replays to the row · I19 nobody is overtaken for long.

I12 and I13 (Redis flushed, or away throughout) and I20 (leaks) have tests of their own; so has I11's time limit.
So has I18 (metrics agree with rows): tests/gateway/test_metrics.py.
"""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import suppress
from typing import Any

import psutil

from shared import database
from shared.errors import DatabaseUnavailable
from tests import worker_processes
from tests.chaos.stage import LEASE_S, SLOTS, Stage
from tests.shared.test_jobs_state_machine import ALLOWED, ALLOWED_IN_STEPS

#: Processes and folders of jobs that have ended are gone after this.
_CLEAN_AFTER_S = 30
#: A job that was created so much later than another one, yet claimed before, has overtaken it.
_LATER_S = 1.0
#: How long a claim whose worker never learnt of it may stand: its lease, some ticks, and a busy machine.
_UNKNOWN_CLAIM_S = LEASE_S + 7

#: SQL that finds rows which break a rule.
_BROKEN_ROWS = {
    "I3: a half state": """
        SELECT id FROM job WHERE (status = 'processing') <> (lease_until IS NOT NULL)
            OR (status = 'processing') <> (worker_id IS NOT NULL)
            OR (status IN ('completed', 'failed', 'cancelled')) <> (completed_at IS NOT NULL)
            OR (status = 'completed') <> (result_attempt IS NOT NULL)""",
    "I5: two claims with one number": """
        SELECT job_id AS id FROM job_event WHERE event = 'claimed' GROUP BY job_id, attempt HAVING count(*) > 1""",
    "I6: outputs of an attempt that does not count": """
        SELECT job.id FROM job_file JOIN job ON job.id = job_file.job_id WHERE job_file.role = 'output'
            AND (job.status <> 'completed' OR job_file.attempt IS DISTINCT FROM job.result_attempt)""",
    "I6: completed without exactly one output": """
        SELECT id FROM job WHERE status = 'completed'
            AND (SELECT count(*) FROM job_file WHERE job_id = job.id AND role = 'output') <> 1""",
    "I16: a lease was taken before its end": f"""
        SELECT lost.job_id AS id FROM job_event AS lost JOIN job_event AS claimed USING (job_id, attempt)
        WHERE claimed.event = 'claimed' AND lost.details ->> 'reason' = 'lease expired'
            AND lost.at < claimed.at + make_interval(secs => {LEASE_S})""",
    "I1: a job without exactly one input": """
        SELECT id FROM job WHERE (SELECT count(*) FROM job_file WHERE job_id = job.id AND role = 'input')
            <> CASE WHEN waits_for_step AND pipeline_id IS NOT NULL THEN 0 ELSE 1 END""",
    "I2: a step waits for one that has ended": """
        SELECT job.id FROM job JOIN job AS needed ON needed.pipeline_id = job.pipeline_id
            AND needed.pipeline_step = job.pipeline_step - 1 AND needed.pipeline_part = job.pipeline_part
        WHERE job.waits_for_step AND job.status = 'pending' AND needed.completed_at IS NOT NULL""",
    "I2, I6: a job ended otherwise than its steps": """
        SELECT job.id FROM job JOIN pipeline ON pipeline.job_id = job.id
            JOIN job AS step ON step.pipeline_id = pipeline.id
        WHERE job.completed_at IS NOT NULL GROUP BY job.id HAVING bool_or(step.completed_at IS NULL)
            OR (job.status = 'completed') <> bool_and(step.status = 'completed')
            OR (job.status = 'failed') <> bool_or(step.status = 'failed' AND NOT step.waits_for_step)""",
}


def broken_in_rows(stage: Stage) -> list[str]:
    """I3, I4, I5, I6, I8, I11, I16, I17 for every job that there is, in Postgres alone."""
    found = [f"{rule}: {row['id']}" for rule, sql in _BROKEN_ROWS.items() for row in stage.rows(sql)]
    journals = defaultdict(list)
    for event in stage.rows("SELECT job_id, event, status, attempt FROM job_event ORDER BY id"):
        journals[event["job_id"]].append(event)
    sql = """
        SELECT id, status, attempt, failures, max_failures, crashes,
            EXISTS (SELECT FROM pipeline WHERE pipeline.job_id = job.id) AS in_steps FROM job"""
    for job in stage.rows(sql):
        found += [f"{what}: {job['id']}" for what in _broken_in_journal(job, journals[job["id"]])]
    return found


def _broken_in_journal(job: dict[str, Any], journal: list[dict[str, Any]]) -> list[str]:
    found = []
    allowed = ALLOWED_IN_STEPS if job["in_steps"] else ALLOWED
    status: str | None = None
    counts: dict[str, int] = defaultdict(int)
    for event in journal:
        # That nothing but `retried` leads out of an end (I4, I11), and that a claim follows only after the one
        # before was handed back or taken (I5), is what the table of allowed changes says.
        if event["status"] not in allowed[event["event"]].get(status, set()):
            found.append(f"I4, I17: {event['event']} after {status}")
        counts[event["event"]] += 1
        if event["attempt"] != counts["claimed"]:
            found.append(f"I5: attempt {event['attempt']} at claim {counts['claimed']}")
        status = event["status"]
    if (status, counts["claimed"]) != (job["status"], job["attempt"]):
        found.append(f"I17: the journal says {status} after {counts['claimed']} claims")
    if counts["completed"] > 1:
        found.append("I6: completed more than once")
    if job["failures"] > job["max_failures"] + 1:
        found.append("I8: more failures than its budget")
    return found


def broken_outside(stage: Stage) -> list[str]:
    """I10, once every job has ended: engines, hosts of dead workers, scratch folders, outputs that no row names."""
    deadline_s = time.monotonic() + _CLEAN_AFTER_S
    while (found := [*_strays(stage), *_folders_left(stage)]) and time.monotonic() < deadline_s:
        stage.look_after()
        time.sleep(0.2)
    return [*found, *_documents_left(stage)]


def _strays(stage: Stage) -> list[str]:
    hosts = {process.pid for worker in stage.workers for process in worker_processes.supervising(worker.pid)}
    parts = {part.pid for part in stage.parts}
    gateway = {child.pid for child in stage.gateway.children()} if stage.gateway else set()
    found = []
    for process in stage.processes():
        if process.pid not in hosts | parts | gateway:
            try:
                found.append(f"I10: process {process.pid} is left: {process.cmdline()}")
            except psutil.NoSuchProcess:
                continue
    return found


def _lost_attempts(stage: Stage) -> set[tuple[str, str]]:
    """Attempts whose worker disappeared: nobody was there to clean up; maintenance does it later."""
    lost = stage.rows("SELECT job_id::text, attempt::text FROM job_event WHERE details ->> 'reason' = 'lease expired'")
    return {(row["job_id"], row["attempt"]) for row in lost}


def _folders_left(stage: Stage) -> list[str]:
    if not stage.scratch.is_dir():
        return []
    excused = _lost_attempts(stage) | _last_of_dead_workers(stage)
    return [
        f"I10: {folder} is left"
        for folder in stage.scratch.glob("*/*")
        if not folder.parent.name.startswith("self-test") and (folder.parent.name, folder.name) not in excused
    ]


def _last_of_dead_workers(stage: Stage) -> set[tuple[str, str]]:
    """What workers that are gone claimed and ended last: they may have died between the commit and the cleaning."""
    last = stage.rows(
        f"""SELECT job_id::text, attempt::text, actor FROM (
                SELECT *, row_number() OVER (PARTITION BY actor, event = 'claimed' ORDER BY id DESC) AS back
                FROM job_event) AS said WHERE back <= {SLOTS}"""
    )
    alive = {str(row["id"]) for row in stage.rows("SELECT id FROM worker WHERE pid = ANY(%(pids)s)", pids=_pids(stage))}
    return {(row["job_id"], row["attempt"]) for row in last if row["actor"] not in alive}


def _pids(stage: Stage) -> list[int]:
    return [worker.pid for worker in stage.workers if worker.runs]


def _documents_left(stage: Stage) -> list[str]:
    rows = stage.rows("SELECT storage_key, bool_and(erased) AS erased FROM job_file GROUP BY storage_key")
    # A worker may die between forgetting what only led from step to step and erasing it.
    named = {row["storage_key"] for row in rows}
    lost = _lost_attempts(stage)
    found = []
    for path in stage.storage.glob("jobs/*/*/*"):
        job_id, attempt = path.parts[-3:-1]
        # Inputs without a row are those of requests whose gateway died before the commit.
        if attempt != "input" and str(path.relative_to(stage.storage)) not in named and (job_id, attempt) not in lost:
            found.append(f"I10: {path} is in storage and no row names it")
    wanted = [row["storage_key"] for row in rows if not row["erased"]]
    missing = [key for key in wanted if not (stage.storage / key).is_file()]
    return found + [f"I6: {key} is named by a row and not in storage" for key in missing]


def broken(stage: Stage) -> list[str]:
    """Everything that can be checked without knowing what clients did; call it when all jobs have ended."""
    waiting = stage.rows("SELECT id, status, attempt FROM job WHERE completed_at IS NULL")
    return [f"I2: not ended: {row}" for row in waiting] + broken_in_rows(stage) + broken_outside(stage)


class SlotWatch:
    """I9, looked at while faults happen: no worker holds more rows than slots for longer than a lease.

    For as long as that it may, by right: a claim whose answer was lost stands until its lease ends.
    """

    def __init__(self) -> None:
        self._since_s: dict[str, float] = {}
        self.broken: set[str] = set()

    def look_if_it_answers(self, stage: Stage) -> None:
        """Count once, unless the database is away at the moment."""
        with suppress(DatabaseUnavailable):
            self._look(stage)

    def _look(self, stage: Stage) -> None:
        over = database.rows(
            f"""SELECT worker_id::text, count(*) AS jobs FROM job WHERE status = 'processing'
                GROUP BY worker_id HAVING count(*) > {SLOTS}""",
            {},
        )
        now_s = time.monotonic()
        self._since_s = {row["worker_id"]: self._since_s.get(row["worker_id"], now_s) for row in over}
        for row in over:
            if now_s - self._since_s[row["worker_id"]] > _UNKNOWN_CLAIM_S:
                self.broken.add(f"I9: worker {row['worker_id']} held {row['jobs']} jobs")


def overtaken(stage: Stage) -> list[str]:
    """I19: among jobs of equal priority, at most as many later ones start before an earlier one as there are slots."""
    rows = stage.rows(
        """SELECT job.id::text, job.priority,
                  extract(epoch FROM (SELECT at FROM job_event WHERE job_id = job.id AND event = 'created'))::float8
                      AS created_s,
                  extract(epoch FROM job.started_at)::float8 AS started_s
           FROM job WHERE started_at IS NOT NULL AND coalesce(pipeline_step, 0) = 0 ORDER BY created_s"""
    )
    slots = SLOTS * max(1, len(stage.workers))
    found = []
    for job in rows:
        later = [
            other
            for other in rows
            if other["priority"] == job["priority"]
            and other["created_s"] > job["created_s"] + _LATER_S
            and other["started_s"] < job["started_s"]
        ]
        if len(later) > slots:
            found.append(f"I19: {job['id']} was overtaken by {len(later)} jobs")
    return found


def unperformed(stage: Stage) -> list[str]:
    """I15: every operation that jobs were accepted for has passed the self-test of a live worker."""
    wanted = {row["operation"] for row in stage.rows("SELECT DISTINCT operation FROM job")}
    workers = stage.rows("SELECT operations FROM worker WHERE beat_at > now() - interval '5 seconds'")
    able = {name for worker in workers for name, failure in worker["operations"].items() if failure is None}
    return [f"I15: nobody performs {name}" for name in wanted - able]


def late_words(stage: Stage) -> int:
    """I7: how often a worker was told that its claim is lost."""
    return stage.log_text().count('"job.claim_lost"')
