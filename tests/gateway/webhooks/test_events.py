"""What is told, when, how often and to whom."""

from __future__ import annotations

import json
from typing import Any

import httpx
import psycopg
import pytest

from services.maintenance.webhooks.wholes import tell_of_ends
from shared import database, jobs, settings
from shared.errors import DamagedFile
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.webhooks.conftest import deliveries, register
from tests.gateway.webhooks.receiver import Receiver, until

pytestmark = pytest.mark.usefixtures("gateway")


def submitted(client: httpx.Client, *documents: bytes, **fields: str) -> dict[str, Any]:
    """Submit documents to `compress` and return the answer."""
    answer = client.post("/v1/compress", files=files(*documents or (PDF,)), data=fields)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def complete(worker: PlayedWorker) -> None:
    """Do the next job."""
    worker.complete(worker.claim(), ("out.pdf", b"%PDF-out"))


def told(client: httpx.Client) -> list[str]:
    """The events of all deliveries there are, the oldest first."""
    return [each["event"] for each in deliveries(client)]


def test_the_end_of_a_job_is_told_once_and_the_official_library_verifies_it(
    client: httpx.Client, worker: PlayedWorker, receiver: Receiver, delivery: None
):
    secret = register(client, receiver.url)["secret"]
    job = submitted(client, password="hush hush")
    complete(worker)

    (request,) = receiver.wait_for(1)
    payload = request.verified(secret)
    seen = client.get(f"/v1/jobs/{job['id']}").json()
    assert (payload["type"], payload["timestamp"]) == ("job.completed", seen["completed_at"])
    assert {name: seen[name] for name in payload["data"].keys() - {"links"}} == {
        name: value for name, value in payload["data"].items() if name != "links"
    }
    assert client.get(payload["data"]["links"]["result"]).content == b"%PDF-out"
    (record,) = until(lambda: deliveries(client, state="delivered"))
    assert (record["id"], record["payload"], record["job_id"]) == (request.id, payload, job["id"])
    assert [(each["number"], each["status_code"], each["error"]) for each in record["log"]] == [(1, 204, None)]
    # Neither what was confided with the job nor what its document is called.
    assert b"hush" not in request.body
    assert b"document-0" not in request.body


def test_failure_and_cancellation_are_told_and_no_other_change(
    client: httpx.Client, worker: PlayedWorker, receiver: Receiver
):
    register(client, receiver.url)
    submitted(client)
    worker.fail(worker.claim(), DamagedFile())
    submitted(client)
    claim = worker.claim()
    client.post(f"/v1/jobs/{claim.job_id}/cancel")
    worker.stop_for_cancellation(claim)
    waiting = submitted(client)
    client.post(f"/v1/jobs/{waiting['id']}/cancel")

    assert told(client) == ["job.failed", "job.cancelled", "job.cancelled"]
    error = deliveries(client)[0]["payload"]["data"]["error"]
    assert error == client.get("/v1/jobs", params={"status": "failed"}).json()["jobs"][0]["error"]


def test_a_job_that_is_answered_from_the_cache_is_told_too(
    client: httpx.Client, worker: PlayedWorker, receiver: Receiver
):
    submitted(client)
    complete(worker)
    register(client, receiver.url)
    assert submitted(client)["cached"]

    assert told(client) == ["job.completed"]


def test_a_job_that_is_tried_again_by_a_person_ends_once_more(
    client: httpx.Client, worker: PlayedWorker, receiver: Receiver
):
    register(client, receiver.url)
    job = submitted(client)
    worker.fail(worker.claim(), DamagedFile())
    client.post(f"/v1/jobs/{job['id']}/retry").raise_for_status()
    assert told(client) == ["job.failed"]
    complete(worker)

    assert told(client) == ["job.failed", "job.completed"]


def test_only_the_events_that_were_chosen_are_told(client: httpx.Client, worker: PlayedWorker, receiver: Receiver):
    register(client, receiver.url, "job.failed")
    submitted(client)
    complete(worker)
    submitted(client, PDF + b"other")
    worker.fail(worker.claim(), DamagedFile())

    assert told(client) == ["job.failed"]


