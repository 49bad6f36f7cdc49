"""What a child process may do: Linux limits, no network, only its folder writable. Unprivileged; no library needed.

Landlock (Linux 5.13 and newer) confines files, from 6.7 on TCP, from 6.12 on signals; a network namespace takes
the rest of the network away where the kernel lets us make one. What the platform lacks is left out and reported.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import services

_LIBC = ctypes.CDLL(None, use_errno=True)

# Numbers of linux/prctl.h, linux/sched.h, linux/landlock.h and the generic system call table (same on all machines).
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_PR_SET_NAME = 15
_CLONE_NEWNET, _CLONE_NEWUSER, _CLONE_NEWPID = 0x40000000, 0x10000000, 0x20000000
_LANDLOCK_CREATE, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read files, list folders
#: All file rights that each version of Landlock knows.
_ALL_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_ALL_RIGHTS_FROM_5 = (1 << 16) - 1

#: Folders that programs and libraries live in. The rest, other documents and secrets among it, cannot be read.
_READABLE = (
    *("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc", "/opt", "/dev", "/proc", "/sys", "/nix"),
    # The index of installed fonts: without it each document that is laid out reads all of them, 0.3 s of CPU.
    "/var/cache/fontconfig",
)


@dataclass(frozen=True)
class Limits:
    """The limits of one child."""

    memory_bytes: int
    cpu_s: int
    file_bytes: int
    open_files: int = 256
    #: It works on the platform itself: files and network stay reachable.
    trusted: bool = False


#: What `ps` calls the processes of a sandbox.
GUARD, HOST, ENGINE = "bindery-guard", "bindery-host", "bindery-engine"


def call_this(name: str) -> None:
    """Give this process a name that operators see; at most 15 characters."""
    _LIBC.prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)


def end_with_parent() -> None:
    """End this process, whatever it does, when the one that forked it ends."""
    parent = os.getppid()
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # It may have ended before that was asked for.
    if os.getppid() != parent:
        os._exit(1)


def separate_processes() -> bool:
    """Go on as the first process of a namespace: when it ends, the kernel ends whatever was started below it.

    The process that calls this stays behind as a guard, which only waits. Without it an external program would
    outlive a worker and a host that are killed in one moment. Returns False, in the same process, where the kernel
    does not let us. Call it before there are threads.
    """
    if _LIBC.unshare(_CLONE_NEWPID | (0 if os.geteuid() == 0 else _CLONE_NEWUSER)) != 0:
        return False
    if pid := os.fork():
        call_this(GUARD)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.closerange(3, 1024)
        _, status = os.waitpid(pid, 0)
        os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return True


@dataclass(frozen=True)
class GivenUp:
    """What a host has given up already, for itself and for every child that it forks."""

    network: bool = False
    files: bool = False


def confine_host(scratch: Path) -> GivenUp:
    """Give up, in the process that engines are forked from, what none of them needs.

    Below `scratch` all stays writable. What is done here once, each child is spared: a network namespace of its own
    and two dozen rules cost a third of its start.
    """
    _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    ours = (str(Path(__file__).parent), *services.__path__)
    readable = {*_READABLE, sys.prefix, sys.base_prefix, *ours}
    files = _restrict_files(readable, scratch, scopes=False)
    return GivenUp(network=_leave_network(), files=files)


def confine(folder: Path, limits: Limits, given_up: GivenUp) -> list[str]:
    """Give up, for this process and all that it starts, everything that an engine does not need.

    `folder` stays writable. Returns what the platform could not take away ("landlock", "network").
    """
    os.setsid()
    os.umask(0o077)
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    missing = []
    if not (limits.trusted or given_up.network or _leave_network()):
        missing.append("network")
    # Each layer only takes away: what may be read stands in the host's.
    if not (limits.trusted or (given_up.files and _restrict_files({"/"}, folder, scopes=True))):
        missing.append("landlock")
    for kind, amount in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        bounded = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(kind, (bounded, bounded))
    # When the machine runs out of memory the kernel should choose an engine, not its worker.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("900")
    return missing


def _leave_network() -> bool:
    # Root may, and so may whoever is in a user namespace of its own already; a second one would be refused there.
    return bool(_LIBC.unshare(_CLONE_NEWNET) == 0 or _LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)


def landlock_version() -> int:
    """The version of Landlock that this kernel has; 0 for none."""
    return max(0, int(_LIBC.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


def _restrict_files(readable: Set[str], writable: Path, *, scopes: bool) -> bool:
    """Leave reading below some folders and everything below one; no TCP, and with `scopes` no signal to others."""
    version = landlock_version()
    if not version:
        return False
    rights = _ALL_RIGHTS.get(version, _ALL_RIGHTS_FROM_5)
    no_tcp = 0b11 if version >= 4 else 0
    ends = 0b11 if version >= 6 and scopes else 0  # abstract sockets and signals end at this process's family
    attribute = struct.pack("QQQ", rights, no_tcp, ends)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = int(_LIBC.syscall(_LANDLOCK_CREATE, attribute, ctypes.c_size_t(len(attribute)), ctypes.c_uint32(0)))
    if ruleset < 0:
        return False
    try:
        for path in readable:
            _allow(ruleset, path, _READ)
        _allow(ruleset, "/dev/null", rights & (_READ | 1 << 1))
        _allow(ruleset, str(writable), rights)
        return bool(_LIBC.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)) == 0)
    finally:
        os.close(ruleset)


#: Rights that make sense for a file; the kernel refuses the others on one.
_FILE_RIGHTS = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not Path(path).is_dir():
            rights &= _FILE_RIGHTS
        rule = struct.pack("=Qi", rights, descriptor)
        _LIBC.syscall(_LANDLOCK_ADD_RULE, ruleset, ctypes.c_int(1), rule, ctypes.c_uint32(0))
    finally:
        os.close(descriptor)
