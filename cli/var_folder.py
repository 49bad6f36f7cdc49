"""The folder of everything that `bindery up` keeps: made once, closed to others, used by one `up` at a time."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.errors import SetUpError

#: Random bytes of the key that encrypts passwords given with jobs.
_KEY_BYTES = 32


@contextmanager
def locked(folder: Path) -> Iterator[Path]:
    """Make the folder if it is missing and hold it alone; the kernel lets go when this process ends, however.

    Raises:
        SetUpError: another `up` holds it, or it cannot be written.
    """
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        (folder / "log").mkdir(exist_ok=True)
        lock = (folder / "lock").open("a+")
    except OSError as error:
        raise SetUpError(
            f"The folder {folder} cannot be used: {error.strerror} ({error.filename}).",
            remedy="Run as its owner, or set BINDERY_VAR_DIR to another folder.",
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise SetUpError(
                f"Bindery already runs over {folder} (process {lock.read().strip() or 'unknown'}).",
                remedy="Stop that one first, or set BINDERY_VAR_DIR and BINDERY_BIND to run a second beside it.",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield folder


def secret_key(folder: Path) -> str:
    """The key of this installation, made at the first call. Losing it makes the passwords of open jobs unreadable."""
    path = folder / "secret.key"
    if not path.exists():
        # Complete before it has its name: a kill in between must not leave an empty key.
        unfinished = folder / "secret.key.unfinished"
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    return path.read_text().strip()
