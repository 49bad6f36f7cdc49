"""The contract of the probe service."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from shared.media_types import PDF, PNG, TEXT
from shared.operation import Options, Service, Step

SERVICE = Service("probe", summary="Behaves as told, for tests.", threads=2, memory_mb=1024)


class Behaviour(StrEnum):
    """What the engine does with its document."""

    ECHO = "echo"
    SLEEP = "sleep"
    SPIN = "spin"
    EXTERNAL = "external"
    FAIL = "fail"
    FAIL_RETRYABLE = "fail-retryable"
    RAISE = "raise"
    SEGFAULT = "segfault"
    MEMORY = "memory"
    LOOK_AROUND = "look-around"
    FORGE = "forge"
    COMPLAIN = "complain"


class ProbeOptions(Options):
    """How the engine behaves."""

    behave: Behaviour = Field(Behaviour.ECHO, description="What to do with the document.")
    seconds: float = Field(0, ge=0, description="How long to take.")


QUICK_PROBE = SERVICE.operation(
    "quick-probe", "Answer at once.", options=ProbeOptions, accepts=(PDF,), produces=(PDF,), quick=True
)
PROBE = SERVICE.operation(
    "probe",
    "Behave as told.",
    options=ProbeOptions,
    accepts=(PDF,),
    produces=(PDF,),
    soft_time_limit_s=20,
    hard_time_limit_s=25,
)


class ChainedOptions(ProbeOptions):
    """How the engine behaves, and what goes before and after it."""

    before: Behaviour | None = Field(None, description="What a probe before this one does.")
    after: Behaviour | None = Field(None, description="What a quick probe after this one does.")
    note: str = Field("", description="The text of a second output.")


def _before(options: ChainedOptions) -> dict[str, object]:
    return {"behave": options.before, "seconds": options.seconds}


def _after(options: ChainedOptions) -> dict[str, object]:
    return {"behave": options.after, "seconds": options.seconds}


CHAINED_PROBE = SERVICE.operation(
    "chained-probe",
    "Behave as told, between two others.",
    options=ChainedOptions,
    accepts=(PDF, PNG),
    produces=(PDF, TEXT),
    self_test_options={"before": "echo", "after": "echo"},
    preceded_by=(Step("probe", "if `before` is given", lambda options: options.before is not None, _before),),
    followed_by=(Step("quick-probe", "if `after` is given", lambda options: options.after is not None, _after),),
)
