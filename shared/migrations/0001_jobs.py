"""Jobs, their files, their journal, batches, workers, and what the keeper and operators leave behind."""

from __future__ import annotations

import peewee
from playhouse.migrate import SchemaMigrator

_TABLES = """
CREATE TABLE batch (
    id uuid PRIMARY KEY,
    operation text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE job (
    id uuid PRIMARY KEY,
    operation text NOT NULL,
    queue text NOT NULL,
    status text NOT NULL DEFAULT 'pending'
        CONSTRAINT job_status_is_known CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    priority smallint NOT NULL DEFAULT 5
        CONSTRAINT job_priority_in_range CHECK (priority BETWEEN 0 AND 9),
    options jsonb NOT NULL DEFAULT '{}',
    password bytea,
    batch_id uuid REFERENCES batch (id) ON DELETE CASCADE,
    batch_position integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    run_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    claimed_at timestamptz,
    completed_at timestamptz,
    expires_at timestamptz,
    attempt integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    crashes integer NOT NULL DEFAULT 0,
    interruptions integer NOT NULL DEFAULT 0,
    max_failures integer NOT NULL,
    worker_id uuid,
    lease_until timestamptz,
    message_id text,
    cancel_requested boolean NOT NULL DEFAULT false,
    progress_current integer NOT NULL DEFAULT 0,
    progress_total integer NOT NULL DEFAULT 0,
    progress_message text NOT NULL DEFAULT '',
    result jsonb,
    result_attempt integer,
    error jsonb,
    last_error jsonb,
    CONSTRAINT job_processing_has_worker_and_lease CHECK (
        (status = 'processing') = (lease_until IS NOT NULL) AND (status = 'processing') = (worker_id IS NOT NULL)),
    CONSTRAINT job_ended_has_a_time CHECK (
        (status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL)
        AND (completed_at IS NULL) = (expires_at IS NULL)),
    CONSTRAINT job_completed_has_a_result CHECK (
        (status = 'completed') = (result_attempt IS NOT NULL) AND (status = 'completed') = (result IS NOT NULL)),
    CONSTRAINT job_result_is_of_its_last_attempt CHECK (result_attempt IS NULL OR result_attempt = attempt),
    CONSTRAINT job_failed_has_an_error CHECK ((status = 'failed') = (error IS NOT NULL)),
    CONSTRAINT job_ended_keeps_no_secret CHECK (completed_at IS NULL OR password IS NULL),
    CONSTRAINT job_counters_are_not_negative CHECK (
        attempt >= 0 AND failures >= 0 AND crashes >= 0 AND interruptions >= 0 AND max_failures >= 1),
    CONSTRAINT job_batch_has_a_position CHECK ((batch_id IS NULL) = (batch_position IS NULL))
) WITH (fillfactor = 70);

CREATE INDEX job_ready ON job (queue, priority, id) WHERE status = 'pending';
CREATE INDEX job_lease ON job (lease_until) WHERE status = 'processing';
CREATE INDEX job_batch ON job (batch_id, batch_position) WHERE batch_id IS NOT NULL;
CREATE INDEX job_expiry ON job (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE job_file (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id uuid NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    role text NOT NULL CONSTRAINT job_file_role_is_known CHECK (role IN ('input', 'output')),
    attempt integer NOT NULL CONSTRAINT job_file_inputs_have_no_attempt CHECK ((role = 'input') = (attempt = 0)),
    position integer NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    bytes bigint NOT NULL CONSTRAINT job_file_bytes_are_not_negative CHECK (bytes >= 0),
    sha256 text NOT NULL CONSTRAINT job_file_sha256_is_hexadecimal CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    storage_key text NOT NULL UNIQUE,
    CONSTRAINT job_file_position_is_taken_once UNIQUE (job_id, role, attempt, position)
);

CREATE TABLE job_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id uuid NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT now(),
    event text NOT NULL,
    status text NOT NULL,
    attempt integer NOT NULL,
    actor text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX job_event_of_job ON job_event (job_id, id);

CREATE TABLE worker (
    id uuid PRIMARY KEY,
    service text NOT NULL,
    queue text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    version text NOT NULL,
    slots integer NOT NULL CONSTRAINT worker_has_slots CHECK (slots >= 1),
    busy integer NOT NULL DEFAULT 0,
    operations jsonb NOT NULL DEFAULT '{}',
    stopping boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL DEFAULT now(),
    beat_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX worker_of_queue ON worker (queue, beat_at);

CREATE TABLE tick (
    name text PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    details jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE queue_state (
    queue text PRIMARY KEY,
    paused_by text NOT NULL,
    paused_at timestamptz NOT NULL DEFAULT now()
);
"""


def up(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Create the first tables."""
    db.execute_sql(_TABLES)


def down(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Drop them, with everything in them."""
    db.execute_sql("DROP TABLE queue_state, tick, worker, job_event, job_file, job, batch")
