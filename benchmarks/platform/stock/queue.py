"""One stock queue for a measurement: a Redis of its own, workers by their own command, messages by their own client."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import psutil

from benchmarks.platform.stock import celery_worker, dramatiq_worker, note
from cli import child_process
from cli.embedded_redis import EmbeddedRedis

_ROOT = Path(__file__).parents[3]


class StockQueue(ABC):
    """A context manager. `settings` go to the rival; without any it runs with its defaults."""

    name: str

    def __init__(self, folder: Path, **settings: Any) -> None:
        self._folder = folder
        self._settings = settings
        self._notes = folder / "notes"
        self._workers: list[subprocess.Popen[bytes]] = []
        self.redis = EmbeddedRedis(folder / "var")

    def __enter__(self) -> StockQueue:
        self.redis.start()
        self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            kill_all(worker)
        self.redis.stop()

    @abstractmethod
    def _connect(self) -> None: ...

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _address(self) -> str: ...

    @abstractmethod
    def send(self, number: int, **arguments: Any) -> None:
        """Queue the job with this number."""

    def start_worker(self) -> subprocess.Popen[bytes]:
        """One worker by the rival's own command. Returns at once."""
        worker = child_process.start(
            [sys.executable, *self._command()],
            log=self._folder / f"worker-{len(self._workers)}.log",
            environment={
                **os.environ,
                "STOCK_REDIS_URL": self._address(),
                "STOCK_SETTINGS": json.dumps(self._settings),
                note.VARIABLE: str(self._notes),
            },
            folder=_ROOT,
        )
        self._workers.append(worker)
        return worker

    def runs(self) -> dict[int, note.Runs]:
        """What the workers did so far."""
        return note.read(self._notes)

    def ended(self) -> int:
        """Jobs that were done, each counted once."""
        return sum(bool(runs.ended_s) for runs in self.runs().values())


class Dramatiq(StockQueue):
    """One process of eight threads: Dramatiq's defaults, but one process, as it does best here."""

    name = "Dramatiq"

    def _connect(self) -> None:
        self._actor = dramatiq_worker.declare(self._address(), **self._settings)

    def _command(self) -> list[str]:
        return ["-m", "dramatiq", f"{dramatiq_worker.__name__}:broker", "--processes", "1", "--threads", "8"]

    def _address(self) -> str:
        return self.redis.url

    def send(self, number: int, **arguments: Any) -> None:
        """Queue the job with this number."""
        self._actor.send(number, **arguments)


class Celery(StockQueue):
    """Two processes, messages acknowledged when they are taken: Celery's defaults on two cores."""

    name = "Celery"

    def _connect(self) -> None:
        self._task = celery_worker.declare(self._address(), **self._settings)

    def _command(self) -> list[str]:
        application = celery_worker.__name__
        return ["-m", "celery", "-A", application, "worker", "--concurrency", "2", "--loglevel", "WARNING"]

    def _address(self) -> str:
        path = self.redis.url.removeprefix("unix://").partition("?")[0]
        return f"redis+socket://{path}?virtual_host=0"

    def send(self, number: int, **arguments: Any) -> None:
        """Queue the job with this number."""
        self._task.delay(number, **arguments)


RIVALS: tuple[type[StockQueue], ...] = (Dramatiq, Celery)


def kill_all(worker: subprocess.Popen[bytes]) -> None:
    """SIGKILL a worker with every process under it, as the end of its container does."""
    try:
        family = psutil.Process(worker.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    worker.send_signal(signal.SIGKILL)
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    worker.wait()
