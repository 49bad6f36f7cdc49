"""6.7.8 and 6.7.9 (part 1), 6.6.2.3 (parts 2 and 3): properties of known schemas, with values of their types."""

from __future__ import annotations

import re
from typing import Any

from services.conversion.reading.xmp import parse_rdf
from services.conversion.to_pdf.pdfa_rules.findings import Examined
from services.conversion.to_pdf.pdfa_rules.xmp_schemas import SCHEMAS, STRUCTURES

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
_SCHEMA = "{http://www.aiim.org/pdfa/ns/schema#}"
_PROPERTY = "{http://www.aiim.org/pdfa/ns/property#}"
_TYPE = "{http://www.aiim.org/pdfa/ns/type#}"
_FIELD = "{http://www.aiim.org/pdfa/ns/field#}"
_CLAUSES = ("6.7.9", "6.6.2.3.1")
_SIMPLE = {
    "boolean": re.compile(r"True|False"),
    "integer": re.compile(r"[+-]?\d+"),
    "real": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)"),
    "rational": re.compile(r"\d+/\d+"),
    "date": re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?"),
    "mimetype": re.compile(r"[-\w.+]+/[-\w.+]+(;.*)?"),
    "locale": re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*"),
}
_TEXTS = {
    "text",
    "uri",
    "url",
    "propername",
    "agentname",
    "guid",
    "xpath",
    "renditionclass",
    "any",
    "part",
    "gpscoordinate",
}
_FORMS = {"bag": "Bag", "seq": "Seq", "alt": "Alt", "lang alt": "Alt"}


def check_types(examined: Examined, packet: bytes) -> None:
    """Find properties that no schema describes, and values that are not of their property's type."""
    described = parse_rdf(packet)
    own, structures = _extensions(examined, described)
    for description in described.findall(f"{_RDF}Description"):
        for name, value in description.attrib.items():
            if name.startswith("{") and not name.startswith((_RDF, "{http://www.w3.org/XML")):
                _property(examined, name, value, own, structures)
        for element in description:
            if isinstance(element.tag, str):
                _property(examined, element.tag, element, own, structures)


def _property(
    examined: Examined, name: str, value: Any, own: dict[str, str], structures: dict[str, dict[str, str]]
) -> None:
    namespace, _, local = name.removeprefix("{").partition("}")
    if namespace == _EXTENSION:
        return
    known = SCHEMAS.get(namespace, {}).get(local)
    if isinstance(known, dict):
        known = known.get(1 if examined.part == 1 else 2)
    kind = known or own.get(name)
    if kind is None:
        examined.found(*_CLAUSES, f"The metadata has the property {local[:40]}, which no schema describes.")
    elif not _fits(value, _normal(kind), {**STRUCTURES, **structures}):
        examined.found(*_CLAUSES, f"The metadata's property {local[:40]} is not of its type.")


def _normal(kind: str) -> str:
    """A type in lower case, but for the values of a choice."""
    return kind if kind.startswith("closed ") and "|" in kind else kind.lower()


def _fits(value: Any, kind: str, structures: dict[str, dict[str, str]]) -> bool:
    """Whether a value, an attribute's text or an element, is of a type."""
    kind = kind.strip()
    if kind == "lang alt":
        items = _items(value, "Alt")
        return items is not None and all(item.get(_LANG) and not len(item) for item in items)
    first, _, rest = kind.partition(" ")
    if first in ("bag", "seq", "alt"):
        items = _items(value, _FORMS[first])
        return items is not None and all(_fits(item, rest or "text", structures) for item in items)
    if kind in structures:
        return _is_structure(value, structures[kind], structures)
    if isinstance(value, str):
        return _is_simple(value, kind)
    if len(value) or value.get(f"{_RDF}parseType"):
        return False
    return _is_simple((value.text or "").strip(), kind)


def _is_simple(value: str, kind: str) -> bool:
    if kind.startswith("closed "):
        return value in kind.removeprefix("closed ").split("|")
    pattern = _SIMPLE.get(kind)
    return pattern.fullmatch(value) is not None if pattern else True


