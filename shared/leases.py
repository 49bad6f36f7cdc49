"""Keeps the claims of one worker alive: a thread that does nothing else renews them and learns of cancellation."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from shared import database, jobs, settings
from shared.broker import Bell
from shared.errors import ClaimLost, DatabaseUnavailable
from shared.logs import get_logger

log = get_logger()

#: How often each lease is looked at: the most that progress and cancellation are late by.
_LOOK_EVERY_S = 1.0


@dataclass(eq=False)
class Lease:
    """One claim while it is worked on. The flags only ever turn on."""

    claim: jobs.Claim
    #: Monotonic time of the last moment at which the database is known to have counted the lease from.
    renewed_s: float
    progress: tuple[int, int, str] = (0, 0, "")
    saved: tuple[int, int, str] = (0, 0, "")
    cancel_requested: threading.Event = field(default_factory=threading.Event)
    lost: threading.Event = field(default_factory=threading.Event)


class Leases(threading.Thread):
    """All leases of this process."""

    def __init__(self, bell: Bell) -> None:
        super().__init__(name="leases", daemon=True)
        self._bell = bell
        self._lock = threading.Lock()
        self._held: set[Lease] = set()
        self._stop_event = threading.Event()

    def add(self, claim: jobs.Claim, claimed_s: float) -> Lease:
        """Keep a claim alive that was asked for at the monotonic time `claimed_s`."""
        lease = Lease(claim, claimed_s)
        with self._lock:
            self._held.add(lease)
        return lease

    def remove(self, lease: Lease) -> None:
        """The attempt has ended."""
        with self._lock:
            self._held.discard(lease)

    def run(self) -> None:
        """Look at each lease about once a second."""
        while not self._stop_event.wait(_LOOK_EVERY_S):
            with self._lock:
                held = list(self._held)
            for lease in held:
                self._look_after(lease)
        database.disconnect()

    def stop(self) -> None:
        """End; nothing may be held any more."""
        self._stop_event.set()

    def _look_after(self, lease: Lease) -> None:
        chosen = settings.current()
        asked_s, progress = time.monotonic(), lease.progress
        try:
            if progress != lease.saved or asked_s - lease.renewed_s >= chosen.renew_every_s:
                cancel = jobs.renew(lease.claim, *progress)
                lease.renewed_s = asked_s
                if progress != lease.saved:
                    lease.saved = progress
                    self._bell.say_changed(lease.claim.job_id)
            else:
                cancel = jobs.cancel_requested(lease.claim)
            if cancel:
                lease.cancel_requested.set()
        except ClaimLost:
            lease.lost.set()
        except DatabaseUnavailable:
            # Past its lease the job may run elsewhere: this worker must not go on with it.
            if time.monotonic() - lease.renewed_s >= chosen.lease_s:
                lease.lost.set()
        except Exception:
            log.exception("lease.failed", job_id=str(lease.claim.job_id))
