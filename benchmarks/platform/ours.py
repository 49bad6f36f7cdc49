"""Our platform for a measurement: real durable servers, workers of the probe service, the gateway."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
from uuid_utils.compat import uuid7

from benchmarks.platform.machine import wait_until
from cli import child_process
from cli.embedded_postgres import EmbeddedPostgres
from cli.embedded_redis import EmbeddedRedis
from gateway import job_creation
from gateway.job_creation import NewJob
from shared import database, jobs, settings, storage
from shared.broker import Bell

ROOT = Path(__file__).parents[2]
#: A service whose engine behaves as it is told.
_PLUGINS = ROOT / "tests" / "plugins"
SAMPLE = _PLUGINS / "services" / "probe" / "samples" / "document.pdf"
QUEUE = "probe"
_READY_S = 120
_STOP_S = 60


class Ours:
    """Servers with fsync on, in `folder`; workers and gateway as processes. A context manager, one at a time.

    `chosen` are BINDERY_* settings without the prefix, in lower case. While it is open this process has them too.
    """

    def __init__(self, folder: Path, **chosen: str) -> None:
        self._folder = folder
        self._chosen = {"var_dir": str(folder / "var"), "secret_key": "a key for benchmarks", **chosen}
        self._stack = ExitStack()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._gateways = 0
        self.postgres = EmbeddedPostgres(folder / "var", durable=True)
        self.redis = EmbeddedRedis(folder / "var")

    def __enter__(self) -> Ours:
        self._stack.enter_context(self.postgres)
        self._stack.callback(database.disconnect)
        self._stack.enter_context(self.redis)
        chosen = {"database_url": self.postgres.url, "redis_url": self.redis.url, **self._chosen}
        self._stack.enter_context(_environment({f"BINDERY_{name.upper()}": text for name, text in chosen.items()}))
        self._stack.callback(self.stop_processes)
        database.configure(self.postgres.url, "benchmark")
        database.migrate()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    # -- processes ---------------------------------------------------------------------------------------------

    def start_worker(self, *, wait: bool = True, **chosen: str) -> subprocess.Popen[bytes]:
        """A worker of the probe service, ready unless `wait` is false; its log is `worker_log(process)`."""
        known = self.live_workers()
        process = self._start(["-m", "shared.worker", QUEUE], f"worker-{len(self._processes)}", chosen)
        assert not wait or wait_until(lambda: self.live_workers() > known, _READY_S), "no worker came up"
        return process

    def start_gateway(self) -> tuple[str, subprocess.Popen[bytes]]:
        """The gateway with default settings. Returns its address and its first process."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            bind = f"127.0.0.1:{probe.getsockname()[1]}"
        process = self._start(["-m", "gateway.server"], "gateway", {"bind": bind})
        assert wait_until(lambda: _answers(f"http://{bind}/health/live"), _READY_S), "the gateway did not come up"
        return f"http://{bind}", process

    def _start(self, arguments: list[str], name: str, chosen: dict[str, str]) -> subprocess.Popen[bytes]:
        process = child_process.start(
            [sys.executable, *arguments],
            log=self._folder / f"{name}.log",
            environment={
                **os.environ,
                "PYTHONPATH": str(_PLUGINS),
                **{f"BINDERY_{key.upper()}": text for key, text in chosen.items()},
            },
            folder=ROOT,
        )
        self._processes.append(process)
        return process

    def logs(self) -> list[Path]:
        """The log of every worker so far."""
        return sorted(self._folder.glob("worker-*.log"))

    def live_workers(self) -> int:
        """Workers that have said that they are ready, the killed ones included until they are forgotten."""
        return int(database.rows("SELECT count(*) AS workers FROM worker", {})[0]["workers"])

    def stop_processes(self) -> None:
        """End every worker and gateway, in order."""
        for process in self._processes:
            child_process.stop(process, signal.SIGTERM, _STOP_S)
        self._processes.clear()

    # -- jobs --------------------------------------------------------------------------------------------------

    def prepare(self, behave: str = "echo", **options: Any) -> NewJob:
        """A job whose document is stored already, as the gateway has it before it creates the row."""
        job_id = uuid7()
        key = storage.input_key(job_id, 0)
        kept = storage.Storage(settings.current().storage_location).store(key, SAMPLE)
        stored = jobs.StoredFile("in.pdf", "application/pdf", kept.bytes, kept.sha256, key)
        return NewJob(job_id, "probe", QUEUE, {"behave": behave, **options}, [stored], 3, str(uuid.uuid4()))


def submit(bell: Bell, new: Sequence[NewJob]) -> None:
    """Create jobs as the gateway does: the rows, then a bell for each."""
    for job in new:
        job_creation.create([job])
        bell.ring(job.queue, job.message_id)


def count(condition: str) -> int:
    """How many jobs an SQL condition finds."""
    return int(database.rows(f"SELECT count(*) AS jobs FROM job WHERE {condition}", {})[0]["jobs"])


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL a process; what it started notices and ends."""
    process.kill()
    process.wait()


@contextmanager
def _environment(chosen: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in chosen}
    os.environ.update(chosen)
    settings.current.cache_clear()
    try:
        yield
    finally:
        for name, text in before.items():
            if text is None:
                del os.environ[name]
            else:
                os.environ[name] = text
        settings.current.cache_clear()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).is_success
    except httpx.TransportError:
        return False
