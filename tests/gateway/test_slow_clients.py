"""A client that holds a connection without using it is left, and nothing of what it sent is kept."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from itertools import repeat

import httpx
import pytest

from tests.gateway.conftest import emptied
from tests.gateway.documents import PDF, files
from tests.gateway.running_gateway import RunningGateway

#: Far more than any limit of these tests, for a machine that is busy.
_PATIENCE_S = 30
_HEAD = b"POST /v1/compress HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=a\r\n"
_PART = b'--a\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + PDF
_END = b"\r\n--a--\r\n"


@pytest.fixture(scope="module")
def _hasty(
    tmp_path_factory: pytest.TempPathFactory, _new_database: Callable[[], str], redis_url: str
) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("hasty")
    chosen = {"request_head_s": "1.5", "client_silent_s": "1.5"}
    with RunningGateway(folder, database_url=_new_database(), redis_url=redis_url, **chosen) as running:
        yield running


@pytest.fixture
def hasty(_hasty: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningGateway]:
    """A gateway that waits for 1.5 seconds only."""
    with emptied(_hasty, monkeypatch) as running:
        yield running


def connected(gateway: RunningGateway) -> socket.socket:
    """A connection to the gateway."""
    host, port = gateway.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=_PATIENCE_S)


def dripped(connection: socket.socket, drops: Iterator[bytes]) -> bytes:
    """Send drops, three a second, until the gateway says something or closes; what it said."""
    connection.settimeout(0.3)
    deadline_s = time.monotonic() + _PATIENCE_S
    for drop in drops:
        assert time.monotonic() < deadline_s, "the gateway goes on listening"
        try:
            connection.sendall(drop)
            return answer_on(connection, connection.recv(4096))
        except TimeoutError:
            continue
        except (BrokenPipeError, ConnectionResetError):
            return b""
    raise AssertionError("there were too few drops")


def answer_on(connection: socket.socket, begun: bytes) -> bytes:
    """All that comes until the gateway has said what it wants to say."""
    connection.settimeout(_PATIENCE_S)
    answer = begun
    while b"\r\n\r\n" not in answer and (piece := connection.recv(4096)):
        answer += piece
    return answer


@pytest.mark.parametrize("beginning", [b"", b"GET / HTTP/1.1\r\n", _HEAD])
def test_a_connection_whose_request_never_comes_is_closed(hasty: RunningGateway, beginning: bytes):
    with connected(hasty) as connection:
        connection.sendall(beginning)

        assert answer_on(connection, b"").startswith(b"HTTP/1.1 408 ")
        assert connection.recv(1) == b""


def test_a_head_that_drips_is_not_waited_for(hasty: RunningGateway):
    with connected(hasty) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")

        said = dripped(connection, (b"X-%d: x\r\n" % number for number in range(10_000)))

    assert said == b"" or said.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("drop", [b"", b"x"], ids=["silent", "dripping"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_an_upload_that_stands_still_is_ended_and_nothing_kept(hasty: RunningGateway, framing: str, drop: bytes):
    chunked = framing == "chunked"

    def framed(data: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(data), data) if chunked and data else data

    with connected(hasty) as connection:
        told = b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Content-Length: 50000000\r\n\r\n"
        connection.sendall(_HEAD + told + framed(_PART + b"x" * 9_000_000))
        said = dripped(connection, repeat(framed(drop)))
        while len(said.partition(b"\r\n\r\n")[2]) < 50 and (piece := connection.recv(4096)):
            said += piece

    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 "), said
    assert b"application/problem+json" in head
    problem = json.loads(body)
    assert (problem["code"], problem["status"]) == ("upload_stalled", 408)
    assert hasty.kept_nothing()


def test_an_upload_that_pauses_and_goes_on_is_accepted(hasty: RunningGateway):
    with connected(hasty) as connection:
        pieces = [_PART, *[b"x" * 2000] * 6, _END]
        connection.sendall(_HEAD + b"Content-Length: %d\r\n\r\n" % sum(map(len, pieces)))
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.4)

        assert answer_on(connection, b"").startswith(b"HTTP/1.1 202 ")


def test_a_client_that_does_not_read_its_download_is_left(hasty: RunningGateway):
    job = httpx.post(f"{hasty.url}/v1/compress", files=files(PDF + b"x" * 30_000_000), timeout=_PATIENCE_S).json()
    (serving,) = hasty.processes()
    with connected(hasty) as connection:
        address = connection.getsockname()
        connection.sendall(f"GET /v1/jobs/{job['id']}/inputs/0 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

        deadline_s = time.monotonic() + _PATIENCE_S
        while any(each.raddr == address for each in serving.net_connections("tcp")):
            assert time.monotonic() < deadline_s, "the gateway goes on waiting"
            time.sleep(0.1)


def test_who_listens_for_events_may_be_silent(hasty: RunningGateway):
    job = httpx.post(f"{hasty.url}/v1/compress", files=files(PDF)).json()
    with httpx.stream("GET", f"{hasty.url}/v1/jobs/{job['id']}/events", timeout=_PATIENCE_S) as events:
        lines = events.iter_lines()
        next(lines)
        time.sleep(2.5)
        httpx.post(f"{hasty.url}/v1/jobs/{job['id']}/cancel")

        assert any("cancelled" in line for line in lines)


@pytest.mark.parametrize(
    "framing",
    [
        *(b"Content-Length: -5\r\n", b"Content-Length: 1e3\r\n", b"Content-Length: 99999999999999999999999\r\n"),
        *(b"Content-Length: 10\r\nContent-Length: 20\r\n", b"Content-Length: 10\r\nTransfer-Encoding: chunked\r\n"),
        *(b"Transfer-Encoding: gzip, chunked\r\n", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
        *(b"X-Large: " + b"x" * 70_000 + b"\r\n", b"".join(b"X-%d: x\r\n" % number for number in range(3000))),
        *(b" folded: x\r\n", b"X y: z\r\n", b"X: \x00\r\n", b"X\r\n"),
    ],
    ids=range(13),
)
def test_a_request_that_lies_about_its_length_or_has_no_end_is_refused(hasty: RunningGateway, framing: bytes):
    with connected(hasty) as connection:
        connection.sendall(_HEAD + framing + b"\r\n" + _PART + _END)
        try:
            said = answer_on(connection, b"")
        except ConnectionResetError:
            said = b""

    assert said == b"" or said.startswith((b"HTTP/1.1 4", b"HTTP/1.1 501")), said[:200]
    assert httpx.get(f"{hasty.url}/health/live").status_code == 200
    assert hasty.kept_nothing()
