"""Webhooks through the whole platform: the maintenance worker delivers by itself, and to no inside address."""

from __future__ import annotations

import time

import httpx

from tests.end_to_end.pdf_documents import pdf_of
from tests.running_platform import RunningPlatform

_DEADLINE_S = 60


def test_the_worker_of_a_running_platform_delivers_but_not_to_an_inside_address(platform: RunningPlatform):
    with httpx.Client(base_url=platform.url, timeout=60) as client:
        # The gateway does not look names up; who delivers does.
        fields = {"webhook_url": "http://localhost/hook"}
        job = client.post("/v1/rotate", files={"file": ("a.pdf", pdf_of("one"))}, data=fields).raise_for_status().json()
        webhook = job["links"]["webhook"]
        try:
            deadline_s = time.monotonic() + _DEADLINE_S
            while not (found := client.get(f"{webhook}/deliveries").json()["deliveries"]) or not found[0]["log"]:
                assert time.monotonic() < deadline_s, "nothing was delivered"
                time.sleep(0.2)
        finally:
            client.delete(webhook).raise_for_status()

    assert (found[0]["event"], found[0]["job_id"]) == ("job.completed", job["id"])
    assert found[0]["log"][0]["error"]["code"] == "url_not_allowed"
