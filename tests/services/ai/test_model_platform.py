"""Jobs that ask a model, through gateway, worker and sandbox; what the processes write and keep holds no secret."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.running_platform import RunningPlatform
from tests.services.ai.asking_documents import KEY, MODEL, write_pdf
from tests.services.ai.openai_server import ModelServer, Request, fails, says, slow, thinks

#: Stands in the document and in no answer: nothing but the prompt ever holds it.
_UNSAID = "Zanzibar-canary"
_SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]}
_LINES = ["Order confirmation", f"Remark {_UNSAID}", "Total\t1.234,50", "Thank you"]


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture(scope="module")
def database(_new_database: Callable[[], str]) -> str:
    """The database of these tests."""
    return _new_database()


@pytest.fixture(scope="module")
def asking_platform(
    tmp_path_factory: pytest.TempPathFactory, model: ModelServer, database: str
) -> Iterator[RunningPlatform]:
    """A platform whose workers know the scripted server."""
    named = {"ai_base_url": model.url, "ai_api_key": KEY, "ai_model": MODEL, "ai_request_time_limit_s": "20"}
    model.script(fails(500))
    with RunningPlatform(tmp_path_factory.mktemp("asking"), database_url=database, **named) as running:
        yield running


@pytest.fixture
def document(tmp_path: Path) -> bytes:
    # A name of its own in each test: no result comes from the cache.
    return write_pdf(tmp_path / "order.pdf", [*_LINES, tmp_path.name]).read_bytes()


def _submit(platform: RunningPlatform, operation: str, document: bytes, wait_s: int = 60, **options: Any) -> Any:
    return httpx.post(
        f"{platform.url}/v1/{operation}",
        files={"file": ("order.pdf", document)},
        data={"options": json.dumps({"skip_ocr": True, **options})},
        headers={"Prefer": f"wait={wait_s}"} if wait_s else {},
        timeout=90,
    ).json()


def _job(platform: RunningPlatform, job: Any) -> Any:
    return httpx.get(f"{platform.url}/v1/jobs/{job['id']}", timeout=30).json()


def _answer(request: Request) -> dict[str, Any]:
    row = next(int(line.split("|")[0]) for line in request.user.splitlines() if "1.234,50" in line)
    return {"total": {"text": "1.234,50", "page": 1, "row": row}}


def test_a_job_that_asks_completes_with_values_their_places_and_what_it_cost(
    asking_platform: RunningPlatform, model: ModelServer, document: bytes
) -> None:
    model.script(thinks(_answer, usage=(500, 30)))

    job = _submit(asking_platform, "extract", document, json_schema=_SCHEMA)

    assert job["status"] == "completed", job
    assert job["result"]["data"] == {"total": 1234.5}
    assert job["result"]["values"][0]["evidence"][0]["text"] == "1.234,50"
    assert job["result"]["usage"]["input_tokens"] == 500
    assert [output["name"] for output in job["outputs"]] == ["data.json"]
    assert model.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert _UNSAID in model.requests[0].user


def test_a_model_that_is_away_leaves_the_job_to_its_own_retry(
    asking_platform: RunningPlatform, model: ModelServer, document: bytes
) -> None:
    model.script(fails(429, f"{KEY} {_UNSAID}", Retry_After="100000"))

    job = _submit(asking_platform, "extract", document, wait_s=5, json_schema=_SCHEMA)

    assert job["status"] == "pending"
    assert job["waiting"]["code"] == "retry"
    assert "model" in job["waiting"]["message"].lower()
    httpx.post(f"{asking_platform.url}/v1/jobs/{job['id']}/cancel", timeout=30)


def test_a_refused_key_fails_the_job_with_what_to_do(
    asking_platform: RunningPlatform, model: ModelServer, document: bytes
) -> None:
    model.script(fails(401, f"wrong key {KEY} for {_UNSAID}"))

    job = _submit(asking_platform, "extract", document, json_schema=_SCHEMA)

    assert job["status"] == "failed"
    assert job["error"]["code"] == "model_refused"
    assert "BINDERY_AI_API_KEY" in job["error"]["remedy"]


def test_rules_ask_nobody(asking_platform: RunningPlatform, model: ModelServer, document: bytes) -> None:
    model.script(fails(500))

    job = _submit(asking_platform, "analyze", document, engine="rules")

    assert job["status"] == "completed"
    assert job["result"]["document_type"] == "order_confirmation"
    assert model.requests == []


def test_a_cancelled_job_breaks_off_its_request(
    asking_platform: RunningPlatform, model: ModelServer, document: bytes
) -> None:
    model.script(slow(15, says("late")))
    job = _submit(asking_platform, "extract", document, wait_s=0, json_schema=_SCHEMA)
    while not model.requests:
        time.sleep(0.05)

    httpx.post(f"{asking_platform.url}/v1/jobs/{job['id']}/cancel", timeout=30).raise_for_status()

    deadline_s = time.monotonic() + 30
    while _job(asking_platform, job)["status"] != "cancelled":
        assert time.monotonic() < deadline_s
        time.sleep(0.1)


def test_a_schema_that_cannot_be_asked_for_is_refused_at_the_door(
    asking_platform: RunningPlatform, document: bytes
) -> None:
    remote = {"type": "object", "properties": {"a": {"$ref": "https://example.org/x"}}}

    problem = _submit(asking_platform, "extract", document, json_schema=remote)

    assert problem["status"] == 422
    assert "json_schema" in json.dumps(problem["problems"])


# The last test of this file: it looks at what all the others left behind.
def test_neither_key_nor_prompt_nor_document_is_in_any_log_or_table(
    asking_platform: RunningPlatform, database: str
) -> None:
    forbidden = [KEY, _UNSAID, "You read business documents", "written by strangers"]
    written = [path for path in asking_platform.var_dir.rglob("*.log") if path.is_file()]
    assert written
    logs = "\n".join(path.read_text(errors="replace") for path in [*written, asking_platform.log])
    assert "errand.done" in logs
    kept = _all_tables(database)
    assert "model_refused" in kept

    for secret in forbidden:
        assert secret not in logs
        assert secret not in kept


def _all_tables(url: str) -> str:
    """Every row of every table as text."""
    rows: list[str] = []
    with psycopg.connect(url) as connection:
        for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            rows += [repr(row) for row in connection.execute(f'SELECT * FROM "{name}"').fetchall()]
    return "\n".join(rows)
