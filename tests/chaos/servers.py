"""The durable Postgres and the Redis that faults are tried on: they may be stopped, frozen and killed."""

from __future__ import annotations

import signal
import subprocess
import time
import uuid
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psycopg
import redis
from psycopg.conninfo import conninfo_to_dict

from cli.embedded_postgres import EmbeddedPostgres
from cli.embedded_redis import EmbeddedRedis
from shared import broker

_ANSWERS_S = 60


class Servers:
    """One of each; a context manager. Use it in the main thread: servers end with the thread that started them."""

    def __init__(self, folder: Path) -> None:
        self._postgres = EmbeddedPostgres(folder / "postgres")
        self._redis = EmbeddedRedis(folder / "redis")
        self._redis_databases = 0

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"chaos_{uuid.uuid4().hex}"
        with psycopg.connect(self._postgres.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._postgres.url_of(name)

    @property
    def postgres_socket(self) -> Path:
        """The socket that Postgres listens on."""
        host = conninfo_to_dict(self._postgres.url_of("postgres"))["host"]
        return Path(str(host)) / ".s.PGSQL.5432"

    def new_redis_database(self) -> int:
        """The number of a database in Redis that no stage uses at the same time: bells of one must not wake another."""
        self._redis_databases = self._redis_databases % 15 + 1
        return self._redis_databases

    def redis_url(self, database: int) -> str:
        """The address of Redis."""
        return self._redis.url.replace("?db=0", f"?db={database}")

    @property
    def redis_socket(self) -> Path:
        """The socket that Redis listens on."""
        return Path(self._redis.url.removeprefix("unix://").partition("?")[0])

    @property
    def redis_client(self) -> redis.Redis:
        """A client that does not wait long."""
        return broker.fail_fast_client(self._redis.url)

    @property
    def postgres_process(self) -> subprocess.Popen[bytes]:
        """The server's first process."""
        assert self._postgres.process
        return self._postgres.process

    @property
    def redis_process(self) -> subprocess.Popen[bytes]:
        """The server's process."""
        assert self._redis.process
        return self._redis.process

    def postgres_answers(self) -> bool:
        """Whether a connection can be made now."""
        with suppress(psycopg.OperationalError):
            psycopg.connect(self._postgres.url_of("postgres"), connect_timeout=2).close()
            return True
        return False

    def redis_answers(self) -> bool:
        """Whether it answers now."""
        with suppress(redis.RedisError):
            return bool(self.redis_client.ping())
        return False

    def start_postgres(self) -> None:
        """Start the stopped server again; does not wait until it answers."""
        self._postgres.start_again()

    def start_redis(self) -> None:
        """Start the stopped server again; does not wait until it answers."""
        self._redis.start_again()

    def stop_redis(self) -> None:
        """Stop Redis and wait for its end: its content is lost."""
        self.redis_process.send_signal(signal.SIGCONT)
        self.redis_process.terminate()
        self.redis_process.wait(_ANSWERS_S)

    def freeze_redis(self, seconds: float) -> None:
        """Let Redis do nothing for a while."""
        self.redis_process.send_signal(signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            self.redis_process.send_signal(signal.SIGCONT)

    def restart_redis(self) -> None:
        """Stop Redis, start it again, and return when it answers."""
        self.stop_redis()
        self.make_well()

    def make_well(self) -> None:
        """Whatever a test did to them: both run and answer afterwards."""
        self.redis_process.send_signal(signal.SIGCONT)
        if self.redis_process.poll() is not None:
            self.start_redis()
        if self.postgres_process.poll() is not None:
            self.start_postgres()
        deadline_s = time.monotonic() + _ANSWERS_S
        while not (self.postgres_answers() and self.redis_answers()):
            assert time.monotonic() < deadline_s, "a server does not come up again"
            time.sleep(0.05)

    def __enter__(self) -> Servers:
        self._postgres.start()
        self._redis.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError):
            self.redis_process.send_signal(signal.SIGCONT)
        self._redis.stop()
        self._postgres.stop()
