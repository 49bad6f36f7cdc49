"""Scheduled jobs, health history, Idempotency-Key, the result cache."""

from __future__ import annotations

import peewee
from playhouse.migrate import SchemaMigrator

_UP = """
CREATE TABLE schedule_slot (
    name text NOT NULL,
    slot timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, slot)
);

CREATE TABLE health_check (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    ok boolean NOT NULL,
    parts jsonb NOT NULL
);
CREATE INDEX health_check_at ON health_check (at);

CREATE TABLE idempotency_key (
    key text PRIMARY KEY,
    fingerprint text NOT NULL,
    job_id uuid NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idempotency_key_of_job ON idempotency_key (job_id);

ALTER TABLE job ADD COLUMN cache_key text;
ALTER TABLE job ADD COLUMN cached boolean NOT NULL DEFAULT false;
CREATE INDEX job_cache ON job (cache_key, id) WHERE cache_key IS NOT NULL AND status = 'completed';

-- A job that is answered from the cache has outputs, but no attempt was made.
ALTER TABLE job_file DROP CONSTRAINT job_file_inputs_have_no_attempt;
ALTER TABLE job_file ADD CONSTRAINT job_file_inputs_have_no_attempt CHECK (role = 'output' OR attempt = 0);
"""

_DOWN = """
ALTER TABLE job_file DROP CONSTRAINT job_file_inputs_have_no_attempt;
ALTER TABLE job_file ADD CONSTRAINT job_file_inputs_have_no_attempt CHECK ((role = 'input') = (attempt = 0)) NOT VALID;
ALTER TABLE job DROP COLUMN cached, DROP COLUMN cache_key;
DROP TABLE idempotency_key, health_check, schedule_slot;
"""


def up(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Add them."""
    db.execute_sql(_UP)


def down(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Take them away; jobs that were answered from the cache stay."""
    db.execute_sql(_DOWN)
