"""Where the server wants keys, a person signs in with one, sees what is theirs, and signs out."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from playwright.sync_api import expect

from tests.gateway.documents import PDF, files
from tests.gateway.running_gateway import RunningGateway
from tests.page.conftest import Tab

Callers = Callable[..., httpx.Client]


def _key(caller: httpx.Client) -> str:
    return caller.headers["Authorization"].removeprefix("Bearer ")


def test_a_person_signs_in_sees_what_is_theirs_and_signs_out(
    browse: Callable[..., Tab], guarded: RunningGateway, caller: Callers
):
    anna, bert = caller("anna"), caller("bert")
    anna.post("/v1/compress", files=files(PDF, names=("of-anna.pdf",)))
    bert.post("/v1/compress", files=files(PDF, names=("of-bert.pdf",)))
    tab = browse(guarded.url)
    page = tab.open("/jobs")
    assert tab.accessibility_problems() == []

    page.get_by_label("API key").fill(_key(anna))
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("link", name="of-anna.pdf")).to_be_visible()
    expect(page.get_by_text("of-bert.pdf")).to_have_count(0)
    expect(page.get_by_role("link", name="Operate")).to_have_count(0)
    assert page.evaluate("document.cookie + JSON.stringify({...localStorage, ...sessionStorage})").find("bnd_") == -1
    page.reload()
    expect(page.get_by_role("link", name="of-anna.pdf")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_wrong_key_is_said(browse: Callable[..., Tab], guarded: RunningGateway):
    page = browse(guarded.url).open("/")
    for key, code in (("bnd_wrong", "wrong_key"), ("\u043a\u043b\u044e\u0447", "no_key"), ("two words", "no_key")):
        page.get_by_label("API key").fill(key)
        page.get_by_role("button", name="Sign in").click()

        expect(page.get_by_role("alert")).to_contain_text(code)
