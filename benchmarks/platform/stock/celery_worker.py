"""The module that the `celery` command loads: a stock application on Redis and one task."""

from __future__ import annotations

import json
import os
from typing import Any

from celery import Celery  # type: ignore[import-untyped]
from celery.app.task import Task  # type: ignore[import-untyped]

from benchmarks.platform.stock.job import perform


def declare(url: str, **settings: Any) -> Task:
    """The task of a stock application without results. `settings` are Celery's; none means its defaults."""
    application = Celery("stock", broker=url)
    application.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True, **settings)
    task: Task = application.task(name="perform")(perform)
    return task


if url := os.environ.get("STOCK_REDIS_URL"):
    app = declare(url, **json.loads(os.environ.get("STOCK_SETTINGS", "{}"))).app
