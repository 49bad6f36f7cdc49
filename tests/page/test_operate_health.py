"""An operator sees whether the platform works, clears the result cache, and finds what was done in the journal."""

from __future__ import annotations

import httpx
from playwright.sync_api import expect

from shared import operators
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.page.conftest import Tab


def test_health_says_what_is_wrong_part_by_part(tab: Tab, client: httpx.Client):
    client.post("/v1/compress", files=files(PDF))

    page = tab.open("/operate/health")

    parts = page.get_by_role("list", name="Parts of the platform")
    expect(parts).to_contain_text("Database: works.")
    expect(parts).to_contain_text("Queues: Jobs wait that no live worker can take: 'compression'")
    expect(page.get_by_text("Works, with restrictions")).to_be_visible()


def test_the_result_cache_is_cleared_after_a_question(tab: Tab, worker: PlayedWorker, client: httpx.Client):
    worker.appear()
    client.post("/v1/compress", files=files(PDF))
    worker.complete(worker.claim(), ("a.pdf", PDF))
    assert client.get("/v1/cache").json()["entries"] == 1
    page = tab.open("/operate/health")

    page.get_by_role("button", name="Clear the cache").click()
    page.get_by_role("button", name="Forget them").click()

    expect(page.get_by_text("1 result is forgotten.")).to_be_visible()
    assert client.get("/v1/cache").json()["entries"] == 0
    expect(page.get_by_role("button", name="Clear the cache")).to_be_disabled()


def test_the_journal_shows_who_did_what_and_leads_to_what_was_before(tab: Tab):
    for number in range(51):
        operators.note("anna", "queue.paused", {"queue": f"queue-{number}"})

    page = tab.open("/operate/journal")
    rows = page.get_by_role("table", name="Journal of operators").locator("tbody tr")
    expect(rows.first).to_contain_text("queue-50")
    expect(rows.first).to_contain_text("anna")
    expect(rows.first).to_contain_text("Queue paused")
    page.get_by_role("button", name="Earlier").click()

    expect(rows.first).to_contain_text("queue-0")
