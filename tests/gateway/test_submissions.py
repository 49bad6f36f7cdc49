"""Submitting documents: what comes back, what is kept, what the worker gets."""

from __future__ import annotations

import hashlib
import json
import threading
import time

import httpx
import pytest
import redis

from shared import database, secret_box
from shared.broker import NAMESPACE
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import QUEUE, PlayedWorker
from tests.gateway.running_gateway import RunningGateway


def test_a_submission_is_accepted_with_the_address_of_its_job(client: httpx.Client):
    answer = client.post("/v1/compress", files=files(PDF))

    job = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/jobs/{job['id']}" == job["links"]["self"]
    assert (job["operation"], job["queue"], job["status"], job["attempt"]) == ("compress", "compression", "pending", 0)
    assert client.get(answer.headers["Location"]).json()["id"] == job["id"]


def test_a_worker_gets_the_very_bytes_that_were_sent(client: httpx.Client, worker: PlayedWorker, tmp_path):
    content = PDF + bytes(range(256)) * 4000
    client.post("/v1/compress", files=files(content))

    claim = worker.claim()

    stored = claim.inputs[0]
    worker._store.fetch(stored.storage_key, tmp_path / "input", sha256=stored.sha256)
    assert (tmp_path / "input").read_bytes() == content
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert (stored.bytes, stored.media_type) == (len(content), "application/pdf")


def test_options_may_come_as_form_fields(client: httpx.Client):
    form = {"preset": "small", "image_dpi": "100", "grayscale": "true", "remove_metadata": "0"}

    options = client.post("/v1/compress", files=files(PDF), data=form).json()["options"]

    assert (options["preset"], options["image_dpi"]) == ("small", 100)
    assert (options["grayscale"], options["remove_metadata"]) == (True, False)


def test_options_may_come_as_one_json_object(client: httpx.Client):
    form = {"options": json.dumps({"preset": "scan", "target_bytes": 5000, "linearize": True})}

    options = client.post("/v1/compress", files=files(PDF), data=form).json()["options"]

    assert (options["preset"], options["target_bytes"], options["linearize"]) == ("scan", 5000, True)


def test_fields_may_come_after_the_file_and_before_it(client: httpx.Client):
    parts = [("preset", (None, "small")), *files(PDF), ("image_dpi", (None, "90"))]

    options = client.post("/v1/compress", files=parts).json()["options"]

    assert (options["preset"], options["image_dpi"]) == ("small", 90)


def test_a_kind_is_recognised_from_the_bytes_whatever_the_client_says(client: httpx.Client):
    part = [("file", ("holiday.jpeg", PDF, "image/jpeg"))]

    answer = client.post("/v1/compress", files=part)

    assert answer.status_code == 202
    assert answer.json()["inputs"][0]["media_type"] == "application/pdf"


def test_a_lower_priority_number_is_served_first(client: httpx.Client, worker: PlayedWorker):
    client.post("/v1/compress", files=files(PDF), data={"priority": "9"})
    urgent = client.post("/v1/compress", files=files(PDF), data={"priority": "0"}).json()

    assert str(worker.claim().job_id) == urgent["id"]


def test_a_password_reaches_the_worker_and_nobody_else(
    client: httpx.Client, gateway: RunningGateway, worker: PlayedWorker
):
    answer = client.post("/v1/compress", files=files(PDF), data={"password": "open sesame"})
    job_id = answer.json()["id"]
    rows = database.rows("SELECT to_jsonb(job) AS job FROM job", {})

    claim = worker.claim()

    assert claim.secrets is not None
    assert secret_box.unseal(claim.secrets) == {"password": "open sesame"}
    for text in (answer.text, str(rows), client.get(f"/v1/jobs/{job_id}").text, gateway.log.read_text()):
        assert "sesame" not in text


