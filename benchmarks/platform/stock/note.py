"""What an actor notes of itself: one line per start and end, in a file that all processes append to."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

VARIABLE = "STOCK_NOTES"


@dataclass
class Runs:
    """When a job was started and ended, by this machine's monotonic clock, in seconds."""

    started_s: list[float] = field(default_factory=list)
    ended_s: list[float] = field(default_factory=list)


@lru_cache(maxsize=1)
def _descriptor(_pid: int) -> int:
    return os.open(os.environ[VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def note(number: int, event: str) -> None:
    """Called by an actor."""
    os.write(_descriptor(os.getpid()), f"{number} {event} {time.monotonic():.6f}\n".encode())


def read(path: Path) -> dict[int, Runs]:
    """Every job that has started, by its number."""
    found: dict[int, Runs] = defaultdict(Runs)
    for line in path.read_text().splitlines() if path.exists() else ():
        number, event, at_s = line.split()
        runs = found[int(number)]
        (runs.started_s if event == "started" else runs.ended_s).append(float(at_s))
    return found
