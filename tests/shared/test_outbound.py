"""Whoever names an address decides where a connection goes only as far as the rules let him."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.errors import BinderyError
from shared.outbound import fetching, rules
from shared.outbound.addresses import why_not_public
from shared.outbound.fetching import Limits
from tests.conftest import SettingsEnv
from tests.shared.little_server import LittleServer, plain, redirect

Face = Callable[[str, Limits], tuple[int, bytes]]
_LIMITS = Limits(total_s=20, most_bytes=100_000, most_redirects=3)


def _streamed(url: str, limits: Limits) -> tuple[int, bytes]:
    async def exchange() -> tuple[int, bytes]:
        async with fetching.opened(url, limits) as answer:
            return answer.status, b"".join([piece async for piece in answer.pieces()])

    return asyncio.run(exchange())


def _sent(url: str, limits: Limits) -> tuple[int, bytes]:
    reply = fetching.send(url, limits, method="GET")
    return reply.status, reply.body


@pytest.fixture(params=[_streamed, _sent], ids=["streamed", "sent"])
def ask(request: pytest.FixtureRequest) -> Face:
    """Both ways to ask."""
    return request.param


def _refusal(ask: Face, url: str, limits: Limits = _LIMITS) -> str:
    with pytest.raises(BinderyError) as refused:
        ask(url, limits)
    return refused.value.code


@pytest.fixture
def server(settings_env: SettingsEnv) -> Iterator[LittleServer]:
    """A server on 127.0.0.1 that an operator allows."""
    settings_env(allowed_private_networks="127.0.0.1/32", outbound_ports="")
    with LittleServer({"/": plain(b"hello")}) as running:
        yield running


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1"),
        *("127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1"),
        *("192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
        *("239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
        *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1"),
        *("64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:20::1", "2001:db8::1"),
        *("2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1"),
        *("fec0::1", "ff02::1", "2606:4700::1%eth0", "4000::1"),
    ],
)
def test_an_address_that_no_public_host_has_is_told_from_the_public_ones(address: str):
    assert why_not_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255"),
        *("172.32.0.0", "192.0.1.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"),
        *("2001:200::1", "2606:4700:4700::1111", "2a00:1450:4001::1", "2003::1"),
    ],
)
def test_a_public_address_is_allowed_up_to_the_border_of_those_that_are_not(address: str):
    assert why_not_public(ip_address(address)) is None


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "/etc/passwd", "//example.com/a", "http://", "http:///a", "http:example.com", "http://."),
        *("file:///etc/passwd", "ftp://example.com/a", "gopher://example.com/", "data:text/plain,hello", "unix:/tmp/x"),
        *("http://user@example.com/", "http://user:secret@example.com/", "http://:@example.com/"),
        *(
            "http://example.com\\@127.0.0.1/",
            "http://exa mple.com/",
            "http://example.com:0/",
            "http://example.com:99999/",
        ),
        *("http://example.com:22/", "http://example.com:6379/", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/"),
        *(
            "http://example.com/\r\nHost: inside/",
            "http://example.com/\0",
            "http://-example.com/",
            "http://a/" + "a" * 5000,
        ),
        *("http://[::1", "http://[:::]/", "http://%31%32%37.0.0.1/", "http://xn--/", "http://a..b.example/"),
        *("http://①②⑦.0.0.1/", "http://exa\u200bmple.com/", "http://" + "a" * 300 + ".com/"),
    ],
)
def test_a_url_that_is_none_or_leads_to_an_odd_place_is_refused_before_any_connection(
    url: str, settings_env: SettingsEnv
):
    settings_env()

    with pytest.raises(BinderyError) as refused:
        rules.current().read(url)

    assert refused.value.code == "url_not_allowed"
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://example.com", "example.com", 443, "/"),
        ("HTTP://EXAMPLE.com.:8080/a b?c=d#e", "example.com", 8080, "/a%20b?c=d"),
        ("https://bücher.example/ä.pdf", "xn--bcher-kva.example", 443, "/%C3%A4.pdf"),
        ("http://[2606:4700::1111]/", "2606:4700::1111", 80, "/"),
    ],
)
def test_a_url_is_read_once_into_what_is_connected_to(
    url: str, host: str, port: int, path: str, settings_env: SettingsEnv
):
    settings_env()

    target = rules.current().read(url)

    assert (target.host, target.port, target.path) == (host, port, path)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_nothing_on_this_machine_is_reached_however_its_address_is_written(
    ask: Face, host: str, settings_env: SettingsEnv
):
    settings_env(outbound_ports="")
    with LittleServer({"/": plain(b"inside")}) as inside:
        assert _refusal(ask, f"http://{host}:{inside.port}/") == "url_not_allowed"
        assert inside.connections == 0


def test_what_the_operator_allows_is_reached_and_asked_plainly(
    ask: Face, server: LittleServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert ask(f"http://127.0.0.1:{server.port}/", _LIMITS) == (200, b"hello")

    (request,) = server.requests
    assert f"\r\nHost: 127.0.0.1:{server.port}\r\n" in request
    assert "\r\nAccept-Encoding: identity\r\n" in request


def test_a_host_may_be_allowed_by_its_name_and_a_network_refused_by_the_operator_stays_so(
    ask: Face, server: LittleServer, settings_env: SettingsEnv
):
    url = f"http://localhost:{server.port}/"
    settings_env(allowed_private_networks="LocalHost")
    assert ask(url, _LIMITS) == (200, b"hello")

    settings_env(refused_networks="127.0.0.0/8,::1/128")
    assert _refusal(ask, url) == "url_not_allowed"


def test_a_name_that_does_not_exist_is_answered_as_one_that_leads_inside(ask: Face, settings_env: SettingsEnv):
    settings_env(outbound_ports="")
    said = set()
    for host in ("localhost", "nowhere.invalid"):
        with pytest.raises(BinderyError) as refused:
            ask(f"http://{host}:1/", _LIMITS)
        said.add((refused.value.code, refused.value.message))

    # Without a resolver in reach (in a sealed environment) such a name cannot be looked up at all.
    if not _names_can_be_looked_up():
        said = {each for each in said if each[0] != "url_unreachable"}
    assert said == {("url_not_allowed", "The host of the URL leads to no address on the public internet.")}


def _names_can_be_looked_up() -> bool:
    try:
        socket.getaddrinfo("nowhere.invalid", 1)
    except socket.gaierror as error:
        return error.errno != socket.EAI_AGAIN
    return True


def test_a_redirection_is_checked_like_the_first_address(ask: Face, server: LittleServer):
    with LittleServer({"/": plain(b"inside")}, host="127.0.0.2") as inside:
        for location in (f"http://127.0.0.2:{inside.port}/", f"//0x7f000002:{inside.port}/", "file:///etc/passwd"):
            server.answers["/away"] = redirect(location)
            assert _refusal(ask, f"http://127.0.0.1:{server.port}/away") == "url_not_allowed"
        assert inside.connections == 0


def test_redirections_are_followed_up_to_their_number(ask: Face, server: LittleServer):
    server.answers |= {"/1": redirect("/2"), "/2": redirect("3"), "/3": redirect(f"//127.0.0.1:{server.port}/")}
    server.answers["/round"] = redirect("/round")

    assert ask(f"http://127.0.0.1:{server.port}/1", _LIMITS) == (200, b"hello")
    assert _refusal(ask, f"http://127.0.0.1:{server.port}/round") == "url_refused"
    assert ask(f"http://127.0.0.1:{server.port}/1", Limits(total_s=20, most_bytes=1)) == (302, b"")


@pytest.mark.parametrize(
    "announced", [{"Content-Length": "1000000"}, {"Content-Length": "9" * 30}, {"Content-Length": "\u00b2"}]
)
def test_a_body_larger_than_announced_or_allowed_is_not_taken_in(server: LittleServer, announced: dict[str, str]):
    server.answers["/large"] = plain(b"x" * 500_000, headers=announced)

    assert _refusal(_streamed, f"http://127.0.0.1:{server.port}/large") in ("url_too_large", "url_unreachable")
    assert len(_sent_or_nothing(f"http://127.0.0.1:{server.port}/large")) <= _LIMITS.most_bytes


def _sent_or_nothing(url: str) -> bytes:
    try:
        return _sent(url, _LIMITS)[1]
    except BinderyError:
        return b""


def test_a_body_without_end_is_cut_off(ask: Face, server: LittleServer):
    def endless(_request: str, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

    server.answers["/endless"] = endless
    url = f"http://127.0.0.1:{server.port}/endless"

    if ask is _streamed:
        assert _refusal(ask, url) == "url_too_large"
    else:
        reply = fetching.send(url, _LIMITS, method="GET")
        assert reply.cut
        assert len(reply.body) <= _LIMITS.most_bytes


def test_a_body_that_was_packed_unasked_is_not_unpacked(server: LittleServer):
    server.answers["/packed"] = plain(b"\x1f\x8b" + b"x" * 50, headers={"Content-Encoding": "gzip"})

    assert _refusal(_streamed, f"http://127.0.0.1:{server.port}/packed") == "url_refused"


def test_headers_without_end_are_cut_off(ask: Face, server: LittleServer):
    def endless(_request: str, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")

    server.answers["/endless"] = endless

    assert _refusal(ask, f"http://127.0.0.1:{server.port}/endless") == "url_unreachable"


@pytest.mark.parametrize("silent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"])
def test_a_host_that_falls_silent_is_left(ask: Face, server: LittleServer, silent: bytes):
    def fall_silent(_request: str, connection: socket.socket) -> None:
        connection.sendall(silent)
        connection.recv(1)

    server.answers["/silent"] = fall_silent

    limits = Limits(total_s=20, most_bytes=1000, silent_s=0.3)
    assert _refusal(ask, f"http://127.0.0.1:{server.port}/silent", limits) == "url_timed_out"


def test_a_host_that_drips_is_left_when_the_whole_time_is_over(ask: Face, server: LittleServer):
    def drip(_request: str, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)

    server.answers["/drip"] = drip

    limits = Limits(total_s=0.7, most_bytes=1_000_000)
    assert _refusal(ask, f"http://127.0.0.1:{server.port}/drip", limits) == "url_timed_out"


@pytest.mark.parametrize("answer", [b"", b"what?\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"])
def test_an_answer_that_is_none_or_breaks_off_is_no_answer(ask: Face, server: LittleServer, answer: bytes):
    server.answers["/broken"] = lambda _request, connection: connection.sendall(answer)

    assert _refusal(ask, f"http://127.0.0.1:{server.port}/broken") == "url_unreachable"


def test_a_port_where_nobody_listens_is_told_without_its_address(ask: Face, settings_env: SettingsEnv):
    settings_env(allowed_private_networks="127.0.0.0/8", outbound_ports="")
    with pytest.raises(BinderyError) as refused:
        ask("http://localhost:1/", _LIMITS)

    assert refused.value.code == "url_unreachable"
    assert "127.0.0.1" not in refused.value.message


def test_the_certificate_must_be_of_the_name_although_the_connection_goes_to_the_address(
    ask: Face, settings_env: SettingsEnv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings_env(allowed_private_networks="127.0.0.0/8,::1/128", outbound_ports="")
    certificate = _certificate(tmp_path, "localhost")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    with LittleServer({"/": plain(b"hello")}, tls=tls) as server:
        _trusted(monkeypatch, certificate)
        assert ask(f"https://localhost:{server.port}/", _LIMITS) == (200, b"hello")
        assert _refusal(ask, f"https://127.0.0.1:{server.port}/") == "url_unreachable"

        monkeypatch.delenv("SSL_CERT_FILE")
        fetching._tls.cache_clear()
        assert _refusal(ask, f"https://localhost:{server.port}/") == "url_unreachable"
    fetching._tls.cache_clear()


def _trusted(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    fetching._tls.cache_clear()


def _certificate(folder: Path, host: str) -> Path:
    """A key and a certificate that signs itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file
