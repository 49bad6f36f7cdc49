"""A person sends a document and sees what becomes of it; the test plays the worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from shared import secret_box
from shared.errors import EncryptedPdf
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway
from tests.page.conftest import Tab


def sent(page: Page, *documents: Path) -> None:
    """Choose files and press the button."""
    page.set_input_files("input[type=file]", [str(path) for path in documents])
    page.get_by_role("button", name="Compress").click()


def job_of(client: httpx.Client, status: str) -> dict[str, Any]:
    """The newest job, which has a status."""
    (found, *_) = client.get("/v1/jobs", params={"status": status}).json()["jobs"]
    return dict(found)


def test_a_document_goes_from_the_drop_to_the_result(
    tab: Tab, worker: PlayedWorker, document: Path, client: httpx.Client
):
    worker.appear()
    page = tab.open("/")
    page.set_input_files("input[type=file]", str(document))
    page.get_by_role("link", name="Compress").first.click()
    page.get_by_role("radio", name="Small").check()
    page.get_by_role("button", name="Compress").click()

    page.wait_for_url("**/#/jobs/*")
    claim = worker.claim()
    worker.report(claim, 3, 10, "Recompressing images")
    expect(page.get_by_role("progressbar", name="Progress")).to_have_attribute("aria-valuenow", "30")
    expect(page.get_by_text("Recompressing images")).to_be_visible()
    worker.complete(claim, ("letter-compressed.pdf", PDF), result={"bytes_before": 4009, "bytes_after": 1050})

    expect(page.get_by_text("74 % smaller")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download letter-compressed.pdf").click()
    assert download.value.path().read_bytes() == PDF
    assert job_of(client, "completed")["options"]["preset"] == "small"


def test_several_files_make_a_batch_that_shows_each(tab: Tab, worker: PlayedWorker, document: Path, tmp_path: Path):
    other = tmp_path / "other.pdf"
    other.write_bytes(PDF)
    worker.appear()
    page = tab.open("/do/compress")
    sent(page, document, other)

    page.wait_for_url("**/#/batches/*")
    expect(page.get_by_text("0 of 2 completed").first).to_be_visible()
    worker.complete(worker.claim(), ("a.pdf", PDF))
    expect(page.get_by_text("1 of 2 completed").first).to_be_visible()
    worker.fail(worker.claim(), EncryptedPdf())

    expect(page.get_by_text("1 of 2 completed, 1 failed").first).to_be_visible()
    expect(page.get_by_role("link", name="Download all as ZIP")).to_be_visible()


def test_a_waiting_job_says_why(tab: Tab, client: httpx.Client):
    job = client.post("/v1/compress", files=files(PDF)).json()

    page = tab.open(f"/jobs/{job['id']}")

    expect(page.get_by_text("No worker consumes the queue 'compression'.")).to_be_visible()


def test_a_job_is_cancelled_by_its_button(tab: Tab, client: httpx.Client):
    job = client.post("/v1/compress", files=files(PDF)).json()
    page = tab.open(f"/jobs/{job['id']}")

    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_text("It was cancelled.")).to_be_visible()
    assert client.get(f"/v1/jobs/{job['id']}").json()["status"] == "cancelled"


def test_a_failed_job_tells_what_to_do_and_is_sent_again(tab: Tab, worker: PlayedWorker, client: httpx.Client):
    worker.appear()
    job = client.post("/v1/compress", files=files(PDF)).json()
    page = tab.open(f"/jobs/{job['id']}")
    worker.fail(worker.claim(), EncryptedPdf())

    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("The PDF needs a password to open.")
    expect(problem).to_contain_text("Send the password in the field 'password'.")
    expect(problem).to_contain_text("pdf_encrypted")
    page.get_by_role("link", name="Send it again").click()
    page.get_by_text("The document has a password").click()
    page.get_by_label("Password of the document").fill("secret")
    page.get_by_role("button", name="Compress").click()

    page.wait_for_url(lambda url: "/jobs/" in url and job["id"] not in url)
    assert secret_box.unseal(worker.claim().secrets) == {"password": "secret"}


def test_a_failed_job_is_tried_again_by_its_button(tab: Tab, worker: PlayedWorker, client: httpx.Client):
    worker.appear()
    job = client.post("/v1/compress", files=files(PDF)).json()
    worker.fail(worker.claim(), EncryptedPdf())
    page = tab.open(f"/jobs/{job['id']}")

    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_text("Waiting", exact=True).first).to_be_visible()
    assert client.get(f"/v1/jobs/{job['id']}").json()["status"] == "pending"


def test_what_the_server_refuses_stands_at_its_field(tab: Tab, client: httpx.Client, document: Path):
    page = tab.open("/do/split")
    page.set_input_files("input[type=file]", str(document))
    page.get_by_role("radio", name="Ranges").check()

    page.get_by_role("button", name="Split").click()

    expect(page.get_by_role("alert").first).to_contain_text("ranges")
    assert client.get("/v1/jobs").json()["jobs"] == []


def test_what_is_wrong_is_said_before_anything_is_sent(tab: Tab, document: Path, client: httpx.Client):
    page = tab.open("/do/compress")
    page.get_by_label("Target bytes").fill("-5")

    sent(page)

    expect(page.get_by_text("At least 1.")).to_be_visible()
    expect(page.get_by_text("Choose at least one file.")).to_be_visible()
    assert client.get("/v1/jobs").json()["jobs"] == []


def test_only_what_fits_the_files_is_offered(tab: Tab, tmp_path: Path):
    photograph = tmp_path / "photo.jpg"
    photograph.write_bytes(b"\xff\xd8\xff" + b"x" * 100)
    page = tab.open("/")

    page.set_input_files("input[type=file]", str(photograph))

    expect(page.get_by_role("link", name="OCR Make scanned")).to_be_visible()
    expect(page.get_by_role("link", name="Compress Make a PDF")).to_have_count(0)


def test_a_result_is_the_input_of_the_next_step(tab: Tab, worker: PlayedWorker, client: httpx.Client):
    worker.appear()
    job = client.post("/v1/compress", files=files(PDF)).json()
    worker.complete(worker.claim(), ("small.pdf", PDF))
    page = tab.open(f"/jobs/{job['id']}")

    page.get_by_role("link", name="Split").click()
    page.get_by_role("button", name="Split").click()
    page.wait_for_url(lambda url: "/jobs/" in url and job["id"] not in url)

    assert job_of(client, "pending")["inputs"][0]["name"] == "small.pdf"


def test_the_keyboard_alone_sends_a_document(tab: Tab, document: Path, client: httpx.Client):
    page = tab.open("/do/compress")
    with page.expect_file_chooser() as chooser:
        _tab_to(page, lambda: page.evaluate("document.activeElement.type") == "file")
        page.keyboard.press("Space")
    chooser.value.set_files(str(document))
    _tab_to(page, lambda: page.evaluate("document.activeElement.innerText") == "Compress")
    page.keyboard.press("Enter")

    page.wait_for_url("**/#/jobs/*")
    assert job_of(client, "pending")["inputs"][0]["name"] == "letter.pdf"


def _tab_to(page: Page, is_there: Callable[[], bool]) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if is_there():
            return
    raise AssertionError("the keyboard does not get there")


def test_an_upload_can_be_stopped(
    browse: Callable[..., Tab], gateway: RunningGateway, tmp_path: Path, client: httpx.Client
):
    large = tmp_path / "large.pdf"
    large.write_bytes(b"%PDF-1.7\n" + b"x" * 1_900_000)
    tab = browse(gateway.url)
    page = tab.open("/do/compress")
    slow = page.context.new_cdp_session(page)
    slow.send("Network.enable")
    slow.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 50_000},
    )
    sent(page, large)

    page.get_by_role("button", name="Stop the upload").click()

    expect(page.get_by_text("The upload was stopped.")).to_be_visible()
    expect(page.get_by_role("button", name="Compress")).to_be_enabled()
    assert client.get("/v1/jobs").json()["jobs"] == []


def test_a_pipeline_is_built_step_by_step(tab: Tab, document: Path, client: httpx.Client):
    page = tab.open("/pipelines")
    page.set_input_files("input[type=file]", str(document))
    page.get_by_label("First").select_option("compress")
    page.get_by_label("Then").select_option("linearize")
    page.get_by_role("button", name="Start").click()

    page.wait_for_url("**/#/pipelines/*")
    expect(page.get_by_role("heading", name="Compress, then Linearize")).to_be_visible()
    assert [job["operation"] for job in client.get("/v1/jobs").json()["jobs"]] == ["linearize", "compress"]
