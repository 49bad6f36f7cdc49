"""Reads from a content stream which strings it draws with which font, without parsing the rest of it.

A full parser makes an object of every number; over a long document that takes longer than all other font work.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Name, Object

#: Parentheses in strings may be nested; three levels are read here, more by the full parser.
_FLAT = rb"\((?:[^\\()]++|\\.)*+\)"
_NESTED = rb"\((?:[^\\()]++|\\.|" + _FLAT + rb")*+\)"
NESTED_STRING = rb"\((?:[^\\()]++|\\.|" + _NESTED + rb")*+\)"
_HEX = rb"<[0-9A-Fa-f\s]*+>"
_DICTIONARY = rb"<<(?:[^<>()]++|" + NESTED_STRING + rb"|" + _HEX + rb")*+>>"
_ARRAY = rb"\[(?:[^\[\]()<>%]++|" + NESTED_STRING + rb"|" + _HEX + rb")*+\]"
_TOKEN = re.compile(
    rb"[^\[(</%qQ]*+(?:"
    rb"(?P<shown>" + _ARRAY + rb"|" + NESTED_STRING + rb"|(?!<<)" + _HEX + rb")"
    rb"|/(?P<font>[^\s()<>\[\]{}/%]++)\s+[-+.\d]+\s+Tf"
    rb"|/[^\s()<>\[\]{}/%]*+|" + _DICTIONARY + rb"|%[^\r\n]*+"
    rb"|(?<![\w*])(?:(?P<save>q)|(?P<restore>Q))(?![\w*])|(?P<unbalanced>\()|.|\Z)",
    re.DOTALL,
)
_ANY_STRING = re.compile(NESTED_STRING + rb"|" + _HEX, re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))|\r\n?", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
#: Data of an inline image can look like anything.
INLINE_IMAGE = re.compile(rb"\bBI\b(?=.{0,2000}?\bID\b)", re.DOTALL)
_FULL_PARSER_OPERATORS = "q Q Tf Tj TJ ' \""

#: Text by the resource name of its font; "" stands for the font that was set when the stream began, if any.
ShownText = dict[str, set[bytes]]


def shown_text(data: bytes) -> ShownText:
    """Return the strings that the content stream `data` draws, by the resource name of the font.

    Raises:
        pikepdf.PdfError: the content cannot be parsed.
    """
    if not INLINE_IMAGE.search(data):
        found = _by_tokens(data)
        if found is not None:
            return found
    return _by_full_parser(data)


def _by_tokens(data: bytes) -> ShownText | None:
    """Return the shown text, or None where strings are nested too deep to be told from the rest."""
    pieces: dict[str, list[bytes]] = defaultdict(list)
    current, saved = "", []
    for match in _TOKEN.finditer(data):
        kind = match.lastgroup
        if kind == "shown":
            pieces[current].append(match["shown"])
        elif kind == "font":
            current = "/" + match["font"].decode("latin-1")
        elif kind == "save":
            saved.append(current)
        elif kind == "restore":
            current = saved.pop() if saved else current
        elif kind == "unbalanced":
            return None
    return {_plain_name(font): set(_strings_in(b" ".join(found))) for font, found in pieces.items()}


def _strings_in(text: bytes) -> Iterator[bytes]:
    for string in set(_ANY_STRING.findall(text)):
        if string[:1] == b"<":
            digits = b"".join(string[1:-1].split())
            yield bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
        elif b"\\" in string or b"\r" in string:
            yield _ESCAPE.sub(_unescaped, string[1:-1])
        else:
            yield string[1:-1]


def _unescaped(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes((int(match[1], 8) & 0xFF,))
    if match[2]:
        return _ESCAPED.get(match[2], match[2])
    return b"\n"


def _plain_name(name: str) -> str:
    """Return a name with its #xx escapes resolved, as pikepdf writes names."""
    return str(pikepdf.Object.parse(name.encode("latin-1"))) if "#" in name else name


def _by_full_parser(data: bytes) -> ShownText:
    scratch = pikepdf.new()
    texts: ShownText = defaultdict(set)
    current, saved = "", []
    for instruction in pikepdf.parse_content_stream(scratch.make_stream(data), _FULL_PARSER_OPERATORS):
        operator, operands = str(instruction.operator), list(instruction.operands)
        if operator == "q":
            saved.append(current)
        elif operator == "Q":
            current = saved.pop() if saved else current
        elif operator == "Tf":
            current = str(operands[0]) if operands and isinstance(operands[0], Name) else current
        elif operands:
            texts[current].update(_strings_of(operands[-1]))
    return texts


def _strings_of(operand: Object) -> Iterator[bytes]:
    if isinstance(operand, pikepdf.String):
        yield bytes(operand)
    elif isinstance(operand, Array):
        yield from (bytes(item) for item in operand if isinstance(item, pikepdf.String))
