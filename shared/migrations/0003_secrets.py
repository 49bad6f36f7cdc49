"""Options can be secret as the password is: what is encrypted with a job has a name that fits both."""

from __future__ import annotations

import peewee
from playhouse.migrate import SchemaMigrator


def up(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Rename the column."""
    db.execute_sql("ALTER TABLE job RENAME COLUMN password TO secrets")


def down(_migrator: SchemaMigrator, db: peewee.Database) -> None:
    """Rename it back."""
    db.execute_sql("ALTER TABLE job RENAME COLUMN secrets TO password")
