"""A worker process of one service: claims jobs of its queue and supervises the children that do the work.

It never parses a document itself. Started as `python -m shared.worker SERVICE` (or `bindery worker SERVICE`).
"""

from __future__ import annotations

import signal
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import FrameType

import dramatiq

from shared import broker, catalogue, consumers, database, fault_points, jobs, settings, storage
from shared.attempt import Attempt
from shared.broker import Bell
from shared.counts import Counting
from shared.duties import DutyThread
from shared.errors import DatabaseUnavailable
from shared.keeper import Keeper
from shared.leases import Leases
from shared.logs import configure, get_logger
from shared.operation import Service
from shared.sandbox import Sandbox
from shared.self_test import SelfTest
from shared.tracing import TRACING
from shared.worker_metrics import WorkerMetrics

log = get_logger()

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
        self._sandbox = Sandbox(service)
        self._self_test = SelfTest(service, self._sandbox)
        self._test_again_at_s = 0.0
        self._opened_store: storage.Storage | None = None
        self._tester: threading.Thread | None = None
        self._leases = Leases(self._bell)
        self._keeper = Keeper(self._bell)
        self._duties = [DutyThread(duty) for duty in service.duties]
        self._counting = Counting()
        self._pool = ThreadPoolExecutor(self._slots + 1, thread_name_prefix="slot")
        #: Operation -> what failed in its self-test, or None. Replaced, never changed: several threads read it.
        self._operations: dict[str, str | None] = {}
        self._metrics = WorkerMetrics(self._slots, lambda: self._busy, lambda: self._operations)

    def run(self) -> None:
        """Work until `stop`; returns when every job of this worker has been finished or handed back."""
        chosen = settings.current()
        self._wait_for_schema()
        self._operations = self._self_test.run(self._service.operations)
        for name, failure in self._failing().items():
            log.error("worker.self_test_failed", operation_tested=name, reason=failure)
        self._test_again_at_s = time.monotonic() + chosen.self_test_again_s
        self._beat()
        if chosen.metrics_port:
            self._metrics.serve(chosen.metrics_host, chosen.metrics_port)
        log.info("worker.ready", worker_id=str(self._id), slots=self._slots, failing=sorted(self._failing()))
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

    def _test_again(self) -> None:
        """Try again, beside the work, what failed; what passes now takes jobs from this moment on."""
        before = self._failing()
        found = self._self_test.run(before)
        self._operations = {**self._operations, **found}
        for name, failure in found.items():
            if failure is None:
                log.info("worker.self_test_passed", operation_tested=name)
            elif failure != before[name]:
                log.error("worker.self_test_failed", operation_tested=name, reason=failure)
        self._register()

    def _test_again_when_due(self) -> None:
        if not self._failing() or time.monotonic() < self._test_again_at_s or self._stopping.is_set():
            return
        if self._tester is None or not self._tester.is_alive():
            self._test_again_at_s = time.monotonic() + settings.current().self_test_again_s
            self._tester = threading.Thread(target=self._test_again, name="self-test", daemon=True)
            self._tester.start()

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
            # Where the scratch folder cannot be written the self-tests say so.
            with suppress(OSError):
                alive.touch()
            self._hear()
            self._test_again_when_due()
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

    def _store(self) -> storage.Storage:
        # Not at the start: where it cannot be opened then, the self-tests say so, and it may be there later.
        if self._opened_store is None:
            self._opened_store = storage.Storage(settings.current().storage_location)
        return self._opened_store

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
            attempt = Attempt(
                lease,
                self._service.operations[claim.operation],
                sandbox=self._sandbox,
                store=self._store(),
                bell=self._bell,
                stop_at_s=lambda: self._stop_at_s,
            )
            attempt.run()
            self._metrics.attempted(claim.operation, attempt.outcome, attempt.used)
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
                self._register()
        except DatabaseUnavailable:
            log.warning("worker.database_unavailable")

    def _register(self) -> None:
        try:
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
        TRACING.stop()
        log.info("worker.stopped")


#: A worker touches this file of its scratch folder again and again: health checks of containers look at its age.
ALIVE = "alive"


def main() -> None:
    """Run the worker of the service named on the command line."""
    service = catalogue.load().services[sys.argv[1]]
    configure(f"worker.{service.name}")
    TRACING.start(f"worker-{service.name}")
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
