"""Queues as operators see and steer them: what waits, who consumes, pause and resume."""

from __future__ import annotations

from typing import Any

from shared import database
from shared.explain import Queue, queues
from shared.job_records import timestamp

_COUNTS = """
    SELECT queue,
        count(*) FILTER (WHERE status = 'pending' AND run_at <= now() AND NOT waits_for_step) AS ready,
        count(*) FILTER (WHERE status = 'pending' AND (run_at > now() OR waits_for_step)) AS scheduled,
        count(*) FILTER (WHERE status = 'processing') AS processing,
        extract(epoch FROM now() - min(run_at) FILTER (
            WHERE status = 'pending' AND run_at <= now() AND NOT waits_for_step))::float8 AS age_s
    FROM job WHERE status IN ('pending', 'processing')
        -- A job that is done in steps waits nowhere itself: they do.
        AND NOT (waits_for_step AND pipeline_id IS NULL)
    GROUP BY queue"""


def overview(names: list[str]) -> list[dict[str, Any]]:
    """Each queue of `names`, and each other one that has jobs or consumers: the public record.

    `oldest_age_seconds` is how long the oldest ready job has been ready, 0 when none waits.
    """
    counts = {row["queue"]: row for row in database.rows(_COUNTS, {})}
    known = queues()
    return [
        {
            "name": name,
            "ready": counts.get(name, {}).get("ready", 0),
            "scheduled": counts.get(name, {}).get("scheduled", 0),
            "processing": counts.get(name, {}).get("processing", 0),
            "oldest_age_seconds": round(counts.get(name, {}).get("age_s") or 0, 3),
            "consumers": [consumer(worker) for worker in known.get(name, Queue()).consumers],
            "paused": known.get(name, Queue()).paused_by is not None,
        }
        for name in sorted({*names, *counts, *known})
    ]


def consumer(worker: dict[str, Any]) -> dict[str, Any]:
    """The public record of one worker. `operations` maps each to null, or to what failed in its self-test."""
    return {
        "worker_id": str(worker["id"]),
        "host": worker["host"],
        "pid": worker["pid"],
        "version": worker["version"],
        "slots": worker["slots"],
        "busy": worker["busy"],
        "last_beat_at": timestamp(worker["beat_at"]),
        "live": worker["live"],
        "operations": worker["operations"],
    }


def pause(queue: str, actor: str) -> None:
    """Let no job of a queue start. Running ones go on. The first who paused it stays noted."""
    database.rows(
        "INSERT INTO queue_state (queue, paused_by) VALUES (%(queue)s, %(actor)s) ON CONFLICT DO NOTHING",
        {"queue": queue, "actor": actor},
    )


def resume(queue: str) -> None:
    """Let the jobs of a queue start again."""
    database.rows("DELETE FROM queue_state WHERE queue = %(queue)s", {"queue": queue})
