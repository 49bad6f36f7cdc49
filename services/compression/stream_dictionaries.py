"""Moves large entries out of the dictionaries of streams: there they can neither be packed nor be shared."""

from __future__ import annotations

import pikepdf
from pikepdf import Array, Dictionary, Stream

#: Entries that may be objects of their own in every kind of stream. Others, like filters, are needed to read one.
_MOVABLE_KEYS = ("/Resources", "/ColorSpace", "/Function", "/CharProcs")
#: A reference, a place in an object stream and one in the cross-reference table cost about this much.
_SMALLEST_ENTRY_BYTES = 64


def move_out_large_entries(pdf: pikepdf.Pdf) -> int:
    """Make resources and colour spaces that stand in stream dictionaries objects of their own; return how many.

    Object streams pack dictionaries and arrays, but not those of streams: there a form with a long list of
    resources is stored as plain text, once for each form that has the same list.
    """
    moved = 0
    for item in pdf.objects:
        if not isinstance(item, Stream) or item.get("/Type") in ("/XRef", "/ObjStm"):
            continue
        for key in _MOVABLE_KEYS:
            entry = item.get(key)
            if not isinstance(entry, (Dictionary, Array)) or isinstance(entry, Stream) or entry.is_indirect:
                continue
            if len(entry.unparse()) >= _SMALLEST_ENTRY_BYTES:
                item.stream_dict[key] = pdf.make_indirect(entry)
                moved += 1
    return moved
