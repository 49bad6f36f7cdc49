"""Hosts share PostgreSQL, Redis and the storage, and nothing else: one that is cut off takes nothing along."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared import database, jobs
from shared.errors import ClaimLost, DatabaseUnavailable, EngineCrashed
from tests.chaos import hosts
from tests.chaos.hosts import Host, Hosts
from tests.chaos.stage import LEASE_S, SETTINGS, document, no_schedules, sha256

pytestmark = pytest.mark.heavy

#: A worker that has lost its lease by its own clock kills its engines: one renewal, one look at the clock, a kill.
_KILLED_WITHIN_S = LEASE_S + 5
#: Lost by the server's side of a connection only after keepalives, then by the lease, then a tick.
_TAKEN_OVER_WITHIN_S = 60
_READY_S = 120
_BATCH = 30


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Host]]:
    """Two hosts with a gateway and a worker each, one with a worker alone; all ready."""
    if lacking := hosts.missing():
        pytest.skip(f"no hosts can be made on this machine: {lacking}")
    with Hosts(tmp_path, **SETTINGS, schedules=no_schedules()) as together:
        found = [together.add() for _ in range(3)]
        try:
            for host in found[:2]:
                host.start("gateway", "gateway.server")
            for host in found:
                host.start("worker", "shared.worker", "probe")
            _until(lambda: all(_answers(host) for host in found[:2]), "the gateways answer", _READY_S)
            _until(lambda: len(_live_workers()) == 3, "three workers are there", _READY_S)
            yield found
        except BaseException:
            print(*(host.log_text() for host in found), sep="\n")
            raise


def _until(holds: Callable[[], object], what: str, within_s: float) -> float:
    began_s = time.monotonic()
    while not holds():
        assert time.monotonic() - began_s < within_s, f"not within {within_s:g} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - began_s


def _answers(host: Host) -> bool:
    try:
        return httpx.get(f"{host.url}/health/live", timeout=2).is_success
    except httpx.TransportError:
        return False


def _rows(sql: str, **parameters: Any) -> list[dict[str, Any]]:
    try:
        return database.rows(sql, parameters)
    except DatabaseUnavailable:
        return database.rows(sql, parameters)


def _live_workers() -> list[str]:
    return [str(row["id"]) for row in _rows("SELECT id FROM worker WHERE beat_at > now() - interval '5 s'")]


def _submit(host: Host, content: bytes, seconds: float) -> str:
    answer = httpx.post(
        f"{host.url}/v1/probe",
        files={"file": ("in.pdf", content, "application/pdf")},
        data={"behave": "sleep", "seconds": str(seconds)},
        timeout=60,
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def _held_by(host: Host) -> list[str]:
    """The jobs that the worker of a host holds, as the rows tell."""
    found = _rows(
        "SELECT job.id FROM job JOIN worker ON worker.id = job.worker_id WHERE worker.pid = %(pid)s "
        "AND job.status = 'processing'",
        pid=host.worker.pid,
    )
    return [str(row["id"]) for row in found]


def _claim(job_id: str) -> jobs.Claim:
    """The claim by which a job is held at this moment."""
    (row,) = _rows("SELECT attempt, worker_id FROM job WHERE id = %(id)s", id=job_id)
    return jobs.Claim(UUID(job_id), row["attempt"], row["worker_id"], "probe", {}, None, ())


def _engines(host: Host) -> list[Any]:
    return host.worker.engines()


def _ends(ids: list[str]) -> dict[str, int]:
    """How often each job was completed."""
    found = _rows(
        "SELECT job.id, count(job_event.id) AS ends FROM job LEFT JOIN job_event ON job_event.job_id = job.id "
        "AND job_event.event = 'completed' WHERE job.id = ANY(%(ids)s::uuid[]) GROUP BY job.id",
        ids=ids,
    )
    return {str(row["id"]): row["ends"] for row in found}


def _state(ids: list[str]) -> list[dict[str, Any]]:
    """Everything that a late word could change."""
    return _rows(
        "SELECT job.id, job.status, job.attempt, job.result_attempt, job.completed_at, job.result, "
        "(SELECT count(*) FROM job_event WHERE job_id = job.id) AS events, "
        "(SELECT json_agg(json_build_array(storage_key, sha256) ORDER BY storage_key) FROM job_file "
        " WHERE job_id = job.id) AS files "
        "FROM job WHERE job.id = ANY(%(ids)s::uuid[]) ORDER BY job.id",
        ids=ids,
    )


def test_a_host_that_is_cut_off_in_the_middle_of_a_batch_takes_nothing_along(three: list[Host]) -> None:
    first, second, third = three
    contents = {}
    for number in range(_BATCH):
        content = document()
        # Short ones end while the line is cut, and the worker wants to say so; long ones outlive its lease.
        contents[_submit((first, second)[number % 2], content, (1.5, 12)[number % 5 == 0])] = content
    ids = list(contents)
    _until(lambda: len(_held_by(second)) == 2 and sum(_ends(ids).values()) >= 4, "the batch is under way", 60)

    held = _held_by(second)
    claims = [_claim(job_id) for job_id in held]
    second.cut()
    assert _engines(second)
    killed_s = _until(lambda: not _engines(second), "the cut host ends its engines by its own clock", _KILLED_WITHIN_S)
    _until(lambda: all(_ends(held).values()), "what it held is done by others", _TAKEN_OVER_WITHIN_S + 30)
    _until(lambda: all(_ends(ids).values()), "the whole batch is done", 180)
    assert not _answers(second)
    assert _answers(first)

    before = _state(ids)
    second.heal()
    _until(lambda: _answers(second), "its gateway answers again", 60)
    _until(lambda: _works_again(second, first), "its worker does new jobs", 120)
    told = second.worker.log.read_text()
    assert told.count('"job.claim_lost"') >= len(held), "it does not know what it had lost"
    for claim in claims:
        with pytest.raises(ClaimLost):
            jobs.complete(claim, [], {"late": True})
        with pytest.raises(ClaimLost):
            jobs.fail(claim, EngineCrashed())
    assert _state(ids) == before, "a late word changed something"
    assert set(_ends(ids).values()) == {1}
    for job_id in held:
        result = httpx.get(f"{second.url}/v1/jobs/{job_id}/result", timeout=30, follow_redirects=True)
        assert sha256(result.content) == sha256(contents[job_id])
    attempts = {str(row["id"]): row["attempt"] for row in before}
    print(
        f"\n{_BATCH} jobs, each done once in effect; the cut host held {len(held)} and ended their engines after "
        f"{killed_s:.1f} s; {sum(number > 1 for number in attempts.values())} were begun again elsewhere"
    )
    assert third.parts[0].runs


def _works_again(host: Host, gateway: Host) -> bool:
    host.look_after()
    ids = [_submit(gateway, document(), 0.5) for _ in range(6)]
    _until(lambda: all(_ends(ids).values()), "jobs are done", 60)
    done = _rows(
        "SELECT count(*) AS n FROM job_event JOIN worker ON worker.id::text = job_event.actor "
        "WHERE job_event.job_id = ANY(%(ids)s::uuid[]) AND job_event.event = 'completed' AND worker.pid = %(pid)s",
        ids=ids,
        pid=host.worker.pid,
    )
    return bool(done[0]["n"])


_HOLDS_THE_LOCK = """
import sys, time
from shared import database, settings
database.configure(settings.current().database_url.get_secret_value(), "holder")
with database.connected() as connection, connection.atomic():
    database.rows("SELECT pg_advisory_xact_lock(%(key)s)", {"key": database.KEEPER_LOCK})
    print("held", flush=True)
    time.sleep(3600)
"""


def test_a_host_that_is_cut_off_within_a_transaction_does_not_keep_its_locks(three: list[Host], tmp_path: Path) -> None:
    first, _, third = three
    (tmp_path / "holds_the_lock.py").write_text(_HOLDS_THE_LOCK)
    job_id = _submit(first, document(), 6)
    _until(lambda: any(_held_by(host) for host in three), "a worker has it", 30)
    holder = next(host for host in three if _held_by(host))
    keeper = holder.start("holder", "holds_the_lock", path=tmp_path)
    _until(lambda: "held" in keeper.log.read_text(), "the keeper's lock is held", 30)

    holder.cut()

    survivor = first if holder is not first else third
    _until(lambda: _ends([job_id])[job_id], "another host takes the job back and does it", _TAKEN_OVER_WITHIN_S + 30)
    assert survivor.parts[0].runs
    holder.heal()
