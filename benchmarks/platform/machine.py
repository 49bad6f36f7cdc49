"""What the machine gives: cores, what one durable write costs, how busy it is; and percentiles."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

#: All figures are of so many cores, whatever the machine has.
CORES = 2


def pin() -> None:
    """Keep this process and all that it starts on the first `CORES` cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def fsync_ms(folder: Path, count: int = 200) -> float:
    """Median milliseconds of appending 8 KiB and making them durable, as a commit of Postgres does."""
    taken = []
    path = folder / "fsync"
    with path.open("wb", buffering=0) as file:
        for _ in range(count):
            started_s = time.perf_counter()
            file.write(b"x" * 8192)
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - started_s) * 1000)
    path.unlink()
    return statistics.median(taken)


def load_average() -> float:
    """Of the last minute."""
    return os.getloadavg()[0]


def cpu_s(*programs: subprocess.Popen[bytes] | None) -> float:
    """CPU seconds so far of programs and all processes under them that live, and of those they waited for."""
    total = 0.0
    for program in programs:
        assert program
        family = psutil.Process(program.pid)
        for process in (family, *family.children(recursive=True)):
            times: Any = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def wait_until(condition: Callable[[], Any], timeout_s: float, every_s: float = 0.05) -> bool:
    """Whether it became true in time."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(every_s)
    return True
