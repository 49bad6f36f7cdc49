"""What an extraction gives: the documents that were found, the checks of them, and what the whole is worth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, SerializeAsAny

from services.ai.figures.checks import Check
from services.ai.figures.value import Source, Status
from services.ai.figures.walk import values_of
from services.ai.reading.document import Page

D = TypeVar("D", bound=BaseModel)


class Usage(BaseModel):
    """What the model was asked, and what that cost."""

    model: str
    requests: int = 0
    #: Of those: what came to no answer, and cost nothing that is known.
    failed_requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    #: Whether tokens are a guess, because the server does not count them.
    estimated: bool = False
    #: In the currency of the operator's price list; null without one.
    cost: str | None = None


class Tally(BaseModel):
    """How many of something have which status."""

    verified: int = 0
    discrepancy: int = 0
    unverifiable: int = 0

    @classmethod
    def of(cls, statuses: Iterable[Status]) -> Tally:
        """Count statuses."""
        counts = dict.fromkeys(Status, 0)
        for status in statuses:
            counts[status] += 1
        return cls(**{status.value: count for status, count in counts.items()})


class DocumentReport(BaseModel):
    """What the checks say of one document."""

    status: Status
    #: Pages that its values stand on.
    pages: list[int]
    source: Source
    checks: Tally
    values: Tally
    #: Values that were found nowhere on the pages.
    ungrounded: int


class PageSize(BaseModel):
    """How large a page is as a viewer shows it: what the boxes on it are measured against."""

    page: int
    width_points: float
    height_points: float


class Report(BaseModel):
    """What was read and checked, what holds, what does not."""

    pages_read: int
    #: By number.
    unreadable_pages: list[int] = []
    page_sizes: list[PageSize] = []
    checks: Tally = Tally()
    values: Tally = Tally()
    ungrounded: int = 0
    #: One for each of `documents`, in their order.
    documents: list[DocumentReport] = []


class Extraction(BaseModel, Generic[D]):
    """The result of one job."""

    document_type: str
    #: `rules`, `model` or `xml`, and its version.
    engine: str
    engine_version: str
    #: Of all documents: `verified` when each is.
    status: Status
    documents: list[SerializeAsAny[D]]
    checks: list[Check]
    #: Sentences for people: what was left out, what could not be read.
    notes: list[str] = []
    usage: Usage | None = None
    report: Report = Report(pages_read=0)

    def as_result(self) -> dict[str, Any]:
        """The JSON that the caller gets."""
        return self.model_dump(mode="json")


def reported(
    found: BaseModel, checks: Iterable[Check], status: Status, source: Source = Source.RULES
) -> DocumentReport:
    """The report of one document."""
    values = [value for _, value in values_of(found)]
    return DocumentReport(
        status=status,
        pages=sorted({place.page for value in values for place in value.evidence}),
        source=source,
        checks=Tally.of(check.status for check in checks),
        values=Tally.of(value.status for value in values),
        ungrounded=sum(value.ungrounded for value in values),
    )


def whole_report(pages: list[Page], unreadable: list[int], documents: list[DocumentReport]) -> Report:
    """The report of a job, with the sums of its documents."""
    return Report(
        pages_read=len(pages),
        unreadable_pages=unreadable,
        page_sizes=[_size(page) for page in pages],
        checks=_sum(each.checks for each in documents),
        values=_sum(each.values for each in documents),
        ungrounded=sum(each.ungrounded for each in documents),
        documents=documents,
    )


def _size(page: Page) -> PageSize:
    width, height = page.shown_size
    return PageSize(page=page.number, width_points=round(width, 2), height_points=round(height, 2))


def worst(statuses: Iterable[Status]) -> Status:
    """The status of several documents together: verified when there are any and each is."""
    there = set(statuses)
    if Status.DISCREPANCY in there:
        return Status.DISCREPANCY
    return Status.VERIFIED if there == {Status.VERIFIED} else Status.UNVERIFIABLE


def _sum(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total = Tally(
            verified=total.verified + tally.verified,
            discrepancy=total.discrepancy + tally.discrepancy,
            unverifiable=total.unverifiable + tally.unverifiable,
        )
    return total
