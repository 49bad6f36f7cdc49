"""The tables as Peewee models. `migrations/` makes them; a test holds the two against each other."""

from __future__ import annotations

from enum import StrEnum

import peewee
from playhouse.postgres_ext import ArrayField, BinaryJSONField, DateTimeTZField

from shared.database import DATABASE

NOW = peewee.SQL("now()")


class Status(StrEnum):
    """Where a job is in its life; the diagram stands on top of jobs.py."""

    PENDING = "pending"  # created, or handed back; waits for a worker
    PROCESSING = "processing"  # claimed: a worker holds the lease
    COMPLETED = "completed"  # its outputs and result are there
    FAILED = "failed"  # ended with an error
    CANCELLED = "cancelled"  # ended because somebody asked for it


#: Nothing but a person's retry leads out of these.
ENDED = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)


class _Table(peewee.Model):
    class Meta:
        database = DATABASE
        legacy_table_names = False


class Batch(_Table):
    """Jobs that were created together."""

    id = peewee.UUIDField(primary_key=True)
    operation = peewee.TextField()
    owner = peewee.TextField()
    created_at = DateTimeTZField(default=None)


class Pipeline(_Table):
    """Jobs where one's outputs are the next one's inputs."""

    id = peewee.UUIDField(primary_key=True)
    #: The operation of each step, in their order.
    operations = ArrayField(peewee.TextField, index=False)
    keep_intermediate = peewee.BooleanField()
    owner = peewee.TextField()
    created_at = DateTimeTZField(default=None)
    #: The job that these are the steps of; none: a pipeline that somebody submitted. See chains.py.
    job = peewee.DeferredForeignKey("Job", null=True, unique=True, backref="chains", object_id_name="job_id")


class Job(_Table):
    """One run of one operation. Only jobs.py writes here."""

    id = peewee.UUIDField(primary_key=True)
    operation = peewee.TextField()
    queue = peewee.TextField()
    #: Whose it is: see callers.py.
    owner = peewee.TextField()
    status = peewee.TextField()
    #: 0 is served first, 9 last.
    priority = peewee.SmallIntegerField()
    options = BinaryJSONField()
    #: Encrypted with the server's key; erased when the job ends.
    secrets = peewee.BlobField(null=True)
    batch = peewee.ForeignKeyField(Batch, null=True, backref="jobs", object_id_name="batch_id")
    batch_position = peewee.IntegerField(null=True)
    created_at = DateTimeTZField()
    updated_at = DateTimeTZField()
    run_at = DateTimeTZField()
    #: Its first claim, and its latest.
    started_at = DateTimeTZField(null=True)
    claimed_at = DateTimeTZField(null=True)
    #: When it ended, however it ended.
    completed_at = DateTimeTZField(null=True)
    expires_at = DateTimeTZField(null=True)
    #: Number of claims so far: the fencing token. Never goes down.
    attempt = peewee.IntegerField()
    failures = peewee.IntegerField()
    crashes = peewee.IntegerField()
    interruptions = peewee.IntegerField()
    max_failures = peewee.IntegerField()
    worker_id = peewee.UUIDField(null=True)
    lease_until = DateTimeTZField(null=True)
    #: The bell that woke the worker of the latest claim; none when it was found by polling.
    message_id = peewee.TextField(null=True)
    cancel_requested = peewee.BooleanField()
    progress_current = peewee.IntegerField()
    progress_total = peewee.IntegerField()
    progress_message = peewee.TextField()
    result = BinaryJSONField(null=True)
    result_attempt = peewee.IntegerField(null=True)
    error = BinaryJSONField(null=True)
    #: Why the attempt before this one ended, while the job is tried again.
    last_error = BinaryJSONField(null=True)
    #: Equal for jobs that must have equal results; none for those that are not cached.
    cache_key = peewee.TextField(null=True)
    #: Answered with the result of an earlier job; no attempt was made.
    cached = peewee.BooleanField()
    pipeline = peewee.ForeignKeyField(Pipeline, null=True, backref="jobs", object_id_name="pipeline_id")
    #: From 0; jobs of one step work side by side, each on its part of the documents.
    pipeline_step = peewee.IntegerField(null=True)
    pipeline_part = peewee.IntegerField(null=True)
    #: Takes the outputs of all parts of the step before, not only of its own.
    pipeline_joins = peewee.BooleanField()
    #: Media types that it takes from the step before.
    pipeline_takes = ArrayField(peewee.TextField, null=True, index=False)
    #: What it does not take of the step before it hands on beside its own outputs.
    pipeline_carries = peewee.BooleanField()
    #: Not ready before the step before is complete, see pipelines.py; without a pipeline: before its own steps are,
    #: see chains.py.
    waits_for_step = peewee.BooleanField()
    #: Hears of its end, beside the endpoints that hear of all jobs of the owner: see webhooks/.
    webhook = peewee.DeferredForeignKey(
        "WebhookEndpoint", null=True, backref="jobs", object_id_name="webhook_id", on_delete="SET NULL"
    )
    #: The W3C trace context of the request that created it.
    traceparent = peewee.TextField(null=True)


