"""Reads XMP packets: properties by their qualified names, with the form that each value has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from lxml import etree  # type: ignore[import-untyped,unused-ignore]

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MAX_BYTES = 8 << 20
Form = Literal["text", "Alt", "Bag", "Seq", "structure"]
_LISTS: dict[str, Form] = {f"{_RDF}Alt": "Alt", f"{_RDF}Bag": "Bag", f"{_RDF}Seq": "Seq"}

#: How namespaces are commonly abbreviated.
PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/pdf/1.3/": "pdf",
    "http://www.aiim.org/pdfa/ns/id/": "pdfaid",
    "http://www.aiim.org/pdfua/ns/id/": "pdfuaid",
    "http://www.aiim.org/pdfa/ns/extension/": "pdfaExtension",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/pdfx/1.3/": "pdfx",
    "http://www.npes.org/pdfx/ns/id/": "pdfxid",
}


class MalformedXmp(ValueError):
    """The packet is no RDF in XML."""


@dataclass(frozen=True)
class XmpValue:
    """The value of a property: its form, and its text or texts (for alternatives the default language first)."""

    form: Form
    texts: tuple[str, ...]

    @property
    def first(self) -> str:
        """The text, or the first of several; empty when there is none."""
        return self.texts[0] if self.texts else ""


def read_xmp(packet: bytes) -> dict[str, XmpValue]:
    """Return the properties of a packet by Clark name (`{namespace}name`). Raises MalformedXmp."""
    if len(packet) > _MAX_BYTES:
        raise MalformedXmp("the packet is too large")
    described = parse_rdf(packet)
    found: dict[str, XmpValue] = {}
    for description in described.findall(f"{_RDF}Description"):
        for name, value in description.attrib.items():
            if not str(name).startswith((_RDF, "{http://www.w3.org/XML")):
                found[str(name)] = XmpValue("text", (str(value),))
        for element in description:
            if isinstance(element.tag, str):
                found[element.tag] = _value(element)
    return found


def parse_rdf(packet: bytes) -> Any:
    """The rdf:RDF element of a packet. Raises MalformedXmp."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(_as_utf8(packet), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MalformedXmp(str(error)[:200]) from error
    described = root if root.tag == f"{_RDF}RDF" else root.find(f".//{_RDF}RDF")
    if described is None:
        raise MalformedXmp("there is no rdf:RDF")
    return described


def _as_utf8(packet: bytes) -> bytes:
    """The packet in UTF-8, without padding: the place of its first `<` tells how wide its characters are."""
    start = packet[:16]
    for encoding in ("utf-32-be", "utf-32-le", "utf-16-be", "utf-16-le"):
        if "<?".encode(encoding) in start and b"<?" not in start:
            try:
                return packet.decode(encoding).strip("\ufeff\0 \r\n\t").encode()
            except UnicodeDecodeError as error:
                raise MalformedXmp(str(error)[:200]) from error
    return packet.strip(b"\0 \r\n\t")


def short_name(name: str) -> str:
    """`dc:title` for the Clark name of one of the usual namespaces, else the name as it is."""
    namespace, _, local = name.removeprefix("{").partition("}")
    return f"{PREFIXES[namespace]}:{local}" if namespace in PREFIXES else name


def _value(element: Any) -> XmpValue:
    for child in element:
        if form := _LISTS.get(child.tag):
            items = [item for item in child if item.tag == f"{_RDF}li"]
            # The default language comes first, wherever it stands.
            items.sort(key=lambda item: item.get(_XML_LANG) != "x-default" if form == "Alt" else False)
            return XmpValue(form, tuple("".join(item.itertext()).strip() for item in items))
    if len(element) or element.get(f"{_RDF}parseType") == "Resource":
        return XmpValue("structure", tuple(text for part in element.itertext() if (text := part.strip())))
    return XmpValue("text", ((element.text or "").strip(),))
