"""The tick that keeps things moving: takes jobs from lost workers, rings for jobs that wait beside free slots.

Every worker process runs one; an advisory lock lets one of them work at a time, so that none is special.
"""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

from shared import consumers, database, jobs, pipelines, settings
from shared.broker import Bell
from shared.errors import DatabaseUnavailable
from shared.logs import get_logger

log = get_logger()

#: Bells that one tick rings in one queue: enough to fill a large worker, too few for a storm.
_MOST_BELLS = 16

# Never one bell per waiting job: as many as there are free slots to answer them.
_WANTED = f"""
    SELECT free.queue, ready.jobs FROM (
        SELECT queue, least(sum(greatest(slots - busy, 0)), {_MOST_BELLS}) AS slots FROM worker
        WHERE {consumers.LIVE} AND queue NOT IN (SELECT queue FROM queue_state) GROUP BY queue
    ) AS free CROSS JOIN LATERAL (
        SELECT count(*) AS jobs FROM (
            SELECT FROM job WHERE queue = free.queue AND status = 'pending' AND NOT waits_for_step
                AND run_at <= now() LIMIT free.slots
        ) AS waiting
    ) AS ready WHERE ready.jobs > 0"""

_STAMP = """
    INSERT INTO tick (name, at, details) VALUES (%(name)s, now(), %(details)s::jsonb)
    ON CONFLICT (name) DO UPDATE SET at = now(), details = excluded.details"""


#: A keeper that has not ticked for this many of its periods is not at work.
_LATE_TICKS = 15


def tick_age_s() -> float | None:
    """How long ago a keeper did its duties, by the database's clock; None: never."""
    found = database.rows("SELECT extract(epoch FROM now() - at)::float8 AS age_s FROM tick WHERE name = 'keeper'", {})
    return found[0]["age_s"] if found else None


def is_late(age_s: float) -> bool:
    """Whether nobody is at the keeper's duties any more."""
    return age_s > _LATE_TICKS * settings.current().tick_s


def tick(bell: Bell) -> bool:
    """Do all duties once. Returns False when another keeper is at it."""
    with database.connected() as connection, connection.atomic():
        if not database.rows("SELECT pg_try_advisory_xact_lock(%(key)s) AS ours", {"key": database.KEEPER_LOCK})[0][
            "ours"
        ]:
            return False
        reaped = jobs.reap()
        given_up = jobs.give_up_waiting()
        advanced = pipelines.advance()
        wanted = database.rows(_WANTED, {"consumer_expires_s": settings.current().consumer_expires_s})
        consumers.forget_silent()
        ready = {want["queue"]: want["jobs"] for want in wanted}
        found: dict[str, Any] = {"reaped": len(reaped), "given_up": len(given_up), "ready_beside_free_slots": ready}
        database.rows(_STAMP, {"name": "keeper", "details": json.dumps(found)})
    for write, event, changes in (
        (log.warning, "job.reaped", reaped),
        (log.warning, "job.waited_too_long", given_up),
        # The ordinary course of a pipeline, whoever comes first to it.
        (log.info, "job.advanced", advanced),
    ):
        for change in changes:
            write(event, job_id=str(change.job_id), attempt=change.attempt, status=change.status)
            bell.say_changed(change.job_id)
    for want in wanted:
        there = bell.length(want["queue"])
        for _ in range(want["jobs"] - there if there is not None else 0):
            bell.ring(want["queue"], str(uuid.uuid4()))
    return True


class Keeper(threading.Thread):
    """Ticks until told to stop."""

    def __init__(self, bell: Bell) -> None:
        super().__init__(name="keeper", daemon=True)
        self._bell = bell
        self._stop_event = threading.Event()

    def run(self) -> None:
        """Tick; a database that is away is met again at the next tick."""
        while not self._stop_event.wait(settings.current().tick_s):
            try:
                tick(self._bell)
            except DatabaseUnavailable:
                log.warning("keeper.database_unavailable")
            except Exception:
                log.exception("keeper.failed")
        database.disconnect()

    def stop(self) -> None:
        """End after the tick in progress."""
        self._stop_event.set()
