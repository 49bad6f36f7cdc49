"""The connection to Postgres: one per thread, made anew when it broke, with errors that say what to do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee
from playhouse.migrations import Runner

from shared.errors import DatabaseUnavailable

#: Bound to a server by `configure`; models refer to it before.
DATABASE = peewee.PostgresqlDatabase(None, prefer_psycopg3=True)

#: Seconds to wait for a connection, and for a dead peer to be noticed.
_CONNECT_TIMEOUT_S = 3
_DEAD_PEER_S = 15

#: The same on the server's side: a host that is cut off in the middle of a transaction would hold its locks, the
#: keeper's among them, until the server's kernel gives the connection up, which by default takes two hours.
_SERVER_OPTIONS = (
    f"-c idle_in_transaction_session_timeout={_DEAD_PEER_S}s "
    f"-c tcp_keepalives_idle={_DEAD_PEER_S} -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 "
    f"-c tcp_user_timeout={_DEAD_PEER_S}s"
)

#: A connection that worked so short a time ago is taken to work still.
_SURE_FOR_S = 1.0

#: `worked_s`: monotonic time of this thread's latest success.
_THREAD = threading.local()

_MIGRATIONS = Path(__file__).with_name("migrations")


def configure(url: str, application_name: str) -> None:
    """Name the server to use. Connects to nothing yet."""
    if not DATABASE.is_closed():
        DATABASE.close()
    DATABASE.init(
        url,
        prefer_psycopg3=True,
        connect_timeout=_CONNECT_TIMEOUT_S,
        application_name=application_name,
        keepalives_idle=_DEAD_PEER_S,
        tcp_user_timeout=_DEAD_PEER_S * 1000,
        options=_SERVER_OPTIONS,
    )


@contextmanager
def connected() -> Iterator[peewee.PostgresqlDatabase]:
    """A usable connection of this thread; kept open for the next time.

    Raises:
        DatabaseUnavailable: the server cannot be reached, or was lost on the way. Whether the last
            statement took effect is then unknown: callers repeat guarded statements or look again.
    """
    try:
        if not DATABASE.is_closed() and not DATABASE.is_connection_usable():
            DATABASE.close()
        DATABASE.connect(reuse_if_open=True)
        yield DATABASE
        _THREAD.worked_s = time.monotonic()
    except (peewee.OperationalError, peewee.InterfaceError) as error:
        disconnect()
        raise DatabaseUnavailable() from error


def make_sure() -> None:
    """Find out whether this thread's connection works, unless it did a moment ago. Raises DatabaseUnavailable."""
    if DATABASE.is_closed() or time.monotonic() - getattr(_THREAD, "worked_s", 0.0) > _SURE_FOR_S:
        rows("SELECT 1", {})


def disconnect() -> None:
    """Close this thread's connection, whatever its state."""
    try:
        DATABASE.close()
    except peewee.PeeweeException:
        # A connection that broke cannot be closed politely; forget it.
        DATABASE._state.reset()  # type: ignore[attr-defined]


def rows(sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Run one statement in a transaction of its own and return its rows by column name."""
    with connected() as database:
        cursor = database.execute_sql(sql, parameters)
        if cursor.description is None:
            return []
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _runner() -> Runner:
    return Runner(DATABASE, str(_MIGRATIONS))


def migrate() -> list[str]:
    """Bring the schema up to date and return the names of the migrations that were applied.

    Safe to call from several processes at once: an advisory lock lets one of them work.
    """
    with connected() as database:
        database.execute_sql("SELECT pg_advisory_lock(%(key)s)", {"key": _MIGRATION_LOCK})
        try:
            applied: list[str] = _runner().up()
        finally:
            database.execute_sql("SELECT pg_advisory_unlock(%(key)s)", {"key": _MIGRATION_LOCK})
    return applied


def pending_migrations() -> list[str]:
    """Names of the migrations that this version needs and the database lacks."""
    with connected():
        return [migration.name for migration in _runner().status() if migration.path and not migration.applied]


#: Keys of Postgres advisory locks: any numbers, as long as they differ.
_MIGRATION_LOCK = 4_207_001
KEEPER_LOCK = 4_207_002
FOLD_LOCK = 4_207_003
