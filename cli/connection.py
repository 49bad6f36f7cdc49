"""The client of the gateway that BINDERY_URL names; what goes wrong becomes an error with an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from pydantic import ValidationError

from bindery import Client, ClientError, NotAGateway, NotCompleted, Refused, TransferFailed, Unreachable
from cli import errors
from shared import settings
from shared.errors import BinderyError
from shared.settings import Settings


@contextmanager
def connected(*, patience_s: float = 0) -> Iterator[Client]:
    """A client; a gateway that restarts is waited for as long as `patience_s`.

    Raises:
        GatewayUnreachable, NotAGateway, TransferFailed, NoSuchFile: what their names say.
        BinderyError: what the gateway refused, with its code.
        SetUpError: a setting is wrong.
    """
    chosen = _settings()
    url, key = chosen.url, chosen.api_key.get_secret_value()
    try:
        with Client(url, api_key=key or None, patience_s=0) as client:
            if patience_s:
                # Found out at once: an address where nobody is will not be better in a minute.
                client.get("/health/live")
                client.patience_s = patience_s
            yield client
    except httpx.InvalidURL as error:
        raise errors.GatewayUnreachable(f"BINDERY_URL is {url!r}: {error}.") from error
    except ClientError as error:
        raise translated(error) from error


def _settings() -> Settings:
    try:
        return settings.current()
    except ValidationError:
        # Which knows the words for it, and takes longer to load.
        from cli.settings_table import in_force

        return in_force()


def translated(error: ClientError) -> BinderyError:
    """What the client raises, as the command line says it."""
    if isinstance(error, NotAGateway):
        return errors.NotAGateway(str(error))
    if isinstance(error, Unreachable):
        return errors.GatewayUnreachable(str(error))
    if isinstance(error, TransferFailed):
        return errors.TransferFailed(str(error))
    found = BinderyError(str(error), remedy=error.remedy or None)
    found.code = error.code
    if isinstance(error, Refused):
        found.status = error.status
    elif isinstance(error, NotCompleted):
        found.status = errors.JobFailed.status
    return found
