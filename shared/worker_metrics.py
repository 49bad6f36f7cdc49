"""The metrics of one worker process, told at a port of its own: what it does and uses since it started."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.registry import Collector

from shared import exposition, metrics
from shared.exposition import Sample
from shared.logs import get_logger

log = get_logger()


class WorkerMetrics(Collector):
    """Counts this worker's attempts. Safe for several threads."""

    def __init__(self, slots: int, busy: Callable[[], int], operations: Callable[[], dict[str, str | None]]) -> None:
        """`busy` and `operations` are asked at each scrape: slots that are taken, and what failed in self-tests."""
        self._slots = slots
        self._busy = busy
        self._operations = operations
        self._lock = threading.Lock()
        self._attempts: Counter[tuple[str, str]] = Counter()
        self._cpu_s: Counter[str] = Counter()
        self._memory_bytes: dict[str, int] = {}

    def serve(self, host: str, port: int) -> None:
        """Answer scrapes from now on, in threads of their own. A port that is taken is told in the log, no more."""
        registry = CollectorRegistry()
        registry.register(self)
        ProcessCollector(registry=registry)
        try:
            start_http_server(port, addr=host, registry=registry)
        except OSError as error:
            # Jobs matter more than their figures.
            log.error("worker.metrics_unavailable", host=host, port=port, reason=str(error))

    def attempted(self, operation: str, outcome: str, used: dict[str, Any]) -> None:
        """Count one attempt; `used` is what the sandbox tells of the engine's process."""
        with self._lock:
            self._attempts[operation, outcome] += 1
            self._cpu_s[operation] += used.get("cpu_s") or 0
            peak_bytes = used.get("peak_memory_bytes") or 0
            self._memory_bytes[operation] = max(self._memory_bytes.get(operation, 0), peak_bytes)

    def collect(self) -> Iterator[Any]:
        """What a scrape tells."""
        return exposition.families(self._samples())

    def _samples(self) -> Iterator[Sample]:
        yield Sample(metrics.WORKER_SLOTS.name, (), self._slots)
        yield Sample(metrics.WORKER_BUSY.name, (), self._busy())
        for operation, failure in self._operations().items():
            yield Sample(metrics.WORKER_FAILING.name, (operation,), float(failure is not None))
        with self._lock:
            attempts, cpu_s, memory = dict(self._attempts), dict(self._cpu_s), dict(self._memory_bytes)
        for (operation, outcome), count in attempts.items():
            yield Sample(metrics.WORKER_ATTEMPTS.name, (operation, outcome), count)
        for operation, seconds in cpu_s.items():
            yield Sample(metrics.WORKER_ENGINE_CPU.name, (operation,), seconds)
        for operation, peak_bytes in memory.items():
            yield Sample(metrics.WORKER_ENGINE_MEMORY.name, (operation,), peak_bytes)
