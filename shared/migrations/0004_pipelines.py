"""Pipelines: jobs where one's outputs are the next one's inputs."""

from __future__ import annotations

import peewee
from playhouse.migrate import SchemaMigrator

_UP = """
CREATE TABLE pipeline (
    id uuid PRIMARY KEY,
    -- The operation of each step, in their order.
    operations text[] NOT NULL,
    keep_intermediate boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE job
    ADD COLUMN pipeline_id uuid REFERENCES pipeline (id) ON DELETE CASCADE,
    -- From 0.
    ADD COLUMN pipeline_step integer,
    -- Jobs of one step work side by side, each on its part of the documents; from 0.
    ADD COLUMN pipeline_part integer,
    -- Takes the outputs of all parts of the step before, not only of its own.
    ADD COLUMN pipeline_joins boolean NOT NULL DEFAULT false,
    -- Media types that it takes from the step before.
    ADD COLUMN pipeline_takes text[],
    ADD COLUMN waits_for_step boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT job_pipeline_has_a_place CHECK (
        (pipeline_id IS NULL) = (pipeline_step IS NULL) AND (pipeline_id IS NULL) = (pipeline_part IS NULL)),
    ADD CONSTRAINT job_waits_for_step_of_a_pipeline CHECK (
        NOT waits_for_step OR (pipeline_step > 0 AND status IN ('pending', 'failed', 'cancelled')));
CREATE UNIQUE INDEX job_pipeline ON job (pipeline_id, pipeline_step, pipeline_part) WHERE pipeline_id IS NOT NULL;
CREATE INDEX job_waits_for_step ON job (pipeline_id) WHERE waits_for_step AND status = 'pending';

DROP INDEX job_ready;
CREATE INDEX job_ready ON job (queue, priority, id) WHERE status = 'pending' AND NOT waits_for_step;

-- A step's inputs are the documents that the step before stored.
ALTER TABLE job_file DROP CONSTRAINT job_file_storage_key_key;
CREATE INDEX job_file_storage_key ON job_file (storage_key);
ALTER TABLE job_file ADD COLUMN erased boolean NOT NULL DEFAULT false;
"""

_DOWN = """
DELETE FROM job WHERE pipeline_id IS NOT NULL;
ALTER TABLE job_file DROP COLUMN erased;
DROP INDEX job_file_storage_key;
ALTER TABLE job_file ADD CONSTRAINT job_file_storage_key_key UNIQUE (storage_key);
DROP INDEX job_ready;
CREATE INDEX job_ready ON job (queue, priority, id) WHERE status = 'pending';
ALTER TABLE job DROP COLUMN pipeline_id, DROP COLUMN pipeline_step, DROP COLUMN pipeline_part,
    DROP COLUMN pipeline_joins, DROP COLUMN pipeline_takes, DROP COLUMN waits_for_step;
DROP TABLE pipeline;
"""


def up(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Add them."""
    db.execute_sql(_UP)


def down(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Take them away, with the jobs that belong to them."""
    db.execute_sql(_DOWN)
