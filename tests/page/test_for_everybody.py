"""Every view can be used by everybody: axe finds nothing, in light and dark, and a telephone shows all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from shared.errors import EncryptedPdf
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway
from tests.page.conftest import Tab

_LONG = "a-very-long-name-without-any-place-to-break-it-" * 4


@pytest.fixture
def views(client: httpx.Client, worker: PlayedWorker) -> dict[str, str]:
    """The address of each kind of view, by what it shows."""
    worker.appear()

    def job() -> dict[str, Any]:
        answer = client.post(
            "/v1/compress", files=files(PDF, names=(f"{_LONG}.pdf",)), headers={"Cache-Control": "no-cache"}
        )
        return dict(answer.json())

    done = job()
    saved = {"bytes_before": 4009, "bytes_after": 1050, "steps": [{"name": "images", "bytes": 100}]}
    worker.complete(worker.claim(), (f"{_LONG}.pdf", PDF), ("b.pdf", PDF), result=saved)
    failed = job()
    worker.fail(worker.claim(), EncryptedPdf())
    running = job()
    worker.report(worker.claim(), 3, 10, "Recompressing images")
    waiting = job()
    batch = client.post("/v1/compress", files=files(PDF, PDF)).json()
    steps = '[{"operation": "compress"}, {"operation": "split"}]'
    pipeline = client.post("/v1/pipelines", files=files(PDF), data={"steps": steps}).json()
    return {
        "start": "/",
        "options": "/do/ocr",
        "lists": "/do/redact",
        "required": "/do/convert",
        "completed": f"/jobs/{done['id']}",
        "failed": f"/jobs/{failed['id']}",
        "running": f"/jobs/{running['id']}",
        "waiting": f"/jobs/{waiting['id']}",
        "jobs": "/jobs",
        "batch": f"/batches/{batch['id']}",
        "new pipeline": "/pipelines",
        "pipeline": f"/pipelines/{pipeline['id']}",
    }


def test_axe_finds_nothing_in_any_view(browse: Callable[..., Tab], gateway: RunningGateway, views: dict[str, str]):
    found = {}
    for theme in ("light", "dark"):
        tab = browse(gateway.url, theme=theme)
        for name, address in views.items():
            tab.open(address)
            tab.unfold()
            # Only the colours are others in the dark.
            if problems := tab.accessibility_problems("color-contrast" if theme == "dark" else None):
                found[f"{name}, {theme}"] = problems
    assert found == {}


def test_a_telephone_shows_every_view_without_scrolling_sideways(
    browse: Callable[..., Tab], gateway: RunningGateway, views: dict[str, str]
):
    tab = browse(gateway.url, width=360)
    wide = []
    for name, address in views.items():
        tab.open(address)
        tab.unfold()
        if tab.is_wider_than_the_screen():
            wide.append(name)
    assert wide == []


def test_on_a_telephone_the_menu_leads_on(browse: Callable[..., Tab], gateway: RunningGateway):
    page = browse(gateway.url, width=360).open("/")
    expect(page.get_by_role("link", name="Pipelines")).to_be_hidden()

    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Pipelines").click()

    expect(page.get_by_role("heading", name="Several steps in one go")).to_be_visible()


def test_the_first_thing_that_the_keyboard_reaches_skips_to_the_content(tab: Tab):
    page = tab.open("/jobs")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_a_dialog_keeps_the_focus_and_escape_leaves_it(tab: Tab, client: httpx.Client, worker: PlayedWorker):
    job = client.post("/v1/compress", files=files(PDF)).json()
    worker.complete(worker.claim(), ("a.pdf", PDF))
    page = tab.open(f"/jobs/{job['id']}")

    page.get_by_role("button", name="Erase …").click()
    for _ in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert client.get(f"/v1/jobs/{job['id']}").status_code == 200


def test_the_colours_that_somebody_chose_are_kept(tab: Tab):
    page = tab.open("/")
    for _ in range(2):
        page.get_by_role("button", name="Colours").click()

    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
