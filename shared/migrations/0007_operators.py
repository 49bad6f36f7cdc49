"""What operators look at: their own actions, figures of jobs that ended, counters that outlive processes, traces."""

from __future__ import annotations

import peewee
from playhouse.migrate import SchemaMigrator

_UP = """
CREATE TABLE operator_action (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}'
);

-- Figures of the last hours read one end of it.
CREATE INDEX job_ended ON job (completed_at) WHERE completed_at IS NOT NULL;
-- Counts of what waits and runs, and lists of what went wrong, do not pass by all that is long over.
CREATE INDEX job_open ON job (queue) WHERE completed_at IS NULL;
CREATE INDEX job_unsuccessful ON job (id) WHERE status IN ('failed', 'cancelled');

-- Counters, with the labels' values in the order in which shared/metrics.py declares their names. What is counted is
-- only ever inserted, so that nobody waits for anybody; now and then it is added to the totals. Seconds are counted by
-- the bucket of the histogram that they fall in.
CREATE TABLE metric_change (
    name text NOT NULL,
    labels text[] NOT NULL,
    bucket smallint NOT NULL DEFAULT 0,
    events bigint NOT NULL DEFAULT 1,
    amount double precision NOT NULL DEFAULT 1
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE TABLE metric_total (
    name text NOT NULL,
    labels text[] NOT NULL,
    bucket smallint NOT NULL,
    events bigint NOT NULL,
    amount double precision NOT NULL,
    PRIMARY KEY (name, labels, bucket)
) WITH (fillfactor = 50);

-- The W3C trace context of the request that created the job.
ALTER TABLE job ADD COLUMN traceparent text;
"""

_DOWN = """
ALTER TABLE job DROP COLUMN traceparent;
DROP TABLE metric_total, metric_change;
DROP INDEX job_unsuccessful, job_open, job_ended;
DROP TABLE operator_action;
"""


def up(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Add them."""
    db.execute_sql(_UP)


def down(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Take them away."""
    db.execute_sql(_DOWN)
