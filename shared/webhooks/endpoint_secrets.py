"""The secrets that sign what an endpoint gets: shown, and followed by fresh ones with an overlap."""

from __future__ import annotations

from uuid import UUID

from shared import database, secret_box
from shared.webhooks.endpoints import OF_OWNER, UnknownWebhook
from shared.webhooks.signing import new_secret

#: Secrets that sign beside the current one, at most.
_MOST_OLDER_SECRETS = 3


def secret(endpoint_id: UUID, owner: str | None) -> str:
    """The current secret. Raises UnknownWebhook, SecretUnreadable."""
    found = database.rows(
        f"""SELECT sealed FROM webhook_secret JOIN webhook_endpoint AS endpoint ON endpoint.id = endpoint_id
            WHERE endpoint_id = %(id)s AND {OF_OWNER} AND expires_at IS NULL""",
        {"id": endpoint_id, "owner": owner},
    )
    if not found:
        raise UnknownWebhook
    return secret_box.unseal(found[0]["sealed"])["secret"]


# The older ones end no later than the one that is followed now: with an overlap of 0 all of them end at once.
_RETIRE = f"""
    UPDATE webhook_secret SET expires_at = least(
        expires_at, now() + make_interval(secs => %(overlap_s)s),
        CASE WHEN newer >= {_MOST_OLDER_SECRETS} THEN now() END)
    FROM (SELECT id, row_number() OVER (ORDER BY id DESC) - 1 AS newer FROM webhook_secret
          WHERE endpoint_id = %(id)s) AS ranked
    WHERE webhook_secret.id = ranked.id"""


def rotate(endpoint_id: UUID, owner: str | None, overlap_s: float) -> str:
    """Follow the secret by a fresh one, which is returned; the old one signs too for `overlap_s` seconds.

    Raises UnknownWebhook.
    """
    fresh = new_secret()
    database.make_sure()
    with database.connected() as connection, connection.atomic():
        known = {"id": endpoint_id, "owner": owner}
        if not database.rows(
            f"SELECT id FROM webhook_endpoint AS endpoint WHERE id = %(id)s AND {OF_OWNER} FOR NO KEY UPDATE", known
        ):
            raise UnknownWebhook
        database.rows(_RETIRE, {**known, "overlap_s": overlap_s})
        database.rows(
            "INSERT INTO webhook_secret (endpoint_id, sealed) VALUES (%(id)s, %(sealed)s)",
            {**known, "sealed": secret_box.seal({"secret": fresh})},
        )
    return fresh
