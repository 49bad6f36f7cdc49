"""Retry and cancel by filter: exactly the jobs that match, bounded per request, noted, never without a filter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from shared import database, selections
from shared.errors import DamagedFile, EncryptedPdf
from shared.storage import Storage
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway


def submit(client: httpx.Client, operation: str = "compress") -> str:
    """One document; the id of its job."""
    answer = client.post(f"/v1/{operation}", files=files(PDF), headers={"Cache-Control": "no-cache"})
    assert answer.status_code == 202
    return answer.json()["id"]


def retry(client: httpx.Client, **filters: object) -> dict:
    """What the gateway says to a retry by filter."""
    answer = client.post("/v1/jobs/retry", json=filters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def cancel(client: httpx.Client, **filters: object) -> dict:
    """The same for a cancellation."""
    answer = client.post("/v1/jobs/cancel", json=filters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def status(client: httpx.Client, job_id: str) -> str:
    """How a job is."""
    return client.get(f"/v1/jobs/{job_id}").json()["status"]


def fail(client: httpx.Client, worker: PlayedWorker, error: type = DamagedFile) -> str:
    """A job that failed."""
    job_id = submit(client)
    worker.fail(worker.claim(), error())
    return job_id


def last_note(client: httpx.Client) -> dict:
    """The newest line of the journal of operators."""
    return client.get("/v1/journal").json()["journal"][0]


@pytest.mark.parametrize("action", ["retry", "cancel"])
@pytest.mark.parametrize("body", [{}, {"dry_run": True}, {"queue": None}])
def test_without_a_filter_nothing_happens(client: httpx.Client, action: str, body: dict):
    job_id = submit(client)

    answer = client.post(f"/v1/jobs/{action}", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "filter_missing")
    assert status(client, job_id) == "pending"


@pytest.mark.parametrize(
    "body",
    [
        {"queue": ["ocr"]},
        {"status": "completed"},
        {"created_after": "yesterday"},
        {"created_after": "2026-01-01T00:00:00"},
        {"unknown": 1},
        {"queue": "x" * 101},
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(client: httpx.Client, body: dict):
    answer = client.post("/v1/jobs/retry", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_options")


def test_only_what_failed_with_the_code_is_tried_again_and_that_is_noted(client: httpx.Client, worker: PlayedWorker):
    damaged, encrypted = fail(client, worker), fail(client, worker, EncryptedPdf)

    told = retry(client, error_code="file_damaged", queue="compression")

    assert [job["id"] for job in told["jobs"]] == [damaged]
    assert (told["changed"], told["more"]) == (1, False)
    assert (status(client, damaged), status(client, encrypted)) == ("pending", "failed")
    assert last_note(client)["action"] == "jobs.retried"
    assert last_note(client)["details"]["filters"] == {"error_code": "file_damaged", "queue": "compression"}
    assert last_note(client)["details"]["jobs"] == 1
    journal = client.get(f"/v1/jobs/{damaged}/journal").json()["journal"]
    assert journal[-1]["event"] == "retried"


def test_what_somebody_cancelled_is_tried_again_only_when_asked_for(client: httpx.Client):
    job_id = submit(client)
    client.post(f"/v1/jobs/{job_id}/cancel")

    assert retry(client, operation="compress")["matching"] == 0
    assert retry(client, operation="compress", status="cancelled")["changed"] == 1
    assert status(client, job_id) == "pending"


def test_a_dry_run_tells_and_changes_nothing(client: httpx.Client, worker: PlayedWorker):
    database.rows("TRUNCATE operator_action", {})
    failed = fail(client, worker)
    waiting = submit(client)

    assert [job["id"] for job in retry(client, status="failed", dry_run=True)["jobs"]] == [failed]
    assert [job["id"] for job in cancel(client, queue="compression", dry_run=True)["jobs"]] == [waiting]

    assert (status(client, failed), status(client, waiting)) == ("failed", "pending")
    assert client.get("/v1/journal").json()["journal"] == []


def test_cancelling_ends_what_waits_and_flags_what_runs(client: httpx.Client, worker: PlayedWorker):
    running, waiting = submit(client), submit(client)
    claim = worker.claim()
    other = submit(client, "ocr")

    told = cancel(client, queue="compression")

    assert told["changed"] == 2
    assert status(client, waiting) == "cancelled"
    assert worker.report(claim, 1, 2), "the worker hears of it"
    assert status(client, other) == "pending"
    assert cancel(client, queue="compression", status="processing")["matching"] == 0, "it was asked to end already"
    assert status(client, running) == "processing"


def test_created_before_and_after_bound_the_jobs(client: httpx.Client):
    ids = [submit(client) for _ in range(3)]
    times = [client.get(f"/v1/jobs/{job_id}").json()["created_at"] for job_id in ids]
    database.rows("UPDATE job SET created_at = created_at + interval '1 hour' WHERE id = %(id)s", {"id": ids[2]})

    told = cancel(client, created_after=times[0], created_before=times[2].replace("Z", "+00:00"), dry_run=True)

    assert ids[2] not in [job["id"] for job in told["jobs"]]
    assert cancel(client, created_after="2999-01-01T00:00:00Z", dry_run=True)["matching"] == 0


def test_jobs_of_one_owner_are_cancelled_and_no_others(client: httpx.Client):
    ours, theirs = submit(client), submit(client)
    database.rows("UPDATE job SET owner = 'anna' WHERE id = %(id)s", {"id": theirs})

    assert cancel(client, owner="anna")["matching"] == 1

    assert status(client, ours) == "pending"
    assert status(client, theirs) == "cancelled"


def test_a_job_in_steps_goes_on_from_the_step_that_failed(client: httpx.Client, gateway: RunningGateway):
    whole = client.post("/v1/chained-probe", files=files(PDF), data={"before": "sleep"}).json()
    first = whole["steps"][0]["id"]
    with PlayedWorker(Storage(gateway.storage.as_uri()), "probe", "probe") as played:
        played.fail(played.claim(), DamagedFile())
    assert status(client, whole["id"]) == "failed"

    told = retry(client, queue="probe")

    assert [job["id"] for job in told["jobs"]] == [whole["id"]], "the step itself is no job of its own here"
    assert told["changed"] == 1
    assert status(client, first) == "pending"


def make_many(client: httpx.Client) -> int:
    """More waiting jobs than one request changes; how many."""
    job_id = submit(client)
    database.rows(
        """INSERT INTO job (id, operation, queue, options, max_failures, created_at)
           SELECT gen_random_uuid(), operation, queue, options, max_failures, now() FROM job, generate_series(1, %(n)s)
           WHERE id = %(id)s""",
        {"id": job_id, "n": selections.MOST_AT_ONCE + 4},
    )
    return selections.MOST_AT_ONCE + 5


def test_more_than_one_request_changes_is_told_and_the_rest_follows(client: httpx.Client):
    make_many(client)

    first, second = cancel(client, queue="compression"), cancel(client, queue="compression")

    assert (first["matching"], first["changed"], first["more"]) == (205, 200, True)
    assert (second["matching"], second["changed"], second["more"]) == (5, 5, False)


def bindery(gateway: RunningGateway, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, as an operator types it."""
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=Path(__file__).parents[2],
        env={**gateway.environment, "BINDERY_URL": gateway.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_line_shows_what_it_would_be_and_goes_on_until_nothing_is_left(
    client: httpx.Client, gateway: RunningGateway
):
    count = make_many(client)

    dry, refused = bindery(gateway, "cancel", "--queue", "compression", "--dry-run"), bindery(gateway, "cancel")
    done = bindery(gateway, "cancel", "--queue", "compression", "--since", "1h")

    assert f"{count} would be cancelled" in dry.stdout
    assert "Nothing says which jobs" in refused.stderr
    assert done.stdout.strip() == f"{count} cancelled"
    assert "no worker" in bindery(gateway, "queues").stdout
