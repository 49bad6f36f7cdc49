"""Check all given values against the fields of a form before anything is written."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from services.file_ops.contracts.forms import FieldValue
from services.file_ops.forms.field_tree import Flag, FormField, FormFields, Kind
from services.file_ops.forms.field_values import choices_of, is_single, max_length, states_of
from services.file_ops.forms.names import OFF
from shared.errors import FileProcessingError

#: Problems that the message names; `problems` has them all.
_MOST_NAMED = 20
#: Options that a problem names.
_MOST_OPTIONS = 12


class WrongValues(FileProcessingError):
    """Some values do not fit the form."""

    code = "form_values"
    remedy = "Correct the fields that are named; 'read-form' lists the form's fields, their options and limits."

    def __init__(self, problems: dict[str, str]) -> None:
        named = [f"{name!r}: {problem}" for name, problem in list(problems.items())[:_MOST_NAMED]]
        more = len(problems) - len(named)
        super().__init__(
            f"{len(problems)} of the values do not fit the form. "
            + "; ".join(named)
            + (f"; and {more} more" * bool(more)),
            problems=[{"field": name, "problem": problem} for name, problem in problems.items()],
        )


@dataclass(frozen=True)
class Filled:
    """What a field gets: text, chosen options, or the export value of a button (None: off, or empty)."""

    field: FormField
    value: str | list[str] | None


class _Wrong(Exception):
    """A value does not fit its field; the text says why."""


def checked(values: dict[str, FieldValue], found: FormFields, *, force: bool) -> list[Filled]:
    """The values in the form's own words.

    Raises:
        WrongValues: names every field that is unknown and every value that does not fit.
    """
    filled, problems = [], {}
    for name, value in values.items():
        try:
            field = found.fields.get(name)
            if field is None:
                raise _Wrong(_unknown(name, found))
            if field.has(Flag.READ_ONLY) and not force:
                raise _Wrong("the field is read-only; the option force=true fills it")
            filled.append(Filled(field, _fitting(field, value)))
        except _Wrong as problem:
            problems[name] = str(problem)
    if problems:
        raise WrongValues(problems)
    return filled


def _unknown(name: str, found: FormFields) -> str:
    near = difflib.get_close_matches(name, found.fields, n=1) or [
        full for full in found.fields if full.endswith("." + name)
    ]
    hint = f"; is {near[0]!r} meant?" if near else ""
    return f"the form has no such field{hint}" if found.fields else "the document has no form fields"


def _fitting(field: FormField, value: FieldValue) -> str | list[str] | None:
    match field.kind:
        case Kind.TEXT:
            return _text(field, value)
        case Kind.CHECKBOX | Kind.RADIO:
            return _state(field, value)
        case Kind.LIST | Kind.DROPDOWN:
            return _choice(field, value)
        case Kind.SIGNATURE:
            raise _Wrong("it is a signature field, which only signing fills")
        case Kind.BUTTON:
            raise _Wrong("it is a push button, which holds no value")
    raise _Wrong("its kind is not known")


def _text(field: FormField, value: FieldValue) -> str:
    if isinstance(value, bool | list):
        raise _Wrong("a text field takes text or a number")
    if value is None:
        return ""
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    limit = max_length(field)
    if limit is not None and len(text) > limit:
        raise _Wrong(f"{len(text)} characters; at most {limit} fit")
    if "\n" in text and not field.has(Flag.MULTILINE):
        raise _Wrong("the field takes one line")
    return text


def _state(field: FormField, value: FieldValue) -> str | None:
    states = states_of(field)
    if not states:
        raise _Wrong("the field is shown nowhere, so that it has no states")
    if value is None or value is False or value == OFF:
        return None
    exports = list(dict.fromkeys(export for _, _, export in states))
    if value is True:
        if is_single(field) or len(exports) == 1:
            return exports[0]
        raise _Wrong(f"it has several options; one of {_listed(exports)} is needed")
    text = str(value) if isinstance(value, str | int | float) else None
    found = next((export for _, on, export in states if text in (export, on)), None)
    if found is not None:
        return found
    if is_single(field) and text is not None and text.lower() in ("true", "false"):
        return exports[0] if text.lower() == "true" else None
    alternatives = "true, false or " if is_single(field) else ""
    raise _Wrong(f"{value!r} is none of {alternatives}{_listed(exports)}")


def _choice(field: FormField, value: FieldValue) -> str | list[str] | None:
    if isinstance(value, bool):
        raise _Wrong("a list takes options, not true or false")
    many = field.kind is Kind.LIST and field.has(Flag.MULTI_SELECT)
    if value is None or value == []:
        return None
    given = value if isinstance(value, list) else [str(value)]
    if len(given) > 1 and not many:
        raise _Wrong("it takes one option only")
    stored = [_option(field, each) for each in given]
    return stored if many else stored[0]


def _option(field: FormField, text: str) -> str:
    choices = choices_of(field)
    # An export value counts before a label that reads the same.
    for candidates in ([(stored, stored) for stored, _ in choices], [(shown, stored) for stored, shown in choices]):
        for shown, stored in candidates:
            if shown == text:
                return stored
    if field.kind is Kind.DROPDOWN and field.has(Flag.EDIT):
        return text
    raise _Wrong(f"{text!r} is none of {_listed([stored for stored, _ in choices])}")


def _listed(options: list[str]) -> str:
    named = ", ".join(repr(option) for option in options[:_MOST_OPTIONS])
    more = len(options) - _MOST_OPTIONS
    return named + (f" and {more} more" if more > 0 else "")
