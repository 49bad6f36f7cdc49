"""An operation that has steps before or after it: the caller submits, sees, steers and gets one job."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from shared import database
from shared.errors import WrongPassword
from shared.storage import Storage
from tests.gateway.documents import PDF, PNG, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway
from tests.gateway.test_events import Event, events_of, listen

_BOTH = {"before": "sleep", "after": "look-around"}


@pytest.fixture
def worker(gateway: RunningGateway) -> Iterator[PlayedWorker]:
    """Plays a worker of the probe service."""
    store = Storage(gateway.storage.as_uri())
    with PlayedWorker(store, "probe", "probe", "chained-probe", "quick-probe") as played:
        yield played


def submitted(client: httpx.Client, *documents: bytes, headers: Any = None, **fields: str) -> dict[str, Any]:
    """Submit documents to the operation that has steps, and return the answer."""
    answer = client.post("/v1/chained-probe", files=files(*documents or (PDF,)), data=fields, headers=headers)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def seen(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    """A job as it is now."""
    found: dict[str, Any] = client.get(f"/v1/jobs/{job['id']}").raise_for_status().json()
    return found


def work(worker: PlayedWorker, *outputs: tuple[str, bytes]) -> str:
    """Do the next step and return its operation."""
    claim = worker.claim()
    worker.complete(claim, *(outputs or ((f"{claim.operation}.pdf", b"%PDF-" + claim.operation.encode()),)))
    return claim.operation


def test_one_job_is_answered_with_its_steps_in_order(client: httpx.Client):
    job = submitted(client, **_BOTH)

    assert (job["operation"], job["options"]["before"], job["status"]) == ("chained-probe", "sleep", "pending")
    assert [step["operation"] for step in job["steps"]] == ["probe", "chained-probe", "quick-probe"]
    assert [step["options"]["behave"] for step in job["steps"]] == ["sleep", "echo", "look-around"]
    assert (job["pipeline_id"], job["step_of"]) == (None, None)
    assert [stored["name"] for stored in job["inputs"]] == ["document-0.pdf"]
    assert {**seen(client, job), "queue_seconds": 0} == {**job, "queue_seconds": 0}


def test_without_steps_it_is_a_job_like_any_other(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client)

    assert job["steps"] == []
    assert work(worker) == "chained-probe"
    assert seen(client, job)["attempt"] == 1


def test_a_document_that_the_step_before_does_not_take_goes_straight_to_the_operation(client: httpx.Client):
    assert submitted(client, PNG, before="echo")["steps"] == []


def test_the_job_completes_with_the_documents_of_the_last_step(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client, **_BOTH)
    assert [work(worker) for _ in job["steps"]] == ["probe", "chained-probe", "quick-probe"]

    done = seen(client, job)

    assert (done["status"], done["progress"]["percent"], done["waiting"]) == ("completed", 100, None)
    assert [output["name"] for output in done["outputs"]] == ["quick-probe.pdf"]
    assert client.get(done["links"]["result"]).content == b"%PDF-quick-probe"
    assert client.get(done["outputs"][0]["url"]).content == b"%PDF-quick-probe"
    assert [step["status"] for step in done["steps"]] == ["completed"] * 3
    assert done["started_at"]
    assert done["run_seconds"] >= 0


def test_what_the_last_step_leaves_alone_is_delivered_beside_what_it_made(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client, after="echo")
    work(worker, ("own.pdf", b"%PDF-own"), ("words.txt", b"words"))
    work(worker, ("small.pdf", b"%PDF-small"))

    with zipfile.ZipFile(io.BytesIO(client.get(f"/v1/jobs/{job['id']}/result").content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "small.pdf": b"%PDF-small",
            "words.txt": b"words",
        }


def test_only_documents_that_somebody_can_get_are_kept(
    client: httpx.Client, worker: PlayedWorker, gateway: RunningGateway
):
    job = submitted(client, **_BOTH)
    for _ in job["steps"]:
        work(worker)

    assert sorted(path.read_bytes()[:9] for path in gateway.stored()) == [b"%PDF-1.7\n", b"%PDF-quic"]
    step = seen(client, job)["steps"][0]
    assert client.get(f"/v1/jobs/{step['id']}/result").json()["code"] == "unknown_output"
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204
    assert gateway.kept_nothing()


def test_a_job_waits_for_a_step_and_says_why_that_waits(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client, **_BOTH)

    assert job["waiting"] == {
        "code": "waits_for_step",
        "message": "Step 1 of 3, 'probe': No worker consumes the queue 'probe'.",
    }
    assert [step["waiting"]["code"] for step in job["steps"]] == ["no_consumer", "waits_for_step", "waits_for_step"]
    worker.appear()
    worker.report(worker.claim(), 1, 4, "Page 1")
    waiting = seen(client, job)["waiting"]
    assert waiting["message"].startswith("Step 1 of 3, 'probe' (25 %): Worker")


def test_a_job_fails_with_the_error_of_the_step_that_failed(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client, **_BOTH)
    worker.fail(worker.claim(), WrongPassword())

    failed = seen(client, job)

    assert failed["status"] == "failed"
    assert failed["error"] == {**WrongPassword().as_record(), "step": "probe"}
    assert failed["steps"][0]["error"]["code"] == "wrong_password"
    problem = client.get(f"/v1/jobs/{job['id']}/result").json()
    assert (problem["code"], problem["remedy"]) == ("result_not_ready", WrongPassword.remedy)


def test_a_retry_goes_on_from_the_step_that_failed(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client, **_BOTH)
    work(worker)
    worker.fail(worker.claim(), WrongPassword())

    answer = client.post(seen(client, job)["links"]["retry"])

    assert (answer.status_code, answer.json()["status"], answer.json()["error"]) == (202, "processing", None)
    assert [work(worker), work(worker)] == ["chained-probe", "quick-probe"]
    assert seen(client, job)["status"] == "completed"
    assert client.post(f"/v1/jobs/{job['id']}/retry").status_code == 409


def test_cancelling_the_job_ends_its_steps(client: httpx.Client, worker: PlayedWorker):
    waiting, running = submitted(client, **_BOTH), submitted(client, **_BOTH)
    claim = worker.claim()
    assert claim.job_id.hex == waiting["steps"][0]["id"].replace("-", "")

    asked = client.post(f"/v1/jobs/{waiting['id']}/cancel")
    at_once = client.post(f"/v1/jobs/{running['id']}/cancel")

    assert (asked.status_code, asked.json()["status"]) == (202, "processing")
    assert (at_once.status_code, at_once.json()["status"]) == (200, "cancelled")
    worker.stop_for_cancellation(claim)
    assert seen(client, waiting)["status"] == "cancelled"
    assert {step["status"] for step in seen(client, waiting)["steps"]} == {"cancelled"}


def test_a_step_is_not_deleted_or_retried_without_the_whole(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client, **_BOTH)
    step = client.get(f"/v1/jobs/{job['steps'][0]['id']}").json()
    worker.fail(worker.claim(), WrongPassword())

    assert (step["step_of"], step["pipeline_id"], step["links"]["step_of"]) == (job["id"], None, job["links"]["self"])
    for answer in (client.delete(step["links"]["self"]), client.post(f"{step['links']['self']}/retry")):
        assert (answer.status_code, job["id"] in answer.json()["remedy"]) == (409, True)


def test_the_pipeline_behind_a_job_is_nobodys_business(client: httpx.Client):
    submitted(client, **_BOTH)
    (pipeline,) = database.rows("SELECT id FROM pipeline", {})

    assert client.get(f"/v1/pipelines/{pipeline['id']}").status_code == 404
    assert client.delete(f"/v1/pipelines/{pipeline['id']}").status_code == 404
    assert client.post(f"/v1/pipelines/{pipeline['id']}/retry").status_code == 404


def test_a_watcher_is_told_of_the_steps_and_of_the_progress_of_the_whole(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client, after="echo")
    told: list[tuple[Any, ...]] = []
    with client.stream("GET", job["links"]["events"]) as answer:
        for event in events_of(answer):
            told.append(_told(event))
            if told[-1] == ("step", "quick-probe", "created"):
                claim = worker.claim()
                worker.report(claim, 1, 2, "Page 1")
            elif told[-1] == ("progress", 25):
                worker.complete(claim, ("own.pdf", b"%PDF-own"))
            elif told[-1] == ("step", "quick-probe", "released"):
                work(worker)

    # The claim and its progress may be seen in one look: then the claim is told of first.
    assert [each for each in told if each[0] != "progress"] == [
        ("status", None, "created"),
        ("step", "chained-probe", "created"),
        ("step", "quick-probe", "created"),
        ("step", "chained-probe", "claimed"),
        ("step", "chained-probe", "completed"),
        ("step", "quick-probe", "released"),
        ("step", "quick-probe", "claimed"),
        ("step", "quick-probe", "completed"),
        ("status", None, "completed"),
    ]
    assert ("progress", 25) in told
    again = listen(client, job["links"]["events"])
    assert [_told(event) for event in again if event.name != "progress"] == [
        each for each in told if each[0] != "progress"
    ]


def _told(event: Event) -> tuple[Any, ...]:
    if event.name == "progress":
        return "progress", event.data["percent"]
    return event.name, event.data["step"], event.data["event"]


def test_a_long_poll_and_a_wait_see_the_end_of_the_last_step(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client, after="echo")
    work(worker)
    assert client.get(f"/v1/jobs/{job['id']}", params={"wait": 1}).json()["status"] == "processing"
    work(worker)
    assert client.get(f"/v1/jobs/{job['id']}", params={"wait": 30}).json()["status"] == "completed"


def test_the_list_shows_one_job_unless_steps_are_asked_for(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client, **_BOTH)
    worker.claim()

    def listed(**filters: str) -> list[str]:
        return [found["id"] for found in client.get("/v1/jobs", params=filters).json()["jobs"]]

    assert listed() == listed(status="processing") == listed(operation="chained-probe") == [job["id"]]
    assert listed(operation="probe") == listed(status="pending") == []
    assert listed(operation="probe", steps="true") == [job["steps"][0]["id"]]


def test_several_files_are_a_batch_of_jobs_each_in_steps(client: httpx.Client, worker: PlayedWorker):
    batch = submitted(client, PDF, PDF + b"two", PNG, before="echo")

    assert [len(job["steps"]) for job in batch["jobs"]] == [2, 2, 0]
    # The one without steps was there first.
    assert work(worker) == "chained-probe"
    worker.fail(worker.claim(), WrongPassword())
    while database.rows("SELECT id FROM job WHERE status = 'pending' AND NOT waits_for_step", {}):
        work(worker)
    done = client.get(batch["links"]["self"]).json()
    assert (done["status"], done["counts"]["completed"], done["counts"]["failed"]) == ("completed", 2, 1)
    with zipfile.ZipFile(io.BytesIO(client.get(done["links"]["result"]).content)) as archive:
        manifest = json.loads(archive.read("bindery-batch.json"))
        assert [len(each["outputs"]) for each in manifest["files"]] == [0, 1, 1]
    assert client.delete(batch["links"]["self"]).status_code == 204
    assert database.rows("SELECT count(*) AS n FROM job", {}) == [{"n": 0}]


def test_cancelling_a_batch_ends_the_steps_of_its_jobs(client: httpx.Client, worker: PlayedWorker):
    batch = submitted(client, PDF, PDF + b"two", before="echo")

    answer = client.post(batch["links"]["cancel"]).json()

    assert (answer["status"], answer["counts"]["cancelled"]) == ("cancelled", 2)
    assert database.rows("SELECT DISTINCT status FROM job", {}) == [{"status": "cancelled"}]


def test_the_same_key_gives_the_same_job(client: httpx.Client):
    headers = {"Idempotency-Key": "chain"}

    assert submitted(client, headers=headers, **_BOTH)["id"] == submitted(client, headers=headers, **_BOTH)["id"]
    assert database.rows("SELECT count(*) AS n FROM job", {}) == [{"n": 4}]


def test_a_repeat_is_answered_at_once_without_steps(client: httpx.Client, worker: PlayedWorker):
    job = submitted(client, **_BOTH)
    for _ in job["steps"]:
        work(worker)

    repeat = submitted(client, **_BOTH)

    assert (repeat["status"], repeat["cached"], repeat["steps"]) == ("completed", True, [])
    assert repeat["result"] == seen(client, job)["result"]
    client.delete(f"/v1/jobs/{job['id']}")
    assert client.get(repeat["links"]["result"]).content == b"%PDF-quick-probe"
    statistics = client.get("/v1/cache").json()
    assert (statistics["entries"], statistics["hits"]) == (0, 1)


@pytest.mark.parametrize("changed", [{"before": "echo"}, {"after": "echo"}, {"password": "x"}])
def test_a_result_made_in_other_steps_is_no_answer(client: httpx.Client, worker: PlayedWorker, changed: dict[str, str]):
    job = submitted(client, **_BOTH)
    for _ in job["steps"]:
        work(worker)

    assert submitted(client, **{**_BOTH, **changed})["cached"] is False


def pipeline(client: httpx.Client, steps: list[dict[str, Any]], *documents: bytes) -> dict[str, Any]:
    """Submit a pipeline and return the answer."""
    parts = [("file", (f"{n}.pdf", content)) for n, content in enumerate(documents)]
    found: dict[str, Any] = client.post("/v1/pipelines", files=parts, data={"steps": json.dumps(steps)}).json()
    return found


def test_in_a_pipeline_the_steps_of_a_step_stand_beside_it(client: httpx.Client, worker: PlayedWorker):
    chained = {"operation": "chained-probe", "options": _BOTH}

    found = pipeline(client, [{"operation": "probe"}, chained, {"operation": "probe"}], PDF, PDF + b"two")

    names = ["probe", "probe", "chained-probe", "quick-probe", "probe"]
    assert [step["operation"] for step in found["steps"]] == names
    assert [len(step["jobs"]) for step in found["steps"]] == [2] * 5
    for _ in range(10):
        work(worker)
    assert client.get(found["links"]["self"]).json()["status"] == "completed"


def test_in_a_pipeline_too_what_a_step_that_goes_along_does_not_take_is_kept(
    client: httpx.Client, worker: PlayedWorker
):
    found = pipeline(client, [{"operation": "chained-probe", "options": {"after": "echo"}}], PDF)
    work(worker, ("own.pdf", b"%PDF-own"), ("words.txt", b"words"))
    work(worker, ("small.pdf", b"%PDF-small"))

    with zipfile.ZipFile(io.BytesIO(client.get(f"{found['links']['self']}/result").content)) as archive:
        assert sorted(archive.namelist()) == ["small.pdf", "words.txt"]


def test_files_of_which_only_some_need_the_step_before_are_submitted_apart(client: httpx.Client):
    answer = pipeline(client, [{"operation": "chained-probe", "options": _BOTH}], PDF, PNG)

    assert (answer["status"], "apart" in answer["detail"]) == (422, True)


def test_an_operation_tells_its_steps_and_when_they_go_along(client: httpx.Client):
    told = client.get("/v1/operations/chained-probe").json()

    assert told["steps_before"] == [{"operation": "probe", "when": "if `before` is given"}]
    assert told["steps_after"] == [{"operation": "quick-probe", "when": "if `after` is given"}]
    assert client.get("/v1/operations/compress").json()["steps_before"] == []


def test_steps_count_once_among_what_waits(client: httpx.Client):
    submitted(client, **_BOTH)

    (probe,) = (queue for queue in client.get("/v1/queues").json()["queues"] if queue["name"] == "probe")

    assert (probe["ready"], probe["scheduled"]) == (1, 2)
