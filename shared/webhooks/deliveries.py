"""THE LIFE OF A DELIVERY: every change of its state, each one guarded statement that also writes the log of attempts.

     a job, batch or pipeline ends                    2xx
    -------------------------------> PENDING -----------------------> DELIVERED
                                      |  ^  ^                             |
                        anything else |  |  | redeliver, by a person      |
       (waits longer after each try)  '--'  '-----------------------------+
                                      |                                   |
                                      | the last try failed,              |
                                      | the endpoint is disabled          |
                                      v                                   |
                                     DEAD --------------------------------'

A delivery that is sent has a lease (`next_at`): when its sender dies, the next one sends it again, under the same id.
`attempts` is the fencing token: a failure that an older attempt tells changes nothing. A success always counts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared import database
from shared.errors import BinderyError
from shared.webhooks.endpoints import OF_OWNER


class EndpointDisabled(BinderyError):
    """The webhook was disabled before this was delivered."""

    code = "endpoint_disabled"
    remedy = "Enable the webhook, then deliver again."


@dataclass(frozen=True)
class Claimed:
    """The right of one sender to send one delivery, until its lease ends."""

    id: UUID
    endpoint_id: UUID
    attempt: int
    url: str
    payload: dict[str, Any]
    #: Encrypted, see secret_box; the newest first.
    secrets: tuple[bytes, ...]


@dataclass(frozen=True)
class Attempt:
    """What came of sending: a status, or an error, or both."""

    duration_s: float
    status_code: int | None = None
    error: BinderyError | None = None
    #: How long the receiver asks to be left alone.
    retry_after_s: float = 0


# So that two claimers never count at once what one endpoint is sent at the moment. What the first one has claimed the
# second one sees, for its next statement begins after it has the lock.
_LOCK = """
    SELECT id FROM webhook_endpoint WHERE disabled_at IS NULL AND id IN (
        SELECT endpoint_id FROM webhook_delivery WHERE state = 'pending' AND next_at <= now())
    FOR NO KEY UPDATE SKIP LOCKED"""

# In turn: the first of each endpoint, then the second of each. Those that fail come last, and one at a time.
_CLAIM = """
    WITH ready AS MATERIALIZED (
        SELECT due.id FROM webhook_endpoint AS endpoint
        CROSS JOIN LATERAL (
            SELECT count(*) AS sent FROM webhook_delivery
            WHERE endpoint_id = endpoint.id AND state = 'pending' AND sending AND next_at > now()
        ) AS busy
        CROSS JOIN LATERAL (
            SELECT id, next_at, row_number() OVER (ORDER BY next_at) AS place FROM webhook_delivery
            WHERE endpoint_id = endpoint.id AND state = 'pending' AND next_at <= now() ORDER BY next_at
            LIMIT greatest(0, CASE WHEN endpoint.failing_since IS NULL THEN %(per_endpoint)s ELSE 1 END - busy.sent)
        ) AS due
        WHERE endpoint.id = ANY(%(endpoint_ids)s)
        ORDER BY endpoint.failing_since IS NOT NULL, busy.sent + due.place, due.next_at LIMIT %(most)s
    )
    UPDATE webhook_delivery AS delivery SET sending = true, attempts = attempts + 1, tries = tries + 1,
        next_at = now() + make_interval(secs => %(lease_s)s)
    FROM ready, webhook_endpoint AS endpoint
    WHERE delivery.id = ready.id AND delivery.state = 'pending' AND delivery.next_at <= now()
        AND endpoint.id = delivery.endpoint_id
    RETURNING delivery.id, delivery.endpoint_id, delivery.attempts AS attempt, endpoint.url, delivery.payload, ARRAY(
        SELECT sealed FROM webhook_secret WHERE webhook_secret.endpoint_id = delivery.endpoint_id
            AND (expires_at IS NULL OR expires_at > now()) ORDER BY webhook_secret.id DESC) AS secrets"""


def claim(most: int, *, per_endpoint: int, lease_s: float) -> list[Claimed]:
    """Take up to `most` deliveries that are due; of one endpoint never more than `per_endpoint` are out at a time."""
    with database.connected() as connection, connection.atomic():
        found = database.rows(_LOCK, {})
        if not found:
            return []
        claimed = database.rows(
            _CLAIM,
            {
                "endpoint_ids": [row["id"] for row in found],
                "per_endpoint": per_endpoint,
                "most": most,
                "lease_s": lease_s,
            },
        )
    return [Claimed(**{**row, "secrets": tuple(bytes(sealed) for sealed in row["secrets"])}) for row in claimed]


_LOG = """
    INSERT INTO webhook_attempt (delivery_id, number, at, duration_s, status_code, error_code, error_message)
    SELECT id, %(attempt)s, now() - make_interval(secs => %(duration_s)s), %(duration_s)s, %(status_code)s,
        %(error_code)s, %(error_message)s FROM webhook_delivery WHERE id = %(id)s
    ON CONFLICT DO NOTHING"""

_DELIVERED = f"""
    WITH logged AS ({_LOG}), settled AS (
        UPDATE webhook_delivery SET state = 'delivered', sending = false, next_at = NULL, settled_at = now(),
            last_status = %(status_code)s, last_error = NULL
        WHERE id = %(id)s AND state = 'pending' RETURNING endpoint_id
    ), works AS (
        UPDATE webhook_endpoint SET failing_since = NULL FROM settled
        WHERE webhook_endpoint.id = settled.endpoint_id AND failing_since IS NOT NULL
    )
    SELECT 'delivered' AS state FROM settled"""

_FAILED = f"""
    WITH logged AS ({_LOG}), judged AS (
        UPDATE webhook_delivery SET sending = false, last_status = %(status_code)s, last_error = %(error)s::jsonb,
            state = CASE WHEN tries > cardinality(%(delays_s)s::float8[]) THEN 'dead' ELSE 'pending' END,
            settled_at = CASE WHEN tries > cardinality(%(delays_s)s::float8[]) THEN now() END,
            -- 80 to 100 percent of the wait: what failed together does not come back together.
            next_at = CASE WHEN tries <= cardinality(%(delays_s)s::float8[]) THEN now() + make_interval(secs =>
                greatest((%(delays_s)s::float8[])[tries] * (0.8 + 0.2 * random()), %(retry_after_s)s)) END
        WHERE id = %(id)s AND attempts = %(attempt)s AND state = 'pending' RETURNING endpoint_id, state
    ), fails AS (
        UPDATE webhook_endpoint SET failing_since = now() FROM judged
        WHERE webhook_endpoint.id = judged.endpoint_id AND failing_since IS NULL
    )
    SELECT state FROM judged"""


def delivered(claimed: Claimed, attempt: Attempt) -> None:
    """The receiver has it. Also when the lease had ended before the receiver said so."""
    database.rows(_DELIVERED, _parameters(claimed, attempt))


def failed(claimed: Claimed, attempt: Attempt, delays_s: Sequence[float]) -> str | None:
    """The receiver does not have it: try again after the next of `delays_s`; after the last the delivery is dead.

    Returns the state that it is in now; None when a newer attempt is under way, or it was settled.
    """
    found = database.rows(_FAILED, {**_parameters(claimed, attempt), "delays_s": list(delays_s)})
    return found[0]["state"] if found else None


_GONE = """
    UPDATE webhook_endpoint SET disabled_at = now(), disabled_because = 'The receiver answered 410 Gone.'
    WHERE id = %(endpoint_id)s AND disabled_at IS NULL"""


def gone(claimed: Claimed, attempt: Attempt) -> None:
    """The receiver wants nothing any more: its endpoint is disabled, and this delivery is dead."""
    with database.connected() as connection, connection.atomic():
        failed(claimed, attempt, ())
        database.rows(_GONE, {"endpoint_id": claimed.endpoint_id})


def _parameters(claimed: Claimed, attempt: Attempt) -> dict[str, Any]:
    error = attempt.error
    return {
        "id": claimed.id,
        "attempt": claimed.attempt,
        "duration_s": attempt.duration_s,
        "status_code": attempt.status_code,
        "error_code": error.code if error else None,
        "error_message": error.message if error else None,
        "error": json.dumps({"code": error.code, "message": error.message, "remedy": error.remedy}) if error else None,
        "retry_after_s": attempt.retry_after_s,
    }


_DROP = """
    UPDATE webhook_delivery AS delivery SET state = 'dead', next_at = NULL, sending = false, settled_at = now(),
        last_error = %(error)s::jsonb
    FROM webhook_endpoint AS endpoint
    WHERE endpoint.id = delivery.endpoint_id AND endpoint.disabled_at IS NOT NULL AND delivery.state = 'pending'
        AND NOT (delivery.sending AND delivery.next_at > now())
    RETURNING delivery.id"""


def drop_for_disabled() -> int:
    """End what waits for endpoints that are disabled. Returns how many deliveries died."""
    error = EndpointDisabled()
    record = {"code": error.code, "message": error.message, "remedy": error.remedy}
    return len(database.rows(_DROP, {"error": json.dumps(record)}))


_REDELIVER = f"""
    UPDATE webhook_delivery AS delivery SET state = 'pending', sending = false, next_at = now(), tries = 0,
        settled_at = NULL
    FROM webhook_endpoint AS endpoint
    WHERE endpoint.id = delivery.endpoint_id AND {OF_OWNER} AND endpoint.disabled_at IS NULL
        AND NOT (delivery.sending AND delivery.next_at > now()) AND """


def redeliver(delivery_id: UUID, owner: str | None) -> bool:
    """Send a delivery now, with all its tries: one that was delivered, is dead, or waits for its next try.

    Returns False when its endpoint is disabled, when it is sent at this moment, and when there is none.
    """
    again = database.rows(
        f"{_REDELIVER} delivery.id = %(id)s RETURNING delivery.id", {"id": delivery_id, "owner": owner}
    )
    return bool(again)


def redeliver_dead(endpoint_id: UUID, owner: str | None) -> int:
    """Send all dead deliveries of an endpoint now, with all their tries. Returns how many."""
    again = database.rows(
        f"{_REDELIVER} delivery.endpoint_id = %(id)s AND delivery.state = 'dead' RETURNING delivery.id",
        {"id": endpoint_id, "owner": owner},
    )
    return len(again)
