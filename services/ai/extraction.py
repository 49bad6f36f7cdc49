"""What an extraction gives: the documents that were found, the checks of them, and what the whole is worth."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, SerializeAsAny

from services.ai.figures.checks import Check
from services.ai.figures.value import Status

D = TypeVar("D", bound=BaseModel)


class Usage(BaseModel):
    """What the model was asked, and what that cost."""

    model: str
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    #: In the currency of the operator's price list; null without one.
    cost: str | None = None


class Extraction(BaseModel, Generic[D]):
    """The result of one job."""

    document_type: str
    #: `rules`, `model` or `xml`, and its version.
    engine: str
    engine_version: str
    status: Status
    documents: list[SerializeAsAny[D]]
    checks: list[Check]
    #: Sentences for people: what was left out, what could not be read.
    notes: list[str] = []
    usage: Usage | None = None

    def as_result(self) -> dict[str, Any]:
        """The JSON that the caller gets."""
        return self.model_dump(mode="json")
