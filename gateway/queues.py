"""`/v1/queues` and `/v1/workers`: what waits, who works, pause and resume."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from gateway import request_parts
from gateway.authentication import caller_of
from gateway.described import OF_DATABASE, Parameter, describes
from gateway.process import Process
from shared import consumers, figures, operators, queues
from shared.callers import Scope
from shared.errors import OptionsError, UnknownQueue

_HOURS = Parameter(
    "hours", {"type": "integer", "minimum": 1, "maximum": figures.MOST_HOURS}, "How far back; 24 unless told."
)


class QueueList:
    """All queues."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "QueueList"}, problems=OF_DATABASE, scope=Scope.ADMIN)
    async def on_get(self, _req: Request, resp: Response) -> None:
        """List the queues: jobs that wait and run, and the workers that consume them."""
        resp.media = {"queues": await self._process.query(queues.overview, self._process.catalogue.queues)}


class _QueueSwitch:
    def __init__(self, process: Process) -> None:
        self._process = process

    def _known(self, name: str) -> str:
        if name not in self._process.catalogue.queues:
            raise UnknownQueue(f"There is no queue {name[:80]!r}.")
        return name

    async def _overview(self, name: str) -> dict[str, Any]:
        found = await self._process.query(queues.overview, [name])
        return next(queue for queue in found if queue["name"] == name)


class QueuePause(_QueueSwitch):
    """The wish to let nothing start."""

    @describes({200: "Queue"}, problems=(UnknownQueue, *OF_DATABASE), scope=Scope.ADMIN)
    async def on_post(self, req: Request, resp: Response, name: str) -> None:
        """Pause a queue: running jobs go on, waiting ones wait."""
        await self._process.query(queues.pause, self._known(name), caller_of(req).name)
        await self._process.query(operators.note, caller_of(req).name, "queue.paused", {"queue": name})
        resp.media = await self._overview(name)


class QueueResume(_QueueSwitch):
    """The wish to go on."""

    @describes({200: "Queue"}, problems=(UnknownQueue, *OF_DATABASE), scope=Scope.ADMIN)
    async def on_post(self, req: Request, resp: Response, name: str) -> None:
        """Resume a queue."""
        await self._process.query(queues.resume, self._known(name))
        await self._process.query(operators.note, caller_of(req).name, "queue.resumed", {"queue": name})
        resp.media = await self._overview(name)


class QueueHistory(_QueueSwitch):
    """What became of a queue's jobs."""

    @describes({200: "QueueHistory"}, _HOURS, problems=(UnknownQueue, OptionsError, *OF_DATABASE))
    async def on_get(self, req: Request, resp: Response, name: str) -> None:
        """Count the jobs that ended in each of 48 slots of the last hours, and how long they waited and ran."""
        hours = request_parts.number(req, "hours", default=24, least=1, most=figures.MOST_HOURS)
        resp.media = await self._process.query(figures.history, self._known(name), hours)


class WorkerList:
    """All workers that were seen lately."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "WorkerList"}, problems=OF_DATABASE, scope=Scope.ADMIN)
    async def on_get(self, _req: Request, resp: Response) -> None:
        """List the workers, the live ones first, with what failed in their self-tests."""
        known = await self._process.query(consumers.known)
        resp.media = {"workers": [{"queue": worker["queue"], **queues.consumer(worker)} for worker in known]}
