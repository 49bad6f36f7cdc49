"""What tests of faults may ask for: `servers` that may be broken, and `start_stage`, a platform over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.servers import Servers
from tests.chaos.stage import Stage

StartStage = Callable[..., Stage]


@pytest.fixture(scope="session")
def _servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with Servers(tmp_path_factory.mktemp("chaos")) as servers:
        yield servers


@pytest.fixture
def servers(_servers: Servers) -> Iterator[Servers]:
    """Postgres (durable) and Redis (empty): break them as you like, they are made well afterwards."""
    _servers.redis_client.flushall()
    yield _servers
    _servers.make_well()


def _stages(servers: Servers, folder: Path) -> Iterator[StartStage]:
    stages: list[Stage] = []

    def start(workers: int = 2, **settings: Any) -> Stage:
        stage = Stage(servers, folder / f"stage-{len(stages)}", **settings)
        stages.append(stage)
        return stage.start(workers)

    yield start
    servers.make_well()
    for stage in stages:
        stage.stop()


@pytest.fixture
def start_stage(servers: Servers, tmp_path: Path) -> Iterator[StartStage]:
    """A function that makes a stage: `start_stage(poll_s=60)` with gateway and two workers, `workers=0` without."""
    yield from _stages(servers, tmp_path)


@pytest.fixture(scope="module")
def module_stage(_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartStage]:
    """The same for a stage that the tests of a file share."""
    yield from _stages(_servers, tmp_path_factory.mktemp("stage"))
