"""Server-sent events of a job and of a batch: what the journal and the row say, as it happens."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from falcon.asgi import Request, Response, SSEvent

from gateway import request_parts
from gateway.authentication import key_used
from gateway.changes import Watch
from gateway.described import LAST_EVENT_ID, OF_DATABASE, describes
from gateway.process import Process
from shared import batch_records, job_records, pipeline_records
from shared.api_keys import ApiKey
from shared.batch_records import summary
from shared.callers import Scope
from shared.errors import AuthenticationError, MalformedId, UnknownBatch, UnknownJob, UnknownPipeline
from shared.models import ENDED, Status
from shared.progress import progress

#: Proxies close connections that are silent; a comment keeps them open.
_KEEP_ALIVE_S = 15
#: After a broken connection a browser waits so long before it comes back, in milliseconds.
_RETRY_MS = 2000
_LAST_EVENT_ID = re.compile(r"(\d{1,18})(?:-(\d{1,9}))?")


class _Events:
    def __init__(self, process: Process) -> None:
        self._process = process

    def _start(self, req: Request, resp: Response, events: AsyncIterator[SSEvent | None]) -> None:
        resp.set_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        key = key_used(req)
        resp.sse = self._while_usable(key, events) if key else events

    async def _while_usable(self, key: ApiKey, events: AsyncIterator[SSEvent | None]) -> AsyncIterator[SSEvent | None]:
        """The events as long as the key of their reader is good: a stream may outlive it."""
        async for event in events:
            try:
                await self._process.keys.by_id(key.id)
            except AuthenticationError:
                return
            yield event

    async def _looks(self, watch: Watch) -> AsyncIterator[bool]:
        """Yield each time that the rows should be looked at; True when a sign of life is due as well."""
        quiet_since_s = time.monotonic()
        while not self._process.stopping:
            due = time.monotonic() - quiet_since_s >= _KEEP_ALIVE_S
            yield due
            if due:
                quiet_since_s = time.monotonic()
            await watch.wait(_KEEP_ALIVE_S)


class JobEvents(_Events):
    """What happens to one job."""

    @describes(
        {200: "text/event-stream", 204: None},
        LAST_EVENT_ID,
        problems=(MalformedId, UnknownJob, *OF_DATABASE),
        scope=Scope.READ,
    )
    async def on_get(self, req: Request, resp: Response, job_id: str) -> None:
        """Watch a job as server-sent events: `status` for each line of its journal, `progress`; ends with the job.

        Of a job that is done in steps, `step` tells each change of one of them, and `progress` is that of the whole.
        The header `Last-Event-ID` resumes: nothing is told twice and nothing is left out.
        """
        wanted = request_parts.an_id(job_id)
        seen = _LAST_EVENT_ID.fullmatch(req.get_header("Last-Event-ID") or "0")
        after, current = (int(seen[1]), int(seen[2] or -1)) if seen else (0, -1)
        row = (await self._process.query(job_records.watched, [wanted])).get(wanted)
        if row is None:
            raise UnknownJob
        if row["status"] in ENDED and not await self._process.query(job_records.journal, wanted, after):
            # Everything was told: 204 is what makes an EventSource stop coming back.
            resp.status = 204
            return
        self._start(req, resp, self._tell([wanted, *row["step_ids"]], after, current))

    async def _tell(self, job_ids: list[UUID], after: int, current: int) -> AsyncIterator[SSEvent | None]:
        """The events of the first of these jobs; the others are its steps."""
        yield SSEvent(retry=_RETRY_MS, comment="events of a job")
        job_id, told, status = job_ids[0], (after, current), Status.PENDING
        with self._process.changes.of(job_ids) as watch:
            async for due in self._looks(watch):
                # The row first: what the journal gained in between is told now, its progress at the next look.
                row = (await self._process.query(job_records.watched, [job_id])).get(job_id)
                if row is None:
                    return
                for line in await self._process.query(job_records.journal, job_id, told[0]):
                    told = (line.pop("id"), -1)
                    event = "step" if line["step"] else "status"
                    yield SSEvent(event=event, event_id=str(told[0]), json={"job_id": str(job_id), **line})
                    status = line["status"] if event == "status" else status
                if row["status"] in ENDED and status in ENDED:
                    return
                if row["status"] not in ENDED and row["progress_total"] and row["progress_current"] != told[1]:
                    told = (told[0], row["progress_current"])
                    yield SSEvent(
                        event="progress",
                        event_id=f"{told[0]}-{told[1]}",
                        json={"job_id": str(job_id), **progress(row)},
                    )
                elif due:
                    yield None


class _GroupEvents(_Events):
    """What happens to jobs that belong together."""

    #: What the group is called in the events.
    group: str

    async def _tell(self, group_id: str, job_ids: list[UUID]) -> AsyncIterator[SSEvent | None]:
        yield SSEvent(retry=_RETRY_MS, comment=f"events of a {self.group}")
        told: dict[UUID, dict[str, Any]] = {}
        whole: dict[str, Any] = {}
        number = 0
        first = await self._process.query(job_records.watched, job_ids)
        steps = [step_id for row in first.values() for step_id in row["step_ids"]]
        with self._process.changes.of([*job_ids, *steps]) as watch:
            async for due in self._looks(watch):
                rows = await self._process.query(job_records.watched, job_ids)
                before = number
                for job_id, row in rows.items():
                    for event, data in _differences(told.get(job_id), row):
                        number += 1
                        yield SSEvent(event=event, event_id=str(number), json={"job_id": str(job_id), **data})
                told = rows
                if (now := summary(list(rows.values()))) != whole:
                    whole, number = now, number + 1
                    data = {f"{self.group}_id": group_id, **whole}
                    yield SSEvent(event=self.group, event_id=str(number), json=data)
                if all(row["status"] in ENDED for row in rows.values()):
                    return
                if due and number == before:
                    yield None


class PipelineEvents(_GroupEvents):
    """What happens to a pipeline."""

    group = "pipeline"

    @describes({200: "text/event-stream"}, problems=(MalformedId, UnknownPipeline, *OF_DATABASE), scope=Scope.READ)
    async def on_get(self, req: Request, resp: Response, pipeline_id: str) -> None:
        """Watch a pipeline as server-sent events: `status` and `progress` per job, `pipeline` for the whole."""
        job_ids = await self._process.query(pipeline_records.job_ids, request_parts.an_id(pipeline_id))
        self._start(req, resp, self._tell(pipeline_id, job_ids))


class BatchEvents(_GroupEvents):
    """What happens to a batch."""

    group = "batch"

    @describes({200: "text/event-stream"}, problems=(MalformedId, UnknownBatch, *OF_DATABASE), scope=Scope.READ)
    async def on_get(self, req: Request, resp: Response, batch_id: str) -> None:
        """Watch a batch as server-sent events: `status` and `progress` per job, `batch` for the whole; ends with it.

        Who comes back is told the present state of every job again.
        """
        job_ids = await self._process.query(batch_records.job_ids, request_parts.an_id(batch_id))
        self._start(req, resp, self._tell(batch_id, job_ids))


def _differences(before: dict[str, Any] | None, now: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    if before is None or (before["status"], before["attempt"]) != (now["status"], now["attempt"]):
        found.append(("status", {"status": now["status"], "attempt": now["attempt"], "error": now["error"]}))
    told = progress(now)
    if now["progress_total"] and now["status"] not in ENDED and before and progress(before) != told:
        found.append(("progress", told))
    return found
