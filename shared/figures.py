"""What queues did lately: jobs that ended, how many failed and why, how long they waited and ran."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shared import database
from shared.job_records import timestamp

#: The longest past that a history shows, and the number of slots that it is divided into.
MOST_HOURS = 168
_SLOTS = 48

#: What a queue did itself: neither answers from the cache, nor jobs that are done in steps, whose steps count.
_DONE = "NOT cached AND NOT EXISTS (SELECT FROM pipeline WHERE pipeline.job_id = job.id)"


def _percentiles_s(since: str, until: str) -> str:
    """SQL: median and 95th percentile of the seconds between two moments of a row, of those rows that have both."""
    seconds = f"extract(epoch FROM {until} - {since})::float8"
    return f"percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY {seconds})"


_WAITED = _percentiles_s("created_at", "started_at")
_RAN = _percentiles_s("claimed_at", "completed_at")

_LAST_HOUR = f"""
    SELECT queue, count(*) AS ended,
        count(*) FILTER (WHERE completed_at > now() - interval '5 minutes') AS ended_in_5_minutes,
        {_WAITED} AS wait_s, {_RAN} AS run_s
    FROM job WHERE completed_at > now() - interval '1 hour' AND {_DONE} GROUP BY queue"""
_FAILURES = f"""
    SELECT queue, error ->> 'code' AS code, count(*) AS jobs
    FROM job WHERE completed_at > now() - interval '1 hour' AND status = 'failed' AND {_DONE}
    GROUP BY queue, code ORDER BY jobs DESC, code"""


@dataclass(frozen=True)
class Figures:
    """The last hour of one queue."""

    ended: int = 0
    ended_in_5_minutes: int = 0
    #: Median and 95th percentile, seconds; None when nothing ended.
    wait_s: list[float] | None = None
    run_s: list[float] | None = None
    #: Jobs that failed, by error code, the most frequent first.
    failures: dict[str, int] = field(default_factory=dict)


def last_hour() -> dict[str, Figures]:
    """The figures of every queue in which a job ended within the last hour, by name."""
    failures: dict[str, dict[str, int]] = {}
    for row in database.rows(_FAILURES, {}):
        failures.setdefault(row["queue"], {})[row["code"]] = row["jobs"]
    return {
        row["queue"]: Figures(
            row["ended"], row["ended_in_5_minutes"], row["wait_s"], row["run_s"], failures.get(row["queue"], {})
        )
        for row in database.rows(_LAST_HOUR, {})
    }


def percentiles(seconds: list[float] | None) -> dict[str, float] | None:
    """The public record of a median and a 95th percentile."""
    return {"p50": round(seconds[0], 3), "p95": round(seconds[1], 3)} if seconds else None


_HISTORY = f"""
    WITH slot AS (
        SELECT generate_series(date_bin(width, now() - {_SLOTS - 1} * width, origin), now(), width) AS at, width
        FROM (SELECT make_interval(secs => %(slot_s)s) AS width, timestamptz '2000-01-01 00:00:00Z' AS origin) AS cut
    )
    SELECT slot.at, ended.* FROM slot CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE status = 'completed') AS completed,
            count(*) FILTER (WHERE status = 'failed') AS failed,
            count(*) FILTER (WHERE status = 'cancelled') AS cancelled, {_WAITED} AS wait_s, {_RAN} AS run_s
        FROM job WHERE queue = %(queue)s AND completed_at >= slot.at AND completed_at < slot.at + slot.width AND {_DONE}
    ) AS ended ORDER BY slot.at"""


def history(queue: str, hours: int) -> dict[str, Any]:
    """The last `hours` of a queue in equal slots, the oldest first; the last one is not over yet."""
    slot_s = hours * 3600 / _SLOTS
    slots = [
        {
            "at": timestamp(row["at"]),
            "completed": row["completed"],
            "failed": row["failed"],
            "cancelled": row["cancelled"],
            "wait_seconds": percentiles(row["wait_s"]),
            "run_seconds": percentiles(row["run_s"]),
        }
        for row in database.rows(_HISTORY, {"queue": queue, "slot_s": slot_s})
    ]
    return {"queue": queue, "slot_seconds": slot_s, "slots": slots}
