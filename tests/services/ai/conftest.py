"""The scripted model server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.ai.openai_server import ModelServer


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    """A server of the test's own; nothing names it yet."""
    with ModelServer() as server:
        yield server
