"""The client that waits in the calling thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast
from urllib.parse import quote

import httpx

from bindery import answers, flows, records
from bindery.effects import ANSWER_S, CONNECT_S, SILENT_S, TRANSFER_S, Call, Effect, Flow, Listen, Once, Save, Sleep
from bindery.errors import Unreachable
from bindery.flows import Followed, OnProgress
from bindery.records import Batch, Document, Job, Pipeline
from bindery.uploads import Upload, form

T = TypeVar("T")
F = TypeVar("F", bound=Followed)

DEFAULT_URL = "http://127.0.0.1:8000"


class Client:
    """One gateway. Safe for several threads. Every method raises Refused or Unreachable.

    Submissions carry an Idempotency-Key of their own, so that they are sent again without fear when a connection
    breaks; so are all other requests that may be repeated, for up to `patience_s`.
    """

    def __init__(
        self, url: str = DEFAULT_URL, *, api_key: str | None = None, patience_s: float = flows.PATIENCE_S
    ) -> None:
        self.patience_s = patience_s
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=timeout)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def submit(
        self,
        operation: str,
        documents: Upload | Sequence[Upload] = (),
        *,
        idempotency_key: str | None = None,
        fresh: bool = False,
        **options: Any,
    ) -> Job | Batch:
        """Upload documents; several to an operation on one document make a batch. `fresh` wants no cached result.

        `options` are those of the operation, and `password`, `priority`. Raises OSError for a path that is not there.
        """
        path = f"/v1/{quote(operation, safe='')}"
        raw = self._run(flows.submit(path, form(documents, options), key=idempotency_key, fresh=fresh))
        return records.batch(raw) if "jobs" in raw else records.job(raw)

    def submit_pipeline(
        self,
        steps: Sequence[Mapping[str, Any]],
        documents: Upload | Sequence[Upload],
        *,
        idempotency_key: str | None = None,
        **options: Any,
    ) -> Pipeline:
        """Upload documents and the steps they go through: `[{"operation": "ocr"}, {"operation": "compress"}]`."""
        sent = form(documents, {"steps": list(steps), **options})
        return records.pipeline(self._run(flows.submit("/v1/pipelines", sent, key=idempotency_key, fresh=False)))

    def find(self, wanted: str) -> Followed:
        """The job, batch or pipeline of an id."""
        return self._run(flows.find(wanted))

    def look(self, record: F) -> F:
        """The record as it is now."""
        return cast("F", records.record(self._run(flows.get(record.path))))

    def wait(
        self, record: F, *, on_progress: Callable[[F], None] | None = None, time_limit_s: float | None = None
    ) -> F:
        """Wait until it has ended, however it ends; `on_progress` is called with each change.

        Raises TimeoutError when it has not ended in time; it goes on at the gateway.
        """
        return cast("F", self._run(flows.wait(record.path, cast("OnProgress | None", on_progress), time_limit_s)))

    def download(self, record: Followed, target: str | Path) -> list[Path]:
        """Save a result whose hashes are right: into a folder by name, or as one file (several documents: a zip).

        Raises NotCompleted when there is none, TransferFailed when it arrived damaged, OSError for the target.
        """
        return self._run(flows.download(record, Path(target)))

    def fetch(self, document: Document, target: str | Path) -> int:
        """Save one document of a job and return its bytes. Raises what `download` does."""
        return self._run(flows.fetch(document, Path(target)))

    def run(
        self,
        operation: str,
        documents: Upload | Sequence[Upload],
        target: str | Path,
        *,
        on_progress: Callable[[Any], None] | None = None,
        **options: Any,
    ) -> Job | Batch:
        """Submit, wait and download. Raises NotCompleted when it failed."""
        submitted: Any = self.submit(operation, documents, **options)
        ended: Job | Batch = self.wait(submitted, on_progress=on_progress)
        self.download(ended, target)
        return ended

    def cancel(self, record: F) -> F:
        """Ask to end it; it ends within seconds."""
        return cast("F", records.record(self._run(flows.act("POST", f"{record.path}/cancel"))))

    def retry(self, record: F) -> F:
        """Try again what failed or was cancelled."""
        return cast("F", records.record(self._once(Call("POST", f"{record.path}/retry"))))

    def erase(self, record: Followed) -> None:
        """Erase it now, with its documents."""
        self._run(flows.act("DELETE", record.path))

    def jobs(self, **filters: str | None) -> Iterator[Job]:
        """All jobs, the newest first; or those of a `status`, an `operation`, a `queue`, a `batch_id`."""
        cursor: str | None = None
        while True:
            chosen = {**filters, "cursor": cursor}
            page = self._run(flows.get("/v1/jobs", {name: value for name, value in chosen.items() if value}))
            yield from map(records.job, page["jobs"])
            if not (cursor := page["next_cursor"]):
                return

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of any address of the interface, for what has no method of its own: `/v1/queues`."""
        return self._run(flows.get(path, {name: value for name, value in query.items() if value is not None}))

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask any address of the interface for something that is no reading; sent once, `body` as JSON."""
        return self._run(flows.ask(method, path, body))

    def _run(self, flow: Flow[T]) -> T:
        try:
            effect = next(flow)
            while True:
                try:
                    given = self._carry_out(effect)
                except Exception as error:  # noqa: BLE001 - the flow decides what it means
                    effect = flow.throw(error)
                else:
                    effect = flow.send(given)
        except StopIteration as end:
            return cast("T", end.value)

    def _carry_out(self, effect: Effect) -> Any:
        match effect:
            case Call():
                return self._run(flows.patiently(effect, self.patience_s))
            case Once():
                return self._once(effect.call)
            case Listen():
                return self._listen(effect)
            case Save():
                return self._save(effect)
            case Sleep():
                time.sleep(effect.seconds)
                return None

    def _once(self, call: Call) -> Any:
        how: dict[str, Any] = {
            "params": dict(call.query),
            "headers": dict(call.headers),
            "timeout": httpx.Timeout(call.answer_s, connect=CONNECT_S),
        }
        with answers.reached(self.url):
            if call.form is None:
                return answers.content(self._http.request(call.method, call.path, json=call.body, **how))
            with call.form.parts() as parts:
                return answers.content(self._http.request(call.method, call.path, files=parts, **how))

    def _listen(self, listen: Listen) -> int:
        came, lines = 0, answers.EventLines()
        timeout = httpx.Timeout(SILENT_S, connect=CONNECT_S)
        try:
            with answers.reached(self.url), self._http.stream("GET", listen.path, timeout=timeout) as answer:
                for line in answer.iter_lines() if answer.status_code == 200 else ():
                    if event := lines.add(line):
                        came += 1
                        listen.heard(*event)
        except Unreachable:
            pass  # whoever listens asks again, and learns there what is wrong
        return came

    def _save(self, save: Save) -> int:
        timeout = httpx.Timeout(TRANSFER_S, connect=CONNECT_S)
        with (
            answers.Unfinished(save.target, save.sha256) as file,
            answers.reached(self.url),
            self._http.stream("GET", save.path, timeout=timeout) as answer,
        ):
            if answer.status_code != 200:
                answer.read()
                raise answers.refusal(answer)
            for piece in answer.iter_bytes():
                file.write(piece)
            return file.finish()
