"""What a server understands of the OpenAI API: begins with everything and drops what it complains about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from services.ai.service import Answers

_ORDER = (Answers.JSON_SCHEMA, Answers.JSON_OBJECT, Answers.TEXT)
#: Statuses by which servers say that they do not know a part of a request.
_COMPLAINTS = (400, 404, 405, 415, 422, 501)
#: Codes and words by which servers say that a request is too long for the model.
_TOO_LONG = ("context_length", "context length", "maximum context", "context window", "too many tokens", "n_ctx")


@dataclass(frozen=True)
class Dialect:
    """How requests are written."""

    answers: Answers = Answers.JSON_SCHEMA
    #: Newer models of OpenAI want the other name.
    limit_name: str = "max_tokens"
    #: Models that reason take no temperature.
    temperature: bool = True

    def arguments(self, schema: dict[str, Any], name: str, most_tokens: int) -> dict[str, Any]:
        """The parts of a request that depend on the server."""
        given: dict[str, Any] = {self.limit_name: most_tokens}
        if self.temperature:
            given["temperature"] = 0
        if self.answers is Answers.JSON_SCHEMA:
            wanted = {"name": name, "strict": True, "schema": schema}
            given["response_format"] = {"type": "json_schema", "json_schema": wanted}
        elif self.answers is Answers.JSON_OBJECT:
            given["response_format"] = {"type": "json_object"}
        return given

    def simpler(self, status: int, complaint: str) -> Dialect | None:
        """What to try after a complaint; None when there is nothing left to drop."""
        if status not in _COMPLAINTS:
            return None
        said = complaint.lower()
        if "max_completion_tokens" in said and self.limit_name == "max_tokens":
            return replace(self, limit_name="max_completion_tokens")
        if "temperature" in said and self.temperature:
            return replace(self, temperature=False)
        place = _ORDER.index(self.answers)
        return replace(self, answers=_ORDER[place + 1]) if place + 1 < len(_ORDER) else None


def says_too_long(status: int, complaint: str) -> bool:
    """Whether a complaint is about the length of the request."""
    return status in (400, 413, 422) and any(word in complaint.lower() for word in _TOO_LONG)