def _items(value: Any, form: str) -> list[Any] | None:
    if isinstance(value, str) or len(value) != 1 or value[0].tag != f"{_RDF}{form}":
        return None
    return [item for item in value[0] if isinstance(item.tag, str)]


def _is_structure(value: Any, fields: dict[str, str], structures: dict[str, dict[str, str]]) -> bool:
    if isinstance(value, str):
        return False
    holder = value
    if len(value) == 1 and value[0].tag == f"{_RDF}Description":
        holder = value[0]
    elif value.get(f"{_RDF}parseType") != "Resource" and not (
        len(value) == 0 and [name for name in value.attrib if not name.startswith("{http://www.w3.org")]
    ):
        return False
    parts = [(child.tag, child) for child in holder if isinstance(child.tag, str)]
    parts += [(name, text) for name, text in holder.attrib.items() if not name.startswith("{http://www.w3.org")]
    return all(name in fields and _fits(part, _normal(fields[name]), structures) for name, part in parts)


def _extensions(examined: Examined, described: Any) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The properties and structures that the packet's own schemas describe."""
    own: dict[str, str] = {}
    structures: dict[str, dict[str, str]] = {}
    for item in described.iterfind(f".//{{{_EXTENSION}}}schemas/{_RDF}Bag/{_RDF}li"):
        schema = _described(item)
        namespace = _text(schema, f"{_SCHEMA}namespaceURI")
        for kind in schema.iterfind(f"{_SCHEMA}valueType/{_RDF}Seq/{_RDF}li"):
            name, prefix = _text(kind, f"{_TYPE}type"), _text(kind, f"{_TYPE}namespaceURI")
            fields = kind.iterfind(f".//{_TYPE}field/{_RDF}Seq/{_RDF}li")
            structures[name.lower()] = {
                f"{{{prefix}}}{_text(one, f'{_FIELD}name')}": _text(one, f"{_FIELD}valueType") for one in fields
            }
        for held in schema.iterfind(f"{_SCHEMA}property/{_RDF}Seq/{_RDF}li"):
            one = _described(held)
            name, kind = _text(one, f"{_PROPERTY}name"), _text(one, f"{_PROPERTY}valueType")
            if not name or not kind:
                examined.found("6.7.8", "6.6.2.3.3", "An extension schema describes a property without name or type.")
            if _text(one, f"{_PROPERTY}category") not in ("internal", "external"):
                examined.found("6.7.8", "6.6.2.3.3", "An extension schema has a property of no category.")
            own[f"{{{namespace}}}{name}"] = kind or "text"
        if not namespace:
            examined.found("6.7.8", "6.6.2.3.3", "An extension schema names no namespace.")
    if described.find(f".//{{{_EXTENSION}}}schemas") is not None and not described.findall(
        f".//{{{_EXTENSION}}}schemas/{_RDF}Bag"
    ):
        examined.found("6.7.8", "6.6.2.3.3", "Extension schemas are no bag.")
    _check_own_types(examined, own, structures)
    return own, structures


def _check_own_types(examined: Examined, own: dict[str, str], structures: dict[str, dict[str, str]]) -> None:
    known = _SIMPLE.keys() | _TEXTS | STRUCTURES.keys() | structures.keys() | {"lang alt", "choice", "resourceref"}
    for kind in own.values():
        bare = re.sub(r"^((open|closed) )?(choice of )?", "", kind.strip().lower())
        bare = re.sub(r"^(bag|seq|alt)\s*", "", bare) or "text"
        bare = re.sub(r"^((open|closed) )?(choice)( of )?", "", bare) or "text"
        if bare not in known:
            examined.found(
                "6.7.8", "6.6.2.3.2", f"An extension schema uses the type {kind[:40]}, which is not described."
            )


def _described(item: Any) -> Any:
    """The description inside of a list item, or the item where it is one itself."""
    inner = item.find(f"{_RDF}Description")
    return item if inner is None else inner


def _text(holder: Any, name: str) -> str:
    child = holder.find(name)
    return ((child.text if child is not None else holder.get(name)) or "").strip()
