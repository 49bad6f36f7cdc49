"""An operator looks at queues and workers: what waits, why, who is there, how it was."""

from __future__ import annotations

import json
import uuid

import httpx
import pytest
from playwright.sync_api import expect

from shared import database
from shared.errors import EncryptedPdf
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.page.conftest import Tab


def made_worker(host: str, *, silent_s: int = 0, operations: dict[str, str | None] | None = None) -> None:
    """The row of a worker of the compression service on another host, which was heard `silent_s` ago."""
    database.rows(
        """INSERT INTO worker (id, service, queue, host, pid, version, slots, operations, beat_at)
           VALUES (%(id)s, 'compression', 'compression', %(host)s, 77, '0.0.9', 3, %(operations)s::jsonb,
                   now() - make_interval(secs => %(silent_s)s))""",
        {
            "id": uuid.uuid4(),
            "host": host,
            "operations": json.dumps(operations or {"compress": None}),
            "silent_s": silent_s,
        },
    )


def test_work_without_a_consumer_is_told_in_a_sentence(tab: Tab, client: httpx.Client):
    client.post("/v1/compress", files=files(PDF))

    page = tab.open("/operate")

    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="compression", exact=True))
    expect(row).to_contain_text("No consumer")
    expect(page.get_by_role("list", name="Needs attention")).to_contain_text(
        "1 job waits, the oldest for", use_inner_text=True
    )
    expect(page.get_by_role("list", name="Needs attention")).to_contain_text("no worker consumes this queue")


def test_a_queue_is_paused_and_resumed_by_its_button(tab: Tab, worker: PlayedWorker, client: httpx.Client):
    worker.appear()
    page = tab.open("/operate")

    page.get_by_role("button", name="Pause compression").click()
    expect(page.get_by_role("list", name="Needs attention")).to_contain_text("Paused by local. Nothing waits.")
    assert [one["paused"] for one in client.get("/v1/queues").json()["queues"] if one["name"] == "compression"] == [
        True
    ]
    page.get_by_role("button", name="Resume compression").click()

    expect(page.get_by_role("button", name="Pause compression")).to_be_visible()
    assert not any(one["paused"] for one in client.get("/v1/queues").json()["queues"])


def test_who_consumes_a_queue_is_shown_with_what_failed_in_the_self_tests(tab: Tab, worker: PlayedWorker):
    worker.appear(failure="Ghostscript is missing")
    made_worker("press-02")

    page = tab.open("/operate/queues/compression")

    expect(page.get_by_role("list", name="What to know")).to_contain_text(
        "failed its self-test of 'compress': Ghostscript is missing"
    )
    expect(page.get_by_role("list", name="What to know")).to_contain_text("Its workers are of 2 versions")
    consumers = page.get_by_role("table", name="Consumers")
    expect(consumers.get_by_role("row").filter(has_text="press-02")).to_contain_text("0 of 3")
    expect(consumers.get_by_text("Ghostscript is missing")).to_be_visible()


def test_workers_that_fell_silent_come_last_and_say_since_when(tab: Tab, worker: PlayedWorker):
    made_worker("dead-host", silent_s=7300)
    worker.appear()

    page = tab.open("/operate/workers")

    rows = page.get_by_role("table", name="Workers").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Alive")
    expect(rows.nth(1)).to_contain_text("Silent for 2 h 1 min")
    expect(rows.nth(1)).to_contain_text("dead-host")


@pytest.fixture
def ended(worker: PlayedWorker, client: httpx.Client) -> None:
    """Two jobs were completed, one failed."""
    worker.appear()
    for _ in range(3):
        client.post("/v1/compress", files=files(PDF))
    worker.complete(worker.claim(), ("a.pdf", PDF))
    worker.complete(worker.claim(), ("b.pdf", PDF))
    worker.fail(worker.claim(), EncryptedPdf())


@pytest.mark.usefixtures("ended")
def test_a_chart_is_read_with_the_keyboard_and_as_a_table(tab: Tab):
    page = tab.open("/operate/queues/compression")
    reader = page.get_by_role("slider", name="Throughput: point in time")

    reader.focus()
    page.keyboard.press("End")
    assert "2 completed, 1 failed, 0 cancelled" in str(reader.get_attribute("aria-valuetext"))
    page.keyboard.press("ArrowLeft")
    assert "0 completed, 0 failed, 0 cancelled" in str(reader.get_attribute("aria-valuetext"))
    page.get_by_text("Throughput as a table").click()

    first = page.get_by_role("region", name="Throughput, figures").locator("tbody tr").first
    assert first.locator("td").all_inner_texts() == ["2", "1", "0"]
    expect(page.locator("figure p").first).to_contain_text("2 completed, 1 failed. Most at once: 3")


@pytest.mark.usefixtures("ended")
def test_a_chart_tells_a_pointer_what_stands_under_it(tab: Tab):
    page = tab.open("/operate/queues/compression")
    plot = page.locator(".plot-reader").first
    box = plot.bounding_box()
    assert box

    page.mouse.move(box["x"] + box["width"] - 12, box["y"] + 40)
    expect(page.locator(".tip")).to_contain_text("completed2")
    page.mouse.move(box["x"] + 56, box["y"] + 40)
    leftmost = page.locator(".tip strong").inner_text()
    page.locator(".plot-reader").first.focus()
    page.keyboard.press("Home")

    assert str(page.locator(".plot-reader").first.get_attribute("aria-valuetext")).startswith(leftmost)
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_have_count(0)


@pytest.mark.usefixtures("ended")
def test_the_failures_of_the_last_hour_lead_to_the_jobs(tab: Tab):
    page = tab.open("/operate/queues/compression")
    expect(page.get_by_text("pdf_encrypted")).to_be_visible()

    page.get_by_role("link", name="Look at the failed jobs").click()

    expect(page.get_by_role("table", name="Jobs").locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("combobox", name="State")).to_have_value("failed")
