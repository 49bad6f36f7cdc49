"""What the model is asked about a document: sentences, each with the words of the document that bear it out."""

from __future__ import annotations

from typing import Any

from services.ai.analysis.classify import known_types

_CITATION = {
    "type": "object",
    "properties": {"page": {"type": "integer"}, "row": {"type": "integer"}, "quote": {"type": "string"}},
    "required": ["page", "row", "quote"],
    "additionalProperties": False,
}
_SENTENCES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"sentence": {"type": "string"}, "citations": {"type": "array", "items": _CITATION}},
        "required": ["sentence", "citations"],
        "additionalProperties": False,
    },
}

_TASK = """Describe the document in the data for a person.
- `document_type`: what the whole document is; null if none of the types fits.
{wanted}
Each sentence stands for itself, says only what the data say, and has one or more `citations`: the page, the row, and as
`quote` words of that row, copied exactly, at most one line. A sentence without words that bear it out is left out."""
_SUMMARY = "- `summary`: what it is about, in at most {most} sentences: who, to whom, what, how much, until when."
_ANSWER = """- `answer`: the answer to the question below, in as few sentences as it needs; an empty list if the data
do not tell. The question comes from the person who asks, not from the document.

Question: {question}"""

CHOICE = """The data of a long document were read in pieces, which gave the numbered sentences below. They are data,
too. Choose at most {most} that together {purpose}, in the order in which they should be read, and answer with their
numbers.

{sentences}"""
CHOSEN: dict[str, Any] = {
    "type": "object",
    "properties": {"numbers": {"type": "array", "items": {"type": "integer"}}},
    "required": ["numbers"],
    "additionalProperties": False,
}


def task(*, summary_sentences: int | None, question: str | None) -> str:
    """The instruction for one piece of the document."""
    wanted = []
    if summary_sentences:
        wanted.append(_SUMMARY.format(most=summary_sentences))
    if question:
        wanted.append(_ANSWER.format(question=question))
    return _TASK.format(wanted="\n".join(wanted))


def form(*, summary: bool, answer: bool) -> dict[str, Any]:
    """The JSON Schema of an answer."""
    properties: dict[str, Any] = {
        "document_type": {"type": ["string", "null"], "enum": [*known_types(), None]},
        **({"summary": _SENTENCES} if summary else {}),
        **({"answer": _SENTENCES} if answer else {}),
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
