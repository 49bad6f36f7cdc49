"""Every view of operators: hostile text stays text, axe finds nothing in light and dark, a telephone is wide enough."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import expect

from shared import api_keys, database, operators
from shared.callers import Scope
from shared.webhooks import endpoints
from tests.gateway.documents import PDF
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway
from tests.page.conftest import Tab

#: Whatever runs opens a dialog, which every tab counts as a problem.
_HOSTILE = "<img src=x onerror=\"alert('{0}')\"><script>alert('{0}')</script>"


def _dead_delivery(endpoint_id: uuid.UUID, job_id: str) -> None:
    error = json.dumps({"code": "x", "message": _HOSTILE.format("receiver"), "remedy": ""})
    database.rows(
        """INSERT INTO webhook_delivery
               (id, endpoint_id, event, job_id, ended_at, payload, state, next_at, attempts, settled_at, last_error)
           VALUES (%(id)s, %(endpoint)s, 'job.failed', %(job)s, now(), '{}', 'dead', NULL, 1, now(),
                   %(error)s::jsonb)""",
        {"id": uuid.uuid4(), "endpoint": endpoint_id, "job": job_id, "error": error},
    )
    database.rows(
        """INSERT INTO webhook_attempt (delivery_id, number, duration_s, error_code, error_message)
           SELECT id, 1, 0.5, 'x', 'no' FROM webhook_delivery""",
        {},
    )


@pytest.fixture
def views(gateway: RunningGateway, client: httpx.Client, worker: PlayedWorker) -> Iterator[dict[str, str]]:
    """The address of each view, by what is hostile in it; each has something to show."""
    worker.appear(failure=_HOSTILE.format("self-test"))
    database.rows(
        """INSERT INTO worker (id, service, queue, host, pid, version, slots, operations, beat_at)
           VALUES (%(id)s, 'ocr', 'ocr', %(host)s, 7, '0.0.9', 3, %(operations)s::jsonb, now() - interval '1 hour')""",
        {"id": uuid.uuid4(), "host": _HOSTILE.format("host"), "operations": json.dumps({"ocr": None})},
    )
    name = _HOSTILE.format("file").replace("/", "") + ".pdf"
    job = client.post("/v1/compress", files={"file": (name, PDF, "application/pdf")}).json()
    operators.note(_HOSTILE.format("actor"), "queue.paused", {"queue": _HOSTILE.format("details")})
    url = f"https://example.com/{_HOSTILE.format('url')}"
    endpoint_id = endpoints.create("local", url, ["job.failed"], _HOSTILE.format("description"))
    _dead_delivery(endpoint_id, job["id"])
    api_keys.create("anna", _HOSTILE.format("key").replace("/", ""), [Scope.READ], actor="tests")
    yield {
        "": "/operate",
        "self-test": "/operate/queues/compression",
        "file": "/operate/jobs",
        "host": "/operate/workers",
        "key": "/operate/keys",
        "description": "/operate/webhooks",
        "receiver": f"/operate/webhooks/{endpoint_id}",
        "actor": "/operate/journal",
        "health": "/operate/health",
    }
    database.rows("TRUNCATE operator_action, webhook_endpoint, api_key CASCADE", {})


def test_hostile_text_is_shown_as_text(tab: Tab, views: dict[str, str]):
    for what, address in views.items():
        page = tab.open(address)
        if what not in ("", "health"):
            expect(page.get_by_text(f"alert('{what}')").first).to_be_visible()
        assert page.locator("img[src=x], main script, [onerror]").count() == 0


def test_axe_finds_nothing_in_light_and_dark(
    browse: Callable[..., Tab], gateway: RunningGateway, views: dict[str, str]
):
    found = {}
    for theme in ("light", "dark"):
        tab = browse(gateway.url, theme=theme)
        for what, address in views.items():
            # Only the colours are others in the dark, and these views have all of them.
            if theme == "dark" and what not in ("", "file", "receiver"):
                continue
            tab.open(address).wait_for_load_state("networkidle")
            tab.unfold()
            if problems := tab.accessibility_problems("color-contrast" if theme == "dark" else None):
                found[f"{address}, {theme}"] = problems
    assert found == {}


def test_a_telephone_shows_every_view_without_scrolling_sideways(
    browse: Callable[..., Tab], gateway: RunningGateway, views: dict[str, str]
):
    tab = browse(gateway.url, width=360)
    wide = []
    for address in views.values():
        tab.open(address).wait_for_load_state("networkidle")
        tab.unfold()
        if tab.is_wider_than_the_screen():
            wide.append(address)
    assert wide == []
