"""JSON out of what a model wrote: bare, in a fence, behind its thoughts, or between its words."""

from __future__ import annotations

import json
import re
from typing import Any

#: More is no answer to what is asked here.
_MAX_CHARACTERS = 4_000_000
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL | re.IGNORECASE)


class Malformed(Exception):
    """There is no JSON object in the answer."""


def object_in(text: str) -> dict[str, Any]:
    """The JSON object in an answer. Numbers with a point stay the text that they are written as: nothing is rounded.

    Raises:
        Malformed: there is none, or it is not whole.
    """
    if len(text) > _MAX_CHARACTERS:
        raise Malformed("the answer is far too long")
    text = _THOUGHTS.sub("", text)
    fences = _FENCE.findall(text)
    first, last = text.find("{"), text.rfind("}")
    between = [text[first : last + 1]] if 0 <= first < last else []
    for candidate in (text, *fences, *between):
        try:
            found = json.loads(candidate, parse_float=str, parse_constant=str)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    raise Malformed("the answer holds no JSON object")
