"""Looks a host up, and lets only addresses through to which a connection is allowed."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from shared.errors import UrlNotAllowed, UrlTimedOut, UrlUnreachable
from shared.logs import get_logger
from shared.outbound.addresses import Address
from shared.outbound.rules import Rules

log = get_logger()

#: Names that one process looks up at the same time: a resolver that hangs holds a thread for its own time.
_MOST_AT_ONCE = 64
_at_once = threading.BoundedSemaphore(_MOST_AT_ONCE)
#: The name is not there, or has no address: said like an inside one, so that no answer tells which names exist inside.
_NO_SUCH_NAME = {socket.EAI_NONAME, socket.EAI_NODATA}


async def allowed_addresses(host: str, port: int, rules: Rules, time_limit_s: float) -> list[Address]:
    """Every address of the host, all of them checked.

    One that is not allowed refuses the host: a name that leads inside and outside at once is no accident.

    Raises:
        UrlNotAllowed: an address is not allowed, or there is none.
        UrlUnreachable, UrlTimedOut: the name could not be looked up (in time).
    """
    try:
        async with asyncio.timeout(time_limit_s):
            found = await _looked_up(host, port)
    except TimeoutError:
        raise UrlTimedOut("Looking up the name of the host took too long.") from None
    except socket.gaierror as error:
        if error.errno not in _NO_SUCH_NAME:
            raise UrlUnreachable("The name of the host cannot be looked up now.") from None
        found = []
    refused = [(address, why) for address in found if (why := rules.why_not(host, address))]
    if refused or not found:
        log.info("outbound.refused", host=host, port=port, addresses=[f"{address}: {why}" for address, why in refused])
        raise UrlNotAllowed("The host of the URL leads to no address on the public internet.")
    return found


async def _looked_up(host: str, port: int) -> list[Address]:
    """The addresses in the order in which the system would try them, each once. Raises socket.gaierror, TimeoutError.

    In a thread of its own: those of the event loop are few, and a slow name must not keep others waiting.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[Any]] = loop.create_future()
    if not _at_once.acquire(blocking=False):
        raise UrlUnreachable("Too many names are being looked up at this moment.")

    def settle(answer: list[Any] | Exception) -> None:
        if future.done():
            return
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)

    def look_up() -> None:
        answer: list[Any] | Exception
        try:
            answer = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answer = error if isinstance(error, OSError) else socket.gaierror(socket.EAI_NONAME, "no name")
        finally:
            _at_once.release()
        # The loop may be gone: nobody waited so long.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, answer)

    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    return list(dict.fromkeys(_address(*found) for found in await future))


def _address(family: int, _kind: int, _protocol: int, _name: str, place: tuple[Any, ...]) -> Address:
    # An IPv6 address of one link comes with the number of that link beside it.
    zone = f"%{place[3]}" if family == socket.AF_INET6 and place[3] and "%" not in place[0] else ""
    return ip_address(f"{place[0]}{zone}")
