"""The routes of webhooks: what they take, what they answer, and to whom."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared import database
from shared.webhooks import deliveries as life
from shared.webhooks import delivery_records, endpoint_secrets, endpoints
from shared.webhooks.events import Event
from tests.gateway.documents import PDF, files
from tests.gateway.test_operations import conforms
from tests.gateway.webhooks.conftest import deliveries, delivering, register
from tests.gateway.webhooks.receiver import Receiver, until

pytestmark = pytest.mark.usefixtures("gateway")

_URL = "https://example.com/hook"


def ended(client: httpx.Client) -> None:
    """Cancel a fresh job."""
    job = client.post("/v1/compress", files=files(PDF)).raise_for_status().json()
    client.post(f"/v1/jobs/{job['id']}/cancel").raise_for_status()


def test_every_answer_is_as_described(client: httpx.Client, receiver: Receiver):
    made = client.post("/v1/webhooks", json={"url": receiver.url, "description": "for tests"})
    conforms("NewWebhookAnswer", made.json())
    here = made.headers["Location"]
    conforms("Webhook", client.get(here).json())
    conforms("WebhookList", client.get("/v1/webhooks").json())
    conforms("Webhook", client.patch(here, json={"description": "changed"}).json())
    conforms("WebhookSecret", client.get(f"{here}/secret").json())
    conforms("WebhookSecret", client.post(f"{here}/rotate-secret").json())
    receiver.answering = lambda number: (200 if number > 1 else 500, {})
    ended(client)
    with delivering():
        (delivered,) = until(lambda: deliveries(client, state="delivered"))
    assert len(delivered["log"]) == 2
    conforms("Delivery", delivered)
    conforms("Delivery", client.get(delivered["links"]["self"]).json())
    conforms("DeliveryList", client.get(f"{here}/deliveries").json())
    conforms("Redelivered", client.post(f"{here}/redeliver").json())
    conforms("Delivery", client.post(delivered["links"]["redeliver"]).json())
    assert client.delete(here).status_code == 204
    assert client.get(here).json()["code"] == "unknown_webhook"
    assert client.get(delivered["links"]["self"]).json()["code"] == "unknown_delivery"


def test_a_webhook_is_changed_in_what_is_named_and_keeps_the_rest(client: httpx.Client):
    webhook = register(client, _URL)
    assert webhook["events"] == list(Event)
    changed = client.patch(webhook["links"]["self"], json={"events": ["job.failed"], "url": f"{_URL}/2"}).json()

    assert (changed["events"], changed["url"], changed["description"]) == (["job.failed"], f"{_URL}/2", "")
    assert client.get(webhook["links"]["secret"]).json()["secret"] == webhook["secret"]


def test_a_url_has_one_webhook(client: httpx.Client):
    first = register(client, _URL)
    again = client.post("/v1/webhooks", json={"url": _URL})
    other = register(client, f"{_URL}/2")
    moved = client.patch(other["links"]["self"], json={"url": _URL})

    assert (again.status_code, again.json()["code"], again.json()["webhook_id"]) == (409, "webhook_exists", first["id"])
    assert (moved.status_code, moved.json()["code"]) == (409, "webhook_exists")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid_options"),
        ({"url": 7}, 422, "invalid_options"),
        ({"url": _URL, "events": ["job.exploded"]}, 422, "invalid_options"),
        ({"url": _URL, "secret": "of my own"}, 422, "invalid_options"),
        ({"url": _URL, "description": "x" * 501}, 422, "invalid_options"),
        ({"url": _URL, "description": "\0"}, 400, "malformed_json"),
        ({"url": "gopher://example.com"}, 422, "url_not_allowed"),
        ({"url": "http://user:password@example.com/"}, 422, "url_not_allowed"),
        ({"url": "http://192.168.0.1/"}, 422, "url_not_allowed"),
        ({"url": "http://[fd00::1]/"}, 422, "url_not_allowed"),
        ("[]", 400, "malformed_json"),
        ("{", 400, "malformed_json"),
        ('{"url": "\\ud800"}', 400, "malformed_json"),
        ('{"x": ' + "[" * 40_000, 400, "malformed_json"),
        (b"\xff", 400, "malformed_json"),
        (" " * 70_000, 413, "too_large"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_body_is_refused_with_a_reason(client: httpx.Client, body: Any, status: int, code: str):
    kind = {"Content-Type": "application/json"}
    given: Any = {"json": body} if isinstance(body, dict) else {"content": body, "headers": kind}
    answer = client.post("/v1/webhooks", **given)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert client.get("/v1/webhooks").json()["webhooks"] == []


def test_a_body_that_is_no_json_is_refused(client: httpx.Client):
    answer = client.post("/v1/webhooks", data={"url": _URL})

    assert (answer.status_code, answer.json()["code"]) == (415, "not_json")


@pytest.mark.parametrize("overlap", [-1, 10**9, "NaN", None])
def test_an_impossible_overlap_is_refused(client: httpx.Client, overlap: Any):
    webhook = register(client, _URL)
    answer = client.post(
        webhook["links"]["rotate_secret"],
        content=f'{{"overlap_s": {"null" if overlap is None else overlap}}}',
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 422
    assert client.get(webhook["links"]["secret"]).json()["secret"] == webhook["secret"]


def test_deliveries_are_listed_page_by_page(client: httpx.Client):
    register(client, _URL)
    for _ in range(5):
        ended(client)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for size in (2, 2, 1):
        page = client.get("/v1/webhook-deliveries", params={"limit": 2, "state": "pending", **cursor}).json()
        assert len(page["deliveries"]) == size
        seen += [each["id"] for each in page["deliveries"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
    assert cursor == {}
    assert seen == [each["id"] for each in reversed(deliveries(client))]
    assert client.get("/v1/webhook-deliveries", params={"state": "lost"}).status_code == 422
    assert client.get("/v1/webhooks/7/deliveries").json()["code"] == "malformed_id"


def test_the_webhooks_of_another_owner_do_not_exist(client: httpx.Client):
    webhook = register(client, _URL)
    ended(client)
    (delivery,) = deliveries(client)
    mine = database.rows("SELECT id, endpoint_id FROM webhook_delivery", {})[0]

    for refused in (
        lambda: endpoints.endpoint(mine["endpoint_id"], "other"),
        lambda: endpoints.change(mine["endpoint_id"], "other", enabled=False),
        lambda: endpoints.delete(mine["endpoint_id"], "other"),
        lambda: endpoint_secrets.secret(mine["endpoint_id"], "other"),
        lambda: endpoint_secrets.rotate(mine["endpoint_id"], "other", 0),
    ):
        with pytest.raises(endpoints.UnknownWebhook):
            refused()
    with pytest.raises(delivery_records.UnknownDelivery):
        delivery_records.delivery(mine["id"], "other")
    assert not life.redeliver(mine["id"], "other")
    assert life.redeliver_dead(mine["endpoint_id"], "other") == 0
    assert endpoints.listed("other") == []
    assert delivery_records.listed("other", endpoint_id=None, state=None, limit=9, before=None) == ([], None)
    assert endpoints.for_job("other", _URL) != mine["endpoint_id"]
    assert client.get(webhook["links"]["self"]).json()["enabled"]
    assert deliveries(client) == [delivery]
