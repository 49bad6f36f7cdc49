"""Hostile and broken files against the running platform: each ends with a result or a stable error, nothing dies."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.end_to_end.hostile_files import HOSTILE
from tests.running_platform import RunningPlatform

#: Every way in which a document may be refused. Anything else is a fault of ours.
_REFUSALS = {"file_damaged", "too_complex", "out_of_memory", "time_limit", "no_pages", "pdf_encrypted"}
_GOOD = Path(__file__).parents[2] / "services" / "compression" / "samples" / "compress.pdf"
_WAIT = {"Prefer": "wait=60"}


def compress(platform: RunningPlatform, name: str, document: bytes) -> dict[str, object]:
    """Send one document and return its job once it has ended."""
    with httpx.Client(base_url=platform.url, timeout=120) as client:
        job = client.post("/v1/compress", files={"file": (name, document)}, headers=_WAIT).json()
        for _ in range(5):
            if job["status"] in ("completed", "failed", "cancelled"):
                break
            job = client.get(f"/v1/jobs/{job['id']}", params={"wait": 60}).json()
    return job


def worker_ids(platform: RunningPlatform) -> set[str]:
    return {worker["worker_id"] for worker in httpx.get(f"{platform.url}/v1/workers").json()["workers"]}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_within_its_limits_and_the_worker_goes_on(platform: RunningPlatform, name: str):
    before = worker_ids(platform)

    job = compress(platform, f"{name}.pdf", HOSTILE[name]())

    error = job["error"]
    assert (job["status"], error) == ("completed", None) or error["code"] in _REFUSALS, error
    assert error is None or error["remedy"]
    assert compress(platform, "good.pdf", _GOOD.read_bytes())["status"] == "completed"
    assert worker_ids(platform) == before


def test_a_batch_of_200_files_with_ten_bad_ones_completes_the_other_190(platform: RunningPlatform):
    good, bad = _GOOD.read_bytes(), HOSTILE["noise-behind-a-header"]()
    files = [("file", (f"{n:03}.pdf", bad if n % 20 == 7 else good + b"\n%%%d" % n)) for n in range(200)]
    with httpx.Client(base_url=platform.url, timeout=300) as client:
        batch = client.post("/v1/compress", files=files).json()
        ended = client.get(f"/v1/batches/{batch['id']}").json()
        for _ in range(20):
            if ended["status"] != "processing" and ended["status"] != "pending":
                break
            ended = client.get(f"/v1/batches/{batch['id']}", params={"wait": 30}).json()

    counts = {status: sum(job["status"] == status for job in ended["jobs"]) for status in ("completed", "failed")}
    assert counts == {"completed": 190, "failed": 10}
    assert {job["error"]["code"] for job in ended["jobs"] if job["status"] == "failed"} == {"file_damaged"}
