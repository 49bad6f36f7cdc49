"""A job whose result is known is answered at once, with documents of its own."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from gateway.chains import Chain
from gateway.result_cache import cache_key
from shared import catalogue
from tests.conftest import SettingsEnv
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker

_RESULT = {"bytes_after": 3}


@pytest.fixture
def first(client: httpx.Client, worker: PlayedWorker) -> dict[str, Any]:
    """A job that a worker has completed."""
    job = client.post("/v1/compress", files=files(PDF)).json()
    worker.complete(worker.claim(), ("document-1-compressed.pdf", b"PDF"), result=_RESULT)
    return client.get(f"/v1/jobs/{job['id']}").json()


def test_a_repeat_completes_at_once_with_the_same_result(client: httpx.Client, first: dict[str, Any]):
    assert first["cached"] is False

    answer = client.post("/v1/compress", files=files(PDF), headers={"Prefer": "wait=5"})

    job = answer.json()
    assert (answer.status_code, job["status"], job["cached"], job["attempt"]) == (303, "completed", True, 0)
    assert job["id"] != first["id"]
    assert (job["result"], job["progress"]["percent"]) == (_RESULT, 100)
    assert client.get(answer.headers["Location"]).content == b"PDF"
    journal = client.get(f"/v1/jobs/{job['id']}/journal").json()["journal"]
    assert [line["event"] for line in journal] == ["created", "completed"]
    assert journal[1]["details"] == {"cached_from": first["id"]}


def test_deleting_one_job_leaves_the_other_whole(client: httpx.Client, first: dict[str, Any]):
    repeat = client.post("/v1/compress", files=files(PDF)).json()

    client.delete(f"/v1/jobs/{first['id']}")

    assert client.get(f"/v1/jobs/{repeat['id']}/result").content == b"PDF"


@pytest.mark.parametrize(
    "change",
    [
        {"files": files(PDF + b"more")},
        {"files": files(PDF, names=("other.pdf",))},
        {"data": {"preset": "small"}},
        {"data": {"password": "secret"}},
        {"headers": {"Cache-Control": "no-cache"}},
    ],
)
def test_what_is_not_the_same_runs(client: httpx.Client, first: dict[str, Any], change: dict[str, Any]):
    job = client.post("/v1/compress", **{"files": files(PDF), **change}).json()

    assert (job["status"], job["cached"]) == ("pending", False)


def test_a_result_under_a_password_is_never_handed_on(client: httpx.Client, worker: PlayedWorker):
    client.post("/v1/compress", files=files(PDF), data={"password": "secret"})
    worker.complete(worker.claim(), ("o.pdf", b"PDF"))

    assert client.post("/v1/compress", files=files(PDF), data={"password": "secret"}).json()["status"] == "pending"
    assert client.post("/v1/compress", files=files(PDF), data={"password": "wrong"}).json()["status"] == "pending"


def test_in_a_batch_known_files_are_answered_and_the_others_run(client: httpx.Client, first: dict[str, Any]):
    batch = client.post("/v1/compress", files=files(PDF, PDF + b"new")).json()

    assert [(job["status"], job["cached"]) for job in batch["jobs"]] == [("completed", True), ("pending", False)]


def test_a_result_whose_document_is_gone_is_made_again(
    client: httpx.Client, first: dict[str, Any], worker: PlayedWorker
):
    worker._store.erase(f"jobs/{first['id']}/")

    assert client.post("/v1/compress", files=files(PDF)).json()["status"] == "pending"


def test_the_cache_tells_what_it_holds_and_can_be_emptied(client: httpx.Client, first: dict[str, Any]):
    client.post("/v1/compress", files=files(PDF))
    assert client.get("/v1/cache").json() == {"entries": 1, "bytes": 3, "hits": 1, "misses": 1}

    assert client.delete("/v1/cache").json() == {"cleared": 2}

    assert client.get("/v1/cache").json()["entries"] == 0
    assert client.post("/v1/compress", files=files(PDF)).json()["status"] == "pending"
    assert client.get(f"/v1/jobs/{first['id']}/result").content == b"PDF"


def test_another_model_is_another_result(settings_env: SettingsEnv):
    analyze, compress = (catalogue.load().operation(name) for name in ("analyze", "compress"))

    def keys(**chosen: str) -> list[str | None]:
        settings_env(**chosen)
        return [cache_key(each, {}, [], Chain(), owner="local", secret=False) for each in (analyze, compress)]

    without, small, large = keys(), keys(ai_model="small"), keys(ai_model="large", ai_api_key="a key")
    other_key = keys(ai_api_key="another key")

    assert len({without[0], small[0], large[0]}) == 3
    assert other_key[0] == large[0]
    assert without[1] == small[1] == large[1]
