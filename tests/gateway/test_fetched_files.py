"""Documents by URL: fetched like an upload, from nowhere but the public internet, and nothing left when it fails."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from itertools import count

import httpx
import pytest

from bindery import Client, Refused, Url
from shared.storage import Storage
from tests.gateway.conftest import emptied
from tests.gateway.documents import PDF, PNG, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway
from tests.gateway.test_bad_input import refused
from tests.gateway.walled_gateway import PUBLIC, WalledGateway, walls_can_be_built

_NAMES = count()


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """The bytes of an HTTP answer."""
    told = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return f"{told}\r\n\r\n".encode() + body


def a_name() -> str:
    """A host's name that nobody has asked for."""
    return f"host-{next(_NAMES)}.example.net"


def by_url(walled: WalledGateway, *urls: str, **form: str) -> httpx.Response:
    """Submit documents by URL."""
    parts = [*(("url", (None, url)) for url in urls), *((name, (None, value)) for name, value in form.items())]
    return walled.client.post("/v1/compress", files=parts)


@pytest.fixture(scope="module")
def _walled(
    tmp_path_factory: pytest.TempPathFactory, _new_database: Callable[[], str], redis_url: str
) -> Iterator[WalledGateway]:
    if not walls_can_be_built():
        pytest.skip("this machine lets nobody make network namespaces")
    chosen = {"database_url": _new_database(), "redis_url": redis_url}
    limits = {"max_upload_bytes": "2000000", "max_files": "5", "max_urls": "3", "fetch_time_limit_s": "3"}
    with WalledGateway(tmp_path_factory.mktemp("walled"), **limits, **chosen) as running:
        yield running


