"""What the XML exports share: elements in order, text that XML can hold, and the warning on top of the file."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree  # type: ignore[import-untyped,unused-ignore]

from services.ai.figures.checks import Check
from services.ai.figures.value import Status

#: An element being built. lxml carries no annotations of its own.
Element = Any

#: Characters that XML 1.0 cannot hold.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class ExportImpossible(Exception):
    """The format demands what the document does not tell; the text says what."""


def add(parent: Element, name: str, text: object = None, **attributes: str) -> Element:
    """Append an element in the namespace of its parent. Its text is in one line."""
    namespace = etree.QName(parent).namespace
    child = etree.SubElement(parent, etree.QName(namespace, name), attributes)
    if text is not None:
        child.text = one_line(str(text))
    return child


def one_line(text: str, most_characters: int | None = None) -> str:
    """Text without line ends and without what XML cannot hold, cut to a length."""
    found = " ".join(_FORBIDDEN.sub("", text).split())
    return found[:most_characters].rstrip()


def written(root: Element, *, before: str = "", warning: str | None = None) -> bytes:
    """The document in UTF-8, with a line `before` the root, and a warning as a comment where there is one."""
    body: bytes = etree.tostring(root, encoding="UTF-8", pretty_print=True)
    comment = f"<!-- {warning.replace('--', '- -')} -->\n" if warning else ""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{before}{comment}'.encode() + body


def warning_of(status: Status, checks: list[Check]) -> str | None:
    """What a reader of the file must know of its figures; None when all of them hold."""
    if status is Status.VERIFIED:
        return None
    if status is Status.UNVERIFIABLE:
        return "NOT VERIFIED: the document does not hold what would prove its figures."
    failed = [one_line(check.says) for check in checks if check.status is Status.DISCREPANCY]
    return " ".join(["DISCREPANCY: these figures do not hold.", *failed])
