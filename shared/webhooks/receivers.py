"""Says at once what is wrong with the URL of a receiver; where it really leads is checked at each connection."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address

from shared.errors import UrlNotAllowed
from shared.outbound import rules


def check(url: str) -> None:
    """Raises UrlNotAllowed when no webhook may ever be sent there: the form, the port, an inside address as such."""
    allowed = rules.current()
    host = allowed.read(url).host
    with suppress(ValueError):
        if allowed.why_not(host, ip_address(host)):
            raise UrlNotAllowed("The host of the URL is no address on the public internet.")
