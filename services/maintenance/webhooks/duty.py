"""Delivers webhooks until told to stop: looks what is due, sends many side by side, notes what came of each.

Sending is asynchronous and holds no connection to the database; one thread talks to that. Any number of workers do
this at once: rows are claimed under locks that others skip.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from services.maintenance.service import MaintenanceSettings
from services.maintenance.webhooks.sender import send
from services.maintenance.webhooks.wholes import tell_of_ends
from shared import database, fault_points
from shared.errors import DatabaseUnavailable
from shared.logs import get_logger
from shared.webhooks import deliveries
from shared.webhooks.deliveries import Attempt, Claimed

log = get_logger()

#: Between the end of an attempt's time and the moment from which another worker may take it over.
_SLACK_S = 10
_GONE = 410


def deliver(stopping: threading.Event) -> None:
    """Look and send until `stopping` is set; what is under way then is finished within its time limit."""
    asyncio.run(_Delivery(MaintenanceSettings()).run(stopping))


class _Delivery:
    def __init__(self, chosen: MaintenanceSettings) -> None:
        self._chosen = chosen
        self._database = ThreadPoolExecutor(1, thread_name_prefix="webhooks")
        self._sending: set[asyncio.Task[None]] = set()

    async def run(self, stopping: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        while not stopping.is_set():
            try:
                claimed = await loop.run_in_executor(self._database, self._look)
            except DatabaseUnavailable:
                log.warning("webhooks.database_unavailable")
                claimed = []
            except Exception:
                log.exception("webhooks.failed")
                claimed = []
            for each in claimed:
                task = asyncio.create_task(self._attempt(each))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
            await self._rest()
        if self._sending:
            await asyncio.wait(self._sending)
        await loop.run_in_executor(self._database, database.disconnect)
        self._database.shutdown()

    async def _rest(self) -> None:
        """Until it is time to look again; sooner when one has ended, for another may be waiting for its place."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=self._chosen.webhook_poll_s, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(self._chosen.webhook_poll_s)

    def _look(self) -> list[Claimed]:
        tell_of_ends()
        if dropped := deliveries.drop_for_disabled():
            log.warning("webhooks.dropped", deliveries=dropped)
        free = self._chosen.webhook_parallel - len(self._sending)
        if free <= 0:
            return []
        return deliveries.claim(
            free,
            per_endpoint=self._chosen.webhook_parallel_per_endpoint,
            lease_s=self._chosen.webhook_time_limit_s + _SLACK_S,
        )

    async def _attempt(self, claimed: Claimed) -> None:
        attempt = await send(claimed, self._chosen.webhook_time_limit_s)
        fault_points.reached("after_webhook_before_update")
        with suppress(DatabaseUnavailable):
            # What cannot be noted is sent again when the lease is over.
            await asyncio.get_running_loop().run_in_executor(self._database, self._note, claimed, attempt)

    def _note(self, claimed: Claimed, attempt: Attempt) -> None:
        fields = {
            "delivery_id": str(claimed.id),
            "endpoint_id": str(claimed.endpoint_id),
            "attempt": claimed.attempt,
            "status_code": attempt.status_code,
            "duration_s": round(attempt.duration_s, 3),
        }
        if attempt.error is None:
            deliveries.delivered(claimed, attempt)
            log.info("webhook.delivered", **fields)
            return
        fields |= {"error_code": attempt.error.code, "error": attempt.error.message}
        if attempt.status_code == _GONE:
            deliveries.gone(claimed, attempt)
            log.warning("webhook.endpoint_gone", **fields)
            return
        state = deliveries.failed(claimed, attempt, self._chosen.webhook_delays_s)
        log.warning("webhook.dead" if state == "dead" else "webhook.failed", **fields)