def test_a_secret_option_reaches_the_worker_and_nobody_else(
    client: httpx.Client, gateway: RunningGateway, worker: PlayedWorker
):
    given = {"options": '{"user_password": "open sesame", "owner_password": "shut sesame"}'}
    answer = client.post("/v1/protect", files=files(PDF), data=given)
    rows = database.rows("SELECT to_jsonb(job) AS job, secrets FROM job", {})

    assert answer.status_code == 202
    assert secret_box.unseal(bytes(rows[0]["secrets"])) == {
        "user_password": "open sesame",
        "owner_password": "shut sesame",
    }
    record = client.get(f"/v1/jobs/{answer.json()['id']}").text
    for text in (answer.text, str(rows), record, gateway.log.read_text()):
        assert "sesame" not in text


def test_a_list_comes_as_json_in_its_field(client: httpx.Client):
    good = client.post("/v1/split", files=files(PDF), data={"by": "ranges", "ranges": '["1-2", "-1"]'})
    bad = client.post("/v1/split", files=files(PDF), data={"by": "ranges", "ranges": "1-2"})

    assert good.json()["options"]["ranges"] == ["1-2", "-1"]
    assert bad.status_code == 422
    assert bad.json()["problems"][0]["field"] == "ranges"


def test_a_submission_rings_the_bell_of_its_queue(client: httpx.Client, redis_url: str):
    bells = redis.Redis.from_url(redis_url)
    before = bells.llen(f"{NAMESPACE}:{QUEUE}")

    job = client.post("/v1/compress", files=files(PDF)).json()

    assert bells.llen(f"{NAMESPACE}:{QUEUE}") == before + 1
    assert any(job["message_id"].encode() in message for message in bells.hvals(f"{NAMESPACE}:{QUEUE}.msgs"))


def test_several_files_become_a_batch_with_a_job_each(client: httpx.Client):
    answer = client.post("/v1/compress", files=files(PDF, PDF + b"2", PDF + b"3"))

    batch = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/batches/{batch['id']}"
    assert [job["inputs"][0]["name"] for job in batch["jobs"]] == [f"document-{number}.pdf" for number in range(3)]
    assert len({job["id"] for job in batch["jobs"]}) == 3
    assert {job["batch_id"] for job in batch["jobs"]} == {batch["id"]}


def test_who_prefers_to_wait_is_sent_to_the_result(client: httpx.Client, worker: PlayedWorker):
    def work() -> None:
        while not database.rows("SELECT FROM job", {}):
            time.sleep(0.02)
        worker.complete(worker.claim(), ("small.pdf", b"%PDF-small"))
        database.disconnect()

    thread = threading.Thread(target=work)
    thread.start()
    answer = client.post("/v1/compress", files=files(PDF), headers={"Prefer": "wait=20"})
    thread.join()

    assert answer.status_code == 303
    assert answer.headers["Preference-Applied"] == "wait=20"
    assert client.get(answer.headers["Location"]).content == b"%PDF-small"


def test_who_waited_in_vain_gets_the_job_as_it_is(client: httpx.Client):
    answer = client.post("/v1/compress", files=files(PDF), headers={"Prefer": "respond-async, wait=1"})

    assert answer.status_code == 202
    assert answer.json()["status"] == "pending"


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\report.pdf", "report.pdf"),
        ("..", "document.pdf"),
        ("", "document.pdf"),
        ("a\u202egnp.pdf", "agnp.pdf"),
        ("Café \u4e2d\u6587.pdf", "Café \u4e2d\u6587.pdf"),
    ],
)
def test_a_file_name_is_kept_without_what_hides_or_leads_elsewhere(client: httpx.Client, claimed: str, kept: str):
    boundary = "limit"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{claimed}"\r\n\r\n'.encode()
        + PDF
        + f"\r\n--{boundary}--\r\n".encode()
    )

    answer = client.post(
        "/v1/compress", content=body, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}
    )

    assert answer.json()["inputs"][0]["name"] == kept
