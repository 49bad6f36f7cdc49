"""Redis, PostgreSQL or the storage are away: what the gateway says, and that it keeps its promise."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from cli.embedded_postgres import EmbeddedPostgres
from cli.embedded_redis import EmbeddedRedis
from shared import database
from tests.gateway.documents import PDF, files
from tests.gateway.lossy_proxy import LossyProxy
from tests.gateway.running_gateway import RunningGateway
from tests.gateway.test_bad_input import refused

Start = Callable[..., RunningGateway]


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server that the test may stop; migrated."""
    with EmbeddedPostgres(tmp_path / "postgres", durable=False) as server:
        database.configure(server.url, "tests")
        database.migrate()
        yield server
        database.disconnect()


def submit(gateway: RunningGateway) -> httpx.Response:
    """Submit one document."""
    return httpx.post(f"{gateway.url}/v1/compress", files=files(PDF), timeout=15)


def kept_in_storage(gateway: RunningGateway) -> list[Path]:
    """Documents, the traces of health checks left out."""
    return [path for path in gateway.stored() if "checks" not in path.parts]


# -- Redis -------------------------------------------------------------------------------------------------------


def test_without_redis_a_document_is_accepted(gateway_with: Start):
    gateway = gateway_with(redis_url="unix:///nowhere/redis.sock")

    answer = submit(gateway)

    assert answer.status_code == 202
    assert database.rows("SELECT status FROM job", {}) == [{"status": "pending"}]


def test_a_frozen_redis_does_not_hold_up_a_submission(gateway_with: Start, tmp_path: Path):
    with EmbeddedRedis(tmp_path / "redis") as server:
        gateway = gateway_with(redis_url=server.url)
        assert server.process
        server.process.send_signal(signal.SIGSTOP)
        try:
            answers = [submit(gateway) for _ in range(3)]
            ready = httpx.get(f"{gateway.url}/health/ready", timeout=30)
        finally:
            server.process.send_signal(signal.SIGCONT)

    # Each came within the time-out of the client, which is shorter than that of a stock Redis client.
    assert [answer.status_code for answer in answers] == [202] * 3
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")


def test_without_redis_the_gateway_is_degraded_but_ready(gateway_with: Start):
    gateway = gateway_with(redis_url="unix:///nowhere/redis.sock")

    ready = httpx.get(f"{gateway.url}/health/ready")

    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    parts = {name: ready.json()["checks"][name] for name in ("database", "storage", "redis")}
    assert parts == {"database": "ok", "storage": "ok", "redis": "Redis does not answer."}


# -- PostgreSQL --------------------------------------------------------------------------------------------------


def test_without_postgres_nothing_is_accepted_and_nothing_kept(gateway_with: Start):
    gateway = gateway_with(database_url="postgresql:///bindery?host=/nowhere")

    problem = refused(submit(gateway), 503, "database_unavailable")

    assert "Try again" in problem["remedy"]
    assert not gateway.stored()
    refused(httpx.get(f"{gateway.url}/v1/jobs"), 503, "database_unavailable")
    ready = httpx.get(f"{gateway.url}/health/ready", timeout=30)
    assert (ready.status_code, ready.json()["status"]) == (503, "unready")
    assert httpx.get(f"{gateway.url}/health/live").status_code == 200


def test_a_postgres_that_stops_under_a_running_gateway_leaves_nothing_half_done(
    gateway_with: Start, own_postgres: EmbeddedPostgres
):
    gateway = gateway_with(database_url=own_postgres.url)
    assert submit(gateway).status_code == 202
    before = kept_in_storage(gateway)

    database.disconnect()
    own_postgres.stop()
    answer = submit(gateway)

    refused(answer, 503, "database_unavailable")
    assert answer.headers["Retry-After"]
    assert kept_in_storage(gateway) == before


