"""Deletes what nobody asks for any more of webhooks: deliveries long settled, endpoints whose last job has gone."""

from __future__ import annotations

from shared import database
from shared.operation import Result

_OLD_DELIVERIES = "webhook_delivery WHERE settled_at < now() - make_interval(secs => %(keep_days)s * 86400)"
# One that was made a moment ago may not have its job yet.
_UNUSED_ENDPOINTS = """
    webhook_endpoint WHERE made_by_job AND created_at < now() - interval '1 day'
    AND NOT EXISTS (SELECT FROM job WHERE job.webhook_id = webhook_endpoint.id)"""


def delete_old_webhooks(keep_days: float, *, dry_run: bool) -> Result:
    """Delete both; of jobs that are erased the deliveries go at once, with them."""
    return {
        "deleted_deliveries": _delete(_OLD_DELIVERIES, keep_days, dry_run=dry_run),
        "deleted_webhooks": _delete(_UNUSED_ENDPOINTS, keep_days, dry_run=dry_run),
    }


def _delete(which: str, keep_days: float, *, dry_run: bool) -> int:
    verb = "SELECT 1 FROM" if dry_run else "DELETE FROM"
    returning = "" if dry_run else " RETURNING 1"
    return len(database.rows(f"{verb} {which}{returning}", {"keep_days": keep_days}))
