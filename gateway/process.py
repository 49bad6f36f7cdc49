"""What one gateway process holds: threads for what blocks, storage, the bell, the ear for changes."""

from __future__ import annotations

import asyncio
import contextvars
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import ParamSpec, TypeVar
from uuid import UUID

from gateway.changes import Changes
from gateway.key_ring import KeyRing
from gateway.quotas import Quotas
from gateway.scheduler import Scheduler
from shared import api_keys, catalogue, database, documents, settings
from shared.api_keys import ApiKey
from shared.broker import Bell
from shared.counts import Counting
from shared.errors import DatabaseUnavailable
from shared.storage import Storage, job_folder
from shared.tracing import TRACING

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


def _calm_collector() -> None:
    """Keep the garbage collector from walking, again and again, over what lives as long as the process.

    Requests leave few cycles; with the default thresholds a quarter of the time went into looking for them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def repeated(call: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
    """`call`, made once more when the database was lost on the way; see `Process.query`."""

    def twice(*args: _Given.args, **kwargs: _Given.kwargs) -> _Answer:
        try:
            return call(*args, **kwargs)
        except DatabaseUnavailable:
            return call(*args, **kwargs)

    return twice


class Process:
    """The parts that every resource shares."""

    def __init__(self) -> None:
        chosen = settings.current()
        self.catalogue = catalogue.load()
        self.storage = Storage(chosen.storage_location)
        self.bell = Bell()
        self.scheduler = Scheduler(self.catalogue, self.bell)
        self.keys = KeyRing(self._find_key)
        self.quotas = Quotas(chosen.redis_url.get_secret_value(), self.in_thread)
        self.changes = Changes(chosen.redis_url.get_secret_value())
        self._counting = Counting()
        # One connection per thread: this bounds the connections of the process.
        self._threads = ThreadPoolExecutor(chosen.gateway_threads, thread_name_prefix="blocking")
        #: True when the process was told to stop: whoever waits answers with what there is.
        self.stopping = False

    async def _find_key(self, key_id: str) -> ApiKey | None:
        return await self.query(api_keys.find, key_id)

    def stop(self) -> None:
        """Send everybody home who only waits, so that the process can end soon."""
        self.stopping = True
        self.changes.wake_all()

    async def in_thread(self, call: Callable[_Given, _Answer], *args: _Given.args, **kwargs: _Given.kwargs) -> _Answer:
        """Run what blocks, a database call above all, outside the event loop, as a part of the same trace."""
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: context.run(call, *args, **kwargs)
        )

    async def query(self, call: Callable[_Given, _Answer], *args: _Given.args, **kwargs: _Given.kwargs) -> _Answer:
        """`in_thread` for database calls that may run twice: reads, and guarded changes.

        A connection that Postgres closed since its last use fails once; the second try is made on a new one.
        """
        return await self.in_thread(repeated(call), *args, **kwargs)

    async def erase_documents(self, job_ids: list[UUID]) -> None:
        """Delete the documents of jobs whose rows are gone, but none that another job names."""
        # The jobs are gone in any case; what stays behind is garbage, which maintenance collects.
        with suppress(DatabaseUnavailable):
            await self.query(documents.erase, self.storage, job_ids)

    async def erase_uploads(self, job_ids: list[UUID]) -> None:
        """Delete everything in storage that came for jobs which were never created. Asks no database."""

        def erase() -> None:
            for job_id in job_ids:
                self.storage.erase(job_folder(job_id))

        await asyncio.to_thread(erase)

    async def say_changed(self, job_ids: list[UUID]) -> None:
        """Tell every watcher, of all processes, that jobs have changed."""

        def say() -> None:
            for job_id in job_ids:
                self.bell.say_changed(job_id)

        await self.in_thread(say)

    async def process_startup(self, _scope: object, _event: object) -> None:
        """Falcon calls this when the process begins to serve."""
        database.configure(settings.current().database_url.get_secret_value(), "bindery gateway")
        self.changes.start()
        self.scheduler.start()
        self._counting.start()
        TRACING.start("gateway")
        _calm_collector()

    async def process_shutdown(self, _scope: object, _event: object) -> None:
        """Falcon calls this when the last request has been answered."""
        self.scheduler.stop()
        await asyncio.to_thread(self._counting.stop)
        await asyncio.to_thread(TRACING.stop)
        await self.changes.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)
