"""Answers a job with the result of an earlier one that must have the same: same operation, options and documents."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from gateway.chains import Chain
from gateway.job_creation import CachedAnswer
from shared import database, settings, storage
from shared.errors import StorageUnavailable
from shared.jobs import StoredFile
from shared.operation import Operation

#: A result that expires sooner than this is not handed on.
_LEFT_S = 60

_FIND = """
    SELECT DISTINCT ON (cache_key) cache_key, id, result, ARRAY(
        SELECT jsonb_build_object('name', name, 'media_type', media_type, 'bytes', bytes, 'sha256', sha256,
                                  'storage_key', storage_key)
        FROM job_file WHERE job_id = job.id AND role = 'output' AND attempt = job.result_attempt ORDER BY position
    ) AS outputs
    FROM job WHERE cache_key = ANY(%(cache_keys)s) AND status = 'completed'
        AND expires_at > now() + make_interval(secs => %(left_s)s)
    ORDER BY cache_key, id DESC"""


def cache_key(
    operation: Operation,
    options: dict[str, Any],
    inputs: list[StoredFile],
    chain: Chain,
    *,
    owner: str,
    secret: bool,
) -> str | None:
    """The key under which a result is found again, or None for jobs whose result must not be.

    The inputs' names belong to it because outputs are named after them. A job with a `secret` is never cached: its
    result would be had without the password. What goes before and after the operation belongs to it too, and settings
    that decide over the result: of a model, which one it is.

    The owner belongs to it, unless the settings share results: who has a document would otherwise learn, by how soon
    the answer comes, that somebody else has it too.
    """
    added = (*chain.before, *chain.after)
    if secret or not all(each.cacheable for each in (operation, *(step.operation for step in added))):
        return None
    content = {
        "operation": operation.name,
        "version": operation.version,
        "options": options,
        "inputs": [(stored.sha256, stored.name) for stored in inputs],
        "steps": [(step.operation.name, step.operation.version, step.options) for step in added],
    }
    if not settings.current().share_results:
        content["owner"] = owner
    if operation.wants_network(options):
        content["settings"] = operation.service.open_settings()
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Hit:
    """An earlier result that fits."""

    job_id: UUID
    result: dict[str, Any]
    outputs: list[StoredFile]


def find(keys: set[str]) -> dict[str, Hit]:
    """The newest result under each of these keys that has one."""
    return {
        row["cache_key"]: Hit(row["id"], row["result"], [StoredFile(**output) for output in row["outputs"]])
        for row in database.rows(_FIND, {"cache_keys": list(keys), "left_s": _LEFT_S})
    }


async def copy_for(hit: Hit, job_id: UUID, store: storage.Storage) -> CachedAnswer | None:
    """Copy the outputs to the folder of another job, or None when they are no longer there."""
    outputs = []
    try:
        for position, output in enumerate(hit.outputs):
            key = storage.output_key(job_id, 0, position)
            await store.copy(output.storage_key, key)
            outputs.append(replace(output, storage_key=key))
    except StorageUnavailable:
        return None
    return CachedAnswer(hit.job_id, hit.result, outputs)


def statistics() -> dict[str, Any]:
    """How many results can be found again, their bytes, and how many jobs were answered from them."""
    return database.rows(
        """SELECT count(*) FILTER (WHERE cache_key IS NOT NULL AND NOT cached) AS entries,
               coalesce(sum((SELECT sum(bytes) FROM job_file WHERE job_id = job.id AND role = 'output'))
                   FILTER (WHERE cache_key IS NOT NULL AND NOT cached), 0)::bigint AS bytes,
               count(*) FILTER (WHERE cached) AS hits,
               count(*) FILTER (WHERE NOT cached) AS misses
           FROM job WHERE status = 'completed' AND pipeline_id IS NULL""",
        {},
    )[0]


def clear() -> int:
    """Forget every result; the jobs keep theirs. Returns how many were forgotten."""
    return len(database.rows("UPDATE job SET cache_key = NULL WHERE cache_key IS NOT NULL RETURNING id", {}))
