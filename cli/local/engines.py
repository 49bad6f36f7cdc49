"""Runs engines in the sandbox of a worker, without a worker: same limits, same time, same answers."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.errors import ExtraMissing
from shared import settings
from shared.engine_runs import on_all
from shared.errors import TimeLimitExceeded
from shared.operation import PASSWORD, InputFile, Operation, Service
from shared.sandbox import Child, Ended, Progress, Sandbox, SandboxUnavailable

#: How often the clock and the wish to stop are looked at while a child is silent.
_LOOK_EVERY_S = 0.25

#: Told how far a document is: steps done, steps in all, what is being done.
Tell = Callable[[int, int, str], None]


class Engines:
    """A sandbox for each service that is needed. Open them from the main thread; run from any."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._sandboxes: dict[str, Sandbox] = {}
        #: Set: what runs is ended.
        self.stopping = threading.Event()

    def open(self, service: Service) -> None:
        """Start the sandbox of a service. Raises ExtraMissing when it does not start here.

        A sandbox ends with the thread that started it.
        """
        if service.name in self._sandboxes:
            return
        sandbox = Sandbox(service, self._scratch)
        try:
            sandbox.open()
        except SandboxUnavailable as error:
            raise ExtraMissing(
                f"The engines of {service.name} do not start here: {error}.",
                remedy=f"pip install 'bindery[{service.name}]', or leave out --local and let a server do it.",
            ) from error
        self._sandboxes[service.name] = sandbox

    def close(self) -> None:
        """End all of them."""
        for sandbox in self._sandboxes.values():
            sandbox.close()

    def run(
        self,
        operation: Operation,
        options: Mapping[str, Any],
        secrets: Mapping[str, str],
        files: Sequence[InputFile],
        folder: Path,
        *,
        carries: bool,
        tell: Tell,
    ) -> Ended:
        """Do an operation on files in a folder that is there and empty, as `Attempt` does."""
        staged = []
        for position, file in enumerate(files):
            path = folder / f"input-{position}"
            shutil.copyfile(file.path, path)
            staged.append(InputFile(path, file.name, file.media_type))

        def run_one(inputs: list[InputFile], own: Path, share: tuple[int, int]) -> Ended:
            number, count = share

            def tell_all(current: int, total: int, message: str) -> None:
                tell(total * number + current, total * count, message)

            hidden = {name: value for name, value in secrets.items() if name != PASSWORD}
            sandbox, password = self._sandboxes[operation.service.name], secrets.get(PASSWORD)
            child = sandbox.start(operation, {**options, **hidden}, inputs, own, password)
            try:
                return self._supervise(child, operation, tell_all)
            finally:
                child.close()

        return on_all(operation, staged, folder, carries=carries, run=run_one)

    def _supervise(self, child: Child, operation: Operation, tell: Tell) -> Ended:
        started_s = time.monotonic()
        kill_at_s = started_s + operation.hard_time_limit_s
        asked = too_slow = False
        while True:
            told = child.wait(_LOOK_EVERY_S)
            if isinstance(told, Progress):
                tell(told.current, told.total, told.message)
            elif told is not None:
                return _too_slow(operation) if too_slow and told.result is None else told
            now_s = time.monotonic()
            too_slow = too_slow or now_s - started_s >= operation.soft_time_limit_s
            if not asked and (too_slow or self.stopping.is_set()):
                asked = True
                child.stop(signal.SIGTERM)
                kill_at_s = min(kill_at_s, now_s + settings.current().stop_child_s)
            if now_s >= kill_at_s:
                child.stop(signal.SIGKILL)


def _too_slow(operation: Operation) -> Ended:
    limit_s = operation.soft_time_limit_s
    return Ended(
        error=TimeLimitExceeded(f"The document took longer than the {limit_s} s that {operation.name} may run.")
    )
