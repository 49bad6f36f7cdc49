"""Counts what happens, so that the sums outlive every process: in Postgres, read by the gateway at each scrape.

What changes a job is counted in the statement that changes it (`of_changes`), so that both happen or neither. What no
row tells (a storage that failed, an answered request) is counted in memory by `add` and `observe`, and `flush` inserts
it; a process that is killed takes along what it counted since. `fold` adds what was inserted to the totals.
See docs/decisions/0015-counters-in-the-database.md.
"""

from __future__ import annotations

import json
import threading
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from shared import database, metrics
from shared.errors import DatabaseUnavailable
from shared.logs import get_logger
from shared.metrics import BUCKETS_S, Metric

log = get_logger()

#: How often a process hands over what it counted.
FLUSH_EVERY_S = 5.0
#: A metric gets no more series than this: what comes of a hostile document must not grow without end.
_MOST_SERIES = 500
_OTHER = "other"

_BUCKETS = f"ARRAY[{', '.join(map(str, BUCKETS_S))}]::float8[]"
#: SQL: the code of the error that ended the attempt. Engines run documents: theirs must look like a code.
_CODE = f"coalesce(substring(coalesce(error, last_error) ->> 'code' FROM '^[a-z][a-z0-9_]{{0,47}}$'), '{_OTHER}')"


def of_changes(event: str, *, ran: bool) -> str:
    """SQL of a CTE `counted` that counts the rows of `changed`: jobs after a change that the journal calls `event`.

    `ran` says that an attempt ended with it. `event` is an SQL expression over the row.
    """
    failed = "event IN ('retry', 'worker_lost', 'failed')"
    # What is counted, its labels, under which condition, and the seconds of a histogram.
    kinds: list[tuple[Metric, str, str, str]] = [
        (metrics.ENDED, "queue, operation, event", "event IN ('completed', 'failed', 'cancelled')", ""),
        (metrics.FAILED, f"queue, operation, {_CODE}", "event = 'failed'", ""),
        (metrics.RETRIES, f"queue, operation, {_CODE}", "event IN ('retry', 'worker_lost')", ""),
        (metrics.START_SECONDS, "queue", "event = 'claimed'", "now() - run_at"),
    ]
    if ran:
        kinds += [
            (metrics.ENGINE_FAILURES, f"queue, operation, {_CODE}", failed, ""),
            (metrics.REAPED, "queue, operation", "%(actor)s = 'keeper'", ""),
            (metrics.INTERRUPTED, "queue, operation", "event = 'interrupted'", ""),
            (metrics.RUN_SECONDS, "queue, operation", "true", "now() - claimed_at"),
        ]
    values = ", ".join(
        f"('{metric.name}', ARRAY[{labels}], {condition}, {took or 'NULL::interval'})"
        for metric, labels, condition, took in kinds
    )
    return f"""counted AS (
        INSERT INTO metric_change (name, labels, bucket, amount)
        SELECT kind.name, kind.labels, coalesce(width_bucket(taken.s, {_BUCKETS}), 0), coalesce(taken.s, 1)
        FROM (SELECT changed.*, {event} AS event FROM changed) AS job
        CROSS JOIN LATERAL (VALUES {values}) AS kind (name, labels, counts, took)
        CROSS JOIN LATERAL (
            SELECT CASE WHEN took IS NOT NULL THEN greatest(extract(epoch FROM took), 0)::float8 END AS s) AS taken
        WHERE kind.counts
    )"""


#: SQL of a CTE that counts the rows of `new_job` (queue, operation, cached): jobs that are there from now on.
OF_CREATED = f"""counted AS (
        INSERT INTO metric_change (name, labels)
        SELECT kind.name, kind.labels FROM new_job CROSS JOIN LATERAL (VALUES
            ('{metrics.CREATED.name}', ARRAY[queue, operation], true),
            ('{metrics.CACHE_HITS.name}', ARRAY[queue, operation], cached),
            ('{metrics.ENDED.name}', ARRAY[queue, operation, 'completed'], cached)
        ) AS kind (name, labels, counts) WHERE kind.counts
    )"""

_Key = tuple[str, tuple[str, ...], int]
_lock = threading.Lock()
#: What this process counted and has not handed over: events and their amount.
_counted: dict[_Key, tuple[int, float]] = {}


def add(metric: Metric, *labels: str) -> None:
    """Count one event. Costs no statement and raises nothing."""
    _add((metric.name, labels, 0), 1, 1.0)


