"""What every test may ask for: real servers, a fresh database, a whole running platform, the corpus.

`postgres_url`, `redis_url`   servers of this pytest-xdist worker, on Unix sockets
`settings_env`                the settings of the test: `settings_env(lease_s=2)`
`database_url`                a fresh, migrated database that `shared.database` is configured for
`empty_database_url`          a fresh database without a schema
`storage_dir`                 an empty folder that the settings name as the storage
`platform`                    gateway and workers as real processes, shared by the tests of this worker
`own_platform`                the same for one test that wants to break it
`corpus`, `samples`           folders of documents
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from cli.embedded_postgres import EmbeddedPostgres
from cli.embedded_redis import EmbeddedRedis
from shared import database, settings
from tests.running_platform import RunningPlatform

#: The folder of documents beside the checkout; most tests do without.
_CORPUS = Path(__file__).parents[1] / "../shared/corpus"
_SAMPLES = Path(__file__).with_name("samples")


#: Longest that a heavy test may take, in seconds; all others have the limit of pyproject.toml.
_HEAVY_S = 3600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give heavy tests their time."""
    for item in items:
        if item.get_closest_marker("heavy"):
            item.add_marker(pytest.mark.timeout(_HEAVY_S))


@pytest.fixture(scope="session", autouse=True)
def _no_foreign_settings() -> Iterator[None]:
    """BINDERY_* variables of whoever runs the tests must not reach them."""
    foreign = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("BINDERY_")}
    settings.current.cache_clear()
    yield
    os.environ.update(foreign)


@pytest.fixture(scope="session")
def embedded_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """The PostgreSQL server of this worker. Do not stop it: make one of your own for that."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def embedded_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    """The Redis server of this worker. Do not stop it: make one of your own for that."""
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(embedded_postgres: EmbeddedPostgres) -> str:
    """A PostgreSQL server, by its database `postgres`: for tests that make databases of their own."""
    return embedded_postgres.url_of("postgres")


@pytest.fixture(scope="session")
def redis_url(embedded_redis: EmbeddedRedis) -> str:
    """A Redis server. Tests of one worker share its keys, and may flush them."""
    return embedded_redis.url


SettingsEnv = Callable[..., settings.Settings]


@pytest.fixture
def settings_env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SettingsEnv]:
    """A function that sets BINDERY_* for this test and returns the settings then in force.

    `settings_env(lease_s=2, failure_delays_s="0,0")`; may be called again. The var folder is the test's own.
    """

    def choose(**chosen: object) -> settings.Settings:
        for name, value in chosen.items():
            monkeypatch.setenv(f"BINDERY_{name.upper()}", str(value))
        settings.current.cache_clear()
        return settings.current()

    choose(var_dir=tmp_path / "var", secret_key="a key for tests")
    yield choose
    settings.current.cache_clear()


@pytest.fixture(scope="session")
def _new_database(embedded_postgres: EmbeddedPostgres) -> Callable[[], str]:
    """Makes databases as copies of a migrated one: some 30 ms each."""
    template = embedded_postgres.url_of("template_of_tests")
    with psycopg.connect(embedded_postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE template_of_tests")
    database.configure(template, "tests")
    database.migrate()
    database.disconnect()

    def make() -> str:
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(embedded_postgres.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template_of_tests")
        return embedded_postgres.url_of(name)

    return make


@pytest.fixture
def empty_database_url(embedded_postgres: EmbeddedPostgres) -> str:
    """A fresh database without a schema."""
    name = f"empty_{uuid.uuid4().hex}"
    with psycopg.connect(embedded_postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return embedded_postgres.url_of(name)


@pytest.fixture
def database_url(_new_database: Callable[[], str], settings_env: SettingsEnv) -> Iterator[str]:
    """A fresh migrated database; `shared.database` is configured for it and so is BINDERY_DATABASE_URL."""
    url = _new_database()
    settings_env(database_url=url)
    database.configure(url, "tests")
    yield url
    database.disconnect()
    # A database that a lost thread still uses stays until the server's folder goes.


@pytest.fixture
def storage_dir(tmp_path: Path, settings_env: SettingsEnv) -> Path:
    """An empty folder for documents, which BINDERY_STORAGE_URL names."""
    folder = tmp_path / "storage"
    folder.mkdir()
    settings_env(storage_url=folder.as_uri())
    return folder


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, _new_database: Callable[[], str]) -> Iterator[RunningPlatform]:
    """A running platform: `platform.url` is the gateway's address. Shared: leave it as you found it.

    Its Redis is its own: its workers would answer the bells of other tests.
    """
    folder = tmp_path_factory.mktemp("platform")
    with RunningPlatform(folder, database_url=_new_database()) as running:
        yield running


@pytest.fixture
def own_platform(tmp_path: Path) -> Iterator[Callable[..., RunningPlatform]]:
    """A function that starts a platform with embedded servers of its own: `own_platform(lease_s="3")`."""
    started: list[RunningPlatform] = []

    def start(**chosen: str) -> RunningPlatform:
        folder = tmp_path / f"platform-{len(started)}"
        folder.mkdir()
        running = RunningPlatform(folder, **chosen)
        started.append(running)
        running.start()
        return running

    yield start
    for running in started:
        running.stop()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of documents beside the checkout; a test that needs it is skipped, and says so, without it."""
    if not _CORPUS.is_dir():
        pytest.skip(f"the corpus is not there: {_CORPUS}")
    return _CORPUS.resolve()


@pytest.fixture(scope="session")
def samples() -> Path:
    """Small documents that are part of the checkout; tests/samples/LICENCES.md says where they come from."""
    return _SAMPLES