class JobFile(_Table):
    """An input of a job, or an output of one of its attempts."""

    id = peewee.BigIntegerField(primary_key=True)
    job = peewee.ForeignKeyField(Job, backref="files", on_delete="CASCADE", object_id_name="job_id")
    role = peewee.TextField()
    #: The attempt that wrote it; 0 for inputs.
    attempt = peewee.IntegerField()
    position = peewee.IntegerField()
    name = peewee.TextField()
    media_type = peewee.TextField()
    bytes = peewee.BigIntegerField()
    sha256 = peewee.TextField()
    storage_key = peewee.TextField(index=True)
    #: The document is gone: it only led from one step of a pipeline to the next.
    erased = peewee.BooleanField()


class JobEvent(_Table):
    """The journal: one row for every change of a job's state."""

    id = peewee.BigIntegerField(primary_key=True)
    job = peewee.ForeignKeyField(Job, backref="events", on_delete="CASCADE", object_id_name="job_id")
    at = DateTimeTZField()
    event = peewee.TextField()
    #: The status after the event.
    status = peewee.TextField()
    attempt = peewee.IntegerField()
    #: Who: gateway, keeper, a worker's id, or a person.
    actor = peewee.TextField()
    details = BinaryJSONField()


class Worker(_Table):
    """A worker process that said that it is alive, and what of its service passed the self-test."""

    id = peewee.UUIDField(primary_key=True)
    service = peewee.TextField()
    queue = peewee.TextField()
    host = peewee.TextField()
    pid = peewee.IntegerField()
    version = peewee.TextField()
    slots = peewee.IntegerField()
    busy = peewee.IntegerField()
    #: Operation name -> null when its self-test passed, else the text of what failed.
    operations = BinaryJSONField()
    stopping = peewee.BooleanField()
    started_at = DateTimeTZField()
    beat_at = DateTimeTZField()


class Tick(_Table):
    """When the keeper last did each of its duties, and what came of it."""

    name = peewee.TextField(primary_key=True)
    at = DateTimeTZField()
    details = BinaryJSONField()


class QueueState(_Table):
    """A queue that an operator paused."""

    queue = peewee.TextField(primary_key=True)
    paused_by = peewee.TextField()
    paused_at = DateTimeTZField()


class ScheduleSlot(_Table):
    """A moment at which a scheduled operation was due, and got its job."""

    name = peewee.TextField()
    slot = DateTimeTZField()
    created_at = DateTimeTZField()

    class Meta:
        primary_key = peewee.CompositeKey("name", "slot")


class HealthCheck(_Table):
    """What one health check found."""

    id = peewee.BigIntegerField(primary_key=True)
    at = DateTimeTZField()
    ok = peewee.BooleanField()
    parts = BinaryJSONField()


class IdempotencyKey(_Table):
    """A key that a client gave with a submission, so that the same submission counts once."""

    owner = peewee.TextField()
    key = peewee.TextField()
    #: Of what was submitted: the same key with other content is refused.
    fingerprint = peewee.TextField()
    job = peewee.ForeignKeyField(Job, on_delete="CASCADE", object_id_name="job_id")
    created_at = DateTimeTZField()

    class Meta:
        primary_key = peewee.CompositeKey("owner", "key")


class ApiKey(_Table):
    """What a program or a person shows to act for an owner."""

    id = peewee.TextField(primary_key=True)
    owner = peewee.TextField()
    name = peewee.TextField()
    #: SHA-256 of the secret, which is kept nowhere.
    secret_hash = peewee.BlobField()
    scopes = ArrayField(peewee.TextField, index=False)
    #: None: as the settings say; 0: no limit.
    jobs_per_minute = peewee.IntegerField(null=True)
    bytes_per_day = peewee.BigIntegerField(null=True)
    created_by = peewee.TextField()
    created_at = DateTimeTZField()
    last_used_at = DateTimeTZField(null=True)
    expires_at = DateTimeTZField(null=True)
    revoked_at = DateTimeTZField(null=True)


class Owner(_Table):
    """Somebody who ever had a job: what fairness and the limit of running jobs go by."""

    name = peewee.TextField(primary_key=True)
    #: None: as the settings say; 0: no limit.
    running_jobs = peewee.IntegerField(null=True)
    #: Grows with each claim while there is a limit: by it a claim sees that another one came in between.
    claims = peewee.BigIntegerField()
    served_at = DateTimeTZField()


class OwnerDay(_Table):
    """What an owner whose bytes are limited uploaded on one day (UTC)."""

    owner = peewee.TextField()
    day = peewee.DateField()
    bytes = peewee.BigIntegerField()

    class Meta:
        primary_key = peewee.CompositeKey("owner", "day")


