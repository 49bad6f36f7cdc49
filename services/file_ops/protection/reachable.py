"""Every object that a document's own references lead to: what no reference reaches is not written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Stream


def reachable(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """The trailer and every container below it once, direct ones included; changes while walking are followed."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [pdf.trailer]
    while waiting:
        thing = waiting.pop()
        if thing.is_indirect:
            if thing.objgen in seen:
                continue
            seen.add(thing.objgen)
        yield thing
        values = thing if isinstance(thing, Array) else [value for _, value in thing.items()]
        waiting.extend(value for value in values if isinstance(value, Dictionary | Array | Stream))
