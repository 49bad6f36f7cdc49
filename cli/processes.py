"""`bindery migrate`, `worker` and `gateway`: single parts, for those who run them apart (containers, systemd)."""

from __future__ import annotations

import os
import sys

from cli.errors import SetUpError, UsageError
from shared import catalogue, settings
from shared.migrations.__main__ import main


def migrate() -> None:
    """Bring the schema of the database of BINDERY_DATABASE_URL up to date."""
    _database_url()
    main()


def run_worker(service: str) -> None:
    """Become the worker of a service."""
    known = catalogue.load().services
    if service not in known:
        raise UsageError(f"There is no service {service!r}.", remedy=f"Services: {', '.join(sorted(known))}.")
    _check_places()
    _become("shared.worker", service)


def run_gateway() -> None:
    """Become the gateway."""
    _check_places()
    _become("gateway.server")


def _become(*module: str) -> None:
    # The same process: whoever started it signals the part itself.
    os.execv(sys.executable, [sys.executable, "-m", *module])  # noqa: S606 - a fixed program, no shell


def _database_url() -> str:
    if url := settings.current().database_url.get_secret_value():
        return url
    raise SetUpError(
        "BINDERY_DATABASE_URL is not set.",
        remedy="Set it to a PostgreSQL; `bindery up` starts an embedded one and needs no other command.",
    )


def _check_places() -> None:
    """A part alone starts no servers: it must be told where they are."""
    _database_url()
    chosen = settings.current()
    for name in ("redis_url", "secret_key"):
        if not getattr(chosen, name).get_secret_value():
            raise SetUpError(
                f"BINDERY_{name.upper()} is not set.",
                remedy="Give every part the same value; `bindery up` runs all parts and needs none.",
            )
