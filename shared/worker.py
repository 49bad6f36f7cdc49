"""A worker process of one service: claims jobs of its queue and supervises the children that do the work.

It never parses a document itself. Started as `python -m shared.worker SERVICE` (or `bindery worker SERVICE`).
"""

from __future__ import annotations

import shutil
import signal
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

import dramatiq

import services
from shared import broker, catalogue, consumers, database, fault_points, jobs, settings, storage
from shared.attempt import Attempt, scratch_folder
from shared.broker import Bell
from shared.counts import Counting
from shared.duties import DutyThread
from shared.errors import DatabaseUnavailable
from shared.keeper import Keeper
from shared.leases import Leases
from shared.logs import configure, get_logger
from shared.media_types import SNIFFED_BYTES, recognise
from shared.operation import InputFile, Operation, Service
from shared.sandbox import Ended, Sandbox, SandboxUnavailable

log = get_logger()

#: A self-test that takes longer than this has failed.
_SELF_TEST_S = 60
#: Between two tries to reach a database that is away at start.
_DATABASE_RETRY_S = 2


class Worker:
    """Claims, runs and finishes jobs of one service until told to stop."""

    def __init__(self, service: Service) -> None:
        chosen = settings.current()
        self._service = service
        self._id = uuid.uuid4()
        self._slots = chosen.worker_slots or service.threads
        self._free = threading.BoundedSemaphore(self._slots)
        #: One slot more, which only quick operations may take: a preview never waits behind long jobs.
        self._quick_free = threading.BoundedSemaphore(1)
        self._busy = 0
        self._busy_lock = threading.Lock()
        self._rung = 0
        self._stopping = threading.Event()
        self._stop_at_s: float | None = None
        self._bell = Bell()
        self._store = storage.Storage(chosen.storage_location)
        self._sandbox = Sandbox(service)
        self._leases = Leases(self._bell)
        self._keeper = Keeper(self._bell)
        self._duties = [DutyThread(duty) for duty in service.duties]
        self._counting = Counting()
        self._pool = ThreadPoolExecutor(self._slots + 1, thread_name_prefix="slot")
        self._operations: dict[str, str | None] = {}

    def run(self) -> None:
        """Work until `stop`; returns when every job of this worker has been finished or handed back."""
        self._wait_for_schema()
        self._operations = self._self_test()
        self._beat()
        log.info("worker.ready", worker_id=str(self._id), slots=self._slots, failing=self._failing())
        self._leases.start()
        self._keeper.start()
        for duty in self._duties:
            duty.start()
        self._counting.start()
        self._check_redis()
        listener = self._listen()
        try:
            self._stay()
        finally:
            self._end(listener)

    def stop(self) -> None:
        """Claim nothing more; finish what fits into the grace period; hand back the rest."""
        self._stop_at_s = time.monotonic() + settings.current().grace_s
        self._stopping.set()

    def _wait_for_schema(self) -> None:
        while not self._stopping.is_set():
            try:
                if not (missing := database.pending_migrations()):
                    return
                log.warning("worker.waits_for_migration", missing=missing, remedy="run `bindery migrate`")
            except DatabaseUnavailable:
                log.warning("worker.waits_for_database")
            self._stopping.wait(_DATABASE_RETRY_S)

    def _check_redis(self) -> None:
        # No reason to stand still: Redis may lose bells, and workers look for themselves. But an operator must know.
        if policy := broker.wrong_eviction_policy(settings.current().redis_url.get_secret_value()):
            log.error("redis.evicts", maxmemory_policy=policy, remedy="set maxmemory-policy noeviction")

    # -- self-test ---------------------------------------------------------------------------------------------

    def _self_test(self) -> dict[str, str | None]:
        try:
            self._sandbox.open()
        except SandboxUnavailable as error:
            log.error("worker.self_test_failed", error=str(error))
            return {name: str(error) for name in self._service.operations}
        return {operation.name: self._test(operation) for operation in self._service.operations.values()}

    def _test(self, operation: Operation) -> str | None:
        """Perform an operation on its sample as a job would. Returns what failed, or None."""
        folder = scratch_folder() / f"self-test-{self._id}"
        try:
            folder.mkdir(mode=0o700)
            given = []
            for position, sample in enumerate(samples_of(operation)):
                copy = folder / f"input-{position}"
                shutil.copyfile(sample, copy)
                kind = recognise(copy.read_bytes()[:SNIFFED_BYTES], sample.name)
                given.append(InputFile(copy, sample.name, kind.name if kind else ""))
            # A server that is away keeps no worker from starting: the self-test asks none.
            child = self._sandbox.start(operation, operation.self_test_options, given, folder, None, may_ask=False)
            deadline_s = time.monotonic() + _SELF_TEST_S
            while not isinstance(told := child.wait(1), Ended):
                if time.monotonic() > deadline_s:
                    child.stop(signal.SIGKILL)
                    return f"the self-test took longer than {_SELF_TEST_S} s"
            child.close()
            if told.error and told.error.code != operation.self_test_ends_with:
                return f"{told.error.message} {told.details}"
            return None
        except (OSError, SandboxUnavailable) as error:
            return f"{type(error).__name__}: {error}"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _passed(self) -> list[str]:
        return [name for name, failure in self._operations.items() if failure is None]

    def _failing(self) -> dict[str, str]:
        return {name: failure for name, failure in self._operations.items() if failure}

    # -- work --------------------------------------------------------------------------------------------------

    def _listen(self) -> dramatiq.Worker:
        """Wait for bells. One Dramatiq thread is enough: all that it does is to pass the bell on."""
        listening = broker.make_broker(broker.waiting_client(settings.current().redis_url.get_secret_value()))
        broker.actor(listening, self._service.name, self._hear)
        listener = dramatiq.Worker(listening, queues={self._service.name}, worker_threads=1)
        listener.queue_prefetch = 1
        listener.start()
        return listener

    def _stay(self) -> None:
        """Beat, and look for jobs whose bell was lost, until told to stop."""
        chosen = settings.current()
        beat_at_s = 0.0
        alive = chosen.scratch_location / ALIVE
        while not self._stopping.is_set():
            alive.touch()
            self._hear()
            if time.monotonic() >= beat_at_s:
                self._beat()
                beat_at_s = time.monotonic() + chosen.beat_s
            self._stopping.wait(chosen.poll_s)

    def _hear(self) -> None:
        """A bell rang, or it is time to look: let a slot see what is ready."""
        self._rung += 1
        if not self._stopping.is_set():
            self._pool.submit(self._work)

    def _work(self) -> None:
        """Claim and run jobs while there are any and a slot is free."""
        try:
            while not self._stopping.is_set() and (slot := self._free_slot()):
                rung = self._rung
                try:
                    worked = self._claim_and_run(quick_only=slot is self._quick_free)
                finally:
                    slot.release()
                # A bell that rang after the look at an empty queue, while the slot was still taken, counts.
                if not worked and rung == self._rung:
                    return
        except DatabaseUnavailable:
            log.warning("worker.database_unavailable")
        except Exception:
            log.exception("worker.failed")

    def _free_slot(self) -> threading.BoundedSemaphore | None:
        if self._free.acquire(blocking=False):
            return self._free
        if self._quick_operations() and self._quick_free.acquire(blocking=False):
            return self._quick_free
        return None

    def _quick_operations(self) -> list[str]:
        return [name for name in self._passed() if self._service.operations[name].quick]

    def _claim_and_run(self, *, quick_only: bool) -> bool:
        asked_s = time.monotonic()
        claim = jobs.claim(self._service.name, self._quick_operations() if quick_only else self._passed(), self._id)
        if claim is None:
            return False
        fault_points.reached("after_claim")
        # Where one job waited there may be more: fill the other slots too.
        self._pool.submit(self._work)
        lease = self._leases.add(claim, asked_s)
        self._count(+1)
        try:
            Attempt(
                lease,
                self._service.operations[claim.operation],
                sandbox=self._sandbox,
                store=self._store,
                bell=self._bell,
                stop_at_s=lambda: self._stop_at_s,
            ).run()
        finally:
            self._leases.remove(lease)
            self._count(-1)
        return True

    def _count(self, change: int) -> None:
        with self._busy_lock:
            self._busy += change

    def _beat(self) -> None:
        try:
            if not consumers.beat(self._id, self._busy, stopping=self._stopping.is_set()):
                consumers.register(self._id, self._service.name, self._slots, self._operations)
        except DatabaseUnavailable:
            log.warning("worker.database_unavailable")

    def _end(self, listener: dramatiq.Worker) -> None:
        log.info("worker.stopping", busy=self._busy)
        self._beat()
        for duty in self._duties:
            duty.stop()
        listener.stop(timeout=2000)
        self._pool.shutdown(wait=True)
        for duty in self._duties:
            duty.wait()
        self._keeper.stop()
        self._leases.stop()
        self._counting.stop()
        self._sandbox.close()
        try:
            consumers.leave(self._id)
        except DatabaseUnavailable:
            log.warning("worker.database_unavailable")
        log.info("worker.stopped")


