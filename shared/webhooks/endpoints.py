"""The addresses that are told of the end of jobs: made, changed, found, forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import peewee
from uuid_utils.compat import uuid7

from shared import database, secret_box
from shared.errors import ConflictError, NotFound
from shared.job_records import timestamp
from shared.webhooks.signing import new_secret

#: Endpoints of one owner: each costs a look when a job ends.
MOST_PER_OWNER = 1000


class UnknownWebhook(NotFound):
    """There is no such webhook."""

    code = "unknown_webhook"
    remedy = "GET /v1/webhooks lists those that exist."


class WebhookExists(ConflictError):
    """There is a webhook of this URL already."""

    code = "webhook_exists"
    title = "Webhook exists"
    remedy = "Change that one: PATCH /v1/webhooks/{id}; each URL has one, with its own events and secret."


class WebhookDisabled(ConflictError):
    """The webhook is disabled."""

    code = "webhook_disabled"
    title = "Webhook disabled"
    remedy = 'Enable it first: PATCH /v1/webhooks/{id} with {"enabled": true}.'


class TooManyWebhooks(ConflictError):
    """There are too many webhooks."""

    code = "too_many_webhooks"
    title = "Too many webhooks"
    remedy = "Delete those that nobody needs: DELETE /v1/webhooks/{id}."


#: SQL: whether an endpoint is one of those that the caller may touch; without an owner, of an operator: all are.
OF_OWNER = "(%(owner)s::text IS NULL OR endpoint.owner = %(owner)s)"

_ENDPOINTS = f"""
    SELECT endpoint.*,
        (SELECT count(*) FROM webhook_delivery WHERE endpoint_id = endpoint.id AND state = 'pending') AS pending,
        (SELECT count(*) FROM webhook_delivery WHERE endpoint_id = endpoint.id AND state = 'dead') AS dead,
        (SELECT max(expires_at) FROM webhook_secret WHERE endpoint_id = endpoint.id AND expires_at > now())
            AS older_secret_until
    FROM webhook_endpoint AS endpoint WHERE {OF_OWNER}"""

# Of any number at once one inserts, for each URL; a few more than the limit do no harm.
_CREATE = """
    WITH made AS (
        INSERT INTO webhook_endpoint (id, owner, url, events, description, made_by_job)
        SELECT %(id)s::uuid, %(owner)s, %(url)s, %(events)s::text[], %(description)s, %(made_by_job)s
        WHERE (SELECT count(*) FROM webhook_endpoint WHERE owner = %(owner)s) < %(most)s
        ON CONFLICT (owner, url) DO NOTHING RETURNING id
    ), given AS (
        INSERT INTO webhook_secret (endpoint_id, sealed) SELECT id, %(sealed)s FROM made
    )
    SELECT id FROM made"""


def _created(owner: str, url: str, events: Sequence[str], description: str, *, made_by_job: bool) -> UUID | None:
    """The id of a new endpoint; None when there is one of this URL, or one too many."""
    found = database.rows(
        _CREATE,
        {
            "id": uuid7(),
            "owner": owner,
            "url": url,
            "events": list(events),
            "description": description,
            "made_by_job": made_by_job,
            "sealed": secret_box.seal({"secret": new_secret()}),
            "most": MOST_PER_OWNER,
        },
    )
    return found[0]["id"] if found else None


def create(owner: str, url: str, events: Sequence[str], description: str) -> UUID:
    """Register an endpoint for events of all jobs of its owner; without events it hears of jobs that name it only.

    Raises:
        WebhookExists: the owner has one of this URL.
        TooManyWebhooks: the owner has as many as anybody may have.
    """
    # It cannot be repeated: a connection that broke long ago is found out before.
    database.make_sure()
    if endpoint_id := _created(owner, url, events, description, made_by_job=False):
        return endpoint_id
    raise _why_not(owner, url)


def _why_not(owner: str, url: str) -> ConflictError:
    if (there := _of_url(owner, url)) is not None:
        return WebhookExists(f"There is a webhook of this URL already: {there['id']}.", webhook_id=str(there["id"]))
    return TooManyWebhooks(f"An owner has at most {MOST_PER_OWNER} webhooks.")


def _of_url(owner: str, url: str) -> dict[str, Any] | None:
    found = database.rows(
        "SELECT id, disabled_at, disabled_because FROM webhook_endpoint WHERE owner = %(owner)s AND url = %(url)s",
        {"owner": owner, "url": url},
    )
    return found[0] if found else None


def for_job(owner: str, url: str) -> UUID:
    """The endpoint that a job names by its URL; it is made if need be, for such jobs alone.

    Raises:
        WebhookDisabled: it takes nothing any more: whoever wants to be called must know that nobody will.
        TooManyWebhooks: see `create`.
    """
    # Twice: it may be deleted between the two looks.
    for _ in range(2):
        if there := _of_url(owner, url):
            if there["disabled_at"]:
                raise WebhookDisabled(f"The webhook {there['id']} is disabled: {there['disabled_because']}")
            return UUID(str(there["id"]))
        if endpoint_id := _created(owner, url, (), "", made_by_job=True):
            return endpoint_id
    raise _why_not(owner, url)


_CHANGE = f"""
    UPDATE webhook_endpoint AS endpoint SET
        url = coalesce(%(url)s::text, url), events = coalesce(%(events)s::text[], events),
        description = coalesce(%(description)s::text, description),
        -- Somebody cares for it now.
        made_by_job = false,
        disabled_at = CASE %(enabled)s::boolean WHEN true THEN NULL WHEN false THEN coalesce(disabled_at, now())
            ELSE disabled_at END,
        disabled_because = CASE %(enabled)s::boolean WHEN true THEN NULL
            WHEN false THEN coalesce(disabled_because, 'Somebody disabled it.') ELSE disabled_because END,
        failing_since = CASE WHEN %(enabled)s::boolean THEN NULL ELSE failing_since END
    WHERE id = %(id)s AND {OF_OWNER}
    RETURNING id"""


def change(
    endpoint_id: UUID,
    owner: str | None,
    *,
    url: str | None = None,
    events: Sequence[str] | None = None,
    description: str | None = None,
    enabled: bool | None = None,
) -> None:
    """Change what is not None. A disabled one gets nothing: what waits for it dies, and can be delivered again.

    Raises UnknownWebhook, and WebhookExists when another has the URL.
    """
    wanted = {"url": url, "events": None if events is None else list(events), "description": description}
    try:
        changed = database.rows(_CHANGE, {"id": endpoint_id, "owner": owner, "enabled": enabled, **wanted})
    except peewee.IntegrityError:
        raise WebhookExists from None
    if not changed:
        raise UnknownWebhook


def delete(endpoint_id: UUID, owner: str | None) -> None:
    """Forget an endpoint, with its secrets and deliveries. Raises UnknownWebhook."""
    if not database.rows(
        f"DELETE FROM webhook_endpoint AS endpoint WHERE id = %(id)s AND {OF_OWNER} RETURNING id",
        {"id": endpoint_id, "owner": owner},
    ):
        raise UnknownWebhook


def listed(owner: str | None) -> list[dict[str, Any]]:
    """The public records of an owner's endpoints, or of all, the newest first."""
    return [_record(row) for row in database.rows(f"{_ENDPOINTS} ORDER BY id DESC", {"owner": owner})]


