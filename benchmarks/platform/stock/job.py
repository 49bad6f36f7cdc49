"""What the job of both rivals does."""

from __future__ import annotations

import os
import signal
import time

from benchmarks.platform.stock.note import note


def perform(number: int, seconds: float = 0, deadly: bool = False) -> None:
    """Note the start, take `seconds`, or die as a file that kills its worker makes it die; note the end."""
    note(number, "started")
    if deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    if seconds:
        time.sleep(seconds)
    note(number, "ended")
