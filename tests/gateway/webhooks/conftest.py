"""A gateway that may reach loopback, the delivery of the maintenance service in a thread, and a receiver."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.maintenance.webhooks.duty import deliver
from tests.gateway.conftest import emptied
from tests.gateway.running_gateway import RunningGateway
from tests.gateway.webhooks.receiver import DEADLINE_S, Receiver

_ROOT = Path(__file__).parents[3]
_PROBE = Path(__file__).parents[2] / "plugins"
#: Nobody waits for anything in these tests.
_QUICK = {"POLL_S": "0.03", "DELAYS_S": "0.05,0.05", "TIME_LIMIT_S": "5"}


@pytest.fixture(scope="session")
def _webhook_gateway(
    tmp_path_factory: pytest.TempPathFactory, _new_database: Callable[[], str], redis_url: str
) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("webhooks")
    inside = {"allowed_private_networks": "127.0.0.0/8", "outbound_ports": ""}
    with RunningGateway(folder, plugins=_PROBE, database_url=_new_database(), redis_url=redis_url, **inside) as running:
        yield running


@pytest.fixture
def gateway(_webhook_gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningGateway]:
    """A gateway whose webhooks may lead to this machine, with nothing in its database. This process uses that too."""
    for name, value in _QUICK.items():
        monkeypatch.setenv(f"BINDERY_MAINTENANCE_WEBHOOK_{name}", value)
    more = ("pipeline", "worker", "queue_state", "webhook_endpoint", "operator_action")
    with emptied(_webhook_gateway, monkeypatch, *more) as running:
        yield running


@pytest.fixture
def receiver(gateway: RunningGateway) -> Iterator[Receiver]:
    """A receiver that takes everything, unless the test says otherwise."""
    with Receiver() as made:
        yield made


@contextmanager
def delivering() -> Iterator[None]:
    """What the worker of the maintenance service does beside its jobs, while this lasts."""
    stopping = threading.Event()
    thread = threading.Thread(target=deliver, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(DEADLINE_S)
        assert not thread.is_alive()


@pytest.fixture
def delivery(gateway: RunningGateway) -> Iterator[None]:
    """`delivering` for the whole test."""
    with delivering():
        yield


def deliver_and_die(fault_point: str) -> None:
    """Deliver in a process that is killed, without any clean-up, at a fault point."""
    program = "import sys, threading; from shared import database, settings; from services.maintenance.webhooks "
    program += "import duty; database.configure(settings.current().database_url.get_secret_value(), 'test'); "
    program += "duty.deliver(threading.Event())"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=_ROOT,
        env={**os.environ, "BINDERY_FAULT_POINT": fault_point},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 128 + signal.SIGKILL, ended.stderr.decode()


def register(client: httpx.Client, url: str, *events: str) -> dict[str, Any]:
    """Register a webhook, for all events unless some are named; the answer has its secret."""
    answer = client.post("/v1/webhooks", json={"url": url, **({"events": list(events)} if events else {})})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def deliveries(client: httpx.Client, **filters: str) -> list[dict[str, Any]]:
    """The deliveries of all webhooks, the oldest first."""
    found = client.get("/v1/webhook-deliveries", params=filters).raise_for_status().json()["deliveries"]
    return list(reversed(found))
