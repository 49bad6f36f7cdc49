"""What a model copies from a page is read as the rules read it there: figures, dates, signs, currencies, places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.documents.bank_statement import Movement
from services.ai.figures.value import Evidence, Value
from services.ai.figures.walk import values_of
from services.ai.model.form import fitted
from services.ai.model.shapes import SIDE, Sort, asked_for, sort_of
from services.ai.model.values import Values
from services.ai.readers import BANK_STATEMENT, INVOICE, RECEIPT, TRIAL_BALANCE
from services.ai.reading.document import Document, read
from tests.services.ai.made.catalogue import layouts, written
from tests.services.ai.made.fonts import FontMissing

_KINDS = {kind.name: kind for kind in (BANK_STATEMENT, INVOICE, RECEIPT, TRIAL_BALANCE)}
_LAYOUTS = list(layouts(seen=True, kinds=tuple(_KINDS)))
#: What rules show as evidence may be more than the value: a whole sentence with a rate in it.
_LEAST_SHARE = 0.95


@pytest.mark.parametrize("layout", _LAYOUTS, ids=lambda each: f"{each.kind}-{each.name}")
def test_copied_values_are_read_as_rules_read_them(layout: Any, tmp_path: Path) -> None:
    try:
        source = written(layout, 1, tmp_path)
    except FontMissing as missing:
        pytest.skip(f"no font {missing} here")
    document, kind = read(source, None, None), _KINDS[layout.kind]
    found = kind.read(document, ExtractionOptions())
    values = Values(document, ExtractionOptions())

    equal, different = 0, []
    for one in found:
        answer, problems = fitted({"documents": [_answer(kind.shape, one, document)]}, asked_for(kind.shape))
        assert problems == []
        copied = dict(values_of(values.document(kind.shape, answer["documents"][0])))
        for path, value in values_of(one):
            if value.evidence:
                same = path in copied and copied[path].value == value.value
                equal += same
                different += [] if same else [(path, value.value, copied.get(path))]

    assert found
    assert equal >= _LEAST_SHARE * (equal + len(different)), different[:5]


def _answer(shape: type[BaseModel], found: BaseModel, document: Document) -> dict[str, Any]:
    """What a model that copies all of this answers."""
    told: dict[str, Any] = {}
    for name in shape.model_fields:
        sort, inner = sort_of(shape, name)
        value = getattr(found, name)
        if value is None or sort is Sort.CHOICE:
            told[name] = value
        elif sort is Sort.PART:
            told[name] = _answer(inner, value, document)
        elif sort is Sort.ROWS:
            told[name] = [row for each in value if (row := _row(inner, each, document))]
        elif sort is Sort.ROW:
            told[name] = _row(inner, value, document)
        else:
            told[name] = {"text": _text(value), **_place(value.evidence[0], document)} if value.evidence else None
    return told


def _row(shape: type[BaseModel], found: BaseModel, document: Document) -> dict[str, Any] | None:
    places = [value.evidence[0] for _, value in values_of(found) if value.evidence]
    if not places:
        return None
    told = _place(min(places, key=lambda place: (place.page, place.box[1])), document)
    for name in shape.model_fields:
        value = getattr(found, name)
        told[name] = _text(value) if value is not None and value.evidence else None
    if isinstance(found, Movement):
        told[SIDE] = "debit" if found.amount.value < 0 else "credit"
    return told


def _text(value: Value[Any]) -> str:
    """A name as it is; of a figure or a date, what is printed."""
    shown = "\n".join(each.text for each in value.evidence)
    is_name = isinstance(value.value, str) or not any(map(str.isdigit, shown))
    return str(value.value) if is_name else shown


def _place(evidence: Evidence, document: Document) -> dict[str, Any]:
    page = next(page for page in document.pages if page.number == evidence.page)
    middle = evidence.box[1] + evidence.box[3]
    row = min(range(len(page.rows)), key=lambda index: abs(page.rows[index].top + page.rows[index].bottom - middle))
    return {"page": page.number, "row": row + 1}
