"""A running gateway on an empty database, a client for it, and a hand that plays the worker."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from shared import api_keys, database, settings
from shared.callers import Scope
from shared.storage import Storage
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway

_PROBE = Path(__file__).parents[1] / "plugins"


@pytest.fixture(scope="session")
def _shared_gateway(
    tmp_path_factory: pytest.TempPathFactory, _new_database: Callable[[], str], redis_url: str
) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("gateway")
    chosen = {"database_url": _new_database(), "redis_url": redis_url}
    limits = {"max_upload_bytes": "2000000", "max_files": "5"}
    with RunningGateway(folder, plugins=_PROBE, **limits, **chosen) as running:
        yield running


@pytest.fixture
def gateway(_shared_gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningGateway]:
    """A gateway that takes 5 files of 2 MB: nothing in its database and storage. This process uses both too.

    It knows the operations of the probe service, for tests of what no real operation has.
    """
    with emptied(_shared_gateway, monkeypatch, "worker", "queue_state") as running:
        yield running


@pytest.fixture(scope="session")
def _shared_guarded_gateway(
    tmp_path_factory: pytest.TempPathFactory, _new_database: Callable[[], str], redis_url: str
) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("guarded")
    chosen = {"database_url": _new_database(), "redis_url": redis_url}
    # Tests send wrong keys, and all come from one address.
    with RunningGateway(folder, plugins=_PROBE, require_keys="true", wrong_keys_per_minute="1000", **chosen) as running:
        yield running


@pytest.fixture
def guarded(_shared_guarded_gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningGateway]:
    """A gateway that asks for keys: nothing in its database, not even one key."""
    more = ("worker", "queue_state", "api_key", "owner", "owner_day", "webhook_endpoint")
    with emptied(_shared_guarded_gateway, monkeypatch, *more) as running:
        yield running


@pytest.fixture
def caller(guarded: RunningGateway) -> Iterator[Callable[..., httpx.Client]]:
    """A function that makes a client with a key of its own: `caller("anna", "submit", "read")`."""
    clients: list[httpx.Client] = []

    def make(owner: str, *scopes: str, **limits: int) -> httpx.Client:
        key, _ = api_keys.create(
            owner,
            "test",
            [Scope(scope) for scope in scopes or ("submit", "read")],
            actor="tests",
            running_jobs=limits.pop("running_jobs", None),
            limits=api_keys.Limits(**limits),
        )
        clients.append(httpx.Client(base_url=guarded.url, headers={"Authorization": f"Bearer {key}"}, timeout=30))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def gateway_with(
    tmp_path: Path, database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., RunningGateway]]:
    """A function that starts a gateway of this test's own: `gateway_with(max_files="2")`."""
    started: list[RunningGateway] = []

    def start(*, plugins: Path | None = None, **chosen: str) -> RunningGateway:
        told = {"database_url": database_url, "redis_url": redis_url, **chosen}
        running = RunningGateway(tmp_path / f"gateway-{len(started)}", plugins=plugins, **told)
        started.append(running)
        running.start()
        _use(running, monkeypatch)
        return running

    yield start
    for running in started:
        running.stop()
    settings.current.cache_clear()


G = TypeVar("G", bound=RunningGateway)


@contextmanager
def emptied(running: G, monkeypatch: pytest.MonkeyPatch, *more: str) -> Iterator[G]:
    """This process uses the gateway's database and storage too, without jobs, documents, and rows of `more` tables."""
    _use(running, monkeypatch)
    database.rows(f"TRUNCATE {', '.join(('job', 'batch', *more))} CASCADE", {})
    shutil.rmtree(running.storage, ignore_errors=True)
    running.storage.mkdir()
    yield running
    database.disconnect()
    settings.current.cache_clear()


def _use(running: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in running.environment.items():
        if name.startswith("BINDERY_"):
            monkeypatch.setenv(name, value)
    settings.current.cache_clear()
    database.configure(settings.current().database_url.get_secret_value(), "tests")


@pytest.fixture
def client(gateway: RunningGateway) -> Iterator[httpx.Client]:
    """An HTTP client of the gateway."""
    with httpx.Client(base_url=gateway.url, timeout=30) as made:
        yield made


@pytest.fixture
def worker(gateway: RunningGateway) -> Iterator[PlayedWorker]:
    """Plays a worker of the compression service against the gateway's database and storage."""
    with PlayedWorker(Storage(gateway.storage.as_uri())) as played:
        yield played
