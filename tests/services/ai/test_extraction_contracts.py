"""What extractions declare: the step before them, and what a cached result depends on."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.chains import Chain, chain_of
from gateway.result_cache import cache_key
from shared import catalogue
from shared.jobs import StoredFile
from shared.media_types import PDF, PNG, XML, accepted
from shared.operation import Operation
from tests.conftest import SettingsEnv

EXTRACTIONS = ("extract-bank-statement", "extract-invoice", "extract-receipt", "extract-trial-balance")
SERVER = {"ai_base_url": "http://127.0.0.1:9/v1", "ai_model": "small"}


def operation(name: str) -> Operation:
    """One of this installation."""
    return catalogue.load().operation(name)


def key(name: str = "extract-invoice", **options: Any) -> str | None:
    """The key of a cached result."""
    stored = StoredFile("a.pdf", PDF.name, 1, "0" * 64, "k")
    valid = operation(name).options.model_validate(options).model_dump(mode="json")
    return cache_key(operation(name), valid, [stored], Chain(), owner="local", secret=False)


def before(name: str, kind: str, **options: Any) -> list[Any]:
    """The steps before an operation on a document of a kind."""
    valid = operation(name).options.model_validate(options)
    return list(chain_of(catalogue.load(), operation(name), valid, [kind]).before)


@pytest.mark.parametrize("name", EXTRACTIONS)
@pytest.mark.parametrize("kind", [PDF.name, PNG.name])
def test_pages_that_may_be_scans_are_read_first(name: str, kind: str) -> None:
    (step,) = before(name, kind, language="de-AT", pages="2-3")

    assert step.operation.name == "ocr"
    assert (step.options["mode"], step.options["languages"], step.options["pages"]) == ("skip-text", "deu", "2-3")
    # Signed invoices are common, and what is read is a copy.
    assert step.options["break_signature"]


@pytest.mark.parametrize("name", EXTRACTIONS)
def test_the_step_is_left_out_when_the_caller_says_so(name: str) -> None:
    assert before(name, PDF.name, skip_ocr=True) == []


def test_an_invoice_that_is_xml_goes_straight_to_its_extraction() -> None:
    steps = before("extract-invoice", XML.name)
    assert not [step for step in steps if accepted(XML, tuple(step.takes))]


def test_an_answer_of_another_model_is_no_answer(settings_env: SettingsEnv) -> None:
    settings_env(**SERVER)
    small = key()
    settings_env(**SERVER, ai_api_key="sk-another")
    same = key()
    settings_env(**{**SERVER, "ai_model": "large"})
    large = key()

    assert small
    assert small == same
    assert large != small


def test_what_rules_read_does_not_depend_on_the_model(settings_env: SettingsEnv) -> None:
    without = key(engine="rules")
    settings_env(**SERVER)

    assert key(engine="rules") == without
