"""Follows a job or a batch to its end: by events, and by asking again and again where these do not come through."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote

from cli.errors import GatewayUnreachable
from cli.gateway_client import Gateway, Record
from shared.errors import BinderyError, UnknownJob

_ENDED = frozenset({"completed", "failed", "cancelled"})
#: A gateway that restarts is waited for.
_AWAY_S = 60
_AGAIN_S = 1
#: One long poll, when events do not come through (a proxy that buffers).
_POLL_S = 5

#: Told the state of what is followed: its record, whole or with fresh `progress` only.
Tell = Callable[[Record], None]


def is_ended(record: Record) -> bool:
    """Whether a job or a batch is over, however it ended."""
    return record["status"] in _ENDED


def find(gateway: Gateway, wanted: str) -> Record:
    """The job or the batch of that id. Raises what the gateway answers when there is neither."""
    try:
        return gateway.get(f"/v1/jobs/{quote(wanted, safe='')}")
    except BinderyError as error:
        if error.status != UnknownJob.status:
            raise
        try:
            return gateway.get(f"/v1/batches/{quote(wanted, safe='')}")
        except BinderyError:
            raise error from None


def follow(gateway: Gateway, path: str, tell: Tell) -> Record:
    """Tell every change until the end and return the last record.

    Raises:
        GatewayUnreachable: the gateway was away for longer than a restart takes.
    """
    away_since_s: float | None = None
    polling = False
    while True:
        try:
            record = gateway.get(path, wait_s=_POLL_S if polling else 0)
        except GatewayUnreachable:
            away_since_s = away_since_s or time.monotonic()
            if time.monotonic() - away_since_s > _AWAY_S:
                raise
            time.sleep(_AGAIN_S)
            continue
        away_since_s = None
        tell(record)
        if is_ended(record):
            return record
        # Where no event ever came, none will come: ask instead.
        polling = polling or not _by_events(gateway, path, record, tell)


def _by_events(gateway: Gateway, path: str, record: Record, tell: Tell) -> bool:
    """Pass events on until the stream ends or breaks. Returns whether any came."""
    came = False
    with suppress(GatewayUnreachable):
        for event in gateway.events(path):
            came = True
            if event.name == "progress" and "jobs" not in record:
                tell({**record, "progress": event.data})
            elif event.name == "batch":
                tell({**record, **event.data})
            elif "jobs" not in record:
                # A change of status, or a sign of life: why it waits may have changed too.
                record = gateway.get(path)
                tell(record)
    return came
