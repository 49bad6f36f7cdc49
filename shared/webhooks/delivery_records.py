"""Deliveries and the log of their attempts as the public reads them. Nothing here writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from shared import database
from shared.errors import NotFound
from shared.job_records import timestamp
from shared.webhooks.endpoints import OF_OWNER

#: Deliveries of one page of a list, at most.
MOST_PER_PAGE = 200

STATES = ("pending", "delivered", "dead")


class UnknownDelivery(NotFound):
    """There is no such delivery; it may have been erased, or the job that it is about."""

    code = "unknown_delivery"
    remedy = "GET /v1/webhooks/{id}/deliveries lists those that exist."


_DELIVERIES = f"""
    SELECT delivery.*, endpoint.url, (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'number', number, 'at', webhook_time(at), 'duration_s', round(duration_s::numeric, 3),
            'status_code', status_code,
            'error', CASE WHEN error_code IS NOT NULL THEN jsonb_build_object(
                'code', error_code, 'message', error_message) END) ORDER BY number), '[]')
        FROM webhook_attempt WHERE delivery_id = delivery.id) AS log
    FROM webhook_delivery AS delivery JOIN webhook_endpoint AS endpoint ON endpoint.id = delivery.endpoint_id
    WHERE {OF_OWNER}"""


def delivery(delivery_id: UUID, owner: str | None) -> dict[str, Any]:
    """The public record of a delivery. Raises UnknownDelivery."""
    found = database.rows(f"{_DELIVERIES} AND delivery.id = %(id)s", {"id": delivery_id, "owner": owner})
    if not found:
        raise UnknownDelivery
    return _record(found[0])


def unsettled() -> dict[str, int]:
    """How many deliveries of all owners will be tried again, and how many were given up."""
    found = database.rows(
        """SELECT (SELECT count(*) FROM webhook_delivery WHERE state = 'pending') AS pending,
                  (SELECT count(*) FROM webhook_delivery WHERE state = 'dead') AS dead""",
        {},
    )
    return found[0]


def listed(
    owner: str | None, *, endpoint_id: UUID | None, state: str | None, limit: int, before: UUID | None
) -> tuple[list[dict[str, Any]], UUID | None]:
    """The newest deliveries before the one with the id `before`, and where the next page begins (None: the last)."""
    conditions = {
        "endpoint_id": "delivery.endpoint_id = %(endpoint_id)s",
        "state": "delivery.state = %(state)s",
        "before": "(delivery.created_at, delivery.id) < "
        "(SELECT created_at, id FROM webhook_delivery WHERE id = %(before)s)",
    }
    given = {"endpoint_id": endpoint_id, "state": state, "before": before}
    wanted = [conditions[name] for name, value in given.items() if value is not None]
    # One row more than the page tells whether it is the last.
    found = database.rows(
        f"{' AND '.join([_DELIVERIES, *wanted])} ORDER BY delivery.created_at DESC, delivery.id DESC LIMIT %(limit)s",
        {**given, "owner": owner, "limit": limit + 1},
    )
    page = found[:limit]
    return [_record(row) for row in page], page[-1]["id"] if len(found) > limit else None


def _record(found: dict[str, Any]) -> dict[str, Any]:
    next_at: datetime | None = None if found["sending"] else found["next_at"]
    subject = {f"{kind}_id": found[f"{kind}_id"] for kind in ("job", "batch", "pipeline")}
    here = f"/v1/webhook-deliveries/{found['id']}"
    return {
        "id": str(found["id"]),
        "endpoint_id": str(found["endpoint_id"]),
        "url": found["url"],
        "event": found["event"],
        **{name: str(value) if value else None for name, value in subject.items()},
        "state": found["state"],
        "sending": found["sending"],
        "attempts": found["attempts"],
        "created_at": timestamp(found["created_at"]),
        "next_at": timestamp(next_at),
        "settled_at": timestamp(found["settled_at"]),
        "last_status": found["last_status"],
        "last_error": found["last_error"],
        "log": found["log"],
        "payload": found["payload"],
        "links": {"self": here, "redeliver": f"{here}/redeliver", "webhook": f"/v1/webhooks/{found['endpoint_id']}"},
    }
