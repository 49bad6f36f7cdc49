"""Whose a job, a batch or a pipeline is, and how much of what the owner may have is taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared import database
from shared.errors import NotFound, UnknownBatch, UnknownJob, UnknownPipeline

#: What has an owner: by the table, what is said when there is no such row.
_UNKNOWN: dict[str, type[NotFound]] = {"job": UnknownJob, "batch": UnknownBatch, "pipeline": UnknownPipeline}


def check(table: str, row_id: UUID, owner: str) -> None:
    """Raises UnknownJob, UnknownBatch or UnknownPipeline unless the row of `table` is this owner's."""
    sql = f"SELECT id FROM {table} WHERE id = %(id)s AND owner = %(owner)s"
    if not database.rows(sql, {"id": row_id, "owner": owner}):
        raise _UNKNOWN[table]


def uploaded_today_bytes(owner: str) -> int:
    """What an owner whose bytes are limited has uploaded since midnight (UTC)."""
    found = database.rows(
        "SELECT bytes FROM owner_day WHERE owner = %(owner)s AND day = (now() AT TIME ZONE 'UTC')::date",
        {"owner": owner},
    )
    return int(found[0]["bytes"]) if found else 0


def day_ends_in_s() -> int:
    """Seconds until midnight (UTC), rounded up."""
    now = datetime.now(UTC)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - now).total_seconds()) + 1
