"""Who consumes which queue: workers say every few seconds that they are alive and what passed their self-test."""

from __future__ import annotations

import json
import os
import socket
from importlib.metadata import version
from typing import Any
from uuid import UUID

from shared import database, settings

#: Rows of workers that were silent for so long are deleted: nobody asks who they were any more.
_FORGET_AFTER_DAYS = 7


def register(worker_id: UUID, service: str, slots: int, operations: dict[str, str | None]) -> None:
    """Make a worker known. `operations` maps each to None when its self-test passed, else to what failed."""
    database.rows(
        """INSERT INTO worker (id, service, queue, host, pid, version, slots, operations)
           VALUES (%(id)s, %(service)s, %(service)s, %(host)s, %(pid)s, %(version)s, %(slots)s, %(operations)s::jsonb)
           ON CONFLICT (id) DO UPDATE SET beat_at = now(), operations = excluded.operations""",
        {
            "id": worker_id,
            "service": service,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "version": version("bindery"),
            "slots": slots,
            "operations": json.dumps(operations),
        },
    )


def beat(worker_id: UUID, busy: int, *, stopping: bool) -> bool:
    """Say that a worker is alive and how many of its slots are taken. Returns False when its row is gone."""
    return bool(
        database.rows(
            "UPDATE worker SET beat_at = now(), busy = %(busy)s, stopping = %(stopping)s "
            "WHERE id = %(id)s RETURNING id",
            {"id": worker_id, "busy": busy, "stopping": stopping},
        )
    )


def leave(worker_id: UUID) -> None:
    """Forget a worker that ends in order."""
    database.rows("DELETE FROM worker WHERE id = %(id)s", {"id": worker_id})


def forget_silent() -> None:
    """Delete the rows of workers that disappeared long ago."""
    database.rows(
        "DELETE FROM worker WHERE beat_at < now() - make_interval(days => %(days)s)", {"days": _FORGET_AFTER_DAYS}
    )


#: True for the row of a worker that counts as a consumer.
LIVE = "worker.beat_at > now() - make_interval(secs => %(consumer_expires_s)s) AND NOT worker.stopping"


def known() -> list[dict[str, Any]]:
    """Every worker that has not been forgotten, the live ones first."""
    return database.rows(
        f"""SELECT id, service, queue, host, pid, version, slots, busy, operations, stopping, started_at, beat_at,
                   extract(epoch FROM now() - beat_at)::float8 AS silent_s, ({LIVE}) AS live
            FROM worker ORDER BY live DESC, queue, started_at""",
        {"consumer_expires_s": settings.current().consumer_expires_s},
    )
