"""Schemathesis against the running gateway: no 5xx, no undocumented answer, nothing that the schema does not allow.

It reads /openapi.json and plays good and bad requests to every route. Who may do what is not its matter: see
test_owner_isolation.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from shared import catalogue
from shared.storage import Storage
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway

_PATIENCE_S = 1200
#: On loopback nobody needs a key. And no schema can say all that makes a request good: that a document is of its kind
#: and whole, that a URL leads to a host that exists, that a step takes what the one before makes.
_LEFT_OUT = ("ignored_auth", "positive_data_acceptance")
#: Operations that stand for all of them where time is short: on one file, and on none.
_SOME = ("compress", "check-health")
_CONFIG = """
[generation]
deterministic = true
# PostgreSQL keeps no NUL in text, JSON Schema has no words for that.
allow-x00 = false

{known}
"""
_KNOWN = """
[[operations]]
include-path-regex = '/{{{name}}}'
include-method = "GET"
parameters = {{ "path.{name}" = "{value}" }}
"""


@pytest.fixture
def described(gateway_with: Callable[..., RunningGateway]) -> RunningGateway:
    """A gateway whose limits are small."""
    return gateway_with(max_upload_bytes="100000", max_files="5", max_wait_s="0.1", max_urls="1", outbound_ports="1")


def known_ids(gateway: RunningGateway) -> dict[str, str]:
    """A completed job, a batch and a pipeline."""
    with (
        httpx.Client(base_url=gateway.url) as client,
        PlayedWorker(Storage(gateway.storage.as_uri())) as worker,
    ):
        worker.appear()
        job = client.post("/v1/compress", files=files(PDF)).json()
        worker.complete(worker.claim(), ("small.pdf", b"%PDF-small"), result={"saved_bytes": 1})
        batch = client.post("/v1/compress", files=files(PDF, PDF + b"x"), headers={"Cache-Control": "no-cache"}).json()
        steps = [("steps", (None, '[{"operation": "compress"}]'))]
        pipeline = client.post("/v1/pipelines", files=[*files(PDF), *steps]).json()
        for _ in range(3):
            worker.complete(worker.claim(), ("small.pdf", b"%PDF-small"))
    return {"job_id": job["id"], "batch_id": batch["id"], "pipeline_id": pipeline["id"]}


def schemathesis(gateway: RunningGateway, folder: Path, known: dict[str, str], *how: str) -> str:
    """Run it; the report, once it has found nothing."""
    config = folder / "schemathesis.toml"
    config.write_text(
        _CONFIG.format(known="".join(_KNOWN.format(name=name, value=value) for name, value in known.items()))
    )
    ended = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "--config-file", config, "run"),
            *(f"{gateway.url}/openapi.json", "--no-color", "--continue-on-failure", "--checks", "all"),
            *("--exclude-checks", ",".join(_LEFT_OUT), "--request-timeout", "30"),
            *("--warnings", "off", *how),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONWARNINGS": ""},
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-2000:]
    assert "request.crashed" not in gateway.log.read_text()
    return ended.stdout


@pytest.mark.heavy
@pytest.mark.timeout(_PATIENCE_S)
def test_no_request_gets_an_answer_that_is_not_described(described: RunningGateway, tmp_path: Path):
    chosen = ["--phases", "fuzzing", "--max-examples", "2", "--exclude-method", "GET", *_without_most()]

    report = schemathesis(described, tmp_path, {}, *chosen)

    assert "generated" in report


def test_every_record_is_as_it_is_described(described: RunningGateway, tmp_path: Path):
    known = known_ids(described)
    chosen = ["--phases", "fuzzing", "--max-examples", "3", "--mode", "positive", "--include-method", "GET"]

    report = schemathesis(described, tmp_path, known, *chosen)

    assert "generated" in report


def _without_most() -> list[str]:
    names = "|".join(name for name in catalogue.load().operations if name not in _SOME)
    return ["--exclude-path-regex", f"^/v1/({names})$"]


@pytest.mark.heavy
@pytest.mark.timeout(_PATIENCE_S)
def test_no_request_of_many_gets_an_answer_that_is_not_described(described: RunningGateway, tmp_path: Path):
    report = schemathesis(described, tmp_path, {}, "--phases", "coverage,fuzzing,stateful", "--max-examples", "30")

    assert "generated" in report
