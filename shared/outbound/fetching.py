"""Asks an http or https address that somebody else named, within limits, wherever its redirections lead.

No proxy of the environment is used: it would look names up by itself, and so undo the check.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore

from shared.errors import UrlRefused, UrlTimedOut, UrlTooLarge, UrlUnreachable
from shared.outbound import rules
from shared.outbound.connection import CheckedNetwork
from shared.outbound.rules import Target

_REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
#: What every request says of itself; h11, below httpcore, takes at most 100 KiB of headers back.
_HEADERS = {"User-Agent": "Bindery", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}


@dataclass(frozen=True)
class Limits:
    """How much one exchange may take."""

    #: Everything: names, connections, redirections, the answer.
    total_s: float
    most_bytes: int
    #: Looking up one name, and connecting to one address.
    connect_s: float = 10
    #: Without a byte.
    silent_s: float = 30
    #: Followed with a GET; 0: a redirection is an answer like any other.
    most_redirects: int = 0


class Answer:
    """What came back; the body only while `opened` lasts."""

    def __init__(self, response: httpcore.Response, target: Target, limits: Limits) -> None:
        self._response = response
        self._limits = limits
        self.status = response.status
        #: The address that answered, after all redirections.
        self.target = target
        #: By name in lower case; of several the last one.
        self.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises UrlTooLarge, and UrlRefused where it is packed although nobody asked."""
        # So no body grows when it is unpacked.
        if self.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise UrlRefused("The host sent a compressed answer although it was asked for a plain one.")
        announced = self.headers.get("content-length", "")
        came = int(announced) if announced.isascii() and announced.isdigit() and len(announced) < 20 else 0
        self._check(came)
        came = 0
        async for piece in self._response.aiter_stream():
            came += len(piece)
            self._check(came)
            yield piece

    def _check(self, size_bytes: int) -> None:
        if size_bytes > self._limits.most_bytes:
            raise UrlTooLarge(f"What the URL names is larger than {self._limits.most_bytes:,} bytes.")


@dataclass(frozen=True)
class Reply:
    """A small answer, read to its end or to the limit."""

    status: int
    headers: Mapping[str, str]
    #: The first bytes of the body, at most as many as the limits allow.
    body: bytes
    #: There was more.
    cut: bool


@asynccontextmanager
async def opened(
    url: str, limits: Limits, *, method: str = "GET", headers: Mapping[str, str] | None = None, content: bytes = b""
) -> AsyncIterator[Answer]:
    """The answer to one request, whatever its status; its body is read inside the `async with`.

    Raises:
        UrlNotAllowed: the address, or one that it redirects to, is none that this server connects to.
        UrlUnreachable, UrlTimedOut: there was no whole answer (in time).
        UrlTooLarge, UrlRefused: see `Answer.pieces`; too many redirections.
    """
    allowed = rules.current()
    target = allowed.read(url)
    try:
        async with asyncio.timeout(limits.total_s), _pool(allowed) as pool:
            for _ in range(limits.most_redirects + 1):
                async with pool.stream(**_request(target, limits, method, headers or {}, content)) as response:
                    answer = Answer(response, target, limits)
                    if not limits.most_redirects or not _leads_on(answer):
                        yield answer
                        return
                target = allowed.read(answer.headers["location"], seen_from=target)
                method, headers, content = "GET", {}, b""
            raise UrlRefused(f"The host redirects more than {limits.most_redirects} times.")
    except (TimeoutError, httpcore.TimeoutException):
        raise UrlTimedOut from None
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise UrlUnreachable(_why(error)) from None


def send(
    url: str, limits: Limits, *, method: str = "POST", headers: Mapping[str, str] | None = None, content: bytes = b""
) -> Reply:
    """`opened` for code that blocks: one request, and the beginning of the answer. Not inside an event loop."""

    async def exchange() -> Reply:
        async with opened(url, limits, method=method, headers=headers, content=content) as answer:
            body, cut = bytearray(), False
            try:
                async for piece in answer.pieces():
                    body += piece
            except (UrlTooLarge, UrlRefused):
                cut = True
            return Reply(answer.status, answer.headers, bytes(body), cut)

    return asyncio.run(exchange())


def _pool(allowed: rules.Rules) -> httpcore.AsyncConnectionPool:
    # One per exchange: a connection that is kept would outlive what was checked about its address.
    return httpcore.AsyncConnectionPool(ssl_context=_tls(), network_backend=CheckedNetwork(allowed), max_connections=1)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _request(target: Target, limits: Limits, method: str, headers: Mapping[str, str], content: bytes) -> dict[str, Any]:
    timeouts = {"connect": limits.connect_s, "read": limits.silent_s, "write": limits.silent_s, "pool": limits.total_s}
    length = {"Content-Length": str(len(content))} if content or method not in ("GET", "HEAD") else {}
    return {
        "method": method,
        "url": httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path),
        "headers": list({"Host": target.authority, **_HEADERS, **length, **headers}.items()),
        "content": content,
        "extensions": {"timeout": timeouts},
    }


def _leads_on(answer: Answer) -> bool:
    return answer.status in _REDIRECTIONS and "location" in answer.headers


def _why(error: Exception) -> str:
    """What went wrong, without the address: what the host wrote is no part of it."""
    if isinstance(error.__cause__ or error.__context__, ssl.SSLCertVerificationError):
        return "The certificate of the host cannot be verified."
    if isinstance(error, httpcore.ConnectError):
        return "The host of the URL cannot be reached."
    return "The connection broke, or what came is not HTTP."
