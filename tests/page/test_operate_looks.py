"""Every view of operators: hostile text stays text, axe finds nothing in light and dark, a telephone is wide enough."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import expect

from shared import database, operators
from tests.gateway.documents import PDF
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway
from tests.page.conftest import Tab

#: Whatever runs calls this; every tab also counts dialogs, errors and requests to others.
_HOSTILE = "<img src=x onerror=\"alert('{0}')\"><script>alert('{0}')</script>"


@pytest.fixture
def places(gateway: RunningGateway, client: httpx.Client, worker: PlayedWorker) -> Iterator[dict[str, str]]:
    """The address of every view, by the name of what is hostile in it; each with something to show."""
    worker.appear(failure=_HOSTILE.format("self-test"))
    database.rows(
        """INSERT INTO worker (id, service, queue, host, pid, version, slots, operations, beat_at)
           VALUES (%(id)s, 'ocr', 'ocr', %(host)s, 7, '0.0.9', 3, %(operations)s::jsonb, now() - interval '1 hour')""",
        {"id": uuid.uuid4(), "host": _HOSTILE.format("host"), "operations": json.dumps({"ocr": None})},
    )
    name = _HOSTILE.format("file").replace("/", "∕") + ".pdf"
    job = client.post("/v1/compress", files={"file": (name, PDF, "application/pdf")}).json()
    operators.note(_HOSTILE.format("actor"), "queue.paused", {"queue": _HOSTILE.format("details")})
    hook = {"url": "http://127.0.0.1:9/x", "description": _HOSTILE.format("description")}
    made = client.post("/v1/webhooks", json=hook)
    yield {
        "queues": "/operate",
        "self-test": "/operate/queues/compression",
        "file": "/operate/jobs",
        "host": "/operate/workers",
        "actor": "/operate/journal",
        "health": "/operate/health",
        "description": "/operate/webhooks",
        "one webhook": f"/operate/webhooks/{made.json().get('id')}",
        "job": f"/jobs/{job['id']}",
    }
    database.rows("TRUNCATE operator_action, webhook_endpoint CASCADE", {})


def test_hostile_text_is_shown_as_text(tab: Tab, places: dict[str, str]):
    for what, place in places.items():
        page = tab.open(place)
        page.wait_for_load_state("networkidle")
        if what in ("self-test", "file", "host", "actor", "description"):
            expect(page.get_by_text(f"alert('{what}')").first).to_be_visible()
        assert page.locator("main img, main script").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browse: Callable[..., Tab], gateway: RunningGateway, places: dict[str, str], theme: str):
    tab = browse(gateway.url, theme=theme)
    for place in places.values():
        tab.open(place).wait_for_load_state("networkidle")
        assert tab.accessibility_problems() == [], place


def test_nothing_is_wider_than_a_telephone(
    browse: Callable[..., Tab], gateway: RunningGateway, places: dict[str, str]
):
    tab = browse(gateway.url, width=390)
    for place in places.values():
        tab.open(place).wait_for_load_state("networkidle")
        assert not tab.is_wider_than_the_screen(), place
