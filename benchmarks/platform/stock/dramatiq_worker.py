"""The module that the `dramatiq` command loads: a stock Redis broker and one actor."""

from __future__ import annotations

import json
import os
from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from benchmarks.platform.stock.job import perform


def declare(url: str, **settings: Any) -> dramatiq.Actor[Any, Any]:
    """The actor on a stock broker. `settings` are RedisBroker's; none of them means its defaults."""
    broker = RedisBroker(url=url, **settings)  # type: ignore[no-untyped-call]
    return dramatiq.actor(actor_name="perform", broker=broker)(perform)


if url := os.environ.get("STOCK_REDIS_URL"):
    broker = declare(url, **json.loads(os.environ.get("STOCK_SETTINGS", "{}"))).broker
