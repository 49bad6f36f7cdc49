"""The contract of `extract`: what a schema of the caller's own may be."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pydantic import Field, field_validator

from services.ai.contracts.extraction import TEXT_FIRST, Engine, ReadingOptions, reading
from services.ai.contracts.schema_rules import MAX_SCHEMA_BYTES, problem_of
from services.ai.service import AiSettings
from shared.media_types import JSON


class OwnSchemaOptions(ReadingOptions):
    """What to read out of a document, in the caller's own terms."""

    json_schema: dict[str, Any] = Field(
        description="JSON Schema of the answer: an object, with descriptions that say what is meant. Known keywords: "
        "type, properties, required, additionalProperties, items, enum, const, anyOf, $ref to $defs, format, pattern, "
        f"limits of lengths, counts and numbers. At most {MAX_SCHEMA_BYTES // 1024} KB."
    )
    instructions: str | None = Field(
        None, max_length=2000, description="What else the model should know, in words of your own."
    )

    @field_validator("json_schema")
    @classmethod
    def _a_schema_that_can_be_asked_for(cls, value: dict[str, Any]) -> dict[str, Any]:
        if len(json.dumps(value)) > MAX_SCHEMA_BYTES:
            raise ValueError(f"a schema of at most {MAX_SCHEMA_BYTES} bytes")
        if problem := problem_of(value):
            raise ValueError(problem)
        return value

    @field_validator("engine")
    @classmethod
    def _not_by_rules(cls, value: Engine) -> Engine:
        if value is Engine.RULES:
            raise ValueError("only a model can read by a schema of your own: send auto or model")
        return value


#: Nothing is worth reading first for a job that will fail for want of a model.
_TEXT_FIRST = replace(
    TEXT_FIRST,
    when="unless `skip_ocr`, or no model is configured",
    applies=lambda options: TEXT_FIRST.applies(options) and AiSettings().configured,
)

EXTRACT = reading(
    "extract",
    "Read what a JSON Schema of your own asks for, each value with its place. Needs a language model.",
    options=OwnSchemaOptions,
    produces=(JSON,),
    preceded_by=(_TEXT_FIRST,),
    self_test_options={"json_schema": {"type": "object", "properties": {"total": {"type": "number"}}}},
    self_test_ends_with="model_not_configured",
)
