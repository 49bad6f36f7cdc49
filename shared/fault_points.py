"""Named places at which a process can be made to die, so that tests can try every gap between two durable steps."""

from __future__ import annotations

import os
from typing import Literal

from shared import settings

FaultPoint = Literal[
    "after_store_before_commit",  # gateway: inputs are durable, no row yet
    "after_commit_before_ring",  # gateway: the row is there, no bell yet
    "after_claim",  # worker: the row is processing, nothing done yet
    "after_store_before_update",  # worker: outputs are durable, the row does not name them yet
    "after_update",  # worker: the row is final, nobody was told
    "after_webhook_before_update",  # maintenance: the receiver has it, the row does not say so yet
]

#: As SIGKILL would leave it: no handler, no clean-up, no flush.
_EXIT_CODE = 137


def reached(name: FaultPoint) -> None:
    """Die here if the setting `fault_point` says so."""
    if settings.current().fault_point == name:
        os._exit(_EXIT_CODE)
