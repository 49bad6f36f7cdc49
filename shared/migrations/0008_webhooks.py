"""Webhooks: who wants to hear of the end of jobs, what is to be delivered, and a trigger that never forgets one."""

from __future__ import annotations

import peewee
from playhouse.migrate import SchemaMigrator

_TABLES = """
CREATE TABLE webhook_endpoint (
    id uuid PRIMARY KEY,
    owner text NOT NULL DEFAULT 'local',
    url text NOT NULL,
    -- Of all jobs of the owner; it hears everything of the jobs that name it (job.webhook_id), whatever stands here.
    events text[] NOT NULL,
    description text NOT NULL DEFAULT '',
    -- Nobody registered it, a job named its address: it goes when the last such job has gone.
    made_by_job boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz,
    disabled_because text,
    -- Since when nothing has reached it.
    failing_since timestamptz,
    CONSTRAINT webhook_endpoint_url_is_taken_once UNIQUE (owner, url),
    CONSTRAINT webhook_endpoint_disabled_has_a_reason CHECK ((disabled_at IS NULL) = (disabled_because IS NULL))
);

CREATE TABLE webhook_secret (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    -- Encrypted with the server's key.
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- It was followed by another; until then both sign.
    expires_at timestamptz
);
CREATE UNIQUE INDEX webhook_secret_one_is_current ON webhook_secret (endpoint_id) WHERE expires_at IS NULL;
CREATE INDEX webhook_secret_of_endpoint ON webhook_secret (endpoint_id);

CREATE TABLE webhook_delivery (
    -- What the receiver gets as webhook-id.
    id uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    event text NOT NULL,
    job_id uuid REFERENCES job (id) ON DELETE CASCADE,
    batch_id uuid REFERENCES batch (id) ON DELETE CASCADE,
    pipeline_id uuid REFERENCES pipeline (id) ON DELETE CASCADE,
    -- Tells one end from the next: somebody may try what has ended once more.
    ended_at timestamptz NOT NULL,
    payload jsonb NOT NULL,
    state text NOT NULL DEFAULT 'pending'
        CONSTRAINT webhook_delivery_state_is_known CHECK (state IN ('pending', 'delivered', 'dead')),
    created_at timestamptz NOT NULL DEFAULT now(),
    -- While it is sent: when whoever sends it has lost it.
    next_at timestamptz DEFAULT now(),
    sending boolean NOT NULL DEFAULT false,
    -- All of them: the number of the latest in webhook_attempt. Since it was last ordered: what the back-off counts.
    attempts integer NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0,
    settled_at timestamptz,
    last_status integer,
    last_error jsonb,
    CONSTRAINT webhook_delivery_is_about_one_thing CHECK (num_nonnulls(job_id, batch_id, pipeline_id) = 1),
    CONSTRAINT webhook_delivery_pending_has_a_time CHECK (
        (state = 'pending') = (next_at IS NOT NULL) AND (state = 'pending') = (settled_at IS NULL)),
    CONSTRAINT webhook_delivery_settled_is_not_sent CHECK (state = 'pending' OR NOT sending)
) WITH (fillfactor = 80);
-- Each end of each thing is told to each endpoint once; they also serve the erasure of what they are about.
CREATE UNIQUE INDEX webhook_delivery_of_job ON webhook_delivery (job_id, endpoint_id, ended_at)
    WHERE job_id IS NOT NULL;
CREATE UNIQUE INDEX webhook_delivery_of_batch ON webhook_delivery (batch_id, endpoint_id, ended_at)
    WHERE batch_id IS NOT NULL;
CREATE UNIQUE INDEX webhook_delivery_of_pipeline ON webhook_delivery (pipeline_id, endpoint_id, ended_at)
    WHERE pipeline_id IS NOT NULL;
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, next_at) WHERE state = 'pending';
CREATE INDEX webhook_delivery_dead ON webhook_delivery (endpoint_id, created_at, id) WHERE state = 'dead';
CREATE INDEX webhook_delivery_of_endpoint ON webhook_delivery (endpoint_id, created_at, id);
CREATE INDEX webhook_delivery_settled ON webhook_delivery (settled_at) WHERE settled_at IS NOT NULL;

CREATE TABLE webhook_attempt (
    delivery_id uuid NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
    number integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    duration_s double precision NOT NULL,
    status_code integer,
    error_code text,
    error_message text,
    PRIMARY KEY (delivery_id, number)
);

-- Batches and pipelines of which a job has ended: somebody must look whether all of them have.
CREATE TABLE webhook_check (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id uuid REFERENCES batch (id) ON DELETE CASCADE,
    pipeline_id uuid REFERENCES pipeline (id) ON DELETE CASCADE,
    CONSTRAINT webhook_check_is_of_one_thing CHECK (num_nonnulls(batch_id, pipeline_id) = 1)
);
CREATE INDEX webhook_check_of_batch ON webhook_check (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX webhook_check_of_pipeline ON webhook_check (pipeline_id) WHERE pipeline_id IS NOT NULL;

-- The endpoint that hears of this job, beside those that hear of all of the owner's.
ALTER TABLE job ADD COLUMN webhook_id uuid REFERENCES webhook_endpoint (id) ON DELETE SET NULL;
CREATE INDEX job_webhook ON job (webhook_id) WHERE webhook_id IS NOT NULL;
"""

