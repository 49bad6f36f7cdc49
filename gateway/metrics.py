"""`/metrics`: the whole platform for Prometheus, read from the database at the moment of the scrape.

Whichever process and whichever gateway answers says the same: with several, take the largest and do not add them up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from falcon.asgi import Request, Response

from gateway.described import describes
from gateway.process import Process
from shared import counts, database, exposition, keeper, metrics, queues
from shared.callers import Scope
from shared.catalogue import Catalogue
from shared.counts import Total
from shared.errors import DatabaseUnavailable, StorageFull, StorageUnavailable
from shared.exposition import Sample
from shared.metrics import Metric
from shared.models import ENDED
from shared.queues import Load
from shared.webhooks import delivery_records


class Metrics:
    """What Prometheus scrapes."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "text/plain"}, scope=Scope.ADMIN, opened_by="open_metrics")
    async def on_get(self, _req: Request, resp: Response) -> None:
        """Tell the metrics of the whole platform, in the text format of Prometheus."""
        resp.data = await self._process.in_thread(_text, self._process.catalogue)
        resp.content_type = exposition.CONTENT_TYPE


def _text(catalogue: Catalogue) -> bytes:
    try:
        # What this process counted a moment ago belongs to it.
        counts.flush()
        found = exposition.families(_facts(catalogue), _with_zeros(catalogue, counts.totals()))
        return exposition.text(found)
    except DatabaseUnavailable:
        # A scrape that fails would look like a gateway that is away.
        return exposition.text(exposition.families([_sample(metrics.DATABASE_UP, 0)]))


def _sample(metric: Metric, value: float | None, *labels: str) -> Sample:
    return Sample(metric.name, labels, float(value or 0))


def _facts(catalogue: Catalogue) -> Iterator[Sample]:
    yield _sample(metrics.DATABASE_UP, 1)
    for name, load in queues.loads(catalogue.queues).items():
        yield from _of_queue(name, load)
    if (age_s := keeper.tick_age_s()) is not None:
        yield _sample(metrics.TICK_AGE, age_s)
    latest = database.rows(
        """SELECT parts, extract(epoch FROM now() - at)::float8 AS age_s FROM health_check
           ORDER BY at DESC LIMIT 1""",
        {},
    )
    for check in latest:
        yield _sample(metrics.HEALTH_AGE, check["age_s"])
        for part, found in check["parts"].items():
            yield _sample(metrics.HEALTHY, found["ok"], part)
        if "free_percent" in (disk := check["parts"].get("disk", {})):
            yield _sample(metrics.FREE_DISK, disk["free_percent"])
    for state, count in delivery_records.unsettled().items():
        yield _sample(metrics.WEBHOOK_DELIVERIES, count, state)


def _of_queue(name: str, load: Load) -> Iterator[Sample]:
    depth = load.depth
    live = [worker for worker in load.queue.consumers if worker["live"]]
    yield _sample(metrics.READY, depth.ready, name)
    yield _sample(metrics.SCHEDULED, depth.scheduled, name)
    yield _sample(metrics.PROCESSING, depth.processing, name)
    yield _sample(metrics.OLDEST, depth.age_s, name)
    yield _sample(metrics.EXPIRED, depth.expired_leases, name)
    yield _sample(metrics.CONSUMERS, len(live), name)
    yield _sample(metrics.SLOTS, sum(worker["slots"] for worker in live), name)
    yield _sample(metrics.BUSY, sum(worker["busy"] for worker in live), name)
    yield _sample(metrics.PAUSED, load.queue.paused_by is not None, name)
    yield _sample(metrics.WAITING_FOR_CONSUMER, load.waits_for_consumer, name)
    failing = Counter(name for worker in live for name, failure in worker["operations"].items() if failure)
    for operation in sorted({name for worker in live for name in worker["operations"]}):
        yield _sample(metrics.FAILING_SELF_TESTS, failing[operation], name, operation)
    for version, workers in sorted(Counter(worker["version"] for worker in live).items()):
        yield _sample(metrics.WORKERS, workers, name, version)


def _with_zeros(catalogue: Catalogue, totals: Iterator[Total]) -> list[Total]:
    """The totals, and 0 for what has not happened yet: otherwise Prometheus would miss its first time."""
    known = {(total.name, total.labels): total for total in totals}
    operations = [(operation.queue, name) for name, operation in catalogue.operations.items()]
    expected = [
        (metrics.REDIS_FAILURES.name, ()),
        *((metrics.STORAGE_ERRORS.name, (error.code,)) for error in (StorageFull, StorageUnavailable)),
        *((each.name, labels) for each in (metrics.CREATED, metrics.REAPED) for labels in operations),
        *((metrics.ENDED.name, (*labels, status)) for labels in operations for status in ENDED),
    ]
    for name, labels in expected:
        known.setdefault((name, labels), Total(name, labels, 0, 0.0, ()))
    return [known[key] for key in sorted(known)]
