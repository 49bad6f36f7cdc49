"""Tries every operation of a service on its sample, as a job would be: a worker takes jobs of those that passed."""

from __future__ import annotations

import shutil
import signal
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

import services
from shared import settings, storage
from shared.errors import BinderyError
from shared.logs import get_logger
from shared.media_types import SNIFFED_BYTES, recognise
from shared.operation import InputFile, Operation, Service
from shared.sandbox import Ended, Sandbox, SandboxUnavailable

log = get_logger()

#: A self-test that takes longer than this has failed.
_SELF_TEST_S = 60


class ScratchUnavailable(BinderyError):
    """The folder for files in work cannot be written."""

    code = "scratch_unavailable"
    status = 503
    title = "No room to work"
    remedy = "Let the user that runs the worker write to the folder of BINDERY_SCRATCH_DIR; it looks again by itself."
    retryable = True


class SelfTest:
    """The self-tests of one worker. They may run beside its jobs."""

    def __init__(self, service: Service, sandbox: Sandbox) -> None:
        self._service = service
        self._sandbox = sandbox

    def run(self, names: Iterable[str]) -> dict[str, str | None]:
        """Try these operations. Each is mapped to None when it passed, else to what failed. Raises nothing."""
        wanted = list(names)
        try:
            _try_scratch(settings.current().scratch_location)
            storage.Storage(settings.current().storage_location).check()
            self._sandbox.open()
        except BinderyError as error:
            because = f" ({_first_line(error.__cause__)})" if error.__cause__ else ""
            return dict.fromkeys(wanted, f"[{error.code}] {error.message}{because} {error.remedy}")
        except (OSError, SandboxUnavailable) as error:
            return dict.fromkeys(wanted, _first_line(error))
        return {name: self._test(self._service.operations[name]) for name in wanted}

    def _test(self, operation: Operation) -> str | None:
        folder = settings.current().scratch_location / f"self-test-{uuid.uuid4()}"
        try:
            folder.mkdir(mode=0o700)
            given = []
            for position, sample in enumerate(samples_of(operation)):
                copy = folder / f"input-{position}"
                shutil.copyfile(sample, copy)
                kind = recognise(copy.read_bytes()[:SNIFFED_BYTES], sample.name)
                given.append(InputFile(copy, sample.name, kind.name if kind else ""))
            # A server that is away keeps no worker from starting: the self-test asks none.
            child = self._sandbox.start(operation, operation.self_test_options, given, folder, None, may_ask=False)
            deadline_s = time.monotonic() + _SELF_TEST_S
            while not isinstance(told := child.wait(1), Ended):
                if time.monotonic() > deadline_s:
                    child.stop(signal.SIGKILL)
                    return f"the self-test took longer than {_SELF_TEST_S} s"
            child.close()
            if told.error and told.error.code != operation.self_test_ends_with:
                return f"{told.error.message} {told.details}"
            return None
        except (OSError, SandboxUnavailable) as error:
            return f"{type(error).__name__}: {error}"
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _try_scratch(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / f"writable-{uuid.uuid4()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ScratchUnavailable(f"The folder {folder} cannot be written.") from error


def _first_line(error: BaseException) -> str:
    # Libraries put what they know of their own state behind it.
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]


def samples_of(operation: Operation) -> list[Path]:
    """The tiny documents that an operation is tried on, from services/<service>/samples/.

    `<operation>.<suffix>` and, for more inputs, `<operation>-2.<suffix>` and so on; else `document.<suffix>`, which
    serves every operation that has none of its own. A path that does not exist names what is missing.
    """
    if operation.inputs == "none":
        return []
    folders = [Path(root) / operation.service.name / "samples" for root in services.__path__]
    suffix = operation.accepts[0].suffix
    for folder in folders:
        if (first := folder / f"{operation.name}{suffix}").exists():
            more = sorted(folder.glob(f"{operation.name}-[2-9].*"))
            return [first, *more]
        if (shared := folder / f"document{suffix}").exists():
            return [shared]
    return [Path(f"{operation.name}{suffix}")]