# A trigger and not a part of each statement that ends a job: there are eight of them, in four files, and the next one
# would be forgotten. It runs in the same transaction, so that the end and what is told of it are there together.
_TRIGGER = """
CREATE FUNCTION webhook_time(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

CREATE FUNCTION webhook_job_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- All that is asked of the jobs of most: whether anybody listens.
    IF NEW.webhook_id IS NULL AND NOT EXISTS (
        SELECT FROM webhook_endpoint WHERE owner = NEW.owner AND disabled_at IS NULL AND events <> '{}'
    ) THEN
        RETURN NULL;
    END IF;
    IF NEW.pipeline_id IS NOT NULL THEN
        -- Steps tell nothing of their own. Those that a job is done in end with that job.
        INSERT INTO webhook_check (pipeline_id)
        SELECT id FROM pipeline WHERE id = NEW.pipeline_id AND job_id IS NULL;
        RETURN NULL;
    END IF;
    IF NEW.batch_id IS NOT NULL THEN
        INSERT INTO webhook_check (batch_id) VALUES (NEW.batch_id);
    END IF;
    INSERT INTO webhook_delivery (id, endpoint_id, event, job_id, ended_at, payload)
    SELECT gen_random_uuid(), endpoint.id, 'job.' || NEW.status, NEW.id, NEW.completed_at, jsonb_build_object(
        'type', 'job.' || NEW.status,
        'timestamp', webhook_time(NEW.completed_at),
        'data', jsonb_build_object(
            'id', NEW.id,
            'operation', NEW.operation,
            'status', NEW.status,
            'created_at', webhook_time(NEW.created_at),
            'completed_at', webhook_time(NEW.completed_at),
            'cached', NEW.cached,
            'batch_id', NEW.batch_id,
            'error', NEW.error,
            'links', jsonb_strip_nulls(jsonb_build_object(
                'self', '/v1/jobs/' || NEW.id,
                'result', CASE NEW.status WHEN 'completed' THEN '/v1/jobs/' || NEW.id || '/result' END,
                'batch', '/v1/batches/' || NEW.batch_id))))
    FROM webhook_endpoint AS endpoint
    WHERE endpoint.disabled_at IS NULL AND (
        endpoint.id = NEW.webhook_id OR endpoint.owner = NEW.owner AND 'job.' || NEW.status = ANY(endpoint.events))
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER webhook_job_ended AFTER UPDATE OF completed_at ON job FOR EACH ROW
    WHEN (OLD.completed_at IS NULL AND NEW.completed_at IS NOT NULL) EXECUTE FUNCTION webhook_job_ended();
-- A job that is answered from the cache has ended from the start.
CREATE TRIGGER webhook_job_created AFTER INSERT ON job FOR EACH ROW
    WHEN (NEW.completed_at IS NOT NULL) EXECUTE FUNCTION webhook_job_ended();
"""

_DOWN = """
DROP TRIGGER webhook_job_created ON job;
DROP TRIGGER webhook_job_ended ON job;
DROP FUNCTION webhook_job_ended;
DROP FUNCTION webhook_time;
ALTER TABLE job DROP COLUMN webhook_id;
DROP TABLE webhook_check, webhook_attempt, webhook_delivery, webhook_secret, webhook_endpoint;
"""


def up(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Add them."""
    db.execute_sql(_TABLES)
    db.execute_sql(_TRIGGER)


def down(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Take them away, with what was not delivered."""
    db.execute_sql(_DOWN)
