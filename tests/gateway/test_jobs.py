"""Looking at jobs, waiting for them, cancelling, retrying and erasing them."""

from __future__ import annotations

import threading
import time
import uuid

import httpx
import pytest

from shared import consumers, database
from shared.errors import DamagedFile, EncryptedPdf, ExternalServiceError, FileProcessingError
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway


def submitted(client: httpx.Client, **form: str) -> dict:
    """Submit one document and return its job."""
    answer = client.post("/v1/compress", files=files(PDF), data=form)
    assert answer.status_code == 202, answer.text
    return answer.json()


def seen(client: httpx.Client, job: dict) -> dict:
    """The job as it is now."""
    return client.get(f"/v1/jobs/{job['id']}").json()


def waiting_code(client: httpx.Client, job: dict) -> str | None:
    """Why the job is not moving."""
    waiting = seen(client, job)["waiting"]
    return waiting["code"] if waiting else None


# -- one job -----------------------------------------------------------------------------------------------------


def test_a_job_shows_its_progress_and_its_worker_while_it_runs(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client)
    claim = worker.claim()
    worker.report(claim, 3, 12, "Page 3")

    running = seen(client, job)

    assert (running["status"], running["worker"], running["attempt"]) == ("processing", str(worker.id), 1)
    assert running["progress"] == {"percent": 25, "current": 3, "total": 12, "message": "Page 3"}
    assert running["started_at"] >= running["created_at"]


def test_a_completed_job_shows_its_outputs_result_and_times(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client)
    worker.complete(worker.claim(), ("small.pdf", b"%PDF-small"), result={"ratio": 0.5})

    done = seen(client, job)

    assert (done["status"], done["progress"]["percent"], done["waiting"]) == ("completed", 100, None)
    assert done["result"] == {"ratio": 0.5}
    assert [(output["name"], output["bytes"]) for output in done["outputs"]] == [("small.pdf", 10)]
    assert client.get(done["outputs"][0]["url"]).content == b"%PDF-small"
    assert done["expires_at"] > done["completed_at"] > done["created_at"]
    assert done["queue_seconds"] >= 0 <= done["run_seconds"]
    assert (done["worker"], done["error"]) == (None, None)


def test_a_failed_job_says_what_to_do(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client)
    worker.fail(worker.claim(), FileProcessingError("Page 3 is empty."))

    failed = seen(client, job)

    assert failed["status"] == "failed"
    assert failed["error"]["message"] == "Page 3 is empty."
    assert failed["error"]["remedy"]
    assert failed["links"]["retry"] == f"/v1/jobs/{job['id']}/retry"


def test_the_journal_tells_every_change_in_order(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client)
    worker.complete(worker.claim(), ("small.pdf", b"%PDF-small"))

    journal = client.get(f"/v1/jobs/{job['id']}/journal").json()["journal"]

    assert [(line["event"], line["status"], line["attempt"]) for line in journal] == [
        ("created", "pending", 0),
        ("claimed", "processing", 1),
        ("completed", "completed", 1),
    ]
    assert [line["actor"] for line in journal] == ["local", str(worker.id), str(worker.id)]


# -- waiting -----------------------------------------------------------------------------------------------------


def test_a_long_poll_answers_when_the_job_has_ended(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client)
    claim = worker.claim()
    timer = threading.Timer(0.5, lambda: (worker.complete(claim, ("a.pdf", b"%PDF-a")), database.disconnect()))
    timer.start()

    done = client.get(f"/v1/jobs/{job['id']}", params={"wait": 25}).json()
    timer.join()

    assert done["status"] == "completed"


def test_a_long_poll_answers_with_what_there_is_when_the_time_is_over(client: httpx.Client):
    job = submitted(client)

    assert client.get(f"/v1/jobs/{job['id']}", params={"wait": 1}).json()["status"] == "pending"


def test_a_long_poll_notices_that_the_job_was_erased(client: httpx.Client, gateway: RunningGateway):
    job = submitted(client)
    timer = threading.Timer(0.5, lambda: httpx.delete(f"{gateway.url}/v1/jobs/{job['id']}"))
    timer.start()

    answer = client.get(f"/v1/jobs/{job['id']}", params={"wait": 25})
    timer.join()

    assert answer.json()["code"] == "unknown_job"


def test_a_hundred_waiting_clients_do_not_hold_up_another(gateway: RunningGateway, client: httpx.Client):
    job = submitted(client)
    limits = httpx.Limits(max_connections=200)
    with httpx.Client(base_url=gateway.url, limits=limits, timeout=60) as patient:
        threads = [
            threading.Thread(target=patient.get, args=(f"/v1/jobs/{job['id']}",), kwargs={"params": {"wait": 30}})
            for _ in range(100)
        ]
        for thread in threads:
            thread.start()
        time.sleep(1)
        # Eight database threads, a hundred who wait: this answer needs one that is free.
        assert submitted(client)["status"] == "pending"
        client.post(f"/v1/jobs/{job['id']}/cancel")
        for thread in threads:
            thread.join()


