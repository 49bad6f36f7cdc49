"""What a worker does all the time beside its jobs: each duty that its service declares runs in a thread of its own."""

from __future__ import annotations

import threading

from shared.logs import get_logger
from shared.operation import Duty

log = get_logger()

#: A duty that broke down is taken up again after this time.
_AGAIN_S = 5
#: Longest that a worker which stops waits for a duty; then it ends without.
_STOP_S = 20


class DutyThread(threading.Thread):
    """Keeps one duty going until told to stop."""

    def __init__(self, duty: Duty) -> None:
        super().__init__(name=f"duty-{duty.name}", daemon=True)
        self._duty = duty
        self._stopping = threading.Event()

    def run(self) -> None:
        """Do it; take it up again when it broke down."""
        while not self._stopping.is_set():
            try:
                self._duty.run(self._stopping)
            except Exception:
                log.exception("duty.failed", duty=self._duty.name)
                self._stopping.wait(_AGAIN_S)

    def stop(self) -> None:
        """Ask it to end; does not wait."""
        self._stopping.set()

    def wait(self) -> None:
        """Return when it has ended, or after 20 seconds."""
        self.join(_STOP_S)
