"""Deletes documents in storage that no row names: left by crashes between storage and database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from shared import database, storage
from shared.operation import Report, Result, ignore

#: Documents that are looked up in one query.
_LOOKED_UP = 1000


def collect_garbage(
    store: storage.Storage, older_than_hours: float, *, dry_run: bool, report: Report = ignore
) -> Result:
    """Delete each document older than `older_than_hours` that no job's files name.

    An attempt in work stores its outputs before a row names them: documents of processing jobs are left alone.
    """
    limit = database.rows(
        "SELECT now() - make_interval(secs => %(hours)s * 3600) AS limit", {"hours": older_than_hours}
    )[0]["limit"]
    seen = deleted = freed_bytes = 0
    for documents in _in_groups(store.documents(storage.ALL_JOBS)):
        seen += len(documents)
        report(seen, seen, "Looking at documents")
        for document in _unnamed(documents, limit):
            deleted += 1
            freed_bytes += document.bytes
            if not dry_run:
                store.erase(document.key)
    return {"looked_at": seen, "deleted": deleted, "freed_bytes": freed_bytes, "dry_run": dry_run}


def _unnamed(documents: list[storage.Document], limit: datetime) -> Iterator[storage.Document]:
    old = [document for document in documents if document.modified_at < limit]
    keys = {document.key: document.key.split("/")[1] for document in old}
    named = database.rows(
        """SELECT storage_key AS found FROM job_file WHERE storage_key = ANY(%(keys)s) AND NOT erased
           UNION ALL SELECT id::text FROM job WHERE id::text = ANY(%(ids)s) AND status = 'processing'""",
        {"keys": list(keys), "ids": list(set(keys.values()))},
    )
    known = {row["found"] for row in named}
    return (document for document in old if document.key not in known and keys[document.key] not in known)


def _in_groups(documents: Iterable[storage.Document]) -> Iterator[list[storage.Document]]:
    rest = iter(documents)
    while group := list(islice(rest, _LOOKED_UP)):
        yield group
