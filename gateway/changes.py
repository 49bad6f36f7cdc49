"""Hears over Redis that a job has changed and wakes whoever waits for it. A hint: the row is the truth."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

import redis.asyncio
from redis import RedisError

from shared.broker import CHANGES_CHANNEL
from shared.logs import get_logger

log = get_logger()

#: Without a hint the row is looked at so often: seldom while Redis speaks, each second while it does not.
_LOOK_WITH_HINTS_S = 5
_LOOK_WITHOUT_HINTS_S = 1
#: Redis that is silent for so long is asked whether it is there; after twice the time it counts as away.
_ASK_AFTER_S = 2
_RECONNECT_AFTER_S = 1


class Changes:
    """One subscription for the whole process."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None
        self._hears = False

    def start(self) -> None:
        """Begin to listen; without Redis, go on trying."""
        self._listener = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """End the subscription."""
        if self._listener:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)

    @contextmanager
    def of(self, job_ids: Iterable[UUID]) -> Iterator[Watch]:
        """Watch jobs. Begin before the first look at their rows, so that no change falls in between."""
        watch, keys = Watch(self), [str(job_id) for job_id in job_ids]
        for key in keys:
            self._waiting[key].add(watch.event)
        try:
            yield watch
        finally:
            for key in keys:
                self._waiting[key].discard(watch.event)
                if not self._waiting[key]:
                    del self._waiting[key]

    def wake_all(self) -> None:
        """Let every watcher look at once, because the process is about to end."""
        for events in self._waiting.values():
            for event in events:
                event.set()

    @property
    def look_every_s(self) -> float:
        """How long a watcher may trust that no hint means no change."""
        return _LOOK_WITH_HINTS_S if self._hears else _LOOK_WITHOUT_HINTS_S

    async def _listen(self) -> None:
        while True:
            try:
                async for job_id in self._messages():
                    for event in self._waiting.get(job_id, ()):
                        event.set()
            except (RedisError, OSError) as error:
                if self._hears:
                    log.warning("changes.redis_unavailable", error=str(error))
            except Exception:
                # A listener that died would be missed by nobody until the next start.
                log.exception("changes.failed")
            self._hears = False
            await asyncio.sleep(_RECONNECT_AFTER_S)

    async def _messages(self) -> AsyncIterator[str]:
        client = redis.asyncio.Redis.from_url(self._url, socket_connect_timeout=_ASK_AFTER_S)
        async with client, client.pubsub() as subscription:
            await subscription.subscribe(CHANGES_CHANNEL)
            asked = False
            while True:
                message = await subscription.get_message(timeout=_ASK_AFTER_S)
                if message is None:
                    if asked:
                        raise RedisError("no answer")
                    await subscription.ping()
                    asked = True
                    continue
                self._hears, asked = True, False
                if message["type"] == "message":
                    yield message["data"].decode(errors="replace")


class Watch:
    """One who waits for a change."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self.event = asyncio.Event()

    async def wait(self, at_most_s: float) -> bool:
        """Return when the jobs may have changed (True: somebody said so), or when it is time to look again."""
        try:
            await asyncio.wait_for(self.event.wait(), min(at_most_s, self._changes.look_every_s))
        except TimeoutError:
            return False
        else:
            return True
        finally:
            self.event.clear()
