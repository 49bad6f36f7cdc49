"""Parse XML of strangers, and take typed values out of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from lxml import etree  # type: ignore[import-untyped,unused-ignore]

from services.ai.figures.value import FigureValue, Source, TextValue, Value
from shared.errors import DamagedFile, TooComplex

#: An element of lxml, which has no types.
Element: TypeAlias = Any

#: Invoices with documents inside reach a few megabytes; nothing honest is larger.
MAX_XML_BYTES = 64 << 20
#: More lines than any invoice has, and few enough to be held in memory as checked values.
MAX_ELEMENTS = 500_000
#: Names and descriptions are cut here.
_MAX_TEXT = 10_000
_DECIMAL = re.compile(r"[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})")
_ISO_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")


class UnsafeXml(DamagedFile):
    """The XML declares a document type, which no invoice does and attacks do."""

    code = "unsafe_xml"
    remedy = "Send the XML without a DOCTYPE."


def parsed(data: bytes) -> Element:
    """The root of an XML document. No entity is resolved, nothing is fetched, no document type is taken.

    Raises:
        DamagedFile: it is not well-formed.
        UnsafeXml: it has a DOCTYPE.
        TooComplex: it is beyond the limits of bytes, of elements, or of libxml2 (depth 256, texts of 10 MB).
    """
    if len(data) > MAX_XML_BYTES:
        raise TooComplex(f"The XML has more than {MAX_XML_BYTES >> 20} MB.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if b"<!DOCTYPE" in data[:4096]:
            raise UnsafeXml() from error
        raise DamagedFile("The XML is damaged.") from error
    if root.getroottree().docinfo.doctype:
        raise UnsafeXml()
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise TooComplex(f"The XML has more than {MAX_ELEMENTS} elements.")
    return root


def every(node: Element | None, path: str) -> Iterator[Element]:
    """Elements by a path of local names, `a/b`. A step may name alternatives, `a|b`: older versions call it b."""
    nodes = [] if node is None else [node]
    for step in path.split("/"):
        names = step.split("|")
        nodes = [child for parent in nodes for child in parent if _local(child) in names]
    yield from nodes


def first(node: Element | None, path: str) -> Element | None:
    """The first element of a path."""
    return next(every(node, path), None)


def content(node: Element | None) -> str | None:
    """The text of an element, without white space around it; None where there is none."""
    if node is None:
        return None
    return (node.text or "").strip()[:_MAX_TEXT] or None


def text(node: Element | None, path: str) -> TextValue | None:
    """The first text of a path that is not empty."""
    found = next(filter(None, (content(each) for each in every(node, path))), None)
    return TextValue(value=found, source=Source.XML) if found else None


def joined(node: Element | None, *paths: str) -> TextValue | None:
    """The texts of several paths as lines."""
    lines = [found for path in paths for each in every(node, path) if (found := content(each))]
    return TextValue(value="\n".join(lines), source=Source.XML) if lines else None


def postal(node: Element | None, street: tuple[str, ...], place: tuple[str, str], country: str) -> TextValue | None:
    """An address as lines: those of the street, postcode and town, the code of the country."""
    town = " ".join(filter(None, (content(first(node, name)) for name in place)))
    lines = [content(each) for path in street for each in every(node, path)]
    whole = "\n".join(line for line in (*lines, town, content(first(node, country))) if line)
    return TextValue(value=whole, source=Source.XML) if whole else None


def account(found: TextValue | None) -> TextValue | None:
    """An account number without the spaces that some write into it."""
    return found and TextValue(value="".join(found.value.split()), source=found.source)


def number(node: Element | None) -> Decimal | None:
    """The decimal in an element, which XML Schema writes in one way only; None for anything else."""
    found = content(node)
    return Decimal(found) if found and _DECIMAL.fullmatch(found) else None


def figure(node: Element | None, path: str) -> FigureValue | None:
    """The decimal of the first element of a path."""
    return figure_of(first(node, path))


def figure_of(node: Element | None) -> FigureValue | None:
    """The decimal of an element."""
    found = number(node)
    return None if found is None else FigureValue(value=found, source=Source.XML)


def charged(node: Element | None, names: tuple[str, str, str], *, charge: bool) -> FigureValue | None:
    """The sum of the charges, or of the allowances, among elements; None without any.

    Args:
        node: whose children they are.
        names: the element of one, and within it the paths of what tells charges from allowances and of the amount.
        charge: which are wanted.
    """
    element, indicator, amount = names
    found = [
        number(first(each, amount))
        for each in every(node, element)
        if (content(first(each, indicator)) in ("true", "1")) == charge
    ]
    known = [each for each in found if each is not None]
    return FigureValue(value=sum(known, Decimal(0)), source=Source.XML) if known else None


def day(node: Element | None, path: str) -> Value[date] | None:
    """The first date of a path: ISO 8601 (UBL), or 20180305, which is format 102 of UN/CEFACT 2379 (CII)."""
    found = _ISO_DATE.match(content(first(node, path)) or "")
    if not found:
        return None
    try:
        return Value[date](value=date(*map(int, found.groups())), source=Source.XML)
    except ValueError:
        return None


def _local(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]