def test_a_batch_is_told_when_its_last_job_has_ended(client: httpx.Client, worker: PlayedWorker, receiver: Receiver):
    register(client, receiver.url, "batch.completed")
    batch = submitted(client, PDF, PDF + b"2")
    complete(worker)
    assert tell_of_ends() == 0
    worker.fail(worker.claim(), DamagedFile())

    assert tell_of_ends() == 1
    assert tell_of_ends() == 0
    (only,) = deliveries(client)
    data = only["payload"]["data"]
    seen = client.get(f"/v1/batches/{batch['id']}").json()
    assert (only["event"], only["batch_id"]) == ("batch.completed", batch["id"])
    assert {name: data[name] for name in ("id", "operation", "status", "counts")} == {
        name: seen[name] for name in ("id", "operation", "status", "counts")
    }


def test_a_batch_whose_last_jobs_end_at_the_same_moment_is_told_once(client: httpx.Client, receiver: Receiver):
    register(client, receiver.url, "batch.completed")
    batch = submitted(client, PDF, PDF + b"2")
    url = settings.current().database_url.get_secret_value()
    end = """UPDATE job SET status = 'cancelled', completed_at = now(), expires_at = now() + interval '1 day'
             WHERE id = %s"""

    # Neither of the two transactions sees what the other one did.
    with psycopg.connect(url) as first, psycopg.connect(url) as second:
        first.execute(end, [batch["jobs"][0]["id"]])
        second.execute(end, [batch["jobs"][1]["id"]])
        first.commit()
        assert tell_of_ends() == 0
        second.commit()
    assert tell_of_ends() == 1


def test_a_job_in_steps_is_told_as_the_one_job_that_it_is(
    client: httpx.Client, worker: PlayedWorker, receiver: Receiver
):
    register(client, receiver.url)
    job = client.post("/v1/chained-probe", files=files(PDF), data={"before": "sleep"}).json()
    assert len(job["steps"]) == 2
    with PlayedWorker(worker._store, "probe", "probe", "chained-probe", "quick-probe") as probe:
        probe.complete(probe.claim(), ("a.pdf", b"%PDF-a"))
        probe.complete(probe.claim(), ("b.pdf", b"%PDF-b"))

    assert [(each["event"], each["job_id"]) for each in deliveries(client)] == [("job.completed", job["id"])]
    assert tell_of_ends() == 0


@pytest.mark.parametrize("fails", [False, True])
def test_a_pipeline_is_told_as_a_whole_and_its_steps_tell_nothing(
    client: httpx.Client, worker: PlayedWorker, receiver: Receiver, fails: bool
):
    register(client, receiver.url)
    steps = json.dumps([{"operation": "compress"}, {"operation": "compress"}])
    pipeline = client.post("/v1/pipelines", files=files(PDF), data={"steps": steps}).raise_for_status().json()
    complete(worker)
    assert tell_of_ends() == 0
    if fails:
        worker.fail(worker.claim(), DamagedFile())
    else:
        complete(worker)

    assert tell_of_ends() == 1
    (only,) = deliveries(client)
    data = only["payload"]["data"]
    status = "failed" if fails else "completed"
    assert (only["event"], only["pipeline_id"]) == (f"pipeline.{status}", pipeline["id"])
    assert (data["status"], data["operations"]) == (status, ["compress", "compress"])
    assert (data["error"] or {}).get("code") == (DamagedFile.code if fails else None)
    assert ("result" in data["links"]) is not fails


def test_the_jobs_of_another_owner_are_not_told(client: httpx.Client, receiver: Receiver):
    register(client, receiver.url)
    database.rows("UPDATE webhook_endpoint SET owner = 'somebody'", {})
    job = submitted(client)
    client.post(f"/v1/jobs/{job['id']}/cancel").raise_for_status()

    assert told(client) == []


# -- webhook_url -------------------------------------------------------------------------------------------------


