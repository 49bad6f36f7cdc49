"""Downloads: one file, a part of it, several as a zip."""

from __future__ import annotations

import io
import json
import zipfile

import httpx
import pytest

from shared import database
from shared.errors import FileProcessingError
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway

_CONTENT = bytes(range(256)) * 10


@pytest.fixture
def result(client: httpx.Client, worker: PlayedWorker) -> str:
    """The address of the result of a completed job: 2560 bytes."""
    job = client.post("/v1/compress", files=files(PDF)).json()
    worker.complete(worker.claim(), ("small.pdf", _CONTENT))
    return f"/v1/jobs/{job['id']}/result"


def completed(client: httpx.Client, worker: PlayedWorker, *outputs: tuple[str, bytes]) -> str:
    """Complete a job with outputs and return its address."""
    job = client.post("/v1/compress", files=files(PDF)).json()
    worker.complete(worker.claim(), *outputs)
    return f"/v1/jobs/{job['id']}"


def test_a_result_is_a_download_under_its_name(client: httpx.Client, result: str):
    answer = client.get(result)

    assert (answer.status_code, answer.content) == (200, _CONTENT)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="small.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=2000-", 2000, 2560),
        ("bytes=-60", 2500, 2560),
        ("bytes=2500-9999", 2500, 2560),
        ("bytes=-99999", 0, 2560),
    ],
)
def test_a_part_of_a_result_can_be_asked_for(client: httpx.Client, result: str, asked: str, start: int, end: int):
    answer = client.get(result, headers={"Range": asked})

    assert (answer.status_code, answer.content) == (206, _CONTENT[start:end])
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/2560"


@pytest.mark.parametrize("asked", ["bytes=5-1", "bytes=-", "lines=1-2", "bytes=0-1,5-6", "nonsense"])
def test_a_range_that_is_not_understood_gives_the_whole(client: httpx.Client, result: str, asked: str):
    answer = client.get(result, headers={"Range": asked})

    assert (answer.status_code, answer.content) == (200, _CONTENT)


