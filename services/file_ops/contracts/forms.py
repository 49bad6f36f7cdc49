"""Contracts. Forms: read, fill in, flatten."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, StringConstraints

from services.file_ops.service import SERVICE
from shared.media_types import PDF
from shared.operation import Options

#: What a field can be given: text, a number (as text), a choice or several, ticked or not; null empties it.
_Text = Annotated[StrictStr, StringConstraints(max_length=200_000)]
FieldValue = StrictBool | StrictInt | StrictFloat | _Text | Annotated[list[_Text], Field(max_length=10_000)] | None


class ReadForm(Options):
    """A form is read as it is."""


class FillForm(Options):
    """Values for the fields of a form."""

    values: dict[str, FieldValue] = Field(
        min_length=1,
        max_length=20_000,
        description="A value for each full field name, as 'read-form' lists them. Text fields: text, lines are kept. "
        "Checkboxes: true, false or the export value. Radio buttons and lists: one of the options; lists that "
        "take several: a list. null empties a field.",
    )
    force: bool = Field(False, description="Fill read-only fields as well.")
    flatten: bool = Field(False, description="Then turn all fields into page content that nobody can change.")
    break_signature: bool = Field(False, description="Fill in a digitally signed PDF although its signature breaks.")


class SeenAs(StrEnum):
    """Which annotations count: those of the screen or those of paper."""

    SCREEN = "screen"
    PRINT = "print"


class Flatten(Options):
    """What becomes page content."""

    forms: bool = Field(True, description="Fields of forms.")
    annotations: bool = Field(True, description="Comments, highlights, stamps, drawings.")
    keep_links: bool = Field(True, description="Links stay; otherwise they go, and what they look like stays.")
    seen_as: SeenAs = Field(
        SeenAs.SCREEN, description="screen: what a viewer shows. print: what a printer gets. The rest is removed."
    )
    break_signature: bool = Field(False, description="Flatten a digitally signed PDF although its signature breaks.")


READ_FORM = SERVICE.operation(
    "read-form", "List a form's fields and values.", options=ReadForm, accepts=(PDF,), quick=True
)
FILL_FORM = SERVICE.operation(
    "fill-form",
    "Fill in a form.",
    options=FillForm,
    accepts=(PDF,),
    produces=(PDF,),
    self_test_options={"values": {"name": "Self-test", "agreed": True}},
)
FLATTEN = SERVICE.operation(
    "flatten", "Turn forms and annotations into page content.", options=Flatten, accepts=(PDF,), produces=(PDF,)
)
