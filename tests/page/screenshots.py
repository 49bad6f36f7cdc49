"""Takes the pictures of the page in docs/pictures, on a platform of its own: `make screenshots`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.running_platform import RunningPlatform

_ROOT = Path(__file__).parents[2]
_PICTURES = _ROOT / "docs" / "pictures"
_LETTER = _ROOT / "tests" / "samples" / "scanned_letter.pdf"
_STATEMENT = _ROOT / "services" / "ai" / "samples" / "extract-bank-statement.pdf"
_WORK_S = 120
#: Enough for a page in few colours, and half of the bytes.
_COLOURS = 256


def _done(url: str, operation: str, document: Path, **options: str) -> str:
    """Run a job to its end and answer with its id."""
    files = {"file": (document.name, document.read_bytes(), "application/pdf")}
    job_id = httpx.post(f"{url}/v1/{operation}", files=files, data=options, timeout=60).json()["id"]
    job = httpx.get(f"{url}/v1/jobs/{job_id}", params={"wait": _WORK_S}, timeout=_WORK_S + 10).json()
    assert job["status"] == "completed", job
    return str(job_id)


def _keep(page: Page, name: str) -> None:
    picture = Image.open(BytesIO(page.screenshot(animations="disabled")))
    path = _PICTURES / name
    # Median cut would give the one accent up for more greys.
    few = picture.convert("RGB").quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    print(f"{path.relative_to(_ROOT)}: {path.stat().st_size:,} bytes")


def _shown(browser: Browser, url: str, address: str, *, theme: str, height: int) -> Page:
    context = browser.new_context(
        viewport={"width": 1280, "height": height}, color_scheme="dark" if theme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(f"{url}/#{address}")
    page.locator("main h1").wait_for()
    page.locator(".sheet").first.wait_for()
    expect(page.locator(".sheet.none")).to_have_count(0, timeout=_WORK_S * 1000)
    for picture in page.locator(".sheet img").all():
        picture.evaluate("async (image) => { await image.decode(); }")
    return page


def main() -> None:
    """Take all pictures. Needs a Chromium."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("error: there is no Chromium; remedy: install one (Debian: apt install chromium)")
    with tempfile.TemporaryDirectory() as folder, RunningPlatform(Path(folder)) as platform, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        smaller = _done(platform.url, "compress", _LETTER, preset="scan")
        figures = _done(platform.url, "extract-bank-statement", _STATEMENT)
        _keep(_shown(browser, platform.url, f"/jobs/{smaller}", theme="light", height=980), "page-compress.png")
        page = _shown(browser, platform.url, f"/jobs/{figures}", theme="dark", height=980)
        page.get_by_role("button", name="Closing balance").hover()
        page.locator(".box.active").wait_for()
        _keep(page, "page-figures.png")
        browser.close()


if __name__ == "__main__":
    main()
