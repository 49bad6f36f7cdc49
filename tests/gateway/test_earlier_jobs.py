"""What an earlier job made can be submitted by its id: nothing is uploaded or copied, and each job lives alone."""

from __future__ import annotations

import threading
import time
from typing import Any
from uuid import UUID

import httpx
import pytest
from uuid_utils.compat import uuid7

from gateway import job_creation
from shared import database
from shared.errors import WrongPassword
from shared.jobs import StoredFile
from tests.gateway.documents import PDF, PNG, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway
from tests.shared.job_factory import new_job

_MADE = b"%PDF-made"


@pytest.fixture
def earlier(client: httpx.Client, worker: PlayedWorker) -> dict[str, Any]:
    """A job that made a PDF and a text."""
    job = client.post("/v1/compress", files=files(PDF)).json()
    worker.complete(worker.claim(), ("small.pdf", _MADE), ("words.txt", b"words"))
    found: dict[str, Any] = client.get(f"/v1/jobs/{job['id']}").json()
    return found


def submit(client: httpx.Client, operation: str = "compress", **form: Any) -> httpx.Response:
    """Submit a form without files."""
    data = {"priority": "5", **form}
    return client.post(f"/v1/{operation}", files=[(name, (None, value)) for name, value in _fields(data)])


def _fields(data: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, one) for name, value in data.items() for one in (value if isinstance(value, list) else [value])]


def test_what_an_earlier_job_made_is_the_input_of_the_next(
    client: httpx.Client, worker: PlayedWorker, earlier: dict[str, Any], gateway: RunningGateway
):
    before = len(gateway.stored())

    answer = submit(client, job=earlier["id"])

    # The text is of no kind that the operation takes.
    assert (answer.status_code, [stored["name"] for stored in answer.json()["inputs"]]) == (202, ["small.pdf"])
    assert len(gateway.stored()) == before
    assert [stored.storage_key for stored in worker.claim().inputs] == [f"jobs/{earlier['id']}/1/0"]


def test_erasing_the_earlier_job_leaves_the_later_one_whole(
    client: httpx.Client, worker: PlayedWorker, earlier: dict[str, Any], gateway: RunningGateway
):
    later = submit(client, job=earlier["id"]).json()

    assert client.delete(f"/v1/jobs/{earlier['id']}").status_code == 204

    assert [path.read_bytes() for path in gateway.stored()] == [_MADE]
    claim = worker.claim()
    assert claim.job_id == UUID(later["id"])
    worker.complete(claim, ("again.pdf", b"%PDF-again"))
    assert client.get(f"/v1/jobs/{later['id']}/result").content == b"%PDF-again"


def test_outputs_of_several_jobs_and_uploads_go_together(
    client: httpx.Client, worker: PlayedWorker, earlier: dict[str, Any]
):
    other = client.post("/v1/compress", files=files(PDF + b"other")).json()
    worker.complete(worker.claim(), ("other.pdf", b"%PDF-other"))

    parts = [*files(PDF), ("job", (None, earlier["id"])), ("job", (None, other["id"]))]
    merged = client.post("/v1/merge", files=parts).json()
    apart = client.post("/v1/compress", files=parts).json()

    names = ["document-0.pdf", "small.pdf", "other.pdf"]
    assert [stored["name"] for stored in merged["inputs"]] == names
    assert [job["inputs"][0]["name"] for job in apart["jobs"]] == names


def test_a_lent_document_goes_through_steps_too(client: httpx.Client, earlier: dict[str, Any]):
    job = submit(client, "chained-probe", job=earlier["id"], before="echo").json()

    assert [step["operation"] for step in job["steps"]] == ["probe", "chained-probe"]
    first = client.get(f"/v1/jobs/{job['steps'][0]['id']}").json()
    assert [stored["name"] for stored in first["inputs"]] == ["small.pdf"]


def test_the_same_document_uploaded_or_lent_has_the_same_result(
    client: httpx.Client, worker: PlayedWorker, earlier: dict[str, Any]
):
    client.post("/v1/compress", files=files(_MADE, names=("small.pdf",)))
    worker.complete(worker.claim(), ("smaller.pdf", b"%PDF-smaller"))

    assert submit(client, job=earlier["id"]).json()["cached"] is True


def test_the_same_key_gives_the_same_job(client: httpx.Client, earlier: dict[str, Any]):
    parts, headers = [("job", (None, earlier["id"]))], {"Idempotency-Key": "lent"}

    answers = [client.post("/v1/compress", files=parts, headers=headers) for _ in range(2)]

    assert answers[0].json()["id"] == answers[1].json()["id"]


