"""Reads a URL that somebody else named, and says whether it may be asked and which addresses it may lead to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_network

import httpx

from shared import settings
from shared.errors import UrlNotAllowed
from shared.outbound.addresses import Address, Network, why_not_public

#: Longest URL, in characters: signed ones of object stores are long.
LONGEST_URL = 4096
_PORTS = {"http": 80, "https": 443}
#: What a host's name is made of once it is ASCII (RFC 1123, and the underscore that some names have).
_NAME = re.compile(r"(?!.*\.\.)[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?")


@dataclass(frozen=True)
class Target:
    """A URL that was read once: whoever connects uses these parts and never reads it again."""

    scheme: str
    #: Lower case, ASCII: a name, an IPv4 address or an IPv6 address without brackets.
    host: str
    port: int
    #: Path and query, ASCII.
    path: str
    url: httpx.URL

    @property
    def authority(self) -> str:
        """What the header Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True)
class Rules:
    """What the operator allows and forbids beside the public internet."""

    #: Empty: every port.
    ports: frozenset[int] = frozenset({80, 443})
    allowed_networks: tuple[Network, ...] = ()
    #: Names whose hosts may have any address.
    allowed_hosts: frozenset[str] = frozenset()
    refused_networks: tuple[Network, ...] = ()

    def read(self, url: str, *, seen_from: Target | None = None) -> Target:
        """Read a URL; that of a redirection may be relative to the one it was `seen_from`. Raises UrlNotAllowed."""
        if len(url) > LONGEST_URL:
            raise UrlNotAllowed(f"A URL has at most {LONGEST_URL} characters.")
        try:
            parsed = seen_from.url.join(url) if seen_from else httpx.URL(url)
            host = parsed.raw_host.decode("ascii").lower()
            port = _PORTS.get(parsed.scheme, 0) if parsed.port is None else parsed.port
            path = parsed.raw_path.decode("ascii")
        except (httpx.InvalidURL, ValueError):
            raise UrlNotAllowed("This is not a URL.") from None
        if parsed.scheme not in _PORTS:
            raise UrlNotAllowed("Only URLs that begin with http:// or https:// can be fetched.")
        if parsed.userinfo:
            raise UrlNotAllowed("A URL that carries a user name or password is not fetched.")
        host = host.removesuffix(".")
        if not (_NAME.fullmatch(host) or (":" in host and "%" not in host)):
            raise UrlNotAllowed("The URL names no host.")
        if self.ports and port not in self.ports:
            allowed = ", ".join(str(each) for each in sorted(self.ports))
            raise UrlNotAllowed(f"Port {port} is not allowed; allowed: {allowed}.")
        return Target(parsed.scheme, host, port, path, parsed)

    def why_not(self, host: str, address: Address) -> str | None:
        """Why a connection to this address of the host is refused; None when it is allowed."""
        if any(address in network for network in self.refused_networks):
            return "refused by the operator"
        if host in self.allowed_hosts or any(address in network for network in self.allowed_networks):
            return None
        return why_not_public(address)


def current() -> Rules:
    """The rules that the settings of this process make."""
    chosen = settings.current()
    return _of(chosen.outbound_ports, chosen.allowed_private_networks, chosen.refused_networks)


@lru_cache(maxsize=4)
def _of(ports: tuple[int, ...], allowed: tuple[str, ...], refused: tuple[str, ...]) -> Rules:
    networks, hosts = _sorted(allowed)
    return Rules(frozenset(ports), tuple(networks), frozenset(hosts), tuple(map(ip_network, refused)))


def _sorted(allowed: tuple[str, ...]) -> tuple[list[Network], list[str]]:
    """Networks, and what is none: names of hosts."""
    networks: list[Network] = []
    hosts: list[str] = []
    for each in allowed:
        try:
            networks.append(ip_network(each))
        except ValueError:
            hosts.append(each.lower())
    return networks, hosts
