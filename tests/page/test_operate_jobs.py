"""An operator looks for jobs, learns why they wait, tries them again and cancels them."""

from __future__ import annotations

import httpx
from playwright.sync_api import Locator, Page, expect

from shared.errors import EncryptedPdf
from tests.gateway.documents import PDF
from tests.gateway.played_worker import PlayedWorker
from tests.page.conftest import Tab


def submitted(client: httpx.Client, name: str = "a.pdf") -> str:
    """The id of a new job."""
    return str(client.post("/v1/compress", files={"file": (name, PDF, "application/pdf")}).json()["id"])


def status_of(client: httpx.Client, job_id: str) -> str:
    """The status of a job."""
    return str(client.get(f"/v1/jobs/{job_id}").json()["status"])


def rows(page: Page) -> Locator:
    """The rows of the list."""
    return page.get_by_role("table", name="Jobs").locator("tbody tr")


def test_a_failed_job_is_found_and_tried_again(tab: Tab, worker: PlayedWorker, client: httpx.Client):
    worker.appear()
    failed = submitted(client)
    worker.fail(worker.claim(), EncryptedPdf())
    waits = submitted(client)
    page = tab.open("/operate/jobs")
    expect(rows(page)).to_have_count(2)

    page.get_by_role("combobox", name="State").select_option("failed")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("The PDF needs a password to open.")
    page.get_by_role("button", name="Try again: compress").click()

    expect(rows(page)).to_contain_text("Waiting")
    assert (status_of(client, failed), status_of(client, waits)) == ("pending", "pending")


def test_a_waiting_job_says_why(tab: Tab, worker: PlayedWorker, client: httpx.Client):
    submitted(client)
    page = tab.open("/operate/jobs")
    expect(rows(page)).to_contain_text("No worker consumes the queue 'compression'.")

    client.post("/v1/queues/compression/pause")

    expect(rows(page)).to_contain_text("The queue 'compression' was paused by local.")


def test_the_list_stays_in_place_while_jobs_come_and_change(tab: Tab, worker: PlayedWorker, client: httpx.Client):
    worker.appear()
    submitted(client, "first.pdf")
    page = tab.open("/operate/jobs?status=pending")
    expect(rows(page)).to_contain_text("first.pdf")

    worker.claim()
    submitted(client, "second.pdf")

    newer = page.get_by_role("button", name="Show 1 newer job")
    expect(newer).to_be_visible()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("Working")
    newer.click()
    expect(rows(page)).to_contain_text("second.pdf")


def test_all_that_match_are_cancelled_after_they_were_counted(tab: Tab, worker: PlayedWorker, client: httpx.Client):
    worker.appear()
    running = submitted(client)
    worker.claim()
    waiting = [submitted(client) for _ in range(2)]
    page = tab.open("/operate/jobs?status=pending")

    page.get_by_role("button", name="Cancel all …").click()
    dialog = page.get_by_role("dialog", name="Cancel: waiting?")
    expect(dialog).to_contain_text("2 jobs would be affected now.")
    assert [status_of(client, job_id) for job_id in waiting] == ["pending", "pending"]
    dialog.get_by_role("button", name="Cancel 2 jobs").click()

    expect(page.get_by_text("2 jobs are cancelled.")).to_be_visible()
    assert [status_of(client, job_id) for job_id in (*waiting, running)] == ["cancelled", "cancelled", "processing"]


def test_leaving_the_question_cancels_nothing(tab: Tab, client: httpx.Client):
    job_id = submitted(client)
    page = tab.open("/operate/jobs")
    page.get_by_role("button", name="Cancel all …").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 job would be affected now.")

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert status_of(client, job_id) == "pending"


def test_selected_jobs_are_cancelled_and_no_other(tab: Tab, client: httpx.Client):
    jobs = [submitted(client, f"{number}.pdf") for number in range(3)]
    page = tab.open("/operate/jobs")
    for job_id in jobs[:2]:
        page.get_by_role("checkbox", name=f"Select compress {job_id}").check()

    page.get_by_role("button", name="Cancel 2", exact=True).click()

    expect(page.get_by_text("2 jobs are being cancelled.")).to_be_visible()
    assert [status_of(client, job_id) for job_id in jobs] == ["cancelled", "cancelled", "pending"]


def test_a_job_shows_operators_its_tries_and_its_worker(tab: Tab, worker: PlayedWorker, client: httpx.Client):
    worker.appear()
    job_id = submitted(client)
    worker.claim()

    page = tab.open(f"/jobs/{job_id}")

    facts = page.locator("details").filter(has_text="For operators")
    expect(facts).to_contain_text("priority 5")
    expect(facts).to_contain_text(str(worker.id))
