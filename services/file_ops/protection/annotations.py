"""The annotations of a page, and how one is removed so that nothing else can lead to it."""

from __future__ import annotations

from typing import Any

from pikepdf import Array, Dictionary


def annotations_of(page: Any) -> list[Any]:
    """The annotations of a page that are dictionaries."""
    annotations = page.get("/Annots")
    return [each for each in annotations if isinstance(each, Dictionary)] if isinstance(annotations, Array) else []


def keep(page: Any, kept: list[Any], removed: list[Any]) -> None:
    """Leave a page with the annotations that are `kept`; empty the others: tags and fields may still name them."""
    page.Annots = Array(kept)
    for annotation in removed:
        empty(annotation)


def empty(annotation: Any) -> None:
    """Leave nothing of an annotation but its number."""
    for key in list(annotation.keys()):
        del annotation[key]
