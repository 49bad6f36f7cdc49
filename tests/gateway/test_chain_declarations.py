"""What goes before and after an operation is declared once, and a declaration that cannot work is refused at start."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import Field

from gateway.chains import chain_of, check
from shared import catalogue
from shared.catalogue import Catalogue
from shared.errors import OptionsError
from shared.media_types import JSON, PDF, PNG, TEXT, XML
from shared.operation import Operation, Options, Service, Step


class _Options(Options):
    straight: bool = False
    degrees: int = Field(0, le=360)


def chained(**declared: Any) -> Catalogue:
    """Operations `first` (pictures to PDF), `last` (PDF to PDF), `text`, and `read`, which is declared by the test."""
    service = Service("probe", summary="For tests.")
    service.operation("first", "Begin.", options=_Options, accepts=(PDF, PNG), produces=(PDF, TEXT))
    service.operation("last", "End.", options=_Options, accepts=(PDF,), produces=(PDF,))
    service.operation("text", "Text only.", options=_Options, accepts=(TEXT,), produces=(TEXT,))
    service.operation("several", "Join.", options=_Options, accepts=(PDF,), produces=(PDF,), inputs="many")
    given = {"accepts": (PDF, PNG, XML), "produces": (PDF, JSON), **declared}
    service.operation("read", "Read.", options=_Options, **given)
    return Catalogue({"probe": service}, service.operations)


def steps(found: Catalogue, kind: str = PDF.name, **options: Any) -> list[str]:
    """The names of the steps around `read`, with itself."""
    chain = chain_of(found, found.operations["read"], _Options(**options), [kind])
    return [*(one.operation.name for one in chain.before), "read", *(one.operation.name for one in chain.after)]


def test_a_step_goes_along_when_the_options_say_so():
    before = Step("first", applies=lambda options: not options.straight)
    found = chained(preceded_by=(before,), followed_by=(Step("last", applies=lambda options: options.degrees > 0),))

    assert steps(found) == ["first", "read"]
    assert steps(found, straight=True, degrees=90) == ["read", "last"]


def test_a_document_that_the_step_before_does_not_take_goes_straight_to_the_operation():
    found = chained(preceded_by=(Step("first"),))

    assert steps(found, PNG.name) == ["first", "read"]
    assert steps(found, XML.name) == ["read"]


def test_a_step_takes_what_the_one_before_it_makes():
    found = chained(preceded_by=(Step("first"), Step("last")))

    assert steps(found, PNG.name) == ["first", "last", "read"]


def test_the_options_of_a_step_are_made_of_those_of_its_operation_and_are_complete():
    found = chained(followed_by=(Step("last", options=lambda options: {"degrees": options.degrees}),))

    (added,) = chain_of(found, found.operations["read"], _Options(degrees=90), [PDF.name]).after

    assert added.options == {"straight": False, "degrees": 90}


def test_options_that_a_step_refuses_are_the_callers_error():
    found = chained(followed_by=(Step("last", options=lambda options: {"degrees": options.degrees * 10}),))

    with pytest.raises(OptionsError, match="degrees"):
        steps(found, degrees=90)


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ({"preceded_by": (Step("missing"),)}, "no such operation"),
        ({"followed_by": (Step("read"),)}, "another operation"),
        ({"followed_by": (Step("several"),)}, "on one file"),
        ({"preceded_by": (Step("text"),)}, "does not fit"),
        ({"followed_by": (Step("text"),)}, "does not fit"),
        ({"followed_by": (Step("last", takes=(TEXT,)),)}, "does not fit"),
        ({"followed_by": (Step("last", options=lambda _: {"colour": "red"}),)}, "refuses"),
    ],
)
def test_a_step_that_cannot_work_is_refused_at_start(declared: dict[str, Any], why: str):
    with pytest.raises(ValueError, match=why):
        check(chained(**declared))


def test_a_step_has_no_steps_of_its_own():
    found = chained(preceded_by=(Step("first"),))
    found.operations["other"] = Operation(
        "other", Service("o", ""), "", _Options, (PDF,), (PDF,), followed_by=(Step("read"),)
    )

    with pytest.raises(ValueError, match="steps of its own"):
        check(found)


@pytest.mark.parametrize(
    ("inputs", "declared"), [("many", {"preceded_by": (Step("first"),)}), ("none", {"followed_by": (Step("last"),)})]
)
def test_only_what_takes_one_file_or_makes_one_has_steps(inputs: str, declared: dict[str, Any]):
    with pytest.raises(ValueError, match="step"):
        chained(inputs=inputs, **declared)


def test_every_step_that_is_declared_here_works():
    check(catalogue.load())
