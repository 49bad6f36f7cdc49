"""Makes options out of form fields, and names everything that is wrong with a request in one answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from shared.errors import BinderyError, OptionsError, UnsupportedMediaType, UrlNotAllowed
from shared.operation import PASSWORD, Operation, Options
from shared.webhooks import receivers

#: Fields that mean the same for every operation; no option may be called so.
RESERVED = ("file", "url", "job", "options", PASSWORD, "priority", "webhook_url")
#: Longest password that is accepted, in characters; PDF uses at most 127 bytes.
_LONGEST_PASSWORD = 1024
DEFAULT_PRIORITY = 5
#: Problems that the one sentence of an answer names; its list has all of them.
_SHOWN = 5


@dataclass
class Problems:
    """Everything that is wrong with one request."""

    found: list[dict[str, str]] = field(default_factory=list)
    #: What each problem would be on its own.
    _errors: list[BinderyError] = field(default_factory=list)
    #: How many files are wrong.
    files: int = 0

    def add(self, name: str, code: str, message: str) -> None:
        """A field is wrong."""
        self.found.append({"field": name, "code": code, "message": message})
        self._errors.append(OptionsError())

    def add_file(self, name: str | None, error: BinderyError) -> None:
        """A file is wrong, or (without a name) missing."""
        message = f"{name}: {error.message}" if name else error.message
        self.found.append({"field": "file", "code": error.code, "message": message})
        self._errors.append(error)
        self.files += 1

    def add_error(self, name: str, error: BinderyError) -> None:
        """What a field names cannot be had."""
        self.found.append({"field": name, "code": error.code, "message": error.message})
        self._errors.append(error)

    def raise_if_any(self) -> None:
        """Raise the error itself when all problems are of one kind, else an OptionsError; all are named in it."""
        if not self.found:
            return
        kinds = {type(error) for error in self._errors}
        kind = type(self._errors[0]) if len(kinds) == 1 else OptionsError
        shown = " ".join(_sentence(problem) for problem in self.found[:_SHOWN])
        more = f" And {len(self.found) - _SHOWN} more." if len(self.found) > _SHOWN else ""
        remedy = self._errors[0].remedy if len(self._errors) == 1 else None
        raise kind(f"{shown}{more}", problems=self.found, remedy=remedy)


def _sentence(problem: dict[str, str]) -> str:
    # A file's message begins with its name already.
    return problem["message"] if problem["field"] == "file" else f"{problem['field']}: {problem['message']}"


@dataclass(frozen=True)
class Choices:
    """What a caller chose beside the files."""

    options: dict[str, Any]
    #: By name: the password of the document, and options that are secret.
    secrets: dict[str, str]
    priority: int
    #: The options as their model, which is what says the steps that go along; None when they are wrong.
    valid: Options | None
    #: Who is told of the end.
    webhook_url: str | None


def read(fields: list[tuple[str, str]], operation: Operation, problems: Problems) -> Choices:
    """Check all fields of a form. What is wrong becomes `problems`."""
    given: dict[str, Any] = {}
    for name, value in fields:
        if name in given:
            problems.add(name, "given_twice", "The field was given twice.")
        if "\0" in value or "\\u0000" in value:
            # PostgreSQL keeps no NUL in text.
            problems.add(name, "zero_character", "A character with the code 0 is not allowed.")
        given[name] = value
    for name in operation.structured_options & given.keys():
        given[name] = _parsed(given[name])
    password = given.pop(PASSWORD, None)
    if password is not None and len(password) > _LONGEST_PASSWORD:
        problems.add(PASSWORD, "too_long", f"A password has at most {_LONGEST_PASSWORD} characters.")
    urgency = priority(given.pop("priority", None), problems)
    receiver = webhook_url(given.pop("webhook_url", None), problems)
    for name, value in _from_json(given.pop("options", None), problems).items():
        if name in given:
            problems.add(name, "given_twice", "The option stands in 'options' and in a field of its own.")
        given[name] = value
    valid = _valid(given, operation, problems)
    options, secrets = _apart(valid, operation) if valid else ({}, {})
    if password:
        secrets[PASSWORD] = password
    return Choices(options, secrets, urgency, valid, receiver)


def priority(given: str | None, problems: Problems) -> int:
    """The priority that a form asks for. What is wrong becomes `problems`."""
    if given is None:
        return DEFAULT_PRIORITY
    if len(given) != 1 or given not in "0123456789":
        problems.add("priority", "out_of_range", "The priority is a digit from 0 (first) to 9 (last).")
        return DEFAULT_PRIORITY
    return int(given)


def webhook_url(given: str | None, problems: Problems) -> str | None:
    """The URL that is told of the end. What is wrong becomes `problems`."""
    if not given:
        return None
    try:
        receivers.check(given)
    except UrlNotAllowed as error:
        problems.add_error("webhook_url", error)
    return given


def _from_json(given: str | None, problems: Problems) -> dict[str, Any]:
    if given is None:
        return {}
    try:
        found = json.loads(given)
    except (ValueError, RecursionError):
        problems.add("options", "malformed_json", "This is not JSON.")
        return {}
    if not isinstance(found, dict):
        problems.add("options", "malformed_json", "This is JSON, but not an object.")
        return {}
    return found


def _parsed(value: str) -> Any:
    """A field whose option is a list or an object is written as JSON; what is not stays text, which is refused."""
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _apart(valid: Options, operation: Operation) -> tuple[dict[str, Any], dict[str, str]]:
    """The options as JSON values, and apart from them those that are secret."""
    hidden = {name: getattr(valid, name) for name in operation.secret_options}
    secrets = {name: value.get_secret_value() for name, value in hidden.items() if value is not None}
    return valid.model_dump(mode="json", exclude=set(hidden)), secrets


def _valid(given: dict[str, Any], operation: Operation, problems: Problems) -> Options | None:
    try:
        return operation.options.model_validate(given)
    except ValidationError as error:
        for wrong in error.errors(include_url=False, include_context=False, include_input=False):
            name = ".".join(str(part) for part in wrong["loc"])
            if wrong["type"] == "extra_forbidden":
                problems.add(name[:80], "unknown_option", _unknown(operation))
            else:
                problems.add(name, wrong["type"], f"{wrong['msg']}.")
        return None


def _unknown(operation: Operation) -> str:
    known = ", ".join(operation.options.model_fields) or "none"
    return f"{operation.name} has no such option. Its options: {known}."


def not_accepted(operation: Operation, found: str | None) -> UnsupportedMediaType:
    """What is said of a file of another kind; `found` names its kind, None: it is not known."""
    wanted = " or ".join(media_type.label for media_type in operation.accepts)
    what = f"is a {found}" if found else "is of no kind that Bindery knows"
    return UnsupportedMediaType(f"The file {what}; {operation.name} takes {wanted}.")
