"""The contract of `analyze`."""

from __future__ import annotations

from pydantic import Field

from services.ai.contracts.extraction import ReadingOptions, reading
from shared.media_types import JSON


class AnalyzeOptions(ReadingOptions):
    """What to find out about a document."""

    question: str | None = Field(
        None, min_length=3, max_length=1000, description="A question that the document answers. Needs a language model."
    )
    summary: bool = Field(True, description="Summarise the document, if a language model is configured.")
    summary_sentences: int = Field(5, ge=1, le=20, description="Most sentences of the summary.")


ANALYZE = reading(
    "analyze",
    "Tell the type of a document, summarise it and answer a question about it, each sentence with what it rests on.",
    options=AnalyzeOptions,
    produces=(JSON,),
)
