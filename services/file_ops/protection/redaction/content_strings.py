"""Terms that stand in content streams without being shown: in comments, property lists, text without a font."""

from __future__ import annotations

from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.file_ops.protection.reachable import reachable
from services.file_ops.protection.redaction.finder import Finder


def clean(pdf: pikepdf.Pdf, finder: Finder) -> int:
    """Rewrite every content stream whose bytes spell a term, with empty strings in its place; count the streams.

    What glyphs show is erased before. Patterns and kinds of data are not looked for here: numbers of drawings would
    match them.
    """
    cleaned = 0
    for page in pdf.pages:
        contents: Any = page.obj.get("/Contents")
        streams = list(contents) if isinstance(contents, Array) else [contents]
        if any(_spells(stream, finder) for stream in streams if isinstance(stream, Stream)):
            page.obj.Contents = pdf.make_stream(_rewritten(page.obj, finder))
            cleaned += 1
    for thing in reachable(pdf):
        if isinstance(thing, Stream) and _is_drawing(thing) and _spells(thing, finder):
            thing.write(_rewritten(thing, finder))
            cleaned += 1
    return cleaned


def _is_drawing(stream: Any) -> bool:
    return stream.get("/Subtype") == Name.Form or "/PatternType" in stream


def _spells(stream: Any, finder: Finder) -> bool:
    try:
        data = stream.read_bytes()
    except pikepdf.PdfError:
        return False
    return finder.spells_term(data)


def _rewritten(owner: Any, finder: Finder) -> bytes:
    kept: list[Any] = []
    for step in pikepdf.parse_content_stream(owner):
        if isinstance(step, pikepdf.ContentStreamInlineImage):
            kept.append(step)
        else:
            kept.append(([_without(operand, finder) for operand in step.operands], step.operator))
    return pikepdf.unparse_content_stream(kept)


def _without(operand: Any, finder: Finder) -> Any:
    if isinstance(operand, pikepdf.String):
        return pikepdf.String("") if finder.spells_term(bytes(operand)) else operand
    if isinstance(operand, Array):
        if finder.spells_term(b"".join(bytes(each) for each in operand if isinstance(each, pikepdf.String))):
            return Array([each for each in operand if not isinstance(each, pikepdf.String)])
        return operand
    if isinstance(operand, Dictionary):
        return Dictionary({key: _without(value, finder) for key, value in operand.items()})
    return operand
