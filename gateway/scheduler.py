"""Creates the jobs of scheduled operations when they are due: once per slot, whoever of the gateways comes first.

There is no leader: the primary key of `schedule_slot` decides. It lives in the gateway because only the gateway
creates jobs.
"""

from __future__ import annotations

import threading
import uuid
from datetime import datetime

from cronsim import CronSim, CronSimError
from uuid_utils.compat import uuid7

from gateway.job_creation import NewJob, create
from shared import database, settings
from shared.broker import Bell
from shared.callers import SYSTEM
from shared.catalogue import Catalogue
from shared.errors import DatabaseUnavailable
from shared.logs import get_logger
from shared.operation import Operation
from shared.tracing import TRACING

log = get_logger()

# A job that still waits does what the new one would do: nobody needs hundreds of them after a day without workers.
_TAKE_SLOT = """
    INSERT INTO schedule_slot (name, slot) SELECT %(name)s, %(slot)s
    WHERE NOT EXISTS (SELECT FROM job WHERE operation = %(name)s AND queue = %(queue)s AND status = 'pending')
    ON CONFLICT (name, slot) DO NOTHING RETURNING name"""


class BadSchedule(Exception):
    """A schedule in the settings cannot be understood; the text says which."""


def schedules(catalogue: Catalogue) -> dict[str, str]:
    """Cron expression by operation: what the settings say, else what the operation declares.

    Raises:
        BadSchedule: the settings name an unknown operation, or an expression that is none.
    """
    declared = {name: operation.schedule or "" for name, operation in catalogue.operations.items()}
    chosen = settings.current().schedules
    if unknown := chosen.keys() - declared.keys():
        raise BadSchedule(f"BINDERY_SCHEDULES names operations that do not exist: {', '.join(sorted(unknown))}")
    merged = {name: expression for name, expression in (declared | chosen).items() if expression}
    for name, expression in merged.items():
        try:
            CronSim(expression, datetime(2026, 1, 1))  # noqa: DTZ001 - only parsed
        except CronSimError as error:
            raise BadSchedule(f"the schedule of {name!r} is no cron expression: {expression!r} ({error})") from error
    return merged


def create_due(catalogue: Catalogue, bell: Bell) -> list[str]:
    """Create the job of every slot that has begun and has none. Returns the names of their operations.

    Of slots that were missed, because nothing ran, only the latest is made up for.
    """
    now: datetime = database.rows("SELECT now() AT TIME ZONE 'UTC' AS now", {})[0]["now"]
    created = []
    for name, expression in schedules(catalogue).items():
        slot = next(CronSim(expression, now, reverse=True))
        operation = catalogue.operations[name]
        message_id = str(uuid.uuid4())
        if _create_once(operation, slot, message_id):
            bell.ring(operation.queue, message_id)
            created.append(name)
    return created


def _create_once(operation: Operation, slot: datetime, message_id: str) -> bool:
    with TRACING.span("schedule"), database.connected() as connection, connection.atomic():
        taken = {"name": operation.name, "queue": operation.queue, "slot": slot.strftime("%Y-%m-%dT%H:%M:%SZ")}
        if not database.rows(_TAKE_SLOT, taken):
            return False
        new = NewJob(
            id=uuid7(),
            operation=operation.name,
            queue=operation.queue,
            options=operation.options().model_dump(mode="json"),
            inputs=(),
            max_failures=operation.max_failures,
            message_id=message_id,
        )
        create([new], actor="schedule", owner=SYSTEM)
    log.info("job.scheduled", job_id=str(new.id), operation=operation.name, slot=taken["slot"])
    return True


class Scheduler(threading.Thread):
    """Looks for due slots until told to stop."""

    def __init__(self, catalogue: Catalogue, bell: Bell) -> None:
        super().__init__(name="scheduler", daemon=True)
        self._catalogue = catalogue
        self._bell = bell
        self._stop_event = threading.Event()

    def run(self) -> None:
        """Look every few seconds; a database that is away is met again the next time."""
        while not self._stop_event.wait(settings.current().schedule_every_s):
            try:
                create_due(self._catalogue, self._bell)
            except DatabaseUnavailable:
                log.warning("scheduler.database_unavailable")
            except Exception:
                log.exception("scheduler.failed")
        database.disconnect()

    def stop(self) -> None:
        """End after the look in progress."""
        self._stop_event.set()
