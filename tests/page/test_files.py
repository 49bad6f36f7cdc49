"""The page's files: how they are served, what they are made of."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import httpx
import pytest

_FOLDER = Path(__file__).parents[2] / "gateway" / "page"
_OURS = [path for path in sorted(_FOLDER.rglob("*.js")) if "vendor" not in path.parts]
_BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_browser_gets_the_page_and_a_program_gets_json(client: httpx.Client):
    shown, told = client.get("/", headers=_BROWSER), client.get("/")

    assert (shown.headers["content-type"], "Accept" in shown.headers["vary"]) == ("text/html; charset=utf-8", True)
    assert told.json()["name"] == "Bindery"


def test_nothing_foreign_and_nothing_inline_may_run_on_the_page(client: httpx.Client):
    rules = client.get("/", headers=_BROWSER).headers["content-security-policy"]

    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= set(
        rules.split("; ")
    )
    assert "unsafe" not in rules


def test_every_file_that_the_start_names_is_there_and_kept_for_ever(client: httpx.Client):
    start = client.get("/", headers=_BROWSER)
    addresses = re.findall(r'(?:href|src)="(page/[^"]+)"', start.text)

    answers = [client.get(f"/{address}") for address in addresses]

    assert len(addresses) >= 4
    assert [answer.status_code for answer in answers] == [200] * len(addresses)
    assert all("immutable" in answer.headers["cache-control"] for answer in answers)
    assert "no-cache" in start.headers["cache-control"]


def test_what_a_browser_has_already_is_not_sent_again(client: httpx.Client):
    first = client.get("/", headers=_BROWSER)

    again = client.get("/", headers={**_BROWSER, "If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["nothing.js", "../app.py", "%2e%2e/app.py", "..%2f..%2fpyproject.toml", "vendor/LICENSE-htm"]
)
def test_only_files_of_the_page_are_served(client: httpx.Client, path: str):
    assert client.get(f"/page/x/{path}").status_code == 404


def test_a_file_of_another_version_is_not_kept(client: httpx.Client):
    answer = client.get("/page/earlier/main.js")

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


def test_vendored_libraries_are_what_the_list_says():
    listed = dict(
        re.findall(r"^(\S+\.js) .* ([0-9a-f]{64})$", (_FOLDER / "vendor/VENDORED.txt").read_text(), re.MULTILINE)
    )

    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (_FOLDER / "vendor").glob("*.js")}

    assert found == listed


@pytest.mark.parametrize("path", _OURS, ids=lambda path: str(path.relative_to(_FOLDER)))
def test_a_module_says_its_task_and_goes_round_no_rule(path: Path):
    text = path.read_text()

    assert text.startswith(("/**", "// "))
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "dangerouslySetInnerHTML",
        "eval(",
        "document.write",
    ):
        assert forbidden not in text
    assert not re.findall(r"https?://\w", text)
    assert len(text.splitlines()) <= 260
