"""What an engine may ask through its worker: one server, some paths, so much; and never with the key in its hands."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from shared.asking import Asker, NotAnswered
from shared.errands import Errands, asker_without_sandbox
from shared.upstream import Upstream
from tests.services.ai.openai_server import ModelServer, Reply, Request, drips, endless, fails, redirects, says, slow

_PATH = "/ask"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        running.script(says("fine"))
        yield running


@pytest.fixture
def upstream(server: ModelServer) -> Upstream:
    return Upstream(server.url, paths=frozenset({_PATH}), headers={"Authorization": "Bearer the-key"}, time_limit_s=20)


def test_the_worker_adds_the_credentials_and_the_engine_gets_the_answer_without_them(
    server: ModelServer, upstream: Upstream
) -> None:
    def echo(request: Request, reply: Reply) -> None:
        reply.send(200, b"{}", Retry_After="7", Set_Cookie="session=1", X_Echo=request.headers["authorization"])

    server.script(echo)

    answered = asker_without_sandbox(upstream)(_PATH, b'{"a": 1}', 10)

    assert (answered.status, answered.body) == (200, b"{}")
    assert server.requests[0].path == "/v1/ask"
    assert server.requests[0].headers["authorization"] == "Bearer the-key"
    assert dict(answered.headers) == {"content-type": "application/json", "retry-after": "7"}
    assert "the-key" not in repr(upstream)


@pytest.mark.parametrize("path", ["/other", "/ask/../admin", "//elsewhere.example/ask", "http://elsewhere.example/ask"])
def test_no_other_path_or_host_is_asked(server: ModelServer, upstream: Upstream, path: str) -> None:
    with pytest.raises(NotAnswered) as raised:
        asker_without_sandbox(upstream)(path, b"{}", 10)

    assert raised.value.kind == "refused"
    assert server.requests == []


def test_a_redirection_is_an_answer_like_any_other(server: ModelServer, upstream: Upstream) -> None:
    server.script(redirects("http://elsewhere.example/"))

    assert asker_without_sandbox(upstream)(_PATH, b"{}", 10).status == 307
    assert len(server.requests) == 1


def test_errors_of_the_server_are_answers_too(server: ModelServer, upstream: Upstream) -> None:
    server.script(fails(429, Retry_After="3"))

    assert asker_without_sandbox(upstream)(_PATH, b"{}", 10).status == 429


def test_several_requests_travel_at_the_same_time(server: ModelServer, upstream: Upstream) -> None:
    server.script(slow(1, says("fine")))
    ask = asker_without_sandbox(upstream)
    started_s = time.monotonic()
    threads = [threading.Thread(target=ask, args=(_PATH, b"{}", 10)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(server.requests) == 8
    assert time.monotonic() - started_s < 6


def test_time_ends_for_a_server_that_drips(server: ModelServer, upstream: Upstream) -> None:
    server.script(drips)

    with pytest.raises(NotAnswered) as raised:
        asker_without_sandbox(replace(upstream, time_limit_s=1))(_PATH, b"{}", 20)

    assert raised.value.kind == "time_limit"


def test_too_much_is_refused_in_both_directions(server: ModelServer, upstream: Upstream) -> None:
    with pytest.raises(NotAnswered, match="too large"):
        asker_without_sandbox(replace(upstream, most_request_bytes=100))(_PATH, b"x" * 101, 10)
    assert server.requests == []

    server.script(endless)
    with pytest.raises(NotAnswered) as raised:
        asker_without_sandbox(replace(upstream, most_answer_bytes=1000))(_PATH, b"{}", 10)
    assert raised.value.kind == "too_large"


def test_one_attempt_asks_so_often_and_no_more(server: ModelServer, upstream: Upstream) -> None:
    ask = asker_without_sandbox(replace(upstream, most_requests=2))
    ask(_PATH, b"{}", 10)
    ask(_PATH, b"{}", 10)

    with pytest.raises(NotAnswered, match="more than 2"):
        ask(_PATH, b"{}", 10)


@pytest.mark.parametrize(
    "nonsense",
    [b"", b"\n", b"[]\n", b"{}\n", b"x" * 100_000, b'{"path": "/ask", "bytes": -1, "time_limit_s": 1}\n'],
    ids=["nothing", "empty", "list", "no fields", "no line", "negative"],
)
def test_an_engine_that_talks_nonsense_gets_nothing_and_harms_nobody(
    server: ModelServer, upstream: Upstream, nonsense: bytes
) -> None:
    errands = Errands(upstream)
    errands.start()
    ours, theirs = socket.socketpair()
    with ours, errands.theirs:
        socket.send_fds(errands.theirs, [b"?"], [theirs.fileno()])
        theirs.close()
        ours.settimeout(10)
        ours.sendall(nonsense)
        ours.shutdown(socket.SHUT_WR)
        told = json.loads(ours.recv(4096).split(b"\n")[0])

        assert told["failed"] == "refused"
        assert server.requests == []
        assert Asker(errands.theirs)(_PATH, b"{}", 10).status == 200


def test_what_is_under_way_is_broken_off_when_the_engine_is_gone(server: ModelServer, upstream: Upstream) -> None:
    left = threading.Event()

    def waits_for_the_end(_request: Request, reply: Reply) -> None:
        reply.connection.settimeout(15)
        # What a client sends after its request is nothing but its end.
        if reply.connection.recv(1) == b"":
            left.set()

    server.script(waits_for_the_end)
    errands = Errands(upstream)
    errands.start()

    def ask_in_vain() -> None:
        with pytest.raises(NotAnswered):
            Asker(errands.theirs)(_PATH, b"{}", 10)

    asking = threading.Thread(target=ask_in_vain)
    asking.start()
    while not server.requests:
        time.sleep(0.01)

    errands.close()

    assert left.wait(10)
    asking.join()
    errands.theirs.close()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of localhost that nobody signed but itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    written, secret = folder / "certificate.pem", folder / "key.pem"
    written.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return written, secret


def test_the_key_goes_only_to_a_server_whose_certificate_holds_for_its_name(
    tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = _certificate(tmp_path)
    with ModelServer() as secured:
        secured.script(says("fine"))
        secured.encrypt(certificate, key)
        known = replace(upstream, url=f"https://localhost:{secured.port}/v1")

        with pytest.raises(NotAnswered, match="certificate cannot be verified"):
            asker_without_sandbox(known)(_PATH, b"{}", 10)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with pytest.raises(NotAnswered, match="certificate cannot be verified"):
            asker_without_sandbox(replace(known, url=f"https://127.0.0.1:{secured.port}/v1"))(_PATH, b"{}", 10)
        assert secured.requests == []

        assert asker_without_sandbox(known)(_PATH, b"{}", 10).status == 200


def test_what_went_wrong_is_told_without_the_address(upstream: Upstream) -> None:
    with pytest.raises(NotAnswered) as raised:
        asker_without_sandbox(replace(upstream, url="http://127.0.0.1:9/v1"))(_PATH, b"{}", 10)

    assert (raised.value.kind, str(raised.value)) == ("connection", "connection refused")