def endpoint(endpoint_id: UUID, owner: str | None) -> dict[str, Any]:
    """The public record of an endpoint. Raises UnknownWebhook."""
    found = database.rows(f"{_ENDPOINTS} AND id = %(id)s", {"owner": owner, "id": endpoint_id})
    if not found:
        raise UnknownWebhook
    return _record(found[0])


def _record(found: dict[str, Any]) -> dict[str, Any]:
    here = f"/v1/webhooks/{found['id']}"
    return {
        "id": str(found["id"]),
        "owner": found["owner"],
        "url": found["url"],
        "events": found["events"],
        "description": found["description"],
        "made_by_job": found["made_by_job"],
        "created_at": timestamp(found["created_at"]),
        "enabled": found["disabled_at"] is None,
        "disabled_at": timestamp(found["disabled_at"]),
        "disabled_because": found["disabled_because"],
        "failing_since": timestamp(found["failing_since"]),
        "older_secret_until": timestamp(found["older_secret_until"]),
        "deliveries": {"pending": found["pending"], "dead": found["dead"]},
        "links": {
            "self": here,
            "secret": f"{here}/secret",
            "rotate_secret": f"{here}/rotate-secret",
            "deliveries": f"{here}/deliveries",
            "redeliver": f"{here}/redeliver",
        },
    }
