"""`/health/live` and `/health/ready`, for those who restart processes and balance load."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from falcon.asgi import Request, Response

from gateway.described import describes
from gateway.process import Process
from shared import database, keeper, queues
from shared.durations import duration
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
        """Look at the parts. Without database or storage: unready; documents are taken without the others: degraded."""
        parts = {
            "database": self._database,
            "storage": self._process.storage.check,
            "redis": self._redis,
            "queues": self._queues,
            "keeper": self._keeper,
        }
        found = await asyncio.gather(*(self._check(check) for check in parts.values()))
        checks = dict(zip(parts, found, strict=True))
        usable = checks["database"] == checks["storage"] == "ok"
        status = "unready" if not usable else "ok" if set(checks.values()) == {"ok"} else "degraded"
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

    def _queues(self) -> None:
        loads = queues.loads(self._process.catalogue.queues)
        if waiting := [repr(name) for name, load in loads.items() if load.waits_for_consumer]:
            raise BinderyError(f"Jobs wait that no live worker can take: {', '.join(waiting)}; see GET /v1/queues.")

    def _keeper(self) -> None:
        age_s = keeper.tick_age_s()
        if age_s is None:
            raise BinderyError("No worker has ever run here: nobody takes jobs, nor cares for those of lost workers.")
        if keeper.is_late(age_s):
            raise BinderyError(
                f"The keeper's last tick was {duration(age_s)} ago: lost workers' jobs stay where they are."
            )
