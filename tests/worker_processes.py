"""The processes below a worker: the guard and the host of its sandbox, and the engines with what they started."""

from __future__ import annotations

from contextlib import suppress

import psutil

from shared.confinement import GUARD, HOST


def below(pid: int) -> list[psutil.Process]:
    """All of them; none when the worker is gone."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def name_of(process: psutil.Process) -> str:
    """What `ps` calls it; empty when it is gone."""
    with suppress(psutil.NoSuchProcess):
        return process.name()
    return ""


def hosts(pid: int) -> list[psutil.Process]:
    """The process that engines are forked from."""
    return [process for process in below(pid) if name_of(process) == HOST]


def supervising(pid: int) -> list[psutil.Process]:
    """Guard and host."""
    return [process for process in below(pid) if name_of(process) in (GUARD, HOST)]


def engines(pid: int) -> list[psutil.Process]:
    """Children that work on documents, and all that they started."""
    return [process for process in below(pid) if name_of(process) not in (GUARD, HOST, "")]
