"""Every metric that Prometheus can read from Bindery, once: its name, kind, labels, unit and meaning.

No label's value comes from a client: queues, operations and routes are those of the code, error codes are bounded by
`counts.py`. Where each is counted stands in docs/decisions/0015-counters-in-the-database.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Upper ends of the buckets of every histogram, in seconds.
BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)

Kind = Literal["gauge", "counter", "histogram"]
#: Who answers with it: the gateway for the whole platform, or each worker for itself.
Source = Literal["gateway", "worker"]


@dataclass(frozen=True)
class Metric:
    """One metric. The name of a counter ends in `_total`; the unit is part of the name."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    source: Source = "gateway"


#: Every metric by its name.
METRICS: dict[str, Metric] = {}


def _declared(kind: Kind, name: str, help: str, *labels: str, source: Source = "gateway") -> Metric:
    METRICS[name] = metric = Metric(name, kind, help, labels, source)
    return metric


# Facts of the database at the moment of the scrape
DATABASE_UP = _declared("gauge", "bindery_database_up", "Whether the gateway reaches PostgreSQL: 1 or 0.")
READY = _declared("gauge", "bindery_queue_ready_jobs", "Jobs that a worker could start now.", "queue")
SCHEDULED = _declared(
    "gauge", "bindery_queue_scheduled_jobs", "Jobs that wait for their time, or for a step before.", "queue"
)
PROCESSING = _declared("gauge", "bindery_queue_processing_jobs", "Jobs that a worker holds.", "queue")
OLDEST = _declared(
    "gauge", "bindery_queue_oldest_ready_age_seconds", "How long the oldest ready job waits, seconds; 0: none.", "queue"
)
EXPIRED = _declared(
    "gauge", "bindery_queue_expired_leases", "Jobs whose worker is lost and that nobody has taken back.", "queue"
)
CONSUMERS = _declared("gauge", "bindery_queue_consumers", "Live workers.", "queue")
SLOTS = _declared("gauge", "bindery_queue_slots", "Jobs that the live workers can run at once.", "queue")
BUSY = _declared("gauge", "bindery_queue_busy_slots", "Jobs that the live workers say they run.", "queue")
PAUSED = _declared("gauge", "bindery_queue_paused", "Whether an operator paused the queue: 1 or 0.", "queue")
WAITING_FOR_CONSUMER = _declared(
    "gauge",
    "bindery_queue_waiting_for_consumer",
    "Whether jobs are ready and no live worker can take one of them: 1 or 0.",
    "queue",
)
FAILING_SELF_TESTS = _declared(
    "gauge",
    "bindery_failing_self_tests",
    "Live workers whose self-test of the operation failed.",
    "queue",
    "operation",
)
WORKERS = _declared("gauge", "bindery_workers", "Live workers by the version that they run.", "queue", "version")
TICK_AGE = _declared("gauge", "bindery_keeper_tick_age_seconds", "Since the keeper last did its duties, seconds.")
HEALTHY = _declared(
    "gauge", "bindery_health_check_ok", "Whether the latest health check found the part in order: 1 or 0.", "part"
)
HEALTH_AGE = _declared("gauge", "bindery_health_check_age_seconds", "Since the latest health check, seconds.")
FREE_DISK = _declared(
    "gauge", "bindery_disk_free_percent", "Free space of the maintenance worker's disk at the latest health check."
)
WEBHOOK_DELIVERIES = _declared(
    "gauge", "bindery_webhook_deliveries", "Webhook deliveries by state: pending (tried again) or dead.", "state"
)

# Counted in the statement that changes the job
CREATED = _declared("counter", "bindery_jobs_created_total", "Jobs that were created.", "queue", "operation")
CACHE_HITS = _declared(
    "counter", "bindery_cache_hits_total", "Jobs that were answered with an earlier result.", "queue", "operation"
)
ENDED = _declared(
    "counter",
    "bindery_jobs_ended_total",
    "Jobs that ended; status: completed, failed or cancelled.",
    "queue",
    "operation",
    "status",
)
FAILED = _declared(
    "counter", "bindery_jobs_failed_total", "Jobs that failed for good, by error code.", "queue", "operation", "code"
)
RETRIES = _declared(
    "counter",
    "bindery_job_retries_total",
    "Attempts after whose error the job is tried again, by error code.",
    "queue",
    "operation",
    "code",
)
ENGINE_FAILURES = _declared(
    "counter",
    "bindery_engine_failures_total",
    "Attempts that ended with an error, whether the job is tried again or not, by error code.",
    "queue",
    "operation",
    "code",
)
REAPED = _declared(
    "counter", "bindery_jobs_reaped_total", "Attempts that were taken from a lost worker.", "queue", "operation"
)
INTERRUPTED = _declared(
    "counter", "bindery_jobs_interrupted_total", "Attempts that a stopping worker gave back.", "queue", "operation"
)
START_SECONDS = _declared(
    "histogram", "bindery_job_start_seconds", "From the moment a job was ready to its claim, seconds.", "queue"
)
RUN_SECONDS = _declared(
    "histogram", "bindery_job_run_seconds", "From a claim to the end of that attempt, seconds.", "queue", "operation"
)

# Counted by the process that sees it, and added in the database every few seconds
STALE_FINISHES = _declared(
    "counter",
    "bindery_stale_finishes_total",
    "Attempts whose job belonged to another by the time they ended; what they made was dropped.",
    "queue",
    "operation",
)
STORAGE_ERRORS = _declared(
    "counter", "bindery_storage_errors_total", "Failed calls of the storage, by error code.", "code"
)
REDIS_FAILURES = _declared("counter", "bindery_redis_failures_total", "Bells and hints that Redis did not take.")
REQUESTS = _declared("counter", "bindery_http_requests_total", "Answered requests.", "method", "route", "status")
REQUEST_SECONDS = _declared(
    "histogram", "bindery_http_request_seconds", "From a request to the end of its answer, seconds.", "route"
)

# Of one worker, since it started
WORKER_SLOTS = _declared("gauge", "bindery_worker_slots", "Jobs that this worker runs at once.", source="worker")
WORKER_BUSY = _declared("gauge", "bindery_worker_busy_slots", "Jobs that it runs.", source="worker")
WORKER_FAILING = _declared(
    "gauge",
    "bindery_worker_failing_self_test",
    "Whether its self-test of the operation failed: 1 or 0.",
    "operation",
    source="worker",
)
WORKER_ATTEMPTS = _declared(
    "counter",
    "bindery_worker_attempts_total",
    "Attempts that ended on it; outcome: the job's status after it, or lost.",
    "operation",
    "outcome",
    source="worker",
)
WORKER_ENGINE_CPU = _declared(
    "counter",
    "bindery_worker_engine_cpu_seconds_total",
    "Processor time of the engines' processes, seconds.",
    "operation",
    source="worker",
)
WORKER_ENGINE_MEMORY = _declared(
    "gauge",
    "bindery_worker_engine_peak_memory_bytes",
    "Largest memory of an engine's process so far, bytes.",
    "operation",
    source="worker",
)
