"""The same submission sent again: one job, whoever sends it how often at once."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from shared.models import Batch, Job
from tests.gateway.documents import PDF, files
from tests.gateway.running_gateway import RunningGateway


def with_key(key: str, **more: str) -> dict[str, str]:
    return {"Idempotency-Key": key, **more}


def stored(gateway: RunningGateway) -> int:
    """Documents in storage."""
    return sum(path.is_file() for path in gateway.storage.rglob("*"))


def test_the_same_submission_with_the_same_key_is_one_job(client: httpx.Client, gateway: RunningGateway):
    first = client.post("/v1/compress", files=files(PDF), headers=with_key("a"))
    again = client.post("/v1/compress", files=files(PDF), headers=with_key("a"))

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["id"] == first.json()["id"]
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert (Job.select().count(), stored(gateway)) == (1, 1)


def test_another_key_is_another_job(client: httpx.Client):
    first = client.post("/v1/compress", files=files(PDF), headers=with_key("a")).json()
    other = client.post("/v1/compress", files=files(PDF), headers=with_key("b")).json()

    assert first["id"] != other["id"]


@pytest.mark.parametrize(
    "change",
    [
        {"files": files(PDF + b"more")},
        {"data": {"preset": "small"}},
        {"data": {"priority": "1"}},
        {"data": {"password": "x"}},
        {"files": files(PDF, names=("other.pdf",))},
        {"files": files(PDF, PDF)},
    ],
)
def test_the_same_key_with_other_content_is_refused_and_keeps_nothing(
    client: httpx.Client, gateway: RunningGateway, change: dict[str, Any]
):
    client.post("/v1/compress", files=files(PDF), headers=with_key("a"))

    answer = client.post("/v1/compress", **{"files": files(PDF), **change}, headers=with_key("a"))

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert answer.json()["remedy"]
    assert (Job.select().count(), stored(gateway)) == (1, 1)


def test_fifty_identical_posts_at_once_give_one_job(gateway: RunningGateway):
    key = str(uuid.uuid4())

    def post(_: int) -> httpx.Response:
        with httpx.Client(base_url=gateway.url, timeout=60) as client:
            return client.post("/v1/compress", files=files(PDF), headers=with_key(key))

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(post, range(50)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert (Job.select().count(), stored(gateway)) == (1, 1)


def test_a_batch_is_repeated_as_a_batch(client: httpx.Client):
    first = client.post("/v1/compress", files=files(PDF, PDF + b"2"), headers=with_key("a")).json()
    again = client.post("/v1/compress", files=files(PDF, PDF + b"2"), headers=with_key("a"))

    assert again.json()["id"] == first["id"]
    assert again.headers["Location"] == f"/v1/batches/{first['id']}"
    assert (Job.select().count(), Batch.select().count()) == (2, 1)


def test_an_erased_job_frees_its_key(client: httpx.Client):
    first = client.post("/v1/compress", files=files(PDF), headers=with_key("a")).json()
    client.delete(f"/v1/jobs/{first['id']}")

    again = client.post("/v1/compress", files=files(PDF), headers=with_key("a"))

    assert again.status_code == 202
    assert again.json()["id"] != first["id"]


@pytest.mark.parametrize("key", ["", "a b", "x" * 256])
def test_a_key_that_is_none_is_refused(client: httpx.Client, key: str):
    answer = client.post("/v1/compress", files=files(PDF), headers=with_key(key))

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
