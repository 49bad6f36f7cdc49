"""What operators see of the queues: depth, consumers, figures of the last hour, history, and when to worry."""

from __future__ import annotations

import httpx
import pytest

from shared import database
from shared.errors import DamagedFile
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker


def submit(client: httpx.Client) -> None:
    """One document for the queue of compression."""
    assert client.post("/v1/compress", files=files(PDF), headers={"Cache-Control": "no-cache"}).status_code == 202


def compression(client: httpx.Client) -> dict:
    """The public record of that queue."""
    return next(queue for queue in client.get("/v1/queues").json()["queues"] if queue["name"] == "compression")


def ready(client: httpx.Client) -> dict:
    """What a load balancer is told; with the keeper at work."""
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture
def keeper_ticks(gateway) -> None:
    """A keeper did its duties a moment ago."""
    database.rows("INSERT INTO tick (name) VALUES ('keeper') ON CONFLICT (name) DO UPDATE SET at = now()", {})


def ended_ago(minutes: float) -> None:
    """Shift every job's end into the past."""
    database.rows(
        "UPDATE job SET completed_at = completed_at - make_interval(secs => %(s)s) WHERE completed_at IS NOT NULL",
        {"s": minutes * 60},
    )


def test_the_figures_of_the_last_hour_are_those_of_the_rows(client: httpx.Client, worker: PlayedWorker):
    for _ in range(3):
        submit(client)
    for name in ("a.pdf", "b.pdf"):
        worker.complete(worker.claim(), (name, b"%PDF"))
    ended_ago(10)
    worker.fail(worker.claim(), DamagedFile())

    queue = compression(client)

    assert queue["ended_per_minute"] == {"last_5_minutes": 0.2, "last_60_minutes": 0.05}
    assert queue["failures_last_hour"] == {"file_damaged": 1}
    assert 0 <= queue["wait_seconds"]["p50"] <= queue["wait_seconds"]["p95"]


def test_an_answer_from_the_cache_and_what_ended_long_ago_are_no_throughput(client: httpx.Client, worker: PlayedWorker):
    submit(client)
    worker.complete(worker.claim(), ("a.pdf", b"%PDF"))
    ended_ago(61)
    assert client.post("/v1/compress", files=files(PDF)).json()["cached"]

    queue = compression(client)

    assert queue["ended_per_minute"] == {"last_5_minutes": 0, "last_60_minutes": 0}
    assert (queue["wait_seconds"], queue["run_seconds"]) == (None, None)


def test_the_history_puts_each_job_into_the_slot_in_which_it_ended(client: httpx.Client, worker: PlayedWorker):
    submit(client)
    worker.complete(worker.claim(), ("a.pdf", b"%PDF"))
    ended_ago(90)
    submit(client)
    worker.fail(worker.claim(), DamagedFile())

    told = client.get("/v1/queues/compression/history", params={"hours": 24}).json()

    assert (told["slot_seconds"], len(told["slots"])) == (1800, 48)
    counts = [(slot["completed"], slot["failed"]) for slot in told["slots"]]
    assert counts[-4] == (1, 0)
    assert counts[-1] == (0, 1)
    assert sum(map(sum, counts)) == 2
    assert told["slots"][-1]["wait_seconds"]["p50"] >= 0
    assert told["slots"][0]["wait_seconds"] is None


@pytest.mark.parametrize(
    ("name", "query", "status"), [("nothing", "", 404), ("ocr", "hours=0", 422), ("ocr", "hours=169", 422)]
)
def test_a_history_of_nothing_or_of_another_length_is_refused(client: httpx.Client, name: str, query: str, status: int):
    assert client.get(f"/v1/queues/{name}/history?{query}").status_code == status


def test_a_ready_job_without_a_worker_degrades_the_gateway_and_is_told(
    client: httpx.Client, worker: PlayedWorker, keeper_ticks: None
):
    assert ready(client)["status"] == "ok"
    submit(client)

    assert compression(client)["waiting_for_consumer"]
    assert ready(client)["status"] == "degraded"
    assert "'compression'" in ready(client)["checks"]["queues"]

    worker.appear(failure="qpdf is missing")
    assert compression(client)["waiting_for_consumer"], "a worker that cannot do it is none"

    worker.appear()
    assert not compression(client)["waiting_for_consumer"]
    assert ready(client)["status"] == "ok"


def test_a_paused_queue_waits_for_its_operator_and_not_for_a_worker(client: httpx.Client, keeper_ticks: None):
    submit(client)
    client.post("/v1/queues/compression/pause")

    assert not compression(client)["waiting_for_consumer"]
    assert ready(client)["status"] == "ok"


def test_a_keeper_that_does_not_tick_degrades_the_gateway(client: httpx.Client, keeper_ticks: None):
    database.rows("UPDATE tick SET at = now() - interval '5 minutes'", {})

    told = ready(client)

    assert told["status"] == "degraded"
    assert "5 minutes ago" in told["checks"]["keeper"]
