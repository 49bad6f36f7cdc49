"""A value read from a document: what it is, where it stands, whether arithmetic bears it out."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, PlainSerializer, computed_field

T = TypeVar("T")

#: Left, top, right, bottom in points from the upper left corner of the page as a viewer shows it.
Box = tuple[float, float, float, float]

#: Money and quantities: never a float. JSON has them as strings with the digits that were read.
Figure = Annotated[Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json")]


class Status(StrEnum):
    """What the checks say of a value, or of a whole document."""

    #: A check that a wrong reading would have failed holds.
    VERIFIED = "verified"
    #: A check that it takes part in does not hold.
    DISCREPANCY = "discrepancy"
    #: No check tells.
    UNVERIFIABLE = "unverifiable"


class Source(StrEnum):
    """Who said it."""

    RULES = "rules"
    MODEL = "model"
    #: The machine-readable invoice inside the document.
    XML = "xml"


class Evidence(BaseModel):
    """A place on a page, and the text that stands there."""

    model_config = ConfigDict(frozen=True)

    #: Counted from 1.
    page: int
    box: Box
    text: str


class Value(BaseModel, Generic[T]):
    """One value. `evidence` has each place that it was read from; without any it is `ungrounded`."""

    value: T
    evidence: tuple[Evidence, ...] = ()
    source: Source = Source.RULES
    status: Status = Status.UNVERIFIABLE
    #: Codes of the checks that it took part in.
    checks: list[str] = []

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ungrounded(self) -> bool:
        """Whether it was found nowhere on the pages."""
        return not self.evidence


#: The kinds of value that documents are made of.
TextValue = Value[str]
FigureValue = Value[Figure]
