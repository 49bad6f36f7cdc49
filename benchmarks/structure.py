"""Counts the twelve kinds of structure that a PDF may carry beside its pages' looks."""

from __future__ import annotations

from typing import Any

import pikepdf

KINDS = (
    "links",
    "outline",
    "named dests",
    "widgets",
    "AcroForm",
    "XFA",
    "tags",
    "lang",
    "layers",
    "attachments",
    "page labels",
    "encryption",
)
#: A hostile tree may be endless: no more than so many nodes are counted.
MAX_NODES = 300_000


def counted(pdf: pikepdf.Pdf) -> dict[str, int]:
    """Return how many of each kind the document has; 1 or 0 for what it has once at most."""
    root = pdf.Root
    form = _dictionary(root.get("/AcroForm"))
    names = _dictionary(root.get("/Names"))
    annotations = [annotation for page in pdf.pages for annotation in _items(page.obj.get("/Annots"))]
    subtypes = [str(_dictionary(annotation).get("/Subtype", "")) for annotation in annotations]
    tree = _dictionary(root.get("/StructTreeRoot"))
    return {
        "links": subtypes.count("/Link"),
        "outline": _siblings(_dictionary(root.get("/Outlines")).get("/First")),
        "named dests": _leaves(names.get("/Dests"), "/Names") // 2 + len(_dictionary(root.get("/Dests"))),
        "widgets": subtypes.count("/Widget"),
        "AcroForm": len(_items(form.get("/Fields"))) or int(bool(form)),
        "XFA": int("/XFA" in form),
        "tags": _elements(tree.get("/K")),
        "lang": int("/Lang" in root),
        "layers": len(_items(_dictionary(root.get("/OCProperties")).get("/OCGs"))),
        "attachments": _leaves(names.get("/EmbeddedFiles"), "/Names") // 2 + subtypes.count("/FileAttachment"),
        "page labels": _leaves(root.get("/PageLabels"), "/Nums") // 2,
        "encryption": int(pdf.is_encrypted),
    }


def image_share(pdf: pikepdf.Pdf, size_bytes: int) -> float:
    """Return which share of the file's bytes is image streams, 0 to 1."""
    images = sum(
        len(found.read_raw_bytes())
        for found in pdf.objects
        if isinstance(found, pikepdf.Stream) and found.get("/Subtype") == pikepdf.Name.Image
    )
    return min(1.0, images / size_bytes)


def _dictionary(found: Any) -> Any:
    return found if isinstance(found, pikepdf.Dictionary | pikepdf.Stream) else {}


def _items(found: Any) -> list[Any]:
    return list(found) if isinstance(found, pikepdf.Array) else []


def _siblings(first: Any) -> int:
    """Count outline items: the first one, those after it, and those below each."""
    waiting, seen = [first], set[tuple[int, int]]()
    while waiting and len(seen) < MAX_NODES:
        item = waiting.pop()
        if isinstance(item, pikepdf.Dictionary) and item.objgen not in seen:
            seen.add(item.objgen)
            waiting += [item.get("/First"), item.get("/Next")]
    return len(seen)


def _leaves(tree: Any, key: str) -> int:
    """Count the entries of a name tree or a number tree (a key and a value are two)."""
    waiting, seen, total = [tree], 0, 0
    while waiting and seen < MAX_NODES:
        seen += 1
        node = _dictionary(waiting.pop())
        total += len(_items(node.get(key)))
        waiting += _items(node.get("/Kids"))
    return total


def _elements(kids: Any) -> int:
    """Count structure elements: dictionaries that name their kind in /S."""
    waiting, seen, total = [kids], set[tuple[int, int]](), 0
    while waiting and len(seen) < MAX_NODES:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting += list(node)
        elif (
            isinstance(node, pikepdf.Dictionary) and "/S" in node and (not node.is_indirect or node.objgen not in seen)
        ):
            if node.is_indirect:
                seen.add(node.objgen)
            total += 1
            waiting.append(node.get("/K"))
    return total
