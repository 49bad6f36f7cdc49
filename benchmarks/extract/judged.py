"""Reads one case with an engine and judges the answer."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.extract.cases import Case
from services.ai.figures.value import Status
from tests.services.ai.made.extraction import Found
from tests.services.ai.made.scoring import Score, score

Engine = Callable[[Path, str], Found]


@dataclass(frozen=True)
class Judged:
    """How one case went."""

    case: Case
    score: Score
    #: Status of the whole; None when the engine failed or found nothing.
    status: Status | None
    discrepancies: list[str] = field(default_factory=list)
    cpu_s: float = 0.0
    pages: int = 0
    error: str | None = None

    @property
    def false_alarm(self) -> bool:
        """A sound document of which something was doubted."""
        return self.case.flaw is None and self.status is Status.DISCREPANCY

    @property
    def flaw_missed(self) -> bool:
        """A document that is wrong in itself, and none of whose checks failed."""
        return self.case.flaw is not None and self.status is not Status.DISCREPANCY


def judge(case: Case, engine: Engine) -> Judged:
    """Read a case and compare it with its truth."""
    started = time.process_time()
    try:
        found = engine(case.path, case.kind)
    except Exception as error:  # noqa: BLE001 - an engine that fails is a line of the result, whatever it fails of
        lost = score(case.kind, [], case.documents, case.open_fields, partial=case.partial)
        where = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
        return Judged(case, lost, None, cpu_s=time.process_time() - started, error=text)
    result = score(case.kind, found.documents, case.documents, case.open_fields, partial=case.partial)
    return Judged(case, result, _worst(found.statuses), found.discrepancies, found.cpu_s, found.pages)


def _worst(statuses: list[Status]) -> Status | None:
    for status in (Status.DISCREPANCY, Status.UNVERIFIABLE, Status.VERIFIED):
        if status in statuses:
            return status
    return None
