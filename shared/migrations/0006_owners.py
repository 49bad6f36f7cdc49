"""Owners of jobs, the API keys that act for them, and what the fairness of claims and the quotas count."""

from __future__ import annotations

import peewee
from playhouse.migrate import SchemaMigrator

_UP = """
CREATE TABLE api_key (
    id text PRIMARY KEY CONSTRAINT api_key_id_is_one CHECK (id ~ '^[a-z2-7]{12}$'),
    owner text NOT NULL CONSTRAINT api_key_owner_is_a_name CHECK (owner ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    name text NOT NULL CONSTRAINT api_key_has_a_name CHECK (length(name) BETWEEN 1 AND 100),
    -- SHA-256 of the 256 random bits that only the key's holder knows.
    secret_hash bytea NOT NULL CONSTRAINT api_key_hash_is_one CHECK (length(secret_hash) = 32),
    scopes text[] NOT NULL CONSTRAINT api_key_scopes_are_known CHECK (
        cardinality(scopes) > 0 AND scopes <@ ARRAY['submit', 'read', 'admin']),
    -- None: as the settings say; 0: no limit.
    jobs_per_minute integer CONSTRAINT api_key_jobs_are_not_negative CHECK (jobs_per_minute >= 0),
    bytes_per_day bigint CONSTRAINT api_key_bytes_are_not_negative CHECK (bytes_per_day >= 0),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz
);

-- One row for everybody who ever had a job. A claim locks it where the owner has a limit.
CREATE TABLE owner (
    name text PRIMARY KEY,
    -- Most jobs that run at once; none: as the settings say; 0: no limit.
    running_jobs integer CONSTRAINT owner_running_jobs_are_not_negative CHECK (running_jobs >= 0),
    claims bigint NOT NULL DEFAULT 0,
    -- When a job of this owner was claimed last.
    served_at timestamptz NOT NULL DEFAULT 'epoch'
) WITH (fillfactor = 50);
INSERT INTO owner (name) VALUES ('local'), ('bindery');

-- What was uploaded on a day (UTC), of owners whose bytes are limited.
CREATE TABLE owner_day (
    owner text NOT NULL,
    day date NOT NULL,
    bytes bigint NOT NULL,
    PRIMARY KEY (owner, day)
) WITH (fillfactor = 50);

ALTER TABLE batch ADD COLUMN owner text NOT NULL DEFAULT 'local';
ALTER TABLE pipeline ADD COLUMN owner text NOT NULL DEFAULT 'local';
ALTER TABLE job ADD COLUMN owner text NOT NULL DEFAULT 'local';
ALTER TABLE idempotency_key ADD COLUMN owner text NOT NULL DEFAULT 'local';
ALTER TABLE idempotency_key DROP CONSTRAINT idempotency_key_pkey, ADD PRIMARY KEY (owner, key);

-- A claim goes from owner to owner; a list shows the newest jobs of one.
DROP INDEX job_ready;
CREATE INDEX job_ready ON job (queue, owner, priority, id) WHERE status = 'pending' AND NOT waits_for_step;
CREATE INDEX job_of_owner ON job (owner, id);
"""

_DOWN = """
DROP INDEX job_of_owner;
DROP INDEX job_ready;
CREATE INDEX job_ready ON job (queue, priority, id) WHERE status = 'pending' AND NOT waits_for_step;
DELETE FROM idempotency_key WHERE owner <> 'local';
ALTER TABLE idempotency_key DROP COLUMN owner, ADD PRIMARY KEY (key);
ALTER TABLE job DROP COLUMN owner;
ALTER TABLE pipeline DROP COLUMN owner;
ALTER TABLE batch DROP COLUMN owner;
DROP TABLE owner_day, owner, api_key;
"""


def up(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Add them; what is there already belongs to `local`."""
    db.execute_sql(_UP)


def down(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Take them away, with the keys."""
    db.execute_sql(_DOWN)
