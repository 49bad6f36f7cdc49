"""The address that the gateway will listen on: well formed, allowed, free, and whether it answers yet."""

from __future__ import annotations

import http.client
import socket
import time

from cli.errors import SetUpError

#: The gateway of a killed `up` needs a moment to let go of its port.
_FREE_WITHIN_S = 8
_LOOK_EVERY_S = 0.2
_ANSWER_S = 2
#: Where something that listens on every address is reached.
_REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to


def _host_and_port(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise SetUpError(f"BINDERY_BIND is {bind!r}.", remedy="Give host:port, for example 127.0.0.1:8000.")
    return host.strip("[]"), int(port)


def refuse_taken(bind: str) -> None:
    """Find out before anything is started. Raises SetUpError."""
    address = _host_and_port(bind)
    deadline_s = time.monotonic() + _FREE_WITHIN_S
    while True:
        try:
            family = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][0]
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                # As the gateway does: connections that linger after a stop do not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
                return
        except OSError as error:
            if time.monotonic() > deadline_s or isinstance(error, socket.gaierror):
                raise SetUpError(
                    f"The address {bind} cannot be used: {error.strerror}.",
                    remedy="Stop what listens there, or set BINDERY_BIND, for example to 127.0.0.1:8001.",
                ) from error
            time.sleep(_LOOK_EVERY_S)


def answers(bind: str) -> bool:
    """Whether a gateway answers there."""
    host, port = _host_and_port(bind)
    connection = http.client.HTTPConnection(_REACHED_AT.get(host, host), port, timeout=_ANSWER_S)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