# -- why a job is not moving ---------------------------------------------------------------------------------------


def test_a_job_says_that_nobody_consumes_its_queue(client: httpx.Client):
    assert waiting_code(client, submitted(client)) == "no_consumer"


def test_a_job_quotes_the_self_test_that_fails(client: httpx.Client, worker: PlayedWorker):
    worker.appear(failure="libvips is missing")

    waiting = seen(client, submitted(client))["waiting"]

    assert waiting["code"] == "no_consumer"
    assert "libvips is missing" in waiting["message"]


def test_a_job_says_when_its_last_consumer_was_seen(client: httpx.Client, worker: PlayedWorker):
    worker.appear()
    database.rows("UPDATE worker SET beat_at = now() - interval '3 minutes'", {})

    waiting = seen(client, submitted(client))["waiting"]

    assert (waiting["code"], "3 minutes ago" in waiting["message"]) == ("no_consumer", True)


def test_a_job_says_who_paused_its_queue(client: httpx.Client, worker: PlayedWorker):
    worker.appear()
    client.post("/v1/queues/compression/pause")

    waiting = seen(client, submitted(client))["waiting"]

    assert waiting["code"] == "paused"
    assert "paused by local" in waiting["message"]


def test_a_job_says_its_place_when_all_slots_are_busy(client: httpx.Client, worker: PlayedWorker):
    worker.appear(slots=1)
    submitted(client)
    worker.claim()
    submitted(client)

    waiting = seen(client, submitted(client))["waiting"]

    assert (waiting["code"], "position 2" in waiting["message"]) == ("all_busy", True)


def test_a_ready_job_beside_a_free_slot_waits_for_a_bell(client: httpx.Client, worker: PlayedWorker):
    worker.appear()

    assert waiting_code(client, submitted(client)) == "not_rung"


def test_a_job_that_will_be_tried_again_says_when_and_why(client: httpx.Client, worker: PlayedWorker):
    worker.appear()
    job = submitted(client)
    worker.fail(worker.claim(), ExternalServiceError("The printer is on fire."))

    again = seen(client, job)

    assert (again["status"], again["waiting"]["code"], again["failures"]) == ("pending", "retry", 1)
    assert "The printer is on fire." in again["waiting"]["message"]
    assert again["last_error"]["code"] == "external_service"


def test_a_scheduled_job_says_so(client: httpx.Client, worker: PlayedWorker):
    worker.appear()
    job = submitted(client)
    database.rows("UPDATE job SET run_at = now() + interval '3 hours'", {})

    assert "3 hours" in seen(client, job)["waiting"]["message"]
    assert waiting_code(client, job) == "scheduled"


def test_a_running_job_says_where_and_that_its_worker_lives(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client)
    worker.claim()

    waiting = seen(client, job)["waiting"]

    assert (waiting["code"], str(worker.id) in waiting["message"]) == ("processing", True)


def test_a_job_whose_worker_was_lost_says_so(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client)
    worker.claim()
    database.rows("UPDATE job SET lease_until = now() - interval '10 seconds'", {})

    assert waiting_code(client, job) == "lease_expired"


def test_a_job_that_is_being_cancelled_says_so(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client)
    worker.claim()
    client.post(f"/v1/jobs/{job['id']}/cancel")

    assert waiting_code(client, job) == "cancelling"


# -- the list ------------------------------------------------------------------------------------------------------


def test_the_list_shows_the_newest_first_and_pages_without_gaps(client: httpx.Client):
    submitted_ids = [submitted(client)["id"] for _ in range(7)]

    listed, cursor = [], None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/jobs", params=params).json()
        assert len(page["jobs"]) <= 3
        # A job that arrives while somebody pages does not move what is left.
        submitted(client)
        listed += [job["id"] for job in page["jobs"]]
        if (cursor := page["next_cursor"]) is None:
            break

    assert listed == submitted_ids[::-1]


def test_the_list_can_be_filtered(client: httpx.Client, worker: PlayedWorker):
    batch = client.post("/v1/compress", files=files(PDF, PDF)).json()
    worker.claim()
    single = submitted(client)

    def ids(**params: str) -> set[str]:
        return {job["id"] for job in client.get("/v1/jobs", params=params).json()["jobs"]}

    assert ids(batch_id=batch["id"]) == {job["id"] for job in batch["jobs"]}
    assert ids(status="processing") == {batch["jobs"][0]["id"]}
    assert ids(status="pending", queue="compression", operation="compress") == {batch["jobs"][1]["id"], single["id"]}
    assert ids(operation="ocr") == ids(queue="ocr") == ids(batch_id=str(uuid.uuid4())) == set()
    assert ids(created_after=batch["jobs"][1]["created_at"], created_before="2999-01-01T00:00:00Z") >= {single["id"]}
    assert ids(created_before="2000-01-01T00:00:00+02:00") == ids(created_after="2999-01-01T00:00:00Z") == set()