@pytest.fixture
def walled(_walled: WalledGateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[WalledGateway]:
    """The gateway behind walls, with nothing in its database and storage."""
    with emptied(_walled, monkeypatch) as running:
        running.hits()
        running.lookups()
        yield running


def test_a_document_of_a_public_host_is_fetched_like_an_upload(walled: WalledGateway, tmp_path):
    content = PDF + bytes(range(256)) * 5000
    host = a_name()
    walled.names({host: [[PUBLIC]]})
    walled.answers("/reports/annual%20report.pdf", answer(content, "Content-Type: text/plain"))

    accepted = by_url(walled, f"http://{host}/reports/annual report.pdf?signature=abc#page=2", preset="small")

    assert accepted.status_code == 202, accepted.text
    (stored,) = accepted.json()["inputs"]
    assert (stored["name"], stored["media_type"]) == ("annual report.pdf", "application/pdf")
    assert (stored["bytes"], stored["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert walled.hits() == [f"{PUBLIC}:80"]
    with PlayedWorker(Storage(walled.storage.as_uri())) as worker:
        (given,) = worker.claim().inputs
        worker._store.fetch(given.storage_key, tmp_path / "input", sha256=given.sha256)
    assert (tmp_path / "input").read_bytes() == content


def test_urls_and_files_of_one_request_make_a_batch_in_their_order(walled: WalledGateway):
    walled.answers("/one.pdf", answer(PDF + b"1"))
    walled.answers("/two.pdf", answer(PDF + b"2"))
    parts = [("url", (None, f"http://{PUBLIC}/one.pdf")), *files(PDF), ("url", (None, f"http://{PUBLIC}/two.pdf"))]

    batch = walled.client.post("/v1/compress", files=parts).json()

    assert [job["inputs"][0]["name"] for job in batch["jobs"]] == ["document-0.pdf", "one.pdf", "two.pdf"]


def test_a_pipeline_takes_documents_by_url(walled: WalledGateway):
    walled.answers("/one.pdf", answer(PDF))
    steps = json.dumps([{"operation": "compress"}])

    made = walled.client.post(
        "/v1/pipelines", files=[("url", (None, f"http://{PUBLIC}/one.pdf")), ("steps", (None, steps))]
    )

    assert made.status_code == 202, made.text
    assert made.json()["steps"][0]["jobs"][0]["inputs"][0]["name"] == "one.pdf"


def test_the_same_key_and_the_same_content_is_one_submission(walled: WalledGateway):
    walled.answers("/one.pdf", answer(PDF))
    parts = [("url", (None, f"http://{PUBLIC}/one.pdf"))]

    def send() -> httpx.Response:
        return walled.client.post("/v1/compress", files=parts, headers={"Idempotency-Key": "one"})

    first, again = send(), send()
    walled.answers("/one.pdf", answer(PDF + b"changed"))

    assert first.json()["id"] == again.json()["id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    refused(send(), 422, "idempotency_key_reused")
    assert len(walled.stored()) == 1


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ("attachment; filename*=UTF-8''..%2F..%5Cr%C3%A9sum%C3%A9.pdf", "résumé.pdf"),
        ("attachment; filename*=UTF-8''a%E2%80%AEfdp.exe", "afdp.exe"),
        ("attachment; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b.pdf", "aSet-Cookie_ b.pdf"),
        ("attachment; filename*=nonsense''%ff%fe.pdf", "ÿþ.pdf"),
        ('attachment; filename="' + "a" * 5000, "x.pdf"),
        ("attachment;" + ';"' * 30_000, "x.pdf"),
        ("inline", "x.pdf"),
    ],
)
def test_the_name_that_a_host_claims_is_kept_without_what_hides_or_leads_elsewhere(
    walled: WalledGateway, claimed: str, kept: str
):
    walled.answers("/x.pdf", answer(PDF, f"Content-Disposition: {claimed}"))

    accepted = by_url(walled, f"http://{PUBLIC}/x.pdf")

    assert accepted.status_code == 202, accepted.text
    assert accepted.json()["inputs"][0]["name"] == kept


@pytest.mark.parametrize(
    ("path", "kept"),
    [("/..%2f..%2fpasswd.pdf", "passwd.pdf"), ("/folder/", "document.pdf"), ("/%00%ff.pdf", "\ufffd.pdf")],
)
def test_a_name_from_the_path_is_as_harmless(walled: WalledGateway, path: str, kept: str):
    walled.answers(path, answer(PDF))

    assert by_url(walled, f"http://{PUBLIC}{path}").json()["inputs"][0]["name"] == kept


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/x.pdf", "http://localhost/x.pdf", "http://127.0.0.2/x.pdf", "http://0/x.pdf"),
        *("http://2130706433/x.pdf", "http://0x7f.0.0.1/x.pdf", "http://0177.1/x.pdf", "http://127.1/x.pdf"),
        *("http://[::1]/x.pdf", "http://[::ffff:127.0.0.1]/x.pdf", "http://[::ffff:7f00:1]/x.pdf", "http://[::]/x.pdf"),
        *("http://[64:ff9b::127.0.0.1]/x.pdf", "http://[2002:7f00:1::]/x.pdf", "http://[fe80::1]/x.pdf"),
        *("http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/x.pdf", "http://192.168.0.1/x.pdf"),
        *(
            "http://100.100.100.200/x.pdf",
            "http://[fd00:ec2::254]/x.pdf",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
        ),
        *("file:///etc/passwd", f"http://{PUBLIC}:22/x.pdf", f"http://me:secret@{PUBLIC}/x.pdf", "nonsense", ""),
    ],
)
def test_no_url_leads_inside(walled: WalledGateway, url: str):
    walled.answers("/x.pdf", answer(PDF))

    problem = refused(by_url(walled, url), 422, "url_not_allowed")

    assert "secret" not in json.dumps(problem)
    assert walled.hits() == []
    assert walled.kept_nothing()


