"""Sentences of the model with what they rest on: a citation counts only if its words stand in the document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from services.ai.figures.value import Evidence
from services.ai.layout.figures import ascii_digits
from services.ai.model.places import Places

_MAX_CHARACTERS = 1000
#: A quote of fewer letters proves nothing: it stands anywhere.
_LEAST_QUOTE = 3


class Sentence(BaseModel):
    """One sentence and its places in the document."""

    sentence: str
    citations: list[Evidence] = []
    #: Whether every citation of the model stands in the document, there is one, and all figures of the sentence stand
    #: in the places that are cited.
    verified: bool = False


def checked(answered: Sequence[dict[str, Any]], places: Places) -> list[Sentence]:
    """The sentences with the citations that were found. What is missing is marked, never left out silently."""
    found = []
    for each in answered:
        text = " ".join((each.get("sentence") or "").split())[:_MAX_CHARACTERS]
        if text:
            found.append(_checked(text, each.get("citations") or [], places))
    return found


def _checked(text: str, citations: Sequence[dict[str, Any]], places: Places) -> Sentence:
    standing: list[Evidence] = []
    missing = not citations
    cited = ""
    for each in citations:
        quote = (each.get("quote") or "").strip()
        where = places.text(quote, each.get("page") or 0, each.get("row") or 0) if len(quote) >= _LEAST_QUOTE else ()
        missing = missing or not where
        standing.extend(where)
        for evidence in where:
            cited += " " + evidence.text
    told = _figures(text) <= _figures(cited)
    return Sentence(sentence=text, citations=standing, verified=not missing and told)


def _figures(text: str) -> set[str]:
    """The numbers in a text, by their digits alone: a sentence may write 1,250.00 where the page has 1.250,00."""
    found, digits = set(), ""
    for letter in f"{ascii_digits(text)} ":
        if letter.isdigit() or (digits and letter in ".,'"):
            digits += letter
        elif digits:
            found.add("".join(each for each in digits.rstrip(".,'") if each.isdigit()).lstrip("0") or "0")
            digits = ""
    return found
