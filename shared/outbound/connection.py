"""Connects to the very address that was checked: the name is looked up once, and not again by whoever connects.

TLS is verified against the name, not the address: httpcore takes it from the request.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpcore

from shared.errors import UrlNotAllowed
from shared.outbound.resolution import allowed_addresses
from shared.outbound.rules import Rules

#: Addresses of one host that are tried in turn.
_MOST_TRIED = 4
_LOOK_UP_S = 10.0


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """The network as a caller's URL may see it."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to an address of the host. Raises UrlNotAllowed, and what httpcore raises."""
        addresses = await allowed_addresses(host, port, self._rules, timeout or _LOOK_UP_S)
        failed: Exception = httpcore.ConnectError()
        for address in addresses[:_MOST_TRIED]:
            try:
                return await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """No URL names one."""
        raise UrlNotAllowed

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        await self._network.sleep(seconds)
