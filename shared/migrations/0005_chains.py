"""Chains: a job that the caller sees as one is done by the jobs of a pipeline that belongs to it."""

from __future__ import annotations

import peewee
from playhouse.migrate import SchemaMigrator

_UP = """
-- The job that these are the steps of; none: a pipeline that somebody submitted.
ALTER TABLE pipeline ADD COLUMN job_id uuid UNIQUE REFERENCES job (id) ON DELETE CASCADE;

-- What it does not take of the step before it hands on beside its own outputs.
ALTER TABLE job ADD COLUMN pipeline_carries boolean NOT NULL DEFAULT false;
-- A job without a pipeline waits for steps of its own.
ALTER TABLE job DROP CONSTRAINT job_waits_for_step_of_a_pipeline;
ALTER TABLE job ADD CONSTRAINT job_waits_for_a_step CHECK (
    NOT waits_for_step OR (coalesce(pipeline_step, 1) > 0 AND status IN ('pending', 'failed', 'cancelled')));

ALTER TABLE job_file DROP CONSTRAINT job_file_role_is_known;
ALTER TABLE job_file ADD CONSTRAINT job_file_role_is_known CHECK (role IN ('input', 'output', 'carried'));
"""

_DOWN = """
DELETE FROM job USING pipeline WHERE pipeline.job_id = job.id;
DELETE FROM job_file WHERE role = 'carried';
ALTER TABLE job_file DROP CONSTRAINT job_file_role_is_known;
ALTER TABLE job_file ADD CONSTRAINT job_file_role_is_known CHECK (role IN ('input', 'output'));
ALTER TABLE job DROP CONSTRAINT job_waits_for_a_step;
ALTER TABLE job ADD CONSTRAINT job_waits_for_step_of_a_pipeline CHECK (
    NOT waits_for_step OR (pipeline_step > 0 AND status IN ('pending', 'failed', 'cancelled')));
ALTER TABLE job DROP COLUMN pipeline_carries;
ALTER TABLE pipeline DROP COLUMN job_id;
"""


def up(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Add them."""
    db.execute_sql(_UP)


def down(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Take them away, with the jobs that are done in steps."""
    db.execute_sql(_DOWN)
