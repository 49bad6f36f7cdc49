"""One attempt at one job: stage the inputs, run the engine in the sandbox, store the outputs, commit."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import structlog

from shared import counts, fault_points, jobs, metrics, pipelines, secret_box, settings, storage, tracing
from shared.broker import Bell
from shared.engine_runs import on_all
from shared.errors import (
    BinderyError,
    ClaimLost,
    DatabaseUnavailable,
    ExternalServiceError,
    TimeLimitExceeded,
)
from shared.leases import Lease
from shared.logs import get_logger
from shared.models import ENDED, Status
from shared.operation import PASSWORD, InputFile, Operation
from shared.sandbox import Child, Ended, Progress, Sandbox, SandboxUnavailable
from shared.tracing import TRACING

log = get_logger()
_Answer = TypeVar("_Answer")

#: How often the worker looks at the clock and the flags while a child is silent.
_LOOK_EVERY_S = 0.25
#: A killed child that is not reported dead after this long has a host that hangs.
_HOST_HANGS_AFTER_S = 15


class EngineUnavailable(ExternalServiceError):
    """The worker cannot start its engine."""

    code = "engine_unavailable"
    remedy = "The job is tried again; the operator finds the cause in the worker's log."


class _Interrupted(Exception):
    """The worker stops before the job is done."""


class Attempt:
    """The work on one claim."""

    def __init__(
        self,
        lease: Lease,
        operation: Operation,
        *,
        sandbox: Sandbox,
        store: storage.Storage,
        bell: Bell,
        stop_at_s: Callable[[], float | None],
    ) -> None:
        self._lease = lease
        self._claim = lease.claim
        self._operation = operation
        self._sandbox = sandbox
        self._store = store
        self._bell = bell
        #: Monotonic time by which the worker must have ended; None while it need not.
        self._stop_at_s = stop_at_s
        job_folder = settings.current().scratch_location / str(self._claim.job_id)
        self._folder = job_folder / str(self._claim.attempt)
        #: The file that the engine is at, and of how many: progress is told for all of them together.
        self._share = (0, 1)
        #: The job's status when it was left; lost: another attempt owns it; broken: nobody knows, see the log.
        self.outcome = "broken"
        #: What the engines' processes used: cpu_s, peak_memory_bytes.
        self.used: dict[str, float] = {"cpu_s": 0.0, "peak_memory_bytes": 0}

    def run(self) -> None:
        """Work until the job has changed its state or the claim is lost. Raises nothing."""
        claim, name = self._claim, self._operation.name
        trace = tracing.parse(claim.traceparent)
        TRACING.record("wait", trace, claim.ready_at_s, claim.claimed_at_s)
        with (
            structlog.contextvars.bound_contextvars(job_id=str(claim.job_id), operation=name, attempt=claim.attempt),
            TRACING.span("attempt", parent=trace) as attributes,
        ):
            self._run()
            attributes |= {
                "bindery.job": str(claim.job_id),
                "bindery.operation": name,
                "bindery.attempt": claim.attempt,
                "bindery.outcome": self.outcome,
            }

    def _run(self) -> None:
        log.info("job.claimed")
        self._bell.say_changed(self._claim.job_id)
        started_s = time.monotonic()
        try:
            status = self._attempt()
            fault_points.reached("after_update")
            if self._claim.pipeline_id and status in ENDED:
                self._advance(self._claim.pipeline_id)
            self._bell.say_changed(self._claim.job_id)
            self.outcome = status.value
            log.info("job.left", status=status, wall_s=round(time.monotonic() - started_s, 3))
        except ClaimLost:
            self.outcome = "lost"
            counts.add(metrics.STALE_FINISHES, self._operation.queue, self._operation.name)
            log.warning("job.claim_lost")
            self._erase_outputs()
        except Exception:
            log.exception("job.attempt_failed")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            with suppress(OSError):
                self._folder.parent.rmdir()

    def _erase_outputs(self) -> None:
        # Not on our word alone: the commit may have been done and only its answer lost. Maintenance takes the rest.
        with suppress(BinderyError):
            if not jobs.may_count(self._claim):
                self._store.erase(storage.attempt_folder(self._claim.job_id, self._claim.attempt))

    def _attempt(self) -> Status:
        try:
            ended = on_all(
                self._operation, self._stage(), self._folder, carries=self._claim.carries, run=self._run_engine
            )
            if ended.error is None:
                stored = self._store_outputs(ended)
                fault_points.reached("after_store_before_update")
                result, used = ended.result or {}, ended.details
                status = self._commit(lambda: jobs.complete(self._claim, stored, result, used))
                if status is Status.CANCELLED:
                    self._erase_outputs()
                return status
        except _Interrupted:
            asked = self._lease.cancel_requested.is_set()
            reason = "cancel requested" if asked else "the worker stops"
            return self._commit(lambda: jobs.interrupt(self._claim, reason).status)
        except SandboxUnavailable as error:
            log.error("engine.unavailable", error=str(error))
            ended = Ended(error=EngineUnavailable())
        except BinderyError as error:
            ended = Ended(error=error)
        return self._commit(lambda: self._hand_back(ended))

    @TRACING.span("stage")
    def _stage(self) -> list[InputFile]:
        self._folder.mkdir(parents=True, mode=0o700)
        inputs = []
        for position, stored in enumerate(self._claim.inputs):
            path = self._folder / f"input-{position}"
            self._store.fetch(stored.storage_key, path, sha256=stored.sha256)
            inputs.append(InputFile(path, stored.name, stored.media_type))
        return inputs

    def _advance(self, pipeline_id: UUID) -> None:
        """Let the next step begin, or end what waits for this one. What fails here the keeper makes up for."""
        with suppress(BinderyError):
            for change in pipelines.advance(pipeline_id):
                self._bell.say_changed(change.job_id)
                if change.status is Status.PENDING:
                    self._bell.ring(change.queue, str(uuid4()))
            for key in pipelines.drop_intermediate(pipeline_id):
                self._store.erase(key)

    @TRACING.span("run")
    def _run_engine(self, inputs: list[InputFile], folder: Path, share: tuple[int, int]) -> Ended:
        self._share = share
        secrets = secret_box.unseal(self._claim.secrets) if self._claim.secrets else {}
        password = secrets.pop(PASSWORD, None)
        child = self._sandbox.start(self._operation, {**self._claim.options, **secrets}, inputs, folder, password)
        try:
            return self._supervise(child)
        finally:
            child.close()

    def _supervise(self, child: Child) -> Ended:
        started_s = time.monotonic()
        reason: type[Exception] | None = None
        kill_at_s = started_s + self._operation.hard_time_limit_s
        while True:
            told = child.wait(_LOOK_EVERY_S)
            if isinstance(told, Progress):
                number, files = self._share
                self._lease.progress = (told.total * number + told.current, told.total * files, told.message)
            elif told is not None:
                log.info("engine.ended", **_for_log(told.details))
                self._note_use(told.details)
                # A child that finished before the signal reached it has done its work.
                if reason is None or (told.result is not None and reason is not ClaimLost):
                    return told
                if reason is TimeLimitExceeded:
                    return Ended(error=self._too_slow(), details=told.details)
                raise reason
            now_s = time.monotonic()
            if reason is None and (reason := self._reason_to_stop(started_s)):
                log.info("engine.stopping", reason=reason.__name__)
                child.stop(signal.SIGTERM)
                kill_at_s = min(kill_at_s, now_s + settings.current().stop_child_s)
            if reason and now_s >= kill_at_s:
                child.stop(signal.SIGKILL)
                if now_s >= kill_at_s + _HOST_HANGS_AFTER_S:
                    self._sandbox.close()

    def _note_use(self, details: dict[str, Any]) -> None:
        """Keep what an engine's process used; and its span, for it reaches nobody to tell of it."""
        cpu_s, peak_bytes = details.get("cpu_s") or 0.0, details.get("peak_memory_bytes") or 0
        self.used["cpu_s"] += cpu_s
        self.used["peak_memory_bytes"] = max(self.used["peak_memory_bytes"], peak_bytes)
        ended_at_s = time.time()
        TRACING.record(
            "engine",
            tracing.current(),
            ended_at_s - (details.get("wall_s") or 0.0),
            ended_at_s,
            **{"process.cpu_seconds": cpu_s, "process.peak_memory_bytes": peak_bytes},
        )

    def _reason_to_stop(self, started_s: float) -> type[Exception] | None:
        stop_at_s = self._stop_at_s()
        # By our own clock too: a database that hangs holds up whoever would renew the lease.
        unheard_s = time.monotonic() - self._lease.renewed_s
        if self._lease.lost.is_set() or unheard_s >= settings.current().lease_s:
            return ClaimLost
        if self._lease.cancel_requested.is_set():
            return _Interrupted  # jobs.interrupt turns into a cancellation when that was asked for
        if time.monotonic() - started_s >= self._operation.soft_time_limit_s:
            return TimeLimitExceeded
        if stop_at_s is not None and time.monotonic() >= stop_at_s:
            return _Interrupted
        return None

    def _too_slow(self) -> TimeLimitExceeded:
        limit_s = self._operation.soft_time_limit_s
        return TimeLimitExceeded(f"The document took longer than the {limit_s} s that {self._operation.name} may run.")

    @TRACING.span("store")
    def _store_outputs(self, ended: Ended) -> list[jobs.StoredFile]:
        stored = []
        for position, output in enumerate(ended.outputs):
            if self._lease.lost.is_set():
                raise ClaimLost
            key = storage.output_key(self._claim.job_id, self._claim.attempt, position)
            kept = self._store.store(key, output.path)
            stored.append(jobs.StoredFile(output.name, output.media_type, kept.bytes, kept.sha256, key))
        return stored

    def _hand_back(self, ended: Ended) -> Status:
        error = ended.error
        assert error
        change = (
            jobs.crash(self._claim, error, ended.details)
            if ended.crashed
            else jobs.fail(self._claim, error, ended.details)
        )
        log.warning("job.failed", error_code=error.code, status=change.status, **_for_log(ended.details))
        return change.status

    @TRACING.span("commit")
    def _commit(self, statement: Callable[[], _Answer]) -> _Answer:
        """Repeat a guarded statement while the database is away and the lease holds. Raises ClaimLost after that."""
        while True:
            try:
                return statement()
            except DatabaseUnavailable:
                if self._lease.lost.is_set():
                    raise ClaimLost from None
                time.sleep(_LOOK_EVERY_S)


def _for_log(details: dict[str, Any]) -> dict[str, Any]:
    """What of a child's end may stand in the log: not its stderr, which may quote the document.

    The journal has that too: whoever may read the job may read its document.
    """
    return {name: value for name, value in details.items() if name != "stderr"}
