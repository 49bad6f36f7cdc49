"""`extract`: data in the caller's own shape, each value with its place; schemas that could do harm are refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.ai.contracts.own_schema import OwnSchemaOptions
from services.ai.model.errors import ModelAnswerUnusable, ModelBudgetSpent, ModelNotConfigured
from services.ai.own_schema.reading import extract_by_schema
from tests.conftest import SettingsEnv
from tests.services.ai.asking_documents import settings_for, task_for, write_pdf
from tests.services.ai.openai_server import ModelServer, Request, says, thinks

_LEASE = [
    "Lease agreement",
    "Tenant\tMarta Müller",
    "Rent per month\t1.250,00 EUR",
    "Begins\t15.03.2026",
    "Pets allowed\tno",
    "Room\tArea",
    "Kitchen\t12,5",
    "Bath\t6,25",
]
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "tenant": {"type": "string"},
        "rent": {"type": "number", "minimum": 1},
        "begins": {"type": "string", "format": "date"},
        "ends": {"type": ["string", "null"], "format": "date"},
        "pets": {"type": "boolean"},
        "kind": {"enum": ["lease", "sale"]},
        "rooms": {"type": "array", "items": {"$ref": "#/$defs/room"}},
    },
    "required": ["tenant", "rent"],
    "additionalProperties": False,
    "$defs": {"room": {"type": "object", "properties": {"name": {"type": "string"}, "area": {"type": "number"}}}},
}


def _at(text: str, row: int, **more: object) -> dict[str, object]:
    return {"text": text, "page": 1, "row": row, **more}


def _answer(**changed: object) -> dict[str, object]:
    rooms = [{"name": _at("Kitchen", 7), "area": _at("12,5", 7)}, {"name": _at("Bath", 8), "area": _at("6,25", 8)}]
    return {
        "tenant": _at("Marta Müller", 2),
        "rent": _at("1.250,00 EUR", 3),
        "begins": _at("15.03.2026", 4),
        "ends": None,
        "pets": _at("no", 5, value=False),
        "kind": _at("Lease agreement", 1, value="lease"),
        "rooms": rooms,
        **changed,
    }


@pytest.fixture
def read(model_server: ModelServer, settings_env: SettingsEnv, tmp_path: Path):
    """Read the lease: `read(schema, instructions="...")`."""

    def run(schema: dict[str, Any] = _SCHEMA, *, pages: tuple[list[str], ...] = (_LEASE,), **options: Any) -> Any:
        chosen = options.pop("settings", {})
        settings_env(**settings_for(model_server, **chosen))
        task = task_for(write_pdf(tmp_path / "lease.pdf", *pages))
        result = extract_by_schema(task, OwnSchemaOptions(json_schema=schema, **options))
        (output,) = task.outputs
        assert json.loads(output.path.read_text()) == result["data"]
        return result

    return run


def test_values_are_parsed_by_us_and_carry_their_place(model_server: ModelServer, read) -> None:
    model_server.script(says(_answer()))

    result = read()

    assert result["data"] == {
        "tenant": "Marta Müller",
        "rent": 1250,
        "begins": "2026-03-15",
        "ends": None,
        "pets": False,
        "kind": "lease",
        "rooms": [{"name": "Kitchen", "area": 12.5}, {"name": "Bath", "area": 6.25}],
    }
    assert result["fits_schema"]
    assert result["ungrounded"] == 0
    places = {leaf["path"]: leaf["evidence"][0] for leaf in result["values"]}
    assert places["/rooms/1/area"]["text"] == "6,25"
    assert places["/rent"]["page"] == 1
    left, top, right, bottom = places["/tenant"]["box"]
    assert 170 < left < right < 300
    assert 20 < top < bottom < 80


def test_a_value_that_stands_nowhere_is_said_to_be_ungrounded(model_server: ModelServer, read) -> None:
    model_server.script(says(_answer(tenant=_at("Peter Invented", 2))))

    result = read()

    assert result["ungrounded"] == 1
    (leaf,) = [leaf for leaf in result["values"] if leaf["ungrounded"]]
    assert leaf["path"] == "/tenant"


def test_what_the_page_prints_counts_and_not_the_row_that_the_model_miscounted(model_server: ModelServer, read) -> None:
    model_server.script(says(_answer(rent=_at("1.250,00", 40))))

    result = read()

    assert next(leaf for leaf in result["values"] if leaf["path"] == "/rent")["evidence"][0]["text"] == "1.250,00 EUR"


def test_a_value_in_several_places_far_from_the_row_that_is_named_has_no_place(model_server: ModelServer, read) -> None:
    schema = {"type": "object", "properties": {"fee": {"type": "number"}, "name": {"type": "string"}}}
    lines = ["Fee\t5,00", *(f"Line {number}" for number in range(20)), "Other fee\t5,00", "Fee for name"]
    model_server.script(says({"fee": _at("5,00", 11), "name": _at("Fee", 11)}))

    assert read(schema, pages=(lines,))["ungrounded"] == 2


def test_data_that_do_not_fit_the_schema_are_repaired_once_and_else_told(model_server: ModelServer, read) -> None:
    model_server.script(says(_answer(rent=None)), says(_answer()))
    repaired = read()
    assert repaired["fits_schema"]
    assert "/" in model_server.requests[1].user
    assert "required" in model_server.requests[1].user

    model_server.script(says(_answer(rent=None)))
    told = read()
    assert not told["fits_schema"]
    assert any("required" in problem for problem in told["problems"])
    assert "rent" not in told["data"]
    assert len(model_server.requests) == 2


def test_an_answer_of_another_form_is_shown_its_fault(model_server: ModelServer, read) -> None:
    model_server.script(says({"Mieter": "Marta"}), says(_answer()))

    assert read()["fits_schema"]
    assert "properties" in model_server.requests[1].user


def test_no_usable_answer_is_an_error(model_server: ModelServer, read) -> None:
    model_server.script(says("Sorry."))

    with pytest.raises(ModelAnswerUnusable):
        read()


def test_a_number_is_never_rounded_to_fit_json(model_server: ModelServer, read) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "number"}}}
    model_server.script(says({"n": _at("1234567890123456.78", 1)}))

    result = read(schema, pages=(["Number 1234567890123456.78"],))

    assert result["data"] == {}
    assert result["problems"]


def test_a_long_document_is_read_in_pieces_without_entries_told_twice(model_server: ModelServer, read) -> None:
    pages = tuple([f"Item {page:02d}{row:02d}\t{page * 100 + row},00" for row in range(40)] for page in range(1, 4))
    schema = {
        "type": "object",
        "properties": {
            "items": {
                "type": "array",
                "items": {"type": "object", "properties": {"name": {"type": "string"}, "price": {"type": "number"}}},
            }
        },
    }

    def everything(request: Request) -> dict[str, object]:
        items, page = [], 0
        for line in request.user.splitlines():
            if " page " in line and line.startswith("=="):
                page = int(line.split(" page ")[1].split(",")[0])
            elif found := re.match(r"(\d+)\| *(Item \d+)  +(\S+)", line):
                number, name, price = found.groups()
                place = {"page": page, "row": int(number)}
                items.append({"name": {"text": name, **place}, "price": {"text": price, **place}})
        return {"items": items}

    model_server.script(thinks(everything))

    result = read(schema, pages=pages, settings={"context_tokens": 4000, "max_answer_tokens": 800})

    assert len(model_server.requests) > 2
    names = [item["name"] for item in result["data"]["items"]]
    assert names == [f"Item {page:02d}{row:02d}" for page in range(1, 4) for row in range(40)]


def test_the_budget_ends_the_job_cleanly(model_server: ModelServer, read) -> None:
    pages = tuple([f"Line {row} of page {page} with some words" for row in range(40)] for page in range(20))
    model_server.script(says(_answer(), usage=(2000, 500)))

    result = read(
        pages=pages,
        max_tokens=6000,
        settings={"context_tokens": 5000, "max_answer_tokens": 1000, "parallel_requests": 1},
    )

    assert any("used up" in note for note in result["notes"])
    assert result["usage"]["input_tokens"] + result["usage"]["output_tokens"] <= 6000

    with pytest.raises(ModelBudgetSpent):
        read(pages=pages, max_tokens=1000)


def test_without_a_model_the_job_ends_at_once_with_what_to_set(settings_env: SettingsEnv, tmp_path: Path) -> None:
    task = task_for(write_pdf(tmp_path / "lease.pdf", _LEASE))

    with pytest.raises(ModelNotConfigured) as raised:
        extract_by_schema(task, OwnSchemaOptions(json_schema=_SCHEMA))

    assert "BINDERY_AI_BASE_URL" in raised.value.remedy
    assert not raised.value.retryable


_NESTED: dict[str, Any] = {"type": "string"}
for _ in range(12):
    _NESTED = {"type": "object", "properties": {"inner": _NESTED}}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "an object"),
        ({"type": "array", "items": {"type": "string"}}, "an object"),
        ({"type": "object", "properties": {"a": {"$ref": "https://example.org/schema"}}}, "to nothing else"),
        ({"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}}, "has no 'b'"),
        (
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/a"}},
                "$defs": {"a": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}}},
            },
            "contains itself",
        ),
        (_NESTED, "levels"),
        ({"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(400)}}, "at most 300"),
        ({"type": "object", "properties": {"a": {"type": "string", "pattern": "(a+)+$"}}}, "repeats a repetition"),
        ({"type": "object", "properties": {"a": {"type": "string", "pattern": "(a|ab)*c"}}}, "repeats a choice"),
        ({"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}}, "no regular expression"),
        ({"type": "object", "properties": {"a": {"type": ["string", "number"]}}}, "one type"),
        ({"type": "object", "properties": {"a": {"not": {"type": "string"}}}}, "'not' is not known"),
        ({"type": "object", "properties": {"a": {"type": "string", "description": "x" * 40_000}}}, "at most"),
        ({"type": "object", "properties": {"a": {"type": "number", "multipleOf": 0}}}, "above 0"),
        ({"type": "object", "properties": {"a": 3}}, "which is an object"),
        ({"type": "object", "properties": {"a": {"type": "array"}}}, "which is an object"),
    ],
)
def test_a_schema_that_is_too_much_or_unknown_is_refused_with_the_place(schema: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        OwnSchemaOptions(json_schema=schema)
