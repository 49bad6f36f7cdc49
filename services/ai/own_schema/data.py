"""An answer of the model as the data that the caller's schema describes, each value found on the page or not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import BaseModel, computed_field

from services.ai.figures.value import Evidence
from services.ai.model.parsing import Parser
from services.ai.own_schema.shapes import choices_of, kind_of, resolved
from shared.pdf.words import Word

_MAX_CHARACTERS = 4000


class Leaf(BaseModel):
    """One value of the data: where it is, what it is, what stands on the page."""

    #: JSON pointer (RFC 6901) into the data.
    path: str
    value: str | int | float | bool
    #: As the model says that it is printed.
    printed: str
    evidence: tuple[Evidence, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ungrounded(self) -> bool:
        """Whether it was found nowhere on the pages."""
        return not self.evidence


class Builder:
    """Makes the data of one document."""

    def __init__(self, schema: dict[str, Any], parser: Parser) -> None:
        self._definitions: dict[str, Any] = schema.get("$defs", {})
        self._schema = schema
        self._parser = parser
        self.leaves: list[Leaf] = []
        #: Paths of values that are left out, because what is printed is not of the type that the schema wants.
        self.left_out: list[str] = []

    def data(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The data; what is not there is null where the schema allows that, and else left out."""
        found = self._made(self._schema, answer, "", set())
        return found if isinstance(found, dict) else {}

    def _made(self, schema: dict[str, Any], given: Any, path: str, used: set[Word]) -> Any:
        part, _ = resolved(schema, self._definitions)
        kind = kind_of(part)
        if given is None:
            return None
        if kind == "object":
            return self._object(part, given, path)
        if kind == "array":
            made = [self._made(part["items"], each, f"{path}/{place}", set()) for place, each in enumerate(given)]
            return [each for each in made if each is not None]
        return self._leaf(part, kind, given, path, used)

    def _object(self, part: dict[str, Any], given: dict[str, Any], path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        used: set[Word] = set()
        for name, each in part["properties"].items():
            value = self._made(each, given.get(name), f"{path}/{name}", used)
            if value is not None or resolved(each, self._definitions)[1]:
                found[name] = value
        return found

    def _leaf(self, part: dict[str, Any], kind: str, given: dict[str, Any], path: str, used: set[Word]) -> Any:
        text = given["text"].strip()[:_MAX_CHARACTERS] if given.get("text") else ""
        page, row = given.get("page") or 0, given.get("row") or 0
        value: Any = None
        evidence: tuple[Evidence, ...] = ()
        if kind in ("number", "integer"):
            if found := self._parser.figure(text, page, row, used):
                value, evidence = _number(found[0], whole=kind == "integer"), found[2]
        elif kind == "string" and part.get("format") == "date":
            if day := self._parser.day(text, page, row):
                value, evidence = day[0].isoformat(), day[1]
        else:
            evidence = self._parser.place(text, page, row)
            value = text or None if kind == "string" else given.get("value")
            if kind == "choice":
                value = next((each for each in choices_of(part) if str(each) == value), None)
        if value is None:
            if text:
                self.left_out.append(path)
            return None
        self.leaves.append(Leaf(path=path, value=value, printed=text, evidence=evidence))
        return value


def _number(number: Decimal, *, whole: bool) -> int | float | None:
    """A JSON number that is exactly the printed one; None where there is none."""
    if number == number.to_integral_value():
        return int(number)
    # A double has 15 digits at least: what it does not hold is not said.
    return None if whole or Decimal(repr(float(number))) != number else float(number)