@pytest.mark.parametrize(
    "addresses",
    [
        *(["127.0.0.1"], ["127.0.0.2"], ["10.1.2.3"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"]),
        *(["64:ff9b::7f00:1"], ["fd00::1"], [PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [PUBLIC, "::1"]),
    ],
    ids=str,
)
def test_no_name_leads_inside_although_it_leads_outside_too(walled: WalledGateway, addresses: list[str]):
    host = a_name()
    walled.names({host: [addresses]})
    walled.answers("/x.pdf", answer(PDF))

    problem = refused(by_url(walled, f"http://{host}/x.pdf"), 422, "url_not_allowed")

    assert not [each for each in addresses if each in json.dumps(problem)]
    assert walled.hits() == []
    assert walled.kept_nothing()


def test_a_name_that_changes_between_check_and_use_changes_nothing(walled: WalledGateway):
    host = a_name()
    walled.names({host: [[PUBLIC], ["127.0.0.1"]]})
    walled.answers("/x.pdf", answer(PDF))

    accepted = by_url(walled, f"http://{host}/x.pdf")

    assert accepted.status_code == 202, accepted.text
    assert walled.hits() == [f"{PUBLIC}:80"]
    # The second answer waits for whoever asks a second time.
    assert walled.lookups() == [host]
    refused(by_url(walled, f"http://{host}/x.pdf"), 422, "url_not_allowed")
    assert walled.hits() == []


def test_a_name_that_changes_between_two_redirections_is_checked_each_time(walled: WalledGateway):
    host = a_name()
    walled.names({host: [[PUBLIC], ["127.0.0.1"]]})
    walled.answers("/x.pdf", answer(PDF))
    walled.answers("/away", answer(b"", "Location: /x.pdf", status="302 Found"))

    refused(by_url(walled, f"http://{host}/away"), 422, "url_not_allowed")

    assert walled.hits() == [f"{PUBLIC}:80"]
    assert walled.kept_nothing()


@pytest.mark.parametrize(
    "location",
    [
        *(
            "http://127.0.0.1/x.pdf",
            "//127.0.0.1/x.pdf",
            "http://[::ffff:127.0.0.1]/x.pdf",
            "http://inside.example/x.pdf",
        ),
        *("http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "ftp://example.com/", "http://a@b/"),
    ],
)
def test_no_redirection_leads_inside(walled: WalledGateway, location: str):
    walled.names({"inside.example": [["127.0.0.1"]]})
    walled.answers("/x.pdf", answer(PDF))
    walled.answers("/away", answer(b"", f"Location: {location}", status="302 Found"))

    refused(by_url(walled, f"http://{PUBLIC}/away"), 422, "url_not_allowed")

    assert walled.hits() == [f"{PUBLIC}:80"]
    assert walled.kept_nothing()


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (answer(b"secret of the host", status="404 Not Found"), 422, "url_refused"),
        (answer(b"secret of the host", status="500 Oh"), 422, "url_refused"),
        (answer(b"", "Location: /broken", status="302 Found"), 422, "url_refused"),
        (answer(PDF, "Content-Encoding: gzip"), 422, "url_refused"),
        (answer(b"MZ secret of the host"), 415, "unsupported_media_type"),
        (answer(PNG), 415, "unsupported_media_type"),
        (answer(b""), 422, "empty_file"),
        (answer(PDF + b"x" * 2_500_000), 413, "url_too_large"),
        (answer(PDF + b"x" * 2_500_000).replace(b"Content-Length", b"X-Length"), 413, "url_too_large"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + PDF, 422, "url_unreachable"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1500000\r\n\r\n" + PDF + b"x" * 900_000, 422, "url_unreachable"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 500_000 + b"\r\n\r\n" + PDF, 422, "url_unreachable"),
        (b"secret of the host", 422, "url_unreachable"),
    ],
)
def test_what_cannot_be_had_is_a_problem_of_the_request_and_nothing_is_kept(
    walled: WalledGateway, raw: bytes, status: int, code: str
):
    walled.answers("/broken", raw)

    problem = refused(by_url(walled, f"http://{PUBLIC}/broken"), status, code)

    assert "secret" not in json.dumps(problem)
    assert walled.kept_nothing()
    assert "request.crashed" not in walled.log.read_text()


def test_of_several_urls_the_one_that_is_wrong_is_named(walled: WalledGateway):
    walled.answers("/one.pdf", answer(PDF))

    problem = refused(by_url(walled, f"http://{PUBLIC}/one.pdf", "http://127.0.0.1/"), 422, "url_not_allowed")

    assert [each["field"] for each in problem["problems"]] == ["url.1"]
    assert walled.kept_nothing()


def test_more_urls_than_allowed_are_refused_and_nobody_is_asked(walled: WalledGateway):
    problem = refused(by_url(walled, *[f"http://{PUBLIC}/one.pdf"] * 4), 422, "invalid_options")

    assert [each["code"] for each in problem["problems"]] == ["too_many_urls"]
    assert walled.hits() == []


def test_nobody_is_asked_for_a_document_of_a_request_that_is_wrong_anyway(walled: WalledGateway):
    problem = refused(by_url(walled, f"http://{PUBLIC}/one.pdf", preset="tiny"), 422, "invalid_options")

    assert [each["field"] for each in problem["problems"]] == ["preset"]
    assert walled.hits() == []


def test_the_client_names_a_document_by_its_url(gateway: RunningGateway):
    with Client(gateway.url) as bindery, pytest.raises(Refused) as refusal:
        bindery.submit("compress", Url("http://127.0.0.1/a.pdf"))

    assert refusal.value.code == "url_not_allowed"


def test_who_may_fetch_nothing_is_told_so(gateway_with: Callable[..., object]):
    gateway = gateway_with(max_urls="0")

    answered = httpx.post(f"{gateway.url}/v1/compress", files=[("url", (None, "http://example.com/a.pdf"))])

    problem = refused(answered, 422, "invalid_options")
    assert "fetches no URLs" in problem["detail"]
