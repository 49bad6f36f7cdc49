"""Starts a program that ends when its parent does, its output in a log file, if need be as another user."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import struct
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)

# Numbers of linux/prctl.h and linux/capability.h.
_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2

#: A log that is longer when its program starts becomes the `.1` file, in place of the one before.
_LONG_LOG_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class User:
    """Whom a program runs as."""

    uid: int
    gid: int

    @classmethod
    def named(cls, name: str) -> User | None:
        """A user of this machine, or None."""
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            return None
        return cls(entry.pw_uid, entry.pw_gid)

    @classmethod
    def owner_of(cls, path: Path) -> User:
        """The owner of a file or folder."""
        found = path.stat()
        return cls(found.st_uid, found.st_gid)


def start(
    command: Sequence[str | os.PathLike[str]],
    *,
    log: Path,
    environment: Mapping[str, str],
    user: User | None = None,
    at_parents_end: signal.Signals = signal.SIGKILL,
    folder: Path = Path("/"),
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own: a terminal's Ctrl-C reaches only the parent.

    The kernel sends `at_parents_end` when the calling *thread* ends, so call this from the main thread.
    Needs Linux. Raises OSError when the program cannot be started.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LONG_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    parent = os.getpid()

    def prepare() -> None:
        if user:
            _become(user)
        # After the change of user, which clears it.
        _LIBC.prctl(_PR_SET_PDEATHSIG, at_parents_end, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env=dict(environment),
            start_new_session=True,
            preexec_fn=prepare,  # noqa: PLW1509 - the caller is single-threaded
        )


def _become(user: User) -> None:
    """Stop being root, but keep the right to pass through folders: ours may lie below /root, closed to others."""
    _LIBC.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(user.gid)
    os.setuid(user.uid)
    # A container's root often lacks the lesser right and has the greater one.
    if not _keep(_CAP_DAC_READ_SEARCH):
        _keep(_CAP_DAC_OVERRIDE)


def _keep(capability: int) -> bool:
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    if _LIBC.capset(header, struct.pack("=6I", bit, bit, bit, 0, 0, 0)) != 0:
        return False
    return bool(_LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0)


def stop(process: subprocess.Popen[bytes], number: signal.Signals, wait_s: float) -> None:
    """Ask a program to end; after `wait_s` seconds kill it and what it started. Returns when it has ended."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.wait(wait_s)
    except subprocess.TimeoutExpired:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a program and everything in its session at once."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()


def last_line(log: Path) -> str:
    """The last line that a program wrote, for an error message."""
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1].strip() if lines else "nothing"
