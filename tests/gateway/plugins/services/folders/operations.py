"""The contract of a service that never runs."""

from __future__ import annotations

from pydantic import Field

from shared.media_types import PDF, PNG
from shared.operation import Options, Service

SERVICE = Service("folders", summary="Takes many documents at once, or none.")


class JoinOptions(Options):
    """How to join."""

    title: str = Field("", max_length=20, description="Of the whole.")


class SweepOptions(Options):
    """Nothing to choose."""


JOIN = SERVICE.operation(
    "join", "Make one of many.", options=JoinOptions, accepts=(PDF, PNG), produces=(PDF,), inputs="many"
)
SWEEP = SERVICE.operation("sweep", "Clean up.", options=SweepOptions, inputs="none")
