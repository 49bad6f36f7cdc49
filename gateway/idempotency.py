"""Idempotency-Key: a client that sends a submission again gets the jobs of the first time, however often it asks."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from falcon.asgi import Request

from gateway.job_creation import IdempotencyKey, NewJob
from shared import database
from shared.errors import OptionsError, RequestError

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[!-~]{1,255}")
#: What it looks like, for /openapi.json.
SCHEMA = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}


class BadIdempotencyKey(RequestError):
    """The Idempotency-Key is not 1 to 255 visible ASCII characters."""

    code = "bad_idempotency_key"
    remedy = "Send a key such as a UUID, a new one for each submission."


class IdempotencyKeyReused(OptionsError):
    """This Idempotency-Key came before, with other content."""

    code = "idempotency_key_reused"
    title = "Idempotency-Key reused"
    remedy = "Send a new key with a new submission; the same key only to repeat the very same one."


@dataclass(frozen=True)
class First:
    """The submission that took a key."""

    job_id: UUID
    batch_id: UUID | None
    pipeline_id: UUID | None
    fingerprint: str


def key_of(req: Request) -> str | None:
    """The key of a request, or None. Raises BadIdempotencyKey."""
    key = req.get_header(HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise BadIdempotencyKey
    return key


def with_fingerprint(
    key: str, new: list[NewJob], secrets: Mapping[str, str], webhook_url: str | None
) -> IdempotencyKey:
    """The key with a fingerprint of what it came with.

    Made of names and hashes, not of the body's bytes: a form's boundary differs each time that it is sent.
    """
    content = [
        [job.operation, job.options, job.priority, [(stored.name, stored.sha256) for stored in job.inputs]]
        for job in new
    ]
    if webhook_url:
        content.append([webhook_url])
    # The key salts the secrets, so that the row does not reveal which submissions share one.
    secret = hashlib.sha256(json.dumps([key, dict(secrets)], sort_keys=True).encode()).hexdigest() if secrets else None
    digest = hashlib.sha256(json.dumps([content, secret], sort_keys=True).encode()).hexdigest()
    return IdempotencyKey(key, digest)


def first_with(owner: str, key: str) -> First | None:
    """The submission of an owner that took a key, unless its job has been erased since."""
    found = database.rows(
        """SELECT job.id AS job_id, job.batch_id, job.pipeline_id, taken.fingerprint
           FROM idempotency_key AS taken JOIN job ON job.id = taken.job_id
           WHERE taken.owner = %(owner)s AND taken.key = %(key)s""",
        {"owner": owner, "key": key},
    )
    return First(**found[0]) if found else None
