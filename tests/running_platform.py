"""A whole platform for tests: `bindery up` as a user runs it, on a free port, in a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import httpx

from cli import child_process

_ROOT = Path(__file__).parents[1]
_READY_S = 120
_STOP_S = 60


def free_port() -> int:
    """A TCP port on loopback that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RunningPlatform:
    """Gateway and workers as real processes; a context manager.

    `settings` are BINDERY_* without the prefix, in lower case: `RunningPlatform(folder, lease_s="3")`. Servers
    that they do not name (`database_url`, `redis_url`) are embedded ones of this platform alone.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        port = free_port()
        #: Address of the gateway, without a slash at its end.
        self.url = f"http://127.0.0.1:{port}"
        self.var_dir = folder / "var"
        #: Everything that the processes wrote to the terminal.
        self.log = folder / "up.log"
        chosen = {"bind": f"127.0.0.1:{port}", "var_dir": str(self.var_dir), "url": self.url, **settings}
        foreign = {name: value for name, value in os.environ.items() if not name.startswith("BINDERY_")}
        self.environment = foreign | {f"BINDERY_{name.upper()}": value for name, value in chosen.items()}
        self.process: subprocess.Popen[bytes] | None = None

    def bindery(
        self, *arguments: str, timeout_s: float = 120, folder: Path = _ROOT, stdin: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line against this platform, in a folder; stdin is a file, or empty."""
        environment = {**self.environment, "PYTHONPATH": str(_ROOT)}
        with (stdin or Path(os.devnull)).open("rb") as given:
            return subprocess.run(
                [sys.executable, "-m", "cli.main", *arguments],
                cwd=folder,
                env=environment,
                stdin=given,
                capture_output=True,
                text=True,
                timeout=timeout_s,
                check=False,
            )

    def spawn(self) -> subprocess.Popen[bytes]:
        """Run `bindery up` and wait for nothing."""
        # Ends with the tests, also when these are killed.
        self.process = child_process.start(
            [sys.executable, "-m", "cli.main", "up"],
            log=self.log,
            environment=self.environment,
            at_parents_end=signal.SIGTERM,
            folder=_ROOT,
        )
        return self.process

    def start(self) -> None:
        """Start everything; returns when the gateway is ready and every queue has a worker."""
        self.spawn()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return when the gateway answers and every queue has a live worker. Raises AssertionError with the log."""
        assert self.process
        deadline_s = time.monotonic() + _READY_S
        while not self._ready():
            assert self.process.poll() is None, f"`bindery up` ended:\n{self.log.read_text()}"
            assert time.monotonic() < deadline_s, f"not ready within {_READY_S} s:\n{self.log.read_text()}"
            time.sleep(0.1)

    def _ready(self) -> bool:
        try:
            answer = httpx.get(f"{self.url}/v1/queues", timeout=5)
        except httpx.TransportError:
            return False
        queues = answer.json()["queues"] if answer.is_success else []
        return bool(queues) and all(any(one["live"] for one in queue["consumers"]) for queue in queues)

    def stop(self) -> int:
        """Stop everything in order, as Ctrl-C does, and return the exit code."""
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_STOP_S)

    def __enter__(self) -> RunningPlatform:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