def test_an_earlier_job_that_has_nothing_to_lend_is_said(
    client: httpx.Client, worker: PlayedWorker, earlier: dict[str, Any], gateway: RunningGateway
):
    running = client.post("/v1/compress", files=files(PDF + b"running")).json()
    refused = {
        "unknown_job": str(uuid7()),
        "malformed_id": "seven",
        "result_not_ready": running["id"],
    }
    for code, job_id in refused.items():
        answer = submit(client, job=job_id)
        (problem,) = answer.json()["problems"]
        assert (problem["field"], problem["code"], answer.json()["code"]) == ("job", code, code)
    worker.fail(worker.claim(), WrongPassword())
    assert submit(client, job=running["id"]).json()["remedy"] == WrongPassword.remedy
    assert submit(client, "check-health", job=earlier["id"]).json()["problems"][0]["code"] == "unwanted_file"
    assert submit(client).json()["code"] == "missing_file"
    assert database.rows("SELECT count(*) AS n FROM job", {}) == [{"n": 2}]


def test_a_job_that_made_nothing_of_a_kind_that_is_wanted_is_said(client: httpx.Client, worker: PlayedWorker):
    job = client.post("/v1/compress", files=files(PDF)).json()
    worker.complete(worker.claim(), ("words.txt", b"words"))

    answer = submit(client, job=job["id"])

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_job_that_is_erased_in_the_same_moment_lends_all_or_nothing(
    client: httpx.Client, earlier: dict[str, Any], gateway: RunningGateway
):
    """The documents are locked by the statement that creates the job: an eraser waits and then spares them."""
    key = f"jobs/{earlier['id']}/1/0"
    stored = StoredFile("small.pdf", "application/pdf", len(_MADE), earlier["outputs"][0]["sha256"], key)
    eraser = threading.Thread(target=httpx.delete, args=(f"{gateway.url}/v1/jobs/{earlier['id']}",))
    with database.connected() as connection, connection.atomic():
        assert job_creation.create([new_job(inputs=[stored])], lent=frozenset({key}))
        eraser.start()
        while eraser.is_alive() and not database.rows(
            "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()", {}
        ):
            time.sleep(0.01)
    eraser.join()

    assert [path.read_bytes() for path in gateway.stored()] == [_MADE]
    assert client.get(f"/v1/jobs/{earlier['id']}").status_code == 404
    assert job_creation.create([new_job(inputs=[stored])], lent=frozenset({key, "jobs/gone"})) is False


def test_a_picture_beside_a_lent_document_is_still_refused(client: httpx.Client, earlier: dict[str, Any]):
    parts = [("file", ("a.png", PNG)), ("job", (None, earlier["id"]))]

    assert client.post("/v1/compress", files=parts).json()["code"] == "unsupported_media_type"


def test_what_a_job_was_given_can_be_fetched_and_submitted_again(
    client: httpx.Client, worker: PlayedWorker, earlier: dict[str, Any], gateway: RunningGateway
):
    url = earlier["inputs"][0]["url"]
    before = len(gateway.stored())

    again = submit(client, "convert-preview", job=f"{earlier['id']}/inputs/0")

    assert client.get(url).content == PDF
    assert [stored["sha256"] for stored in again.json()["inputs"]] == [earlier["inputs"][0]["sha256"]]
    assert len(gateway.stored()) == before


def test_one_output_of_several_is_submitted_by_its_name(
    client: httpx.Client, worker: PlayedWorker, earlier: dict[str, Any]
):
    parts = client.post("/v1/compress", files=files(PDF), headers={"Cache-Control": "no-cache"}).json()
    worker.complete(worker.claim(), ("a 1.pdf", _MADE), ("b.pdf", _MADE))

    one = submit(client, "convert-preview", job=f"{parts['id']}/outputs/a%201.pdf")

    assert [stored["name"] for stored in one.json()["inputs"]] == ["a 1.pdf"]


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("inputs/1", "unknown_input"),
        ("inputs/-1", "unknown_input"),
        ("inputs/²", "unknown_input"),
        ("inputs/", "unknown_input"),
        ("outputs/no.pdf", "unknown_output"),
        ("journal", "malformed_id"),
    ],
)
def test_a_document_that_a_job_does_not_have_is_named(
    client: httpx.Client, earlier: dict[str, Any], part: str, code: str
):
    answer = submit(client, job=f"{earlier['id']}/{part}")

    assert (answer.status_code < 500, answer.json()["problems"][0]["code"]) == (True, code)


def test_the_list_of_jobs_leaves_operations_out_when_asked(client: httpx.Client, earlier: dict[str, Any]):
    submit(client, "convert-preview", job=f"{earlier['id']}/inputs/0")

    listed = [
        job["operation"]
        for job in client.get("/v1/jobs", params={"without": "check-health,convert-preview"}).json()["jobs"]
    ]

    assert listed == ["compress"]
    assert len(client.get("/v1/jobs").json()["jobs"]) == 2
