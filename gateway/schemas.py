"""JSON Schemas of what the interface answers."""

from __future__ import annotations

from typing import Any

from shared.callers import Scope
from shared.models import Status
from shared.webhooks.delivery_records import STATES
from shared.webhooks.events import Event

_Schema = dict[str, Any]

_TEXT: _Schema = {"type": "string"}
_COUNT: _Schema = {"type": "integer", "minimum": 0}
_ID: _Schema = {"type": "string", "format": "uuid"}
_TIME: _Schema = {"type": "string", "format": "date-time", "description": "UTC"}
_SECONDS: _Schema = {"type": "number", "minimum": 0}
_ANYTHING: _Schema = {"type": "object", "additionalProperties": True}
_STATUS: _Schema = {"enum": [status.value for status in Status]}


def _nullable(schema: _Schema) -> _Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list_of(schema: _Schema) -> _Schema:
    return {"type": "array", "items": schema}


def _object(properties: dict[str, _Schema], optional: tuple[str, ...] = (), more: bool = False) -> _Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": more,
    }


def reference(name: str) -> _Schema:
    """A pointer to one of SCHEMAS."""
    return {"$ref": f"#/components/schemas/{name}"}


_FILE = {"name": _TEXT, "media_type": _TEXT, "bytes": _COUNT, "sha256": _TEXT}
_LINKS: _Schema = {"type": "object", "additionalProperties": _TEXT}

_CONSUMER: dict[str, _Schema] = {
    "worker_id": _ID,
    "host": _TEXT,
    "pid": _COUNT,
    "version": _TEXT,
    "slots": _COUNT,
    "busy": _COUNT,
    "started_at": _TIME,
    "last_beat_at": _TIME,
    "live": {"type": "boolean"},
    "operations": {
        "type": "object",
        "additionalProperties": _nullable(_TEXT),
        "description": "Each operation, with what failed in its self-test, or null.",
    },
}

_WEBHOOK: dict[str, _Schema] = {
    "id": _ID,
    "owner": _TEXT,
    "url": _TEXT,
    "events": {**_list_of({"enum": list(Event)}), "description": "Of all jobs of its owner."},
    "description": _TEXT,
    "made_by_job": {"type": "boolean", "description": "A job named its URL; it goes when the last such job has gone."},
    "created_at": _TIME,
    "enabled": {"type": "boolean"},
    "disabled_at": _nullable(_TIME),
    "disabled_because": _nullable(_TEXT),
    "failing_since": {**_nullable(_TIME), "description": "Since when nothing has reached it."},
    "older_secret_until": {**_nullable(_TIME), "description": "Until then an earlier secret signs too."},
    "deliveries": _object({"pending": _COUNT, "dead": _COUNT}),
    "links": _LINKS,
}

_KEY: dict[str, _Schema] = {
    "id": _TEXT,
    "owner": _TEXT,
    "name": _TEXT,
    "scopes": _list_of({"enum": [scope.value for scope in Scope]}),
    "jobs_per_minute": {**_nullable(_COUNT), "description": "null: as the settings say; 0: no limit."},
    "bytes_per_day": {**_nullable(_COUNT), "description": "null: as the settings say; 0: no limit."},
    "running_jobs": {**_nullable(_COUNT), "description": "Of its owner; null: as the settings say; 0: no limit."},
    "created_by": _TEXT,
    "created_at": _TIME,
    "last_used_at": {**_nullable(_TIME), "description": "To the minute."},
    "expires_at": _nullable(_TIME),
    "revoked_at": _nullable(_TIME),
}

