"""`/health/live` and `/health/ready`, for those who restart processes and balance load."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from falcon.asgi import Request, Response

from gateway.described import describes
from gateway.process import Process
from shared import database
from shared.errors import BinderyError

_AT_MOST_S = 5


class Live:
    """Whether this process answers at all."""

    @describes({200: "Health"}, scope=None)
    async def on_get(self, _req: Request, resp: Response) -> None:
        """Answer, and touch nothing."""
        resp.media = {"status": "ok"}


class Ready:
    """Whether this process can take documents."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "Health", 503: "Health"}, scope=None)
    async def on_get(self, _req: Request, resp: Response) -> None:
        """Look at the database, the storage and Redis. Without Redis all works, only slower: degraded, not unready."""
        names = ("database", "storage", "redis")
        checks = dict(
            zip(
                names,
                await asyncio.gather(
                    self._check(self._database), self._check(self._process.storage.check), self._check(self._redis)
                ),
                strict=True,
            )
        )
        usable = checks["database"] == checks["storage"] == "ok"
        status = "unready" if not usable else "ok" if checks["redis"] == "ok" else "degraded"
        resp.media = {"status": status, "checks": checks}
        resp.status = 200 if usable else 503

    async def _check(self, check: Callable[[], None]) -> str:
        try:
            await asyncio.wait_for(self._process.query(check), _AT_MOST_S)
        except BinderyError as error:
            return error.message
        except TimeoutError:
            return f"No answer within {_AT_MOST_S} seconds."
        return "ok"

    def _database(self) -> None:
        if missing := database.pending_migrations():
            raise BinderyError(f"The schema lacks {', '.join(missing)}: run `bindery migrate`.")

    def _redis(self) -> None:
        if self._process.bell.length(self._process.catalogue.queues[0]) is None:
            raise BinderyError("Redis does not answer.")
