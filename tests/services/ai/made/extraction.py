"""Reads a file by rules and checks it, as the service does, without queue and HTTP."""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.figures.checks import Check, whole
from services.ai.figures.value import Status
from services.ai.reading.document import read


@dataclass(frozen=True)
class Found:
    """What a file gave. `statuses` are those of its documents; CPU seconds include reading the pages."""

    documents: Sequence[BaseModel]
    statuses: list[Status]
    checks: list[Check]
    cpu_s: float
    pages: int

    @property
    def discrepancies(self) -> list[str]:
        """Codes of the checks that failed."""
        return [check.code for check in self.checks if check.status is Status.DISCREPANCY]


def by_rules(source: Path, kind: str, options: ExtractionOptions | None = None) -> Found:
    """Read the documents of a kind in a PDF and check them."""
    started = time.process_time()
    rules = importlib.import_module(f"services.ai.rules.{kind}")
    gate = importlib.import_module(f"services.ai.gates.{kind}")
    document = read(source, None, None)
    found = rules.read(document, options or ExtractionOptions())
    checks: list[Check] = []
    statuses = []
    for each in found:
        own = gate.check(each)
        checks += own
        statuses.append(whole(own, gate.NEEDED))
    return Found(found, statuses, checks, time.process_time() - started, len(document.pages))