SCHEMAS: dict[str, _Schema] = {
    "Problem": _object(
        {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "code": {**_TEXT, "description": "Stable: programs may decide by it."},
            "remedy": {**_TEXT, "description": "What to do about it."},
            "problems": _list_of(_object({"field": _TEXT, "code": _TEXT, "message": _TEXT})),
        },
        optional=("problems",),
        more=True,
    ),
    "Error": _object(
        {
            "code": _TEXT,
            "message": _TEXT,
            "remedy": _TEXT,
            "retryable": {"type": "boolean"},
            "step": {**_TEXT, "description": "The operation of the step that failed, where the job was done in steps."},
        },
        optional=("step",),
    ),
    "Progress": _object(
        {
            "percent": {"type": "integer", "minimum": 0, "maximum": 100},
            "current": _COUNT,
            "total": _COUNT,
            "message": _TEXT,
        }
    ),
    "Waiting": _object({"code": _TEXT, "message": _TEXT}),
    "Step": _object(
        {
            "operation": _TEXT,
            "id": _ID,
            "status": _STATUS,
            "progress": reference("Progress"),
            "waiting": _nullable(reference("Waiting")),
            "attempt": _COUNT,
            "run_seconds": _nullable(_SECONDS),
            "options": _ANYTHING,
            "error": _nullable(reference("Error")),
        }
    ),
    "Job": _object(
        {
            "id": _ID,
            "operation": _TEXT,
            "queue": _TEXT,
            "owner": _TEXT,
            "status": _STATUS,
            "progress": reference("Progress"),
            "waiting": {**_nullable(reference("Waiting")), "description": "Why it is not over."},
            "attempt": {
                **_COUNT,
                "description": "How often a worker has claimed it; 0 of a job that is done in steps.",
            },
            "failures": _COUNT,
            "crashes": {**_COUNT, "description": "Workers that were lost with it."},
            "interruptions": {**_COUNT, "description": "Workers that were stopped in order while they had it."},
            "priority": {"type": "integer", "minimum": 0, "maximum": 9, "description": "0 is served first."},
            "created_at": _TIME,
            "started_at": _nullable(_TIME),
            "completed_at": {**_nullable(_TIME), "description": "When it ended, however it ended."},
            "expires_at": _nullable(_TIME),
            "run_at": _TIME,
            "queue_seconds": {**_SECONDS, "description": "From its creation to its first claim."},
            "run_seconds": {**_nullable(_SECONDS), "description": "How long its latest attempt took."},
            "inputs": _list_of(_object({**_FILE, "url": {**_nullable(_TEXT), "description": "null: removed."}})),
            "outputs": _list_of(
                _object({**_FILE, "url": {**_nullable(_TEXT), "description": "null: removed, see keep_intermediate."}})
            ),
            "options": _ANYTHING,
            "result": {**_nullable(_ANYTHING), "description": "What the operation tells beside its files."},
            "error": _nullable(reference("Error")),
            "last_error": {**_nullable(reference("Error")), "description": "Why the attempt before this one ended."},
            "cached": {"type": "boolean", "description": "Answered with the result of an earlier job."},
            "message_id": _nullable(_TEXT),
            "worker": _nullable(_ID),
            "batch_id": _nullable(_ID),
            "pipeline_id": _nullable(_ID),
            "pipeline_step": {**_nullable(_COUNT), "description": "Of its pipeline; from 1."},
            "steps": {**_list_of(reference("Step")), "description": "What it is done in, where that is more than one."},
            "step_of": {**_nullable(_ID), "description": "The job that this is a step of."},
            "links": _LINKS,
        }
    ),
    "Batch": _object(
        {
            "id": _ID,
            "owner": _TEXT,
            "operation": _TEXT,
            "created_at": _TIME,
            "status": _STATUS,
            "counts": _object(dict.fromkeys((status.value for status in Status), _COUNT)),
            "progress": reference("Progress"),
            "jobs": _list_of(reference("Job")),
            "links": _LINKS,
        }
    ),
    "Pipeline": _object(
        {
            "id": _ID,
            "owner": _TEXT,
            "created_at": _TIME,
            "status": _STATUS,
            "progress": reference("Progress"),
            "keep_intermediate": {"type": "boolean"},
            "steps": _list_of(
                _object(
                    {
                        "operation": _TEXT,
                        "status": _STATUS,
                        "counts": _object(dict.fromkeys((status.value for status in Status), _COUNT)),
                        "progress": reference("Progress"),
                        "jobs": _list_of(reference("Job")),
                    }
                )
            ),
            "links": _LINKS,
        }
    ),
    "JobOrBatch": {"oneOf": [reference("Job"), reference("Batch")]},
    "JobList": _object({"jobs": _list_of(reference("Job")), "next_cursor": _nullable(_TEXT)}),
    "ManyJobs": _object(
        {
            "dry_run": {"type": "boolean"},
            "matching": {**_COUNT, "description": "How many matched, more than one request changes."},
            "changed": _COUNT,
            "jobs": _list_of(
                _object({"id": _ID, "operation": _TEXT, "queue": _TEXT, "status": {**_STATUS, "description": "So far"}})
            ),
            "more": {"type": "boolean", "description": "Send the same request again for the others."},
        }
    ),
    "Cache": _object({"entries": _COUNT, "bytes": _COUNT, "hits": _COUNT, "misses": _COUNT}),
    "Cleared": _object({"cleared": _COUNT}),
    "Journal": _object(
        {
            "journal": _list_of(
                _object(
                    {
                        "id": _COUNT,
                        "at": _TIME,
                        "event": _TEXT,
                        "status": _STATUS,
                        "attempt": _COUNT,
                        "actor": _TEXT,
                        "details": _ANYTHING,
                        "step": {**_nullable(_TEXT), "description": "The operation of the step that changed."},
                    }
                )
            )
        }
    ),
    "OperatorJournal": _object(
        {
            "journal": _list_of(
                _object({"id": _COUNT, "at": _TIME, "actor": _TEXT, "action": _TEXT, "details": _ANYTHING})
            ),
            "next_cursor": _nullable(_COUNT),
        }
    ),
    "Operation": _object(
        {
            "name": _TEXT,
            "summary": _TEXT,
            "queue": _TEXT,
            "accepts": _list_of(_TEXT),
            "produces": _list_of(_TEXT),
            "inputs": {"enum": ["none", "one", "many"]},
            "steps_before": _list_of(_object({"operation": _TEXT, "when": _TEXT})),
            "steps_after": _list_of(_object({"operation": _TEXT, "when": _TEXT})),
            "limits": {"type": "object", "additionalProperties": _COUNT},
            "options": {**_ANYTHING, "description": "A JSON Schema."},
            "links": _LINKS,
        }
    ),
    "OperationList": _object({"operations": _list_of(reference("Operation"))}),
    "Consumer": _object(_CONSUMER),
    "Queue": _object(
        {
            "name": _TEXT,
            "ready": _COUNT,
            "scheduled": _COUNT,
            "processing": _COUNT,
            "oldest_age_seconds": {**_SECONDS, "description": "How long the oldest ready job waits; 0: none."},
            "consumers": _list_of(reference("Consumer")),
            "paused": {"type": "boolean"},
            "paused_by": _nullable(_TEXT),
            "waiting_for_consumer": {
                "type": "boolean",
                "description": "A job is ready that no live worker can take.",
            },
            "ended_per_minute": _object({"last_5_minutes": _SECONDS, "last_60_minutes": _SECONDS}),
            "failures_last_hour": {
                "type": "object",
                "additionalProperties": _COUNT,
                "description": "Jobs that failed for good, by error code, the most frequent first.",
            },
            "wait_seconds": {
                **_nullable(reference("Percentiles")),
                "description": "From creation to the first claim, of the jobs that ended in the last hour.",
            },
            "run_seconds": {
                **_nullable(reference("Percentiles")),
                "description": "Of the latest attempts of the jobs that ended in the last hour.",
            },
        }
    ),
    "Percentiles": _object({"p50": _SECONDS, "p95": _SECONDS}),
    "QueueHistory": _object(
        {
            "queue": _TEXT,
            "slot_seconds": _SECONDS,
            "slots": _list_of(
                _object(
                    {
                        "at": {**_TIME, "description": "Where the slot begins."},
                        "completed": _COUNT,
                        "failed": _COUNT,
                        "cancelled": _COUNT,
                        "wait_seconds": _nullable(reference("Percentiles")),
                        "run_seconds": _nullable(reference("Percentiles")),
                    }
                )
            ),
        }
    ),
    "QueueList": _object({"queues": _list_of(reference("Queue"))}),
    "WorkerList": _object({"workers": _list_of(_object({"queue": _TEXT, **_CONSUMER}))}),
    "Health": _object({"status": {"enum": ["ok", "degraded", "unready"]}, "checks": _LINKS}, optional=("checks",)),
    "Webhook": _object(_WEBHOOK),
    "NewWebhookAnswer": _object({**_WEBHOOK, "secret": {**_TEXT, "description": "Verifies what it gets."}}),
    "WebhookList": _object({"webhooks": _list_of(reference("Webhook"))}),
    "WebhookSecret": _object({"secret": _TEXT}),
    "Redelivered": _object({"redelivered": _COUNT}),
    "Delivery": _object(
        {
            "id": {**_ID, "description": "The receiver gets it as webhook-id."},
            "endpoint_id": {**_ID, "description": "The webhook that it is for."},
            "url": _TEXT,
            "event": {"enum": list(Event)},
            "job_id": _nullable(_ID),
            "batch_id": _nullable(_ID),
            "pipeline_id": _nullable(_ID),
            "state": {"enum": list(STATES)},
            "sending": {"type": "boolean"},
            "attempts": _COUNT,
            "created_at": _TIME,
            "next_at": {**_nullable(_TIME), "description": "When it is tried again."},
            "settled_at": _nullable(_TIME),
            "last_status": _nullable({"type": "integer"}),
            "last_error": _nullable(_object({"code": _TEXT, "message": _TEXT, "remedy": _TEXT})),
            "log": _list_of(
                _object(
                    {
                        "number": _COUNT,
                        "at": _TIME,
                        "duration_s": _SECONDS,
                        "status_code": _nullable({"type": "integer"}),
                        "error": _nullable(_object({"code": _TEXT, "message": _TEXT})),
                    }
                )
            ),
            "payload": {**_ANYTHING, "description": "What is posted: type, timestamp, data."},
            "links": _LINKS,
        }
    ),
    "DeliveryList": _object({"deliveries": _list_of(reference("Delivery")), "next_cursor": _nullable(_TEXT)}),
    "Key": _object(_KEY),
    "NewKey": _object({"key": {**_TEXT, "description": "Shown this once, kept nowhere."}, **_KEY}),
    "KeyList": _object({"keys": _list_of(reference("Key"))}),
    "Session": _object(
        {
            "keys_needed": {"type": "boolean"},
            "owner": {**_nullable(_TEXT), "description": "null: nobody has signed in."},
            "name": {**_nullable(_TEXT), "description": "As the journal names the caller."},
            "scopes": _list_of({"enum": [scope.value for scope in Scope]}),
        }
    ),
    "Anything": _ANYTHING,
}
