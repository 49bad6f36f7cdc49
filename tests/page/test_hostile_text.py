"""Names, errors, options and what was read from documents come from strangers: the page shows them and runs nothing."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from shared.errors import FileProcessingError
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway
from tests.page.conftest import Tab

_IMAGE = "<img src=x onerror=alert(1)>"
_SCRIPT = "<script>alert(2)</script>"
_LINK = "javascript:alert(3)"
_ATTRIBUTE = '" onfocus="alert(4)" autofocus="'
_ALL = f"{_IMAGE} {_SCRIPT} {_LINK} {_ATTRIBUTE} &lt;b&gt; ${{7*7}} {{{{7*7}}}}"


def _assert_nothing_came_to_life(page: Page) -> None:
    assert page.locator("img[src=x], main script, [onerror], [onfocus], [autofocus]").count() == 0
    assert page.locator("a[href^='javascript:' i]").count() == 0


@pytest.fixture
def extracted(client: httpx.Client, worker: PlayedWorker) -> dict[str, Any]:
    """The job of an extraction that read hostile text."""
    job = client.post("/v1/compress", files=files(PDF, names=(f"{_IMAGE}.pdf",))).json()
    value = {
        "value": _ALL,
        "evidence": [],
        "source": "rules",
        "status": "discrepancy",
        "checks": [],
        "ungrounded": False,
    }
    result = {
        "documents": [
            {_IMAGE: value, "number": value, "lines": [{_SCRIPT: value, "nested": {"deep": value}}], "kind": _ALL}
        ],
        "checks": [{"code": "x", "status": "discrepancy", "says": _ALL, "expected": _ALL, "found": "", "line": None}],
        "notes": [_ALL],
        "status": _ALL,
        "report": {"values": {}, "checks": {}},
        "target_reached": False,
        _IMAGE: {_SCRIPT: [_ALL, {_LINK: _ALL}]},
    }
    worker.complete(worker.claim(), (f"{_IMAGE}.txt", b"text"), result=result)
    return dict(client.get(f"/v1/jobs/{job['id']}").json())


def test_names_of_files_that_were_only_chosen_are_text(tab: Tab):
    page = tab.open("/")
    page.set_input_files("input[type=file]", {"name": f"{_IMAGE}.pdf", "mimeType": "application/pdf", "buffer": PDF})

    expect(page.get_by_text(f"{_IMAGE}.pdf")).to_be_visible()
    _assert_nothing_came_to_life(page)


def test_names_of_files_and_what_a_job_tells_are_text(tab: Tab, extracted: dict[str, Any]):
    page = tab.open(f"/jobs/{extracted['id']}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("img src=x onerror=alert(1)")

    page.get_by_text("What was done").click()

    expect(page.get_by_text(_ALL).first).to_be_visible()
    _assert_nothing_came_to_life(page)


def test_what_was_read_from_a_document_is_text(tab: Tab, gateway: RunningGateway, extracted: dict[str, Any]):
    # The played worker knows one operation: to the page the job is of another.
    as_invoice = json.dumps({**extracted, "operation": "extract-invoice"})
    tab.page.route(f"**/v1/jobs/{extracted['id']}", lambda route: route.fulfill(body=as_invoice))

    page = tab.open(f"/jobs/{extracted['id']}")

    expect(page.get_by_role("button", name=f"Number: {_ALL}")).to_be_visible()
    expect(page.locator(".checks").get_by_text(_ALL).first).to_be_visible()
    _assert_nothing_came_to_life(page)


def test_errors_are_text(tab: Tab, client: httpx.Client, worker: PlayedWorker):
    job = client.post("/v1/compress", files=files(PDF)).json()
    worker.fail(worker.claim(), FileProcessingError(_ALL, remedy=_ALL))

    page = tab.open(f"/jobs/{job['id']}")

    expect(page.get_by_role("alert")).to_contain_text(_ALL)
    _assert_nothing_came_to_life(page)


def test_options_are_text(tab: Tab, client: httpx.Client):
    job = client.post("/v1/watermark", files=files(PDF), data={"text": _ALL}).json()
    page = tab.open(f"/jobs/{job['id']}")

    page.get_by_text("Details").click()

    expect(page.get_by_text(_ALL)).to_be_visible()
    _assert_nothing_came_to_life(page)


def test_an_address_is_text(tab: Tab):
    addresses = (
        "/do/%3Cimg%20src=x%20onerror=alert(1)%3E",
        f"/jobs/{_IMAGE}",
        "/nowhere/%zz",
        f"/do/compress?job=x&name={_IMAGE}",
    )
    for address in addresses:
        tab.page.goto(f"{tab.url}/#{address}")

        shown = tab.page.get_by_text(_IMAGE) if "name=" in address else tab.page.get_by_role("alert")
        expect(shown.first).to_be_visible()
        _assert_nothing_came_to_life(tab.page)