def test_after_a_restart_of_postgres_no_request_fails(gateway_with: Start, own_postgres: EmbeddedPostgres):
    gateway = gateway_with(database_url=own_postgres.url, gateway_threads="4")
    with httpx.Client(base_url=gateway.url, timeout=30) as client:
        for _ in range(8):
            client.post("/v1/compress", files=files(PDF))
        database.disconnect()
        own_postgres.stop()
        own_postgres.start()

        # Every database thread still holds a connection to the server that ended.
        answers = [client.get("/v1/jobs") for _ in range(6)]
        answers += [client.post("/v1/compress", files=files(PDF)) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 6 + [202] * 6


@pytest.mark.parametrize("reached", [True, False])
def test_a_job_whose_creation_went_unanswered_is_there_once(gateway_with: Start, database_url: str, reached: bool):
    with LossyProxy(database_url, b"INSERT INTO job", reached=reached) as proxy:
        gateway = gateway_with(database_url=proxy.url)

        answer = submit(gateway)

        assert proxy.lost, answer.text + gateway.log.read_text()
        assert answer.status_code == 202
        assert database.rows("SELECT id::text FROM job", {}) == [{"id": answer.json()["id"]}]
        assert len(kept_in_storage(gateway)) == 1
        database.disconnect()


_TWO_STEPS = {"steps": '[{"operation": "compress"}, {"operation": "compress"}]'}


@pytest.mark.parametrize(
    ("submitted_to", "form", "lost"),
    [
        ("/v1/compress", {}, b"last_error = error, error = NULL"),
        ("/v1/pipelines", _TWO_STEPS, b"last_error = error, error = NULL"),
        ("/v1/ocr", {"optimise": "true"}, b"COMMIT"),
    ],
)
def test_a_retry_that_took_effect_is_not_refused_because_its_answer_was_lost(
    gateway_with: Start, database_url: str, submitted_to: str, form: dict[str, str], lost: bytes
):
    with LossyProxy(database_url, lost, reached=True) as proxy:
        gateway = gateway_with(database_url=proxy.url)
        with httpx.Client(base_url=gateway.url, timeout=15) as client:
            whole = client.post(submitted_to, files=files(PDF), data=form).json()["links"]["self"]
            assert client.post(f"{whole}/cancel").json()["status"] == "cancelled"

            answer = client.post(f"{whole}/retry")

            assert proxy.lost, answer.text + gateway.log.read_text()
            assert (answer.status_code, answer.json()["status"]) == (202, "pending")
            assert client.post(f"{whole}/retry").status_code == 409
        database.disconnect()


# -- storage -----------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    if os.geteuid() != 0:
        pytest.skip("a file system of one megabyte can only be made by root")
    folder = tmp_path / "small-disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system of one megabyte: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_said_and_nothing_kept(gateway_with: Start, small_disk: Path):
    gateway = gateway_with(storage_url=small_disk.as_uri())
    gateway.storage = small_disk

    answer = httpx.post(f"{gateway.url}/v1/compress", files=files(PDF, PDF + b"x" * 3_000_000), timeout=30)

    problem = refused(answer, 507, "storage_full")
    assert "space" in problem["remedy"]
    assert gateway.kept_nothing()
    # What is small enough still goes.
    assert submit(gateway).status_code == 202


def test_a_storage_that_cannot_be_written_is_said(gateway_with: Start):
    gateway = gateway_with()
    gateway.storage.rmdir()
    gateway.storage.write_text("a file where the folder was")

    refused(submit(gateway), 503, "storage_unavailable")
    assert database.rows("SELECT count(*) AS n FROM job", {}) == [{"n": 0}]


# -- the gateway itself ----------------------------------------------------------------------------------------------


def test_a_gateway_that_is_told_to_stop_sends_those_home_who_only_wait(gateway_with: Start):
    gateway = gateway_with()
    job = submit(gateway).json()
    with (
        httpx.Client(base_url=gateway.url, timeout=60) as client,
        client.stream("GET", job["links"]["events"]) as events,
    ):
        lines = events.iter_lines()
        next(lines)
        gateway.stop()
        list(lines)

    assert "Forcing close" not in gateway.log.read_text()


def test_an_idle_connection_does_not_hold_up_the_end(gateway_with: Start):
    gateway = gateway_with()
    with httpx.Client(base_url=gateway.url) as client:
        client.get("/")
        gateway.stop()

    assert "Forcing close" not in gateway.log.read_text()


def test_the_log_is_json_and_holds_no_query(gateway_with: Start):
    gateway = gateway_with()
    httpx.get(f"{gateway.url}/v1/jobs?operation=confidential")
    submit(gateway)
    gateway.stop()

    text = gateway.log.read_text()
    assert "confidential" not in text
    assert '"event": "job.created"' in text
