"""Deletes the documents of jobs that are gone, but none that another job names: jobs may share documents."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from shared import database, storage


def unnamed(keys: Collection[str]) -> list[str]:
    """Those of these storage keys that no row names any more."""
    named = database.rows(
        "SELECT storage_key FROM job_file WHERE storage_key = ANY(%(keys)s) AND NOT erased", {"keys": list(keys)}
    )
    return sorted(set(keys) - {row["storage_key"] for row in named})


def erase(store: storage.Storage, gone: Collection[UUID]) -> int:
    """Delete what lies in the folders of jobs whose rows are gone. Returns how many documents went.

    What another job names stays; the collector of garbage takes it when nobody does.
    """
    count = 0
    for job_id in gone:
        folder = storage.job_folder(job_id)
        keys = [document.key for document in store.documents(folder)]
        wanted = unnamed(keys) if keys else []
        if len(wanted) == len(keys):
            count += store.erase(folder)
        else:
            count += sum(store.erase(key) for key in wanted)
    return count
