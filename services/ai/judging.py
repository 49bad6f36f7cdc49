"""What was found by one engine, put to the checks: which values hold, and what each document is worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from services.ai.extraction import DocumentReport, Usage, reported, worst
from services.ai.figures.checks import Check, whole
from services.ai.figures.value import Source, Status
from services.ai.figures.walk import values_of
from services.ai.grounding import Grounding
from services.ai.kinds import Kind
from services.ai.reading.document import Document

M = TypeVar("M", bound=BaseModel)


@dataclass
class Found(Generic[M]):
    """What one engine found."""

    source: Source
    version: str
    documents: list[M]
    notes: list[str] = field(default_factory=list)
    usage: Usage | None = None


@dataclass
class Judged(Generic[M]):
    """The same after the checks."""

    found: Found[M]
    checks: list[Check]
    reports: list[DocumentReport]

    @property
    def status(self) -> Status:
        """Of all documents together."""
        return worst(report.status for report in self.reports)


def judged(
    found: Found[M], kind: Kind[M], document: Document, also: Callable[[M], list[Check]] | None = None
) -> Judged[M]:
    """Ground the values that have no place, check every document, and mark the values with what the checks say.

    `also` makes checks beside those of the kind.
    """
    checks: list[Check] = []
    reports = []
    grounding = Grounding(document)
    for number, each in enumerate(found.documents):
        grounding.ground(each)
        made = [*kind.check(each), *(also(each) if also is not None else ())]
        of_this = [check.model_copy(update={"document": number}) for check in made]
        status = whole(of_this, kind.needed)
        if found.source is Source.MODEL:
            status = _doubted(each, status)
        checks.extend(of_this)
        reports.append(reported(each, of_this, status, found.source))
    return Judged(found, checks, reports)


def _doubted(found: BaseModel, status: Status) -> Status:
    """A model can invent the figure that makes a sum right: what stands on no page proves nothing."""
    invented = [value for _, value in values_of(found) if value.ungrounded and value.status is Status.VERIFIED]
    for value in invented:
        value.status = Status.UNVERIFIABLE
    return Status.UNVERIFIABLE if invented and status is Status.VERIFIED else status


def better(one: Judged[Any], other: Judged[Any]) -> Judged[Any]:
    """The one to answer with: `one` unless the other has documents where it has none, or holds where it does not."""
    return max((one, other), key=lambda each: (bool(each.reports), _worth(each.reports)))


def _worth(reports: Sequence[DocumentReport]) -> tuple[bool, int]:
    holding = sum(report.status is Status.VERIFIED for report in reports)
    return bool(reports) and holding == len(reports), holding