def test_the_list_shows_what_failed_with_a_code(client: httpx.Client, worker: PlayedWorker):
    failed = [submitted(client) for _ in range(2)]
    for error in (EncryptedPdf(), DamagedFile()):
        worker.fail(worker.claim(), error)

    found = client.get("/v1/jobs", params={"error_code": EncryptedPdf.code}).json()["jobs"]

    assert [job["id"] for job in found] == [failed[0]["id"]]


# -- cancel, retry, erase --------------------------------------------------------------------------------------------


def test_a_waiting_job_is_cancelled_at_once(client: httpx.Client):
    job = submitted(client)

    answer = client.post(f"/v1/jobs/{job['id']}/cancel")

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")


def test_a_running_job_is_flagged_and_its_worker_told(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client)
    claim = worker.claim()

    answer = client.post(f"/v1/jobs/{job['id']}/cancel")

    assert (answer.status_code, answer.json()["status"]) == (202, "processing")
    assert worker.report(claim, 1, 2) is True
    worker.stop_for_cancellation(claim)
    assert seen(client, job)["status"] == "cancelled"


def test_cancelling_twice_is_as_good_as_once(client: httpx.Client):
    job = submitted(client)

    answers = [client.post(f"/v1/jobs/{job['id']}/cancel") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_job_that_has_ended_cannot_be_cancelled(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client)
    worker.complete(worker.claim(), ("a.pdf", b"%PDF-a"))

    answer = client.post(f"/v1/jobs/{job['id']}/cancel")

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert seen(client, job)["status"] == "completed"


def test_a_failed_job_can_be_tried_again(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client)
    worker.fail(worker.claim(), FileProcessingError("No."))

    answer = client.post(f"/v1/jobs/{job['id']}/retry")

    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert answer.json()["message_id"] != job["message_id"]
    assert worker.claim().attempt == 2


def test_only_a_job_that_ended_badly_can_be_tried_again(client: httpx.Client):
    job = submitted(client)

    answer = client.post(f"/v1/jobs/{job['id']}/retry")

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("ended", [True, False])
def test_an_erased_job_leaves_nothing(client: httpx.Client, gateway: RunningGateway, worker: PlayedWorker, ended: bool):
    job = submitted(client)
    if ended:
        worker.complete(worker.claim(), ("a.pdf", b"%PDF-a"))

    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204

    assert client.get(f"/v1/jobs/{job['id']}").status_code == 404
    assert gateway.kept_nothing()


def test_a_running_job_must_be_cancelled_before_it_is_erased(
    client: httpx.Client, gateway: RunningGateway, worker: PlayedWorker
):
    job = submitted(client)
    worker.claim()

    answer = client.delete(f"/v1/jobs/{job['id']}")

    assert answer.status_code == 409
    assert "cancel" in answer.json()["remedy"].lower()
    assert len(gateway.stored()) == 1


# -- queues and workers ----------------------------------------------------------------------------------------------


def test_a_queue_shows_what_waits_what_runs_and_who_consumes_it(client: httpx.Client, worker: PlayedWorker):
    worker.appear(slots=2)
    for _ in range(4):
        submitted(client)
    worker.claim()
    database.rows(
        "UPDATE job SET run_at = now() + interval '1 hour' WHERE id = (SELECT max(id::text)::uuid FROM job)", {}
    )
    database.rows("UPDATE job SET run_at = now() - interval '90 seconds' WHERE run_at <= now()", {})

    queue = next(one for one in client.get("/v1/queues").json()["queues"] if one["name"] == "compression")

    assert (queue["name"], queue["ready"], queue["scheduled"], queue["processing"]) == ("compression", 2, 1, 1)
    assert 90 <= queue["oldest_age_seconds"] < 200
    consumer = queue["consumers"][0]
    assert (consumer["worker_id"], consumer["slots"], consumer["live"]) == (str(worker.id), 2, True)
    assert consumer["operations"] == {"compress": None}


def test_a_paused_queue_gives_nothing_out_until_it_is_resumed(client: httpx.Client, worker: PlayedWorker):
    submitted(client)

    assert client.post("/v1/queues/compression/pause").json()["paused"] is True
    with pytest.raises(AssertionError, match="no job"):
        worker.claim()
    assert client.post("/v1/queues/compression/resume").json()["paused"] is False
    assert worker.claim()


def test_a_silent_worker_is_listed_but_not_live(client: httpx.Client, worker: PlayedWorker):
    worker.appear()
    consumers.beat(worker.id, 1, stopping=False)
    database.rows("UPDATE worker SET beat_at = now() - interval '1 hour'", {})

    known = client.get("/v1/workers").json()["workers"]

    assert [(one["queue"], one["live"], one["busy"]) for one in known] == [("compression", False, 1)]
