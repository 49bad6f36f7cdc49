"""Put content under and over what pages show, sharing every object that several pages use."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.file_ops.marks.graphics_balance import balance_of
from shared.pdf.inheritance import inherited

#: Resources by category ("/XObject") and name.
Resources = dict[str, dict[str, Any]]


@dataclass
class _Additions:
    page: pikepdf.Page
    under: list[bytes] = field(default_factory=list)
    over: list[bytes] = field(default_factory=list)
    resources: Resources = field(default_factory=dict)


class PageContent:
    """Additions to pages of one document, written by `finish`.

    The old content stands between `q` and `Q`, so that whatever it leaves behind does not reach a mark. Pages that
    shared their resources share the new ones, equal content becomes one stream: a mark on a thousand pages costs
    some kilobytes.
    """

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._additions: dict[tuple[int, int], _Additions] = {}
        self._streams: dict[bytes, Any] = {}
        self._merged: dict[Any, Any] = {}
        self._names: dict[tuple[int, int], str] = {}
        self._prefix: str | None = None

    def name_of(self, resource: Any) -> str:
        """A name for an indirect object that no page's resources use: `/Mark0`."""
        if self._prefix is None:
            self._prefix = _free_prefix(self._pdf)
        return self._names.setdefault(resource.objgen, f"/{self._prefix}{len(self._names)}")

    def add(self, page: pikepdf.Page, content: bytes, resources: Resources, *, under: bool = False) -> None:
        """Put content under or over the page; earlier additions lie deeper. `resources` go by `name_of`."""
        additions = self._additions.setdefault(page.obj.objgen, _Additions(page))
        (additions.under if under else additions.over).append(content)
        for category, named in resources.items():
            additions.resources.setdefault(category, {}).update(named)

    def finish(self) -> None:
        """Write the additions to their pages."""
        for additions in self._additions.values():
            page, balance = additions.page.obj, balance_of(additions.page)
            old = page.get("/Contents")
            parts = [part for part in (list(old) if isinstance(old, Array) else [old]) if isinstance(part, Stream)]
            before = self._stream([*additions.under, balance.opening])
            after = self._stream([balance.closing, *additions.over])
            page.Contents = Array([before, *parts, after])
            self._merge_resources(page, additions.resources)

    def _stream(self, parts: list[bytes]) -> Any:
        content = b"\n".join(parts) + b"\n"
        if content not in self._streams:
            self._streams[content] = self._pdf.make_stream(content)
        return self._streams[content]

    def _merge_resources(self, page: Any, added: Resources) -> None:
        """Give the page a copy of its resources with the added ones; pages that shared theirs share the copy."""
        old = inherited(page, "/Resources")
        identity = old.objgen if isinstance(old, Dictionary) and old.is_indirect else page.objgen
        key = (identity, tuple((kind, name, added[kind][name].objgen) for kind in added for name in added[kind]))
        if key not in self._merged:
            merged = _copied(old)
            for category, named in added.items():
                known = _copied(merged.get(category))
                for name, resource in named.items():
                    known[Name(name)] = resource
                merged[Name(category)] = known
            self._merged[key] = self._pdf.make_indirect(merged)
        page.Resources = self._merged[key]


def _copied(dictionary: Any) -> Any:
    """A shallow copy; names that are no UTF-8 stay as they are, which a Python dict in between would not allow."""
    return copy(dictionary) if isinstance(dictionary, Dictionary) else Dictionary()


def _free_prefix(pdf: pikepdf.Pdf) -> str:
    """A beginning of resource names that no page uses yet: `Mark`, or `Mark1-` in a document that we marked before."""
    used = set[str]()
    for page in pdf.pages:
        resources: Any = inherited(page.obj, "/Resources")
        categories: list[Any] = list(resources.values()) if isinstance(resources, Dictionary) else []
        for category in categories:
            if isinstance(category, Dictionary):
                used.update(name for name in map(str, category.keys()) if name.startswith("/Mark"))
    prefix, number = "Mark", 0
    while any(name.startswith(f"/{prefix}") for name in used):
        number += 1
        prefix = f"Mark{number}-"
    return prefix
