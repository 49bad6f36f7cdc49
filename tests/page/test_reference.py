"""`/docs` describes the interface to people, under the same strict policy as the page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.gateway.running_gateway import RunningGateway
from tests.page.conftest import Tab


def test_every_service_and_its_operations_are_described(browse: Callable[..., Tab], gateway: RunningGateway):
    page = browse(gateway.url).page
    page.goto(f"{gateway.url}/docs")

    page.get_by_role("link", name="compression").click()

    expect(page.get_by_text("/v1/compress", exact=True)).to_be_visible()
    expect(page.get_by_text("Make a PDF smaller.")).to_be_visible()
