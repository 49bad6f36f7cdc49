"""Pipelines through the whole platform: real services, real workers, what a client sees of them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
import pytest

from tests.end_to_end.pdf_documents import pdf_of
from tests.running_platform import RunningPlatform

_MERGE = {"operation": "merge"}
_SPLIT = {"operation": "split"}
_ROTATE = {"operation": "rotate", "options": {"degrees": 90}}


@pytest.fixture
def client(platform: RunningPlatform) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=platform.url, timeout=90) as found:
        yield found


def submit(
    client: httpx.Client, steps: list[dict[str, Any]], *documents: bytes, wait_s: int = 60, **fields: str
) -> httpx.Response:
    """Submit documents called a.pdf, b.pdf, ... to a pipeline and wait for its end."""
    files = [("file", (f"{chr(97 + number)}.pdf", content)) for number, content in enumerate(documents)]
    return client.post(
        "/v1/pipelines",
        files=files,
        data={"steps": json.dumps(steps), **fields},
        headers={"Prefer": f"wait={wait_s}"} if wait_s else {},
    )


def texts(document: bytes) -> list[str]:
    """The text of each page."""
    return [page.get_textpage().get_text_bounded().strip() for page in pypdfium2.PdfDocument(document)]


def result(client: httpx.Client, pipeline: dict[str, Any]) -> bytes:
    return client.get(pipeline["links"]["result"]).raise_for_status().content


def test_each_step_takes_what_the_one_before_made(client: httpx.Client):
    answer = submit(client, [_MERGE, _ROTATE], pdf_of("one"), pdf_of("two", "three"))

    pipeline = answer.json()
    assert (answer.status_code, pipeline["status"]) == (303, "completed")
    assert [step["operation"] for step in pipeline["steps"]] == ["merge", "rotate"]
    assert [len(step["jobs"]) for step in pipeline["steps"]] == [1, 1]
    document = result(client, pipeline)
    assert texts(document) == ["one", "two", "three"]
    assert pypdfium2.PdfDocument(document)[0].get_rotation() == 90


def test_files_go_side_by_side_until_a_step_joins_them(client: httpx.Client):
    pipeline = submit(client, [_ROTATE, _MERGE], pdf_of("one"), pdf_of("two"), pdf_of("three")).json()

    assert [len(step["jobs"]) for step in pipeline["steps"]] == [3, 1]
    assert texts(result(client, pipeline)) == ["one", "two", "three"]


def test_a_step_on_one_file_does_every_file_of_the_step_before(client: httpx.Client):
    pipeline = submit(client, [_SPLIT, _ROTATE], pdf_of("one", "two", "three")).json()

    (rotated,) = pipeline["steps"][1]["jobs"]
    assert (len(rotated["inputs"]), len(rotated["outputs"]), len(rotated["result"]["files"])) == (3, 3, 3)
    with zipfile.ZipFile(BytesIO(result(client, pipeline))) as archive:
        assert sorted(texts(archive.read(name))[0] for name in archive.namelist()) == ["one", "three", "two"]


def test_what_only_led_to_the_next_step_is_removed_unless_it_is_wanted(client: httpx.Client):
    removed = submit(client, [_ROTATE, _MERGE], pdf_of("one")).json()
    kept = submit(client, [_ROTATE, _MERGE], pdf_of("one"), keep_intermediate="true").json()

    (first,) = client.get(removed["links"]["self"]).json()["steps"][0]["jobs"]
    assert first["outputs"][0]["url"] is None
    assert client.get(f"/v1/jobs/{first['id']}/result").json()["code"] == "unknown_output"
    (first,) = kept["steps"][0]["jobs"]
    assert texts(client.get(first["outputs"][0]["url"]).raise_for_status().content) == ["one"]


def test_a_failed_step_ends_those_after_it_and_says_so(client: httpx.Client):
    steps = [{"operation": "rotate", "options": {"degrees": 90, "pages": "7"}}, _MERGE]
    pipeline = submit(client, steps, pdf_of("one")).json()

    first, second = (step["jobs"][0] for step in pipeline["steps"])
    assert (pipeline["status"], first["error"]["code"]) == ("failed", "pages_out_of_range")
    assert (second["status"], second["error"]["code"]) == ("failed", "earlier_step_failed")
    assert client.get(f"{pipeline['links']['self']}/result").status_code == 409


def test_a_pipeline_is_resumed_from_the_step_that_failed(own_platform: Callable[..., RunningPlatform]):
    platform = own_platform()
    with httpx.Client(base_url=platform.url, timeout=90) as client:
        client.post("/v1/queues/compression/pause").raise_for_status()
        pipeline = submit(client, [_ROTATE, {"operation": "compress"}], pdf_of("one"), wait_s=0).json()
        first, second = (step["jobs"][0] for step in pipeline["steps"])
        assert client.get(first["links"]["self"], params={"wait": 60}).json()["status"] == "completed"
        client.post(second["links"]["cancel"]).raise_for_status()
        assert client.get(pipeline["links"]["self"]).json()["status"] == "cancelled"

        resumed = client.post(f"{pipeline['links']['self']}/retry").raise_for_status().json()
        client.post("/v1/queues/compression/resume").raise_for_status()

        assert resumed["status"] == "processing"
        ended = client.get(pipeline["links"]["self"], params={"wait": 60}).json()
        assert ended["status"] == "completed"
        assert [step["jobs"][0]["attempt"] for step in ended["steps"]] == [1, 1]
        assert texts(result(client, ended)) == ["one"]


def test_a_job_says_that_it_waits_for_the_step_before(own_platform: Callable[..., RunningPlatform]):
    platform = own_platform()
    with httpx.Client(base_url=platform.url, timeout=90) as client:
        client.post("/v1/queues/file_ops/pause").raise_for_status()
        pipeline = submit(client, [_ROTATE, {"operation": "compress"}], pdf_of("one"), wait_s=0).json()

        first, second = (step["jobs"][0] for step in pipeline["steps"])
        assert first["waiting"]["code"] == "paused"
        assert second["waiting"] == {"code": "waits_for_step", "message": "Waits for step 1 of its pipeline."}
        assert client.delete(first["links"]["self"]).status_code == 409
        cancelled = client.post(pipeline["links"]["cancel"]).json()
        assert [step["status"] for step in cancelled["steps"]] == ["cancelled", "cancelled"]
        assert client.delete(pipeline["links"]["self"]).status_code == 204
        assert not list((Path(platform.var_dir) / "storage" / "jobs").glob("*"))


def test_everything_that_is_wrong_with_the_steps_is_named_at_once(client: httpx.Client):
    steps = [
        {"operation": "rotate", "options": {"degrees": 45}},
        {"operation": "transmogrify"},
        {"operation": "compress", "wish": 1},
    ]
    answer = submit(client, steps, pdf_of("one"))

    assert answer.status_code == 422
    fields = {problem["field"] for problem in answer.json()["problems"]}
    assert fields == {"steps.0.degrees", "steps.1.operation", "steps.2.operation"}


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([{"operation": "read-form"}, _MERGE], "steps_do_not_fit"),
        ([{"operation": "check-health"}], "takes_no_files"),
        ([], "malformed_steps"),
    ],
)
def test_steps_that_cannot_work_are_refused_before_anything_runs(
    client: httpx.Client, steps: list[dict[str, Any]], code: str
):
    answer = submit(client, steps, pdf_of("one"))

    assert answer.status_code == 422
    assert code in {problem["code"] for problem in answer.json()["problems"]}


def test_the_same_key_gives_the_same_pipeline(client: httpx.Client):
    form = {"steps": json.dumps([_ROTATE, _MERGE])}
    document, headers = pdf_of("one"), {"Idempotency-Key": "pipeline-once"}
    answers = [
        client.post("/v1/pipelines", files={"file": ("a.pdf", document)}, data=form, headers=headers) for _ in range(2)
    ]

    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