@pytest.mark.parametrize("asked", ["bytes=2560-", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(client: httpx.Client, result: str, asked: str):
    answer = client.get(result, headers={"Range": asked})

    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
    assert answer.headers["Content-Range"] == "bytes */2560"


def test_a_broken_download_resumes_only_in_the_same_file(client: httpx.Client, result: str):
    etag = client.get(result).headers["ETag"]

    same = client.get(result, headers={"Range": "bytes=10-", "If-Range": etag})
    other = client.get(result, headers={"Range": "bytes=10-", "If-Range": '"another"'})

    assert (same.status_code, other.status_code) == (206, 200)


def test_a_result_that_the_client_has_is_not_sent_again(client: httpx.Client, result: str):
    etag = client.get(result).headers["ETag"]

    answer = client.get(result, headers={"If-None-Match": f'"other", W/{etag}'})

    assert (answer.status_code, answer.content) == (304, b"")


def test_head_tells_the_size_without_the_bytes(client: httpx.Client, result: str):
    answer = client.head(result)

    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "2560", b"")


def test_several_outputs_come_as_a_zip_and_each_by_its_name(client: httpx.Client, worker: PlayedWorker):
    address = completed(client, worker, ("part.pdf", b"%PDF-1"), ("PART.pdf", b"%PDF-2"), ("end.pdf", b"%PDF-3"))

    with zipfile.ZipFile(io.BytesIO(client.get(f"{address}/result").content)) as archive:
        assert archive.testzip() is None
        contents = {name: archive.read(name) for name in archive.namelist()}

    assert contents == {"part.pdf": b"%PDF-1", "PART (2).pdf": b"%PDF-2", "end.pdf": b"%PDF-3"}
    for output in client.get(address).json()["outputs"]:
        assert client.get(output["url"]).content == contents[output["name"]]


@pytest.mark.parametrize(
    "name",
    [
        'a"; filename="evil.exe',
        "a\r\nSet-Cookie: x=1.pdf",
        "../../etc/passwd",
        "R\u00e9sum\u00e9 \u4e2d\u6587.pdf",
        "a%2fb?c#d.pdf",
        ".",
        "x" * 300 + ".pdf",
    ],
)
def test_no_name_of_an_output_breaks_a_header_an_address_or_an_archive(
    client: httpx.Client, worker: PlayedWorker, name: str
):
    address = completed(client, worker, (name, b"%PDF-1"))
    output = client.get(address).json()["outputs"][0]

    answer = client.get(output["url"])

    assert answer.content == b"%PDF-1"
    assert "Set-Cookie" not in answer.headers
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="')
    assert disposition.split("filename*=")[0].count('"') == 2
    assert "/" not in output["name"]
    assert len(output["name"].encode()) <= 200


def test_an_unknown_output_is_told(client: httpx.Client, worker: PlayedWorker):
    address = completed(client, worker, ("a.pdf", b"%PDF-1"))

    answer = client.get(f"{address}/outputs/b.pdf")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_output")


@pytest.mark.parametrize("status", ["pending", "processing", "failed"])
def test_there_is_no_result_before_a_job_has_completed(client: httpx.Client, worker: PlayedWorker, status: str):
    job = client.post("/v1/compress", files=files(PDF)).json()
    claim = worker.claim() if status != "pending" else None
    if claim and status == "failed":
        worker.fail(claim, FileProcessingError("The file is too sad."))

    answer = client.get(f"/v1/jobs/{job['id']}/result")

    assert (answer.status_code, answer.json()["code"]) == (409, "result_not_ready")
    assert status in answer.json()["detail"]


def test_a_document_that_is_missing_in_storage_is_an_error_not_an_empty_file(
    client: httpx.Client, worker: PlayedWorker, gateway: RunningGateway, result: str
):
    for path in gateway.stored():
        path.unlink()

    answer = client.get(result)

    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")


# -- batches -----------------------------------------------------------------------------------------------------


@pytest.fixture
def batch(client: httpx.Client, worker: PlayedWorker) -> str:
    """The address of a batch of three: two completed with outputs of one name, one failed."""
    names = ("one.pdf", "two.pdf", "three.pdf")
    batch = client.post("/v1/compress", files=files(PDF, PDF, PDF, names=names)).json()
    worker.complete(worker.claim(), ("small.pdf", b"%PDF-1"), result={"ratio": 0.1})
    worker.fail(worker.claim(), FileProcessingError("Two is broken."))
    worker.complete(worker.claim(), ("small.pdf", b"%PDF-3"))
    return f"/v1/batches/{batch['id']}"


def test_a_batch_shows_each_job_and_the_whole(client: httpx.Client, batch: str):
    found = client.get(batch).json()

    assert found["status"] == "completed"
    assert found["counts"] == {"pending": 0, "processing": 0, "completed": 2, "failed": 1, "cancelled": 0}
    assert found["progress"]["percent"] == 100
    assert [job["status"] for job in found["jobs"]] == ["completed", "failed", "completed"]


def test_the_progress_of_a_batch_is_that_of_its_files(client: httpx.Client, worker: PlayedWorker):
    batch = client.post("/v1/compress", files=files(PDF, PDF, PDF, PDF)).json()
    worker.complete(worker.claim(), ("a.pdf", b"%PDF-1"))
    worker.report(worker.claim(), 1, 2)

    found = client.get(f"/v1/batches/{batch['id']}").json()

    assert (found["status"], found["progress"]["percent"]) == ("processing", (100 + 50) // 4)
    assert (found["progress"]["current"], found["progress"]["total"]) == (1, 4)


def test_the_zip_of_a_batch_has_every_output_and_tells_every_fate(client: httpx.Client, batch: str):
    answer = client.get(f"{batch}/result")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        manifest = json.loads(archive.read("bindery-batch.json"))
        contents = [archive.read(name) for name in names[1:]]

    assert answer.headers["Content-Type"] == "application/zip"
    assert names == ["bindery-batch.json", "small.pdf", "small (2).pdf"]
    assert contents == [b"%PDF-1", b"%PDF-3"]
    fates = [(file["inputs"], file["status"], file["outputs"]) for file in manifest["files"]]
    assert fates == [
        (["one.pdf"], "completed", ["small.pdf"]),
        (["two.pdf"], "failed", []),
        (["three.pdf"], "completed", ["small (2).pdf"]),
    ]
    assert manifest["files"][1]["error"]["message"] == "Two is broken."


def test_a_batch_has_no_result_while_a_job_of_it_runs(client: httpx.Client, worker: PlayedWorker):
    batch = client.post("/v1/compress", files=files(PDF, PDF)).json()
    worker.complete(worker.claim(), ("a.pdf", b"%PDF-1"))

    answer = client.get(f"/v1/batches/{batch['id']}/result")

    assert (answer.status_code, answer.json()["code"]) == (409, "result_not_ready")


def test_a_batch_can_be_cancelled_as_a_whole(client: httpx.Client, worker: PlayedWorker):
    batch = client.post("/v1/compress", files=files(PDF, PDF, PDF)).json()
    worker.complete(worker.claim(), ("a.pdf", b"%PDF-1"))
    claim = worker.claim()

    answer = client.post(f"/v1/batches/{batch['id']}/cancel")

    assert answer.status_code == 202
    assert answer.json()["counts"] == {"pending": 0, "processing": 1, "completed": 1, "failed": 0, "cancelled": 1}
    assert worker.report(claim, 1, 2) is True


def test_an_erased_batch_leaves_nothing(client: httpx.Client, gateway: RunningGateway, batch: str):
    assert client.delete(batch).status_code == 204

    assert client.get(batch).status_code == 404
    assert gateway.kept_nothing()


def test_a_batch_of_which_a_job_runs_is_not_erased(client: httpx.Client, worker: PlayedWorker):
    batch = client.post("/v1/compress", files=files(PDF, PDF)).json()
    worker.claim()

    answer = client.delete(f"/v1/batches/{batch['id']}")

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert database.rows("SELECT count(*) AS n FROM job", {})[0]["n"] == 2