#: A worker touches this file of its scratch folder again and again: health checks of containers look at its age.
ALIVE = "alive"


def samples_of(operation: Operation) -> list[Path]:
    """The tiny documents that an operation is tried on, from services/<service>/samples/.

    `<operation>.<suffix>` and, for more inputs, `<operation>-2.<suffix>` and so on; else `document.<suffix>`, which
    serves every operation that has none of its own. A path that does not exist names what is missing.
    """
    if operation.inputs == "none":
        return []
    folders = [Path(root) / operation.service.name / "samples" for root in services.__path__]
    suffix = operation.accepts[0].suffix
    for folder in folders:
        if (first := folder / f"{operation.name}{suffix}").exists():
            more = sorted(folder.glob(f"{operation.name}-[2-9].*"))
            return [first, *more]
        if (shared := folder / f"document{suffix}").exists():
            return [shared]
    return [Path(f"{operation.name}{suffix}")]


def main() -> None:
    """Run the worker of the service named on the command line."""
    service = catalogue.load().services[sys.argv[1]]
    configure(f"worker.{service.name}")
    database.configure(settings.current().database_url.get_secret_value(), f"bindery worker {service.name}")
    worker = Worker(service)

    def stop(_number: int, _frame: FrameType | None) -> None:
        # In a thread: the handler interrupts the main thread, which may hold the very lock that `stop` needs.
        threading.Thread(target=worker.stop, name="stop").start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    worker.run()


if __name__ == "__main__":
    main()
