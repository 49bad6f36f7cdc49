"""Checks every part of the platform, and keeps a history of what was found."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import redis

from services.maintenance.disk_space import free_percent
from shared import broker, consumers, database, keeper, settings, storage
from shared.catalogue import load
from shared.errors import BinderyError
from shared.operation import Report, Result, ignore


def check_health(store: storage.Storage, *, keep_days: float, dry_run: bool, report: Report = ignore) -> Result:
    """Check each part, record the outcome unless `dry_run`, forget records older than `keep_days`.

    Returns `{ok, parts: {name: {ok, milliseconds, ...}}}`; a part that fails says why in `error`.
    """
    checks: dict[str, Callable[[], dict[str, Any]]] = {
        "database": _database,
        "redis": _redis,
        "storage": lambda: _storage(store),
        "disk": _disk,
        "queues": _queues,
        "keeper": _keeper,
    }
    parts = {}
    for number, (name, check) in enumerate(checks.items()):
        report(number, len(checks), f"Checking {name}")
        parts[name] = _timed(check)
    found = {"ok": all(part["ok"] for part in parts.values()), "parts": parts}
    if not dry_run:
        database.rows(
            "INSERT INTO health_check (ok, parts) VALUES (%(ok)s, %(parts)s::jsonb)",
            {"ok": found["ok"], "parts": json.dumps(parts)},
        )
        database.rows(
            "DELETE FROM health_check WHERE at < now() - make_interval(secs => %(days)s * 86400)", {"days": keep_days}
        )
    return found


def _timed(check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    started_s = time.monotonic()
    try:
        part = {"ok": True, **check()}
    except (BinderyError, redis.RedisError, OSError) as error:
        part = {"ok": False, "error": f"{type(error).__name__}: {error}"}
    return {**part, "milliseconds": round((time.monotonic() - started_s) * 1000, 1)}


def _database() -> dict[str, Any]:
    return database.rows("SELECT pg_database_size(current_database()) AS bytes", {})[0]


def _redis() -> dict[str, Any]:
    client = broker.fail_fast_client(settings.current().redis_url.get_secret_value())
    try:
        policy = broker.eviction_policy(client)
    finally:
        client.close()
    return {"ok": policy == broker.NO_EVICTION, "maxmemory_policy": policy}


def _storage(store: storage.Storage) -> dict[str, Any]:
    store.check()
    return {}


def _disk() -> dict[str, Any]:
    free = free_percent(settings.current().scratch_location)
    return {"ok": free >= settings.current().least_free_percent, "free_percent": free}


def _queues() -> dict[str, Any]:
    live = {worker["queue"] for worker in consumers.known() if worker["live"]}
    lonely = sorted(set(load().queues) - live)
    return {"ok": not lonely, "without_consumer": lonely}


def _keeper() -> dict[str, Any]:
    age_s = keeper.tick_age_s()
    if age_s is None:
        return {"ok": False, "error": "no keeper has ever ticked"}
    return {"ok": not keeper.is_late(age_s), "last_tick_seconds_ago": round(age_s, 1)}
