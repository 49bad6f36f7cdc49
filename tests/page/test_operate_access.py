"""Keys and webhooks are made and ended on the page, and who is no operator sees nothing of all this."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from shared import database
from tests.gateway.conftest import _shared_guarded_gateway as _shared_guarded_gateway
from tests.gateway.conftest import caller as caller
from tests.gateway.conftest import guarded as guarded
from tests.gateway.running_gateway import RunningGateway
from tests.page.conftest import Tab

Callers = Callable[..., httpx.Client]


def key_of(client: httpx.Client) -> str:
    """The key of a client."""
    return client.headers["Authorization"].removeprefix("Bearer ")


def signed_in(tab: Tab, client: httpx.Client) -> Page:
    """The page of the holder of a client's key."""
    page = tab.open("/")
    page.get_by_label("API key").fill(key_of(client))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    return page


def test_only_operators_see_what_is_theirs(browse: Callable[..., Tab], guarded: RunningGateway, caller: Callers):
    tab = browse(guarded.url)
    page = signed_in(tab, caller("root", "admin"))
    expect(page.get_by_role("link", name="Operate")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()

    signed_in(tab, caller("anna"))

    expect(page.get_by_role("link", name="Jobs", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Operate")).to_have_count(0)
    page.evaluate("location.hash = '#/operate/keys'")
    expect(page.get_by_role("alert")).to_contain_text("This part of the page is for operators.")


def test_a_key_is_made_shown_once_and_revoked(browse: Callable[..., Tab], guarded: RunningGateway, caller: Callers):
    page = signed_in(browse(guarded.url), caller("root", "admin"))
    page.evaluate("location.hash = '#/operate/keys'")
    page.get_by_text("New key").click()
    page.get_by_label("Owner", exact=True).fill("anna")
    page.get_by_label("Name", exact=True).fill("scanner")
    page.get_by_role("checkbox", name="submit").uncheck()
    page.get_by_role("button", name="Make the key").click()

    key = page.get_by_role("textbox", name="Key scanner").input_value()
    anna = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{guarded.url}/v1/session", headers=anna).json()["scopes"] == ["read"]
    page.reload()
    expect(page.get_by_role("table", name="API keys")).to_contain_text("scanner")
    assert key not in page.content()
    page.get_by_role("button", name="Revoke scanner").click()
    page.get_by_role("button", name="Revoke it").click()

    expect(page.get_by_role("row").filter(has_text="scanner")).to_contain_text("Revoked")
    assert httpx.get(f"{guarded.url}/v1/jobs", headers=anna).status_code == 401


def test_what_the_server_refuses_of_a_key_stands_at_its_field(
    browse: Callable[..., Tab], guarded: RunningGateway, caller: Callers
):
    page = signed_in(browse(guarded.url), caller("root", "admin"))
    page.evaluate("location.hash = '#/operate/keys'")
    page.get_by_text("New key").click()
    page.get_by_label("Owner", exact=True).fill("Anna Müller")
    page.get_by_label("Name", exact=True).fill("scanner")

    page.get_by_role("button", name="Make the key").click()

    expect(page.get_by_label("Owner", exact=True)).to_have_attribute("aria-invalid", "true")


def test_the_list_of_jobs_is_that_of_all_owners_or_of_one(
    browse: Callable[..., Tab], guarded: RunningGateway, caller: Callers
):
    for owner in ("anna", "bert"):
        pdf = ("a.pdf", b"%PDF-1.7\n", "application/pdf")
        assert caller(owner).post("/v1/compress", files={"file": pdf}).status_code == 202
    page = signed_in(browse(guarded.url), caller("root", "admin"))
    page.evaluate("location.hash = '#/operate/jobs'")
    rows = page.get_by_role("table", name="Jobs").locator("tbody tr")
    expect(rows).to_have_count(2)

    page.get_by_label("Owner").fill("bert")
    page.get_by_label("Owner").press("Enter")

    expect(rows).to_have_count(1)


@pytest.fixture
def no_webhooks(gateway: RunningGateway) -> Iterator[None]:
    """There are none, before and after."""
    database.rows("TRUNCATE webhook_endpoint CASCADE", {})
    yield
    database.rows("TRUNCATE webhook_endpoint CASCADE", {})


@pytest.mark.usefixtures("no_webhooks")
def test_a_webhook_is_made_and_what_is_dead_is_delivered_again(tab: Tab, client: httpx.Client):
    page = tab.open("/operate/webhooks")
    page.get_by_text("New webhook").click()
    page.get_by_label("Address").fill("https://example.com/hook")
    page.get_by_role("button", name="Make it").click()
    shown = page.get_by_role("textbox", name="Secret of the new webhook").input_value()
    (hook,) = client.get("/v1/webhooks").json()["webhooks"]
    assert client.get(f"/v1/webhooks/{hook['id']}/secret").json() == {"secret": shown}

    job = client.post("/v1/compress", files={"file": ("a.pdf", b"%PDF-1.7\n", "application/pdf")}).json()
    client.post(f"/v1/jobs/{job['id']}/cancel")
    database.rows("UPDATE webhook_delivery SET state = 'dead', next_at = NULL, settled_at = now(), attempts = 9", {})
    page.get_by_role("link", name="https://example.com/hook").click()
    page.get_by_role("button", name="Deliver again: job.cancelled").click()

    expect(page.get_by_role("table", name="Deliveries")).to_contain_text("Waits")
    (delivery,) = client.get(f"/v1/webhooks/{hook['id']}/deliveries").json()["deliveries"]
    assert delivery["state"] == "pending"


@pytest.mark.usefixtures("no_webhooks")
def test_a_secret_is_followed_by_a_fresh_one(tab: Tab, client: httpx.Client):
    made = client.post("/v1/webhooks", json={"url": "https://example.com/hook"}).json()
    page = tab.open(f"/operate/webhooks/{made['id']}")

    page.get_by_role("button", name="Make a fresh one …").click()
    page.get_by_role("button", name="Make it").click()

    fresh = page.get_by_role("textbox", name="Secret of this webhook").input_value()
    assert fresh != made["secret"]
    expect(page.get_by_text("The secret before this one signs too")).to_be_visible()
