"""What one more claim costs in a table that has grown large, against one with hardly a row, block by block in turn."""

from __future__ import annotations

import os
import statistics
import time
import uuid
from pathlib import Path

import psycopg

from benchmarks.platform.figure import Figure
from benchmarks.platform.ours import QUEUE, Ours
from shared import database, jobs

_FINISHED, _WAITING = 1_000_000, 100_000
_FINISHED_QUICK, _WAITING_QUICK = 50_000, 5_000
_BLOCKS, _CLAIMS = 20, 40
_WARM_UP = 10
_REACH = 1.5

_FINISHED_JOBS = """
    INSERT INTO job (id, operation, queue, status, options, max_failures, created_at, started_at, claimed_at,
                     completed_at, expires_at, attempt, result, result_attempt, progress_current, progress_total)
    SELECT uuidv7(make_interval(secs => n - %(jobs)s)), 'probe', %(queue)s, 'completed', '{}', 3, at, at, at, at,
           at + interval '30 days', 1, '{}', 1, 1, 1
    FROM generate_series(1, %(jobs)s) AS n,
        LATERAL (SELECT now() + make_interval(secs => n - %(jobs)s)) AS moment (at)"""
_WAITING_JOBS = """
    INSERT INTO job (id, operation, queue, options, max_failures)
    SELECT uuidv7(), 'probe', %(queue)s, '{}', 3 FROM generate_series(1, %(jobs)s)"""
_FILES = """
    INSERT INTO job_file (job_id, role, attempt, position, name, media_type, bytes, sha256, storage_key)
    SELECT id, 'input', 0, 0, 'in.pdf', 'application/pdf', 1000, repeat('0', 64), 'jobs/' || id || '/input/0'
    FROM job"""
_EVENTS = """
    INSERT INTO job_event (job_id, event, status, attempt, actor)
    SELECT id, event, 'pending', 0, 'gateway' FROM job, unnest(ARRAY['created', 'claimed', 'completed']) AS event
    WHERE job.status = 'completed' OR event = 'created'"""


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Fill one database, leave the other nearly empty, and claim from both."""
    finished, waiting = (_FINISHED_QUICK, _WAITING_QUICK) if quick else (_FINISHED, _WAITING)
    needed = _BLOCKS * (_CLAIMS + _WARM_UP) + 10
    with Ours(folder) as ours:
        full, empty = ours.postgres.url, ours.postgres.url_of("nearly_empty")
        database.disconnect()
        with psycopg.connect(ours.postgres.url_of("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE nearly_empty TEMPLATE bindery")
        _fill(full, finished, waiting)
        _fill(empty, 0, needed)
        # What the filling left to write must not be charged to the claims.
        os.sync()
        taken: dict[str, list[float]] = {"empty": [], "full": [], "full, nothing ready": []}
        lax: dict[str, list[float]] = {"empty": [], "full": []}
        for block in range(_BLOCKS):
            for name, url in (("empty", empty), ("full", full)):
                _wait_for_disk(url, waits=block % 2 == 0)
                (taken if block % 2 == 0 else lax)[name] += _claims(url, QUEUE, _CLAIMS)
        _wait_for_disk(full, waits=True)
        taken["full, nothing ready"] = _claims(full, "nobody", _CLAIMS)
    ratio = statistics.median(taken["full"]) / statistics.median(taken["empty"])
    lax_ratio = statistics.median(lax["full"]) / statistics.median(lax["empty"])
    ms = {name: 1000 * statistics.median(values) for name, values in taken.items()}
    return [
        Figure(
            f"one more claim at {finished:,} finished and {waiting:,} waiting jobs, against an empty table",
            f"{ms['full']:.2f} ms against {ms['empty']:.2f}: {ratio:.2f} x; without the wait for the disk "
            f"{1000 * statistics.median(lax['full']):.2f} against {1000 * statistics.median(lax['empty']):.2f}: "
            f"{lax_ratio:.2f} x; when nothing is ready {ms['full, nothing ready']:.2f} ms",
            reach=f"within {_REACH} x",
            reached=max(ratio, lax_ratio) <= _REACH,
            numbers={"durable_s": taken, "lax_s": lax},
        )
    ]


def _fill(url: str, finished: int, waiting: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        # What is filled in need not be durable; the claims are.
        connection.execute("SET synchronous_commit = off")
        # Foreign keys hold by construction here; checking four million of them takes minutes.
        connection.execute("SET session_replication_role = replica")
        connection.execute(_FINISHED_JOBS, {"jobs": finished, "queue": QUEUE})
        connection.execute(_WAITING_JOBS, {"jobs": waiting, "queue": QUEUE})
        connection.execute(_FILES)
        connection.execute(_EVENTS)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _wait_for_disk(url: str, *, waits: bool) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = {'on' if waits else 'off'}")


def _claims(url: str, queue: str, number: int) -> list[float]:
    """Seconds of each claim, over one connection."""
    database.configure(url, "benchmark")
    worker_id, taken = uuid.uuid4(), []
    for _ in range(_WARM_UP + number):
        started_s = time.perf_counter()
        jobs.claim(queue, ["probe"], worker_id)
        taken.append(time.perf_counter() - started_s)
    return taken[_WARM_UP:]