def test_a_job_can_name_who_is_told_of_its_end_and_of_no_other(
    client: httpx.Client, worker: PlayedWorker, receiver: Receiver, delivery: None
):
    job = submitted(client, webhook_url=receiver.url)
    submitted(client, PDF + b"other")
    complete(worker)
    complete(worker)

    (request,) = receiver.wait_for(1)
    webhook = client.get(client.get(f"/v1/jobs/{job['id']}").json()["links"]["webhook"]).json()
    payload = request.verified(client.get(webhook["links"]["secret"]).json()["secret"])
    assert payload["data"]["id"] == job["id"]
    assert (webhook["url"], webhook["events"], webhook["made_by_job"]) == (receiver.url, [], True)
    assert told(client) == ["job.completed"]


def test_a_job_that_names_a_registered_url_is_told_there_once_whatever_its_filter(
    client: httpx.Client, worker: PlayedWorker, receiver: Receiver
):
    registered = register(client, receiver.url, "job.failed")
    job = submitted(client, webhook_url=receiver.url)
    complete(worker)
    submitted(client, PDF + b"other", webhook_url=receiver.url)
    worker.fail(worker.claim(), DamagedFile())

    assert client.get(f"/v1/jobs/{job['id']}").json()["links"]["webhook"] == registered["links"]["self"]
    assert told(client) == ["job.completed", "job.failed"]
    assert len(client.get("/v1/webhooks").json()["webhooks"]) == 1


def test_batches_and_pipelines_that_name_a_url_are_told_there(
    client: httpx.Client, worker: PlayedWorker, receiver: Receiver
):
    submitted(client, PDF, PDF + b"2", webhook_url=receiver.url)
    steps = json.dumps([{"operation": "compress"}])
    client.post("/v1/pipelines", files=files(PDF), data={"steps": steps, "webhook_url": receiver.url})
    for _ in range(3):
        complete(worker)
    tell_of_ends()

    assert sorted(told(client)) == ["batch.completed", "job.completed", "job.completed", "pipeline.completed"]


def test_a_job_cannot_name_an_address_that_takes_nothing_any_more(client: httpx.Client, receiver: Receiver):
    webhook = register(client, receiver.url)
    client.patch(webhook["links"]["self"], json={"enabled": False}).raise_for_status()
    answer = client.post("/v1/compress", files=files(PDF), data={"webhook_url": receiver.url})

    assert (answer.status_code, answer.json()["code"]) == (409, "webhook_disabled")
    assert client.get("/v1/jobs").json()["jobs"] == []


@pytest.mark.parametrize("url", ["ftp://example.com/", "http://10.0.0.1/", "http://[::ffff:169.254.169.254]/", "x"])
def test_a_job_cannot_name_an_inside_address(client: httpx.Client, url: str):
    answer = client.post("/v1/compress", files=files(PDF), data={"webhook_url": url})

    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == "webhook_url"
    assert client.get("/v1/webhooks").json()["webhooks"] == []


def test_the_same_key_with_another_url_is_another_submission(client: httpx.Client, receiver: Receiver):
    key = {"Idempotency-Key": "only-once"}
    first = client.post("/v1/compress", files=files(PDF), data={"webhook_url": receiver.url}, headers=key)
    again = client.post("/v1/compress", files=files(PDF), data={"webhook_url": receiver.url}, headers=key)
    other = client.post("/v1/compress", files=files(PDF), data={"webhook_url": f"{receiver.url}/2"}, headers=key)

    assert (first.status_code, again.status_code, again.json()["id"]) == (202, 202, first.json()["id"])
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_the_end_and_what_is_told_of_it_are_there_together_or_not_at_all(
    client: httpx.Client, worker: PlayedWorker, receiver: Receiver
):
    register(client, receiver.url)
    submitted(client)
    claim = worker.claim()
    with database.connected() as connection, connection.atomic() as transaction:
        jobs.fail(claim, DamagedFile())
        transaction.rollback()

    assert told(client) == []
    jobs.fail(claim, DamagedFile())
    assert told(client) == ["job.failed"]
