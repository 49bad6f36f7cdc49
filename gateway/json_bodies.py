"""Reads the JSON body of a request into a model, and names everything that is wrong with it in one answer."""

from __future__ import annotations

import json
from typing import TypeVar

from falcon.asgi import Request
from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.fields import Problems
from shared.errors import OptionsError, RequestError, TooLarge

#: Longest body, in bytes: what is read here is small by nature.
_MOST_BYTES = 64 * 1024


class Body(BaseModel):
    """What a route takes as JSON. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NotJson(RequestError):
    """This route takes JSON."""

    status = 415
    code = "not_json"
    remedy = "Send an object with 'Content-Type: application/json'."


class MalformedJson(RequestError):
    """The body is not the JSON that its header announces."""

    code = "malformed_json"
    remedy = "Send one JSON object, as /openapi.json describes it for this route."


#: What `read` raises.
PROBLEMS = (NotJson, MalformedJson, TooLarge, OptionsError)

_Model = TypeVar("_Model", bound=Body)


async def read(req: Request, model: type[_Model]) -> _Model:
    """The body as a model; no body at all is an empty object.

    Raises:
        NotJson, MalformedJson: there is something else.
        TooLarge: it is longer than 64 KiB.
        OptionsError: fields are wrong; all of them are named.
    """
    text = await req.bounded_stream.read(_MOST_BYTES + 1)
    if len(text) > _MOST_BYTES:
        raise TooLarge(f"The body is longer than {_MOST_BYTES:,} bytes.", remedy="Send a smaller body.")
    if text and (req.content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise NotJson
    try:
        given = json.loads(text or "{}")
        # Half a character is JSON, but no text.
        json.dumps(given, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise MalformedJson from None
    if b"\\u0000" in text:
        # PostgreSQL keeps no NUL in text.
        raise MalformedJson("A character with the code 0 is not allowed.")
    if not isinstance(given, dict):
        raise MalformedJson("The body is JSON, but not an object.")
    try:
        # Strict, as the schema says: no number for a text, no `true` for a number.
        return model.model_validate_json(text or "{}", strict=True)
    except ValidationError as error:
        raise _wrong(error) from None


def _wrong(error: ValidationError) -> OptionsError:
    problems = Problems()
    for wrong in error.errors(include_url=False, include_context=False, include_input=False):
        name = ".".join(str(part) for part in wrong["loc"])[:80]
        problems.add(name or "body", wrong["type"], f"{wrong['msg']}.")
    try:
        problems.raise_if_any()
    except OptionsError as named:
        return named
    raise AssertionError("a validation error names at least one problem")