def observe(metric: Metric, seconds: float, *labels: str) -> None:
    """Count one length of time."""
    _add((metric.name, labels, bisect_right(BUCKETS_S, seconds)), 1, seconds)


def _add(key: _Key, events: int, amount: float) -> None:
    with _lock:
        before = _counted.get(key, (0, 0.0))
        _counted[key] = (before[0] + events, before[1] + amount)


_FLUSH = """
    INSERT INTO metric_change (name, labels, bucket, events, amount)
    SELECT given.* FROM jsonb_to_recordset(%(counted)s::jsonb) AS given (
        name text, labels text[], bucket smallint, events bigint, amount float8)"""


def flush() -> None:
    """Hand over what this process counted. Raises DatabaseUnavailable; it is then handed over the next time."""
    with _lock:
        taken = dict(_counted)
        _counted.clear()
    if not taken:
        return
    rows = [
        {"name": name, "labels": labels, "bucket": bucket, "events": events, "amount": amount}
        for (name, labels, bucket), (events, amount) in taken.items()
    ]
    try:
        database.rows(_FLUSH, {"counted": json.dumps(rows)})
    except DatabaseUnavailable:
        for key, (events, amount) in taken.items():
            _add(key, events, amount)
        raise


# One statement: whoever reads meanwhile sees a count in one of the two tables, never in both or neither.
_FOLD = f"""
    WITH gone AS (DELETE FROM metric_change RETURNING *),
    bounded AS (
        SELECT name, bucket, events, amount, CASE
            WHEN EXISTS (SELECT FROM metric_total AS known WHERE known.name = gone.name AND known.labels = gone.labels)
                OR (SELECT count(*) FROM metric_total AS known WHERE known.name = gone.name) < {_MOST_SERIES}
            THEN labels ELSE array_fill('{_OTHER}'::text, ARRAY[cardinality(labels)]) END AS labels
        FROM gone
    )
    INSERT INTO metric_total AS total (name, labels, bucket, events, amount)
    SELECT name, labels, bucket, sum(events), sum(amount) FROM bounded GROUP BY name, labels, bucket
    ON CONFLICT (name, labels, bucket) DO UPDATE
    SET events = total.events + excluded.events, amount = total.amount + excluded.amount"""


def fold() -> None:
    """Add what was inserted since the last time to the totals, unless another process is at it."""
    with database.connected() as connection, connection.atomic():
        lock = "SELECT pg_try_advisory_xact_lock(%(key)s) AS ours"
        if database.rows(lock, {"key": database.FOLD_LOCK})[0]["ours"]:
            database.rows(_FOLD, {})


class Counting(threading.Thread):
    """Hands over what this process counts, and adds up, until told to stop."""

    def __init__(self) -> None:
        super().__init__(name="counting", daemon=True)
        self._stop_event = threading.Event()

    def run(self) -> None:
        """Every few seconds; what cannot be handed over now is kept for the next time."""
        while not self._stop_event.wait(FLUSH_EVERY_S):
            self._once()
        self._once()
        database.disconnect()

    def _once(self) -> None:
        try:
            flush()
            fold()
        except DatabaseUnavailable:
            # Others log that already, each few seconds.
            return
        except Exception:
            log.exception("counting.failed")

    def stop(self) -> None:
        """Hand over what is left, and end."""
        self._stop_event.set()
        self.join(timeout=2 * FLUSH_EVERY_S)


@dataclass(frozen=True)
class Total:
    """What one series has come to: all events, the sum of what was observed, and the events per bucket."""

    name: str
    labels: tuple[str, ...]
    events: int
    amount: float
    #: How many were observed in each bucket, not added up; the last one is beyond the largest of BUCKETS_S.
    buckets: tuple[int, ...]


_TOTALS = """
    SELECT name, labels, jsonb_object_agg(bucket, events) AS buckets, sum(events)::bigint AS events,
        sum(amount) AS amount
    FROM (SELECT name, labels, bucket, sum(events)::bigint AS events, sum(amount) AS amount
          FROM (SELECT * FROM metric_total UNION ALL SELECT * FROM metric_change) AS every
          GROUP BY name, labels, bucket) AS series
    GROUP BY name, labels ORDER BY name, labels"""


def totals() -> Iterator[Total]:
    """Every series of the whole platform since it began. Only ever grows."""
    for row in database.rows(_TOTALS, {}):
        buckets = tuple(int(row["buckets"].get(str(number), 0)) for number in range(len(BUCKETS_S) + 1))
        yield Total(row["name"], tuple(row["labels"]), row["events"], row["amount"], buckets)
