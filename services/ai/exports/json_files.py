"""JSON: the whole result, and the bare values for programs that want no more."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from services.ai.extraction import Extraction
from services.ai.figures.value import Value


def whole(extraction: Extraction[Any]) -> str:
    """As the result of the job: each value with its places, status and checks."""
    return _written(extraction.as_result())


def compact(extraction: Extraction[Any]) -> str:
    """The values alone, and the status of each document: figures as strings, dates as YYYY-MM-DD, no empty fields."""
    documents = zip(extraction.documents, extraction.report.documents, strict=True)
    return _written(
        {
            "document_type": extraction.document_type,
            "status": extraction.status.value,
            "documents": [{"status": report.status.value, **_bare(document)} for document, report in documents],
        }
    )


def _bare(thing: Any) -> Any:
    if isinstance(thing, Value):
        return thing.model_dump(mode="json", include={"value"})["value"]
    if isinstance(thing, BaseModel):
        named = {name: _bare(getattr(thing, name)) for name in type(thing).model_fields}
        return {name: each for name, each in named.items() if each not in (None, [], {})}
    return [_bare(each) for each in thing] if isinstance(thing, list) else thing


def _written(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
