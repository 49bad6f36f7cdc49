"""Name trees and number trees of PDF (ISO 32000-2, 7.9.6 and 7.9.7): read them however broken, write them sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, String

#: Entries of one leaf: short enough for a reader to search, long enough to cost little.
_LEAF_ENTRIES = 64
#: More nodes than any real tree has; a tree beyond it is a trap.
_MOST_NODES = 200_000


def read_names(root: Any) -> Iterator[tuple[bytes, Any]]:
    """The names of a name tree with their values, in the tree's order; what is malformed is left out."""
    for key, value in _entries(root, "/Names"):
        if isinstance(key, String):
            yield bytes(key), value


def read_numbers(root: Any) -> Iterator[tuple[int, Any]]:
    """The numbers of a number tree with their values, in the tree's order; what is malformed is left out."""
    for key, value in _entries(root, "/Nums"):
        if isinstance(key, int) and not isinstance(key, bool):
            yield key, value


def write_names(pdf: pikepdf.Pdf, entries: Iterable[tuple[bytes, Any]]) -> Any:
    """A new name tree, indirect, of these entries in any order. The last of equal names stays."""
    ordered = sorted(dict(entries).items())
    return _write(pdf, "/Names", [(String(key), value) for key, value in ordered])


def write_numbers(pdf: pikepdf.Pdf, entries: Iterable[tuple[int, Any]]) -> Any:
    """A new number tree, indirect, of these entries in any order. The last of equal numbers stays."""
    return _write(pdf, "/Nums", sorted(dict(entries).items()))


def _entries(root: Any, key: str) -> Iterator[tuple[Any, Any]]:
    waiting, seen = [root], set[tuple[int, int]]()
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if not isinstance(node, Dictionary):
            continue
        if node.is_indirect:
            if node.objgen in seen:
                continue
            seen.add(node.objgen)
        if isinstance(entries := node.get(key), Array):
            flat = list(entries)
            yield from zip(flat[::2], flat[1::2], strict=False)
        if isinstance(kids := node.get("/Kids"), Array):
            waiting.extend(reversed(list(kids)))


def _write(pdf: pikepdf.Pdf, key: str, entries: list[tuple[Any, Any]]) -> Any:
    if len(entries) <= _LEAF_ENTRIES:
        return pdf.make_indirect(Dictionary({key: Array([part for entry in entries for part in entry])}))
    leaves = []
    for start in range(0, len(entries), _LEAF_ENTRIES):
        leaf = entries[start : start + _LEAF_ENTRIES]
        limits = Array([leaf[0][0], leaf[-1][0]])
        flat = Array([part for entry in leaf for part in entry])
        leaves.append(pdf.make_indirect(Dictionary({key: flat, "/Limits": limits})))
    return pdf.make_indirect(Dictionary(Kids=Array(leaves)))
