"""A real browser on the page of a running gateway; every test sees that nothing foreign was asked, no rule broken."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.gateway.conftest import _shared_gateway as _shared_gateway
from tests.gateway.conftest import _shared_guarded_gateway as _shared_guarded_gateway
from tests.gateway.conftest import caller as caller
from tests.gateway.conftest import client as client
from tests.gateway.conftest import gateway as gateway
from tests.gateway.conftest import guarded as guarded
from tests.gateway.conftest import worker as worker
from tests.gateway.running_gateway import RunningGateway
from tests.running_platform import RunningPlatform

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: What a browser says of every answer that is no success: the page shows these to people itself.
_OF_ANSWERS = "Failed to load resource: the server responded with a status of 4"
_PATIENCE_MS = 20_000


# For this folder only: while Playwright runs, its event loop is in the way of tests that run one of their own.
@pytest.fixture(scope="package")
def _browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip(f"NO BROWSER: the page is NOT tested; install one of {', '.join(_PROGRAMS)}")
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        yield browser
        browser.close()


class Tab:
    """One tab of a browser on one server; `problems` are things that no page of ours may do."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.problems: list[str] = []
        page.set_default_timeout(_PATIENCE_MS)
        page.on("request", self._asked)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}"))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", f"blob:{self.url}/", "data:", "about:blank")):
            self.problems.append(f"foreign request: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_OF_ANSWERS):
            self.problems.append(f"console: {message.text}")

    def open(self, address: str = "/") -> Page:
        """Go to an address of the page, such as `/jobs`."""
        # Another address behind `#` alone loads nothing, and the heading of the view before would be found.
        self.page.goto("about:blank")
        self.page.goto(f"{self.url}/#{address}")
        self.page.wait_for_selector("h1")
        return self.page

    def unfold(self) -> None:
        """Open everything that is folded away."""
        self.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")

    def accessibility_problems(self, rule: str | None = None) -> list[str]:
        """What axe finds, by rule and place; all rules, or one."""
        found: dict[str, Any] = Axe().run(self.page, options={"runOnly": [rule]} if rule else None).response
        return [
            f"{violation['id']}: {node['target']}: {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def is_wider_than_the_screen(self) -> bool:
        """Whether one would have to scroll sideways."""
        width = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return bool(width > 0)


@pytest.fixture(scope="package")
def _context(_browser: Browser) -> Iterator[BrowserContext]:
    """One for all tests: the files of the page are loaded once, as by somebody who comes back."""
    context = _browser.new_context(reduced_motion="reduce", accept_downloads=True)
    yield context
    context.close()


@pytest.fixture
def browse(_context: BrowserContext) -> Iterator[Callable[..., Tab]]:
    """A function that opens a tab on a server: `browse(url, width=360, theme="dark")`."""
    tabs: list[Tab] = []

    def start(url: str, *, width: int = 1280, theme: str = "light") -> Tab:
        page = _context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        tabs.append(Tab(page, url))
        return tabs[-1]

    yield start
    for tab in tabs:
        if tab.page.url.startswith(tab.url):
            tab.page.evaluate("localStorage.clear()")
        tab.page.close()
    _context.clear_cookies()
    assert not (found := [problem for tab in tabs for problem in tab.problems]), found


@pytest.fixture
def tab(browse: Callable[..., Tab], gateway: RunningGateway) -> Tab:
    """A tab on the gateway without workers."""
    return browse(gateway.url)


@pytest.fixture
def working_tab(browse: Callable[..., Tab], platform: RunningPlatform) -> Tab:
    """A tab on the whole platform."""
    return browse(platform.url)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A file that the gateway takes for a PDF."""
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7\n" + b"x" * 4000)
    return path
