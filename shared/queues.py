"""Queues as operators see and steer them: what waits, who consumes, pause and resume."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shared import database, figures
from shared.explain import Queue, queues
from shared.figures import Figures
from shared.job_records import timestamp

_COUNTS = """
    SELECT queue,
        count(*) FILTER (WHERE status = 'pending' AND run_at <= now() AND NOT waits_for_step) AS ready,
        count(*) FILTER (WHERE status = 'pending' AND (run_at > now() OR waits_for_step)) AS scheduled,
        count(*) FILTER (WHERE status = 'processing') AS processing,
        extract(epoch FROM now() - min(run_at) FILTER (
            WHERE status = 'pending' AND run_at <= now() AND NOT waits_for_step))::float8 AS age_s,
        count(*) FILTER (WHERE status = 'processing' AND lease_until < now()) AS expired_leases,
        array_agg(DISTINCT operation) FILTER (
            WHERE status = 'pending' AND run_at <= now() AND NOT waits_for_step) AS ready_operations
    FROM job WHERE completed_at IS NULL
        -- A job that is done in steps waits nowhere itself: they do.
        AND NOT (waits_for_step AND pipeline_id IS NULL)
    GROUP BY queue"""


@dataclass(frozen=True)
class Depth:
    """The jobs of one queue that have not ended."""

    ready: int = 0
    scheduled: int = 0
    processing: int = 0
    #: How long the oldest ready job has been ready; None: there is none.
    age_s: float | None = None
    expired_leases: int = 0
    ready_operations: list[str] | None = None


@dataclass(frozen=True)
class Load:
    """What waits in a queue, and who is there for it."""

    depth: Depth = field(default_factory=Depth)
    queue: Queue = field(default_factory=Queue)

    @property
    def waits_for_consumer(self) -> bool:
        """Whether a job is ready that no live worker can take. A pause is somebody's decision: then none waits so."""
        wanted = self.depth.ready_operations or []
        return self.queue.paused_by is None and not all(self.queue.able(operation) for operation in wanted)


def loads(names: Iterable[str]) -> dict[str, Load]:
    """Each queue of `names`, and each other one that has jobs or consumers, by name."""
    depths = {row.pop("queue"): Depth(**row) for row in database.rows(_COUNTS, {})}
    known = queues()
    return {
        name: Load(depths.get(name, Depth()), known.get(name, Queue())) for name in sorted({*names, *depths, *known})
    }


def overview(names: Iterable[str]) -> list[dict[str, Any]]:
    """Each queue of `names`, and each other one that has jobs or consumers: the public record.

    `oldest_age_seconds` is how long the oldest ready job has been ready, 0 when none waits.
    """
    lately = figures.last_hour()
    return [_record(name, load, lately.get(name, Figures())) for name, load in loads(names).items()]


def _record(name: str, load: Load, lately: Figures) -> dict[str, Any]:
    depth, queue = load.depth, load.queue
    return {
        "name": name,
        "ready": depth.ready,
        "scheduled": depth.scheduled,
        "processing": depth.processing,
        "oldest_age_seconds": round(depth.age_s or 0, 3),
        "consumers": [consumer(worker) for worker in queue.consumers],
        "paused": queue.paused_by is not None,
        "paused_by": queue.paused_by,
        "waiting_for_consumer": load.waits_for_consumer,
        "ended_per_minute": {
            "last_5_minutes": round(lately.ended_in_5_minutes / 5, 2),
            "last_60_minutes": round(lately.ended / 60, 2),
        },
        "failures_last_hour": lately.failures,
        "wait_seconds": figures.percentiles(lately.wait_s),
        "run_seconds": figures.percentiles(lately.run_s),
    }


def consumer(worker: dict[str, Any]) -> dict[str, Any]:
    """The public record of one worker. `operations` maps each to null, or to what failed in its self-test."""
    return {
        "worker_id": str(worker["id"]),
        "host": worker["host"],
        "pid": worker["pid"],
        "version": worker["version"],
        "slots": worker["slots"],
        "busy": worker["busy"],
        "started_at": timestamp(worker["started_at"]),
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
