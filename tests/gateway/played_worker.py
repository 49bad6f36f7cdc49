"""Plays the worker's part by calling what a worker calls, one step at a time."""

from __future__ import annotations

import uuid
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from shared import consumers, jobs, pipelines, settings, storage
from shared.broker import Bell
from shared.errors import BinderyError
from shared.jobs import Claim, StoredFile

QUEUE, OPERATION = "compression", "compress"


class PlayedWorker:
    """One worker with two slots, of the compression service unless told otherwise; a context manager."""

    def __init__(self, store: storage.Storage, queue: str = QUEUE, *operations: str) -> None:
        self.id = uuid.uuid4()
        self._queue, self._operations = queue, operations or (OPERATION,)
        self._store = store
        self._bell = Bell(settings.current().redis_url.get_secret_value())
        self._folder = TemporaryDirectory()

    def appear(self, slots: int = 2, failure: str | None = None) -> None:
        """Be a consumer whose self-test passed, or failed with a text."""
        consumers.register(self.id, self._queue, slots, dict.fromkeys(self._operations, failure))

    def claim(self) -> Claim:
        """Take the next job."""
        claim = jobs.claim(self._queue, self._operations, self.id)
        assert claim, "there is no job to claim"
        self._bell.say_changed(claim.job_id)
        return claim

    def report(self, claim: Claim, current: int, total: int, message: str = "Working") -> bool:
        """Report progress. Returns whether the job is to be cancelled."""
        cancel = jobs.renew(claim, current, total, message)
        self._bell.say_changed(claim.job_id)
        return cancel

    def complete(self, claim: Claim, *outputs: tuple[str, bytes], result: dict[str, Any] | None = None) -> None:
        """Store outputs and complete the job."""
        stored = []
        for position, (name, content) in enumerate(outputs):
            key = storage.output_key(claim.job_id, claim.attempt, position)
            path = Path(self._folder.name) / "output"
            path.write_bytes(content)
            kept = self._store.store(key, path)
            kind = "text/plain" if name.endswith(".txt") else "application/pdf"
            stored.append(StoredFile(name, kind, kept.bytes, kept.sha256, key))
        jobs.complete(claim, stored, result or {})
        self._ended(claim)

    def fail(self, claim: Claim, error: BinderyError) -> None:
        """End a job with an error."""
        jobs.fail(claim, error)
        self._ended(claim)

    def stop_for_cancellation(self, claim: Claim) -> None:
        """Give up a job that somebody asked to cancel."""
        jobs.interrupt(claim, "cancelled")
        self._ended(claim)

    def _ended(self, claim: Claim) -> None:
        self._bell.say_changed(claim.job_id)
        if claim.pipeline_id:
            for change in pipelines.advance(claim.pipeline_id):
                self._bell.say_changed(change.job_id)
            for key in pipelines.drop_intermediate(claim.pipeline_id):
                self._store.erase(key)

    def __enter__(self) -> PlayedWorker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        consumers.leave(self.id)
        self._folder.cleanup()