class WebhookEndpoint(_Table):
    """An address that is told of the end of jobs."""

    id = peewee.UUIDField(primary_key=True)
    owner = peewee.TextField()
    url = peewee.TextField()
    events = ArrayField(peewee.TextField, index=False)
    description = peewee.TextField()
    #: A job named its address; it goes when the last such job has gone.
    made_by_job = peewee.BooleanField()
    created_at = DateTimeTZField()
    disabled_at = DateTimeTZField(null=True)
    disabled_because = peewee.TextField(null=True)
    #: Since when nothing has reached it.
    failing_since = DateTimeTZField(null=True)


class WebhookSecret(_Table):
    """What signs the deliveries to an endpoint; those that were followed by another sign until they expire."""

    id = peewee.BigIntegerField(primary_key=True)
    endpoint = peewee.ForeignKeyField(WebhookEndpoint, on_delete="CASCADE", object_id_name="endpoint_id")
    #: Encrypted with the server's key.
    sealed = peewee.BlobField()
    created_at = DateTimeTZField()
    expires_at = DateTimeTZField(null=True)


class WebhookDelivery(_Table):
    """One event on its way to one endpoint. Only webhooks/deliveries.py changes it."""

    id = peewee.UUIDField(primary_key=True)
    endpoint = peewee.ForeignKeyField(WebhookEndpoint, on_delete="CASCADE", object_id_name="endpoint_id")
    event = peewee.TextField()
    #: One of the three: what has ended.
    job = peewee.ForeignKeyField(Job, null=True, on_delete="CASCADE", object_id_name="job_id")
    batch = peewee.ForeignKeyField(Batch, null=True, on_delete="CASCADE", object_id_name="batch_id")
    pipeline = peewee.ForeignKeyField(Pipeline, null=True, on_delete="CASCADE", object_id_name="pipeline_id")
    ended_at = DateTimeTZField()
    payload = BinaryJSONField()
    state = peewee.TextField()
    created_at = DateTimeTZField()
    #: While it is sent: when the lease of its sender ends.
    next_at = DateTimeTZField(null=True)
    sending = peewee.BooleanField()
    attempts = peewee.IntegerField()
    tries = peewee.IntegerField()
    settled_at = DateTimeTZField(null=True)
    last_status = peewee.IntegerField(null=True)
    last_error = BinaryJSONField(null=True)


class WebhookAttempt(_Table):
    """The log: what came of sending a delivery once."""

    delivery = peewee.ForeignKeyField(WebhookDelivery, on_delete="CASCADE", object_id_name="delivery_id")
    number = peewee.IntegerField()
    at = DateTimeTZField()
    duration_s = peewee.DoubleField()
    status_code = peewee.IntegerField(null=True)
    error_code = peewee.TextField(null=True)
    error_message = peewee.TextField(null=True)

    class Meta:
        primary_key = peewee.CompositeKey("delivery", "number")


class WebhookCheck(_Table):
    """A batch or a pipeline of which a job has ended: somebody must look whether all of them have."""

    id = peewee.BigIntegerField(primary_key=True)
    batch = peewee.ForeignKeyField(Batch, null=True, on_delete="CASCADE", object_id_name="batch_id")
    pipeline = peewee.ForeignKeyField(Pipeline, null=True, on_delete="CASCADE", object_id_name="pipeline_id")


class OperatorAction(_Table):
    """Something that a person did to the platform: the journal of operators."""

    id = peewee.BigIntegerField(primary_key=True)
    at = DateTimeTZField()
    actor = peewee.TextField()
    action = peewee.TextField()
    details = BinaryJSONField()


class MetricChange(_Table):
    """Something that was counted and is not part of the totals yet: see counts.py."""

    name = peewee.TextField()
    labels = ArrayField(peewee.TextField, index=False)
    bucket = peewee.SmallIntegerField()
    events = peewee.BigIntegerField()
    amount = peewee.DoubleField()

    class Meta:
        primary_key = False


class MetricTotal(_Table):
    """A counter, or one bucket of a histogram, since the platform began."""

    name = peewee.TextField()
    labels = ArrayField(peewee.TextField, index=False)
    bucket = peewee.SmallIntegerField()
    events = peewee.BigIntegerField()
    amount = peewee.DoubleField()

    class Meta:
        primary_key = peewee.CompositeKey("name", "labels", "bucket")


TABLES = (
    Batch,
    Pipeline,
    Job,
    JobFile,
    JobEvent,
    Worker,
    Tick,
    QueueState,
    ScheduleSlot,
    HealthCheck,
    IdempotencyKey,
    WebhookEndpoint,
    WebhookSecret,
    WebhookDelivery,
    WebhookAttempt,
    WebhookCheck,
    OperatorAction,
    MetricChange,
    MetricTotal,
    ApiKey,
    Owner,
    OwnerDay,
)
