"""The gateway alone, as real processes; the test plays the worker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import httpx
import psutil

from shared import catalogue, database
from tests.running_platform import free_port

_ROOT = Path(__file__).parents[2]
_READY_S = 60
_STOP_S = 60


def _scheduled() -> list[str]:
    return [name for name, operation in catalogue.load().operations.items() if operation.schedule]


class RunningGateway:
    """`python -m gateway.server` on a free port; a context manager. `settings` are BINDERY_* in lower case.

    `plugins` is a folder with further services.
    """

    def __init__(self, folder: Path, *, plugins: Path | None = None, **settings: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.storage = folder / "storage"
        self.log = folder / "gateway.log"
        chosen = {
            "bind": f"127.0.0.1:{port}",
            "var_dir": str(folder / "var"),
            "storage_url": self.storage.as_uri(),
            "secret_key": "a key for tests",
            "gateway_processes": "1",
            # Nothing comes by itself: tests count rows.
            "schedules": json.dumps(dict.fromkeys(_scheduled(), "")),
            # Tests count jobs: none may come by itself.
            "schedule_every_s": "3600",
            **settings,
        }
        foreign = {name: value for name, value in os.environ.items() if not name.startswith("BINDERY_")}
        self.environment = foreign | {f"BINDERY_{name.upper()}": value for name, value in chosen.items()}
        if plugins:
            self.environment["PYTHONPATH"] = str(plugins)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when it answers."""
        self.storage.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway.server"],
                cwd=_ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        deadline_s = time.monotonic() + _READY_S
        while True:
            try:
                httpx.get(f"{self.url}/health/live", timeout=5)
                return
            except httpx.TransportError:
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < deadline_s, self.log.read_text()
                time.sleep(0.05)

    def stop(self) -> None:
        """Stop it in order."""
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(_STOP_S)

    def processes(self) -> list[psutil.Process]:
        """The processes that serve."""
        assert self.process
        return list(psutil.Process(self.process.pid).children())

    def stored(self) -> list[Path]:
        """Every document in storage, also those half written."""
        return [path for path in self.storage.rglob("*") if path.is_file()] if self.storage.is_dir() else []

    def kept_nothing(self) -> bool:
        """Whether there is neither a row nor a document."""
        counts = database.rows(
            "SELECT (SELECT count(*) FROM job) + (SELECT count(*) FROM batch) + (SELECT count(*) FROM job_file) AS n",
            {},
        )
        return counts[0]["n"] == 0 and not self.stored()

    def __enter__(self) -> RunningGateway:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
