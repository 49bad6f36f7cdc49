"""How many processes read pages on this worker, all jobs together: locks that end with whoever holds them."""

from __future__ import annotations

import fcntl
import os
import struct

from services.ocr.service import SERVICE
from shared import settings

#: `struct flock` of 64-bit Linux: type, whence, start, length, process.
_LOCK = "hh4xqqi4x"
_MOST = 1024


class Places:
    """A file in memory whose bytes are places. A process keeps at most one of these objects' files open.

    Record locks belong to a process and are not inherited: made before a fork, the object shows each process the
    places that the others have taken.
    """

    def __init__(self) -> None:
        self._file = os.memfd_create("bindery-ocr-places")

    def take(self) -> None:
        """Take one until this process ends."""
        for place in range(_MOST):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except BlockingIOError:
                continue
            return

    def taken(self) -> int:
        """How many other processes have taken."""
        found, start = 0, 0
        while start < _MOST:
            asked = struct.pack(_LOCK, fcntl.F_WRLCK, os.SEEK_SET, start, _MOST - start, 0)
            kind, _, first, length, _ = struct.unpack(_LOCK, fcntl.fcntl(self._file, fcntl.F_GETLK, asked))
            if kind == fcntl.F_UNLCK:
                break
            found, start = found + 1, first + length
        return found


def slots() -> int:
    """How many processes may read at once: the worker's slots, and no more than there are cores."""
    return min(settings.current().worker_slots or SERVICE.threads, len(os.sched_getaffinity(0)))


#: Of this worker: the host of its jobs imports this before it forks them.
PLACES = Places()
