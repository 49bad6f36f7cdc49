"""Takes out of ICC profiles what only printing to them needs: a PDF's images and colours are only read from theirs."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream

from services.compression.flate import NotDecodable, deflate_best, read_bounded

Id = tuple[int, int]

_HEADER_BYTES = 128
_ENTRY_BYTES = 12
_SIGNATURE = b"acsp"
_LARGEST_PROFILE_BYTES = 16 << 20
#: Smaller profiles hold no tables. The common sRGB profile of 3144 bytes stays too: viewers know it by its size.
_SMALLEST_PROFILE_BYTES = 4096
_MOST_TAGS = 200
#: Tables from the connection space to the device (ICC.1:2010, 9.2), proofing tags and descriptions of the target.
#: The perceptual one, B2A0, stays: colour engines find the black point of a CMYK profile by a way there and back
#: through it. Without it Ghostscript showed a page with up to 40 of 255 shades of difference.
_UNUSED_TAGS = frozenset(
    {b"B2A1", b"B2A2", b"B2D0", b"B2D1", b"B2D2", b"B2D3", b"gamt", b"pre0", b"pre1", b"pre2", b"targ"}
)
_LEAST_GAIN = 0.05


def slim_profiles(pdf: pikepdf.Pdf) -> int:
    """Remove the tables towards the device from all profiles that colours are only read from; return the bytes saved.

    Output intents and the colour spaces that transparency groups blend in need those tables and are left alone.
    """
    apart = set(_target_profiles(pdf))
    saved_bytes = 0
    for item in pdf.objects:
        # Colour spaces are often written out in place, so that profiles are looked for by what they are.
        if isinstance(item, Stream) and "/N" in item and "/Type" not in item and item.objgen not in apart:
            try:
                saved_bytes += _slim(item)
            except (NotDecodable, pikepdf.PdfError, TypeError, ValueError):
                continue  # damaged: viewers fall back to the alternate space, and go on doing so
    return saved_bytes


def _target_profiles(pdf: pikepdf.Pdf) -> Iterator[Id]:
    """Yield the profiles that colours are converted to: of output intents and of transparency groups."""
    owners = [pdf.Root, *(page.obj for page in pdf.pages)]
    for owner in owners:
        intents = owner.get("/OutputIntents")
        for intent in intents if isinstance(intents, Array) else ():
            profile = intent.get("/DestOutputProfile") if isinstance(intent, Dictionary) else None
            if isinstance(profile, Stream):
                yield profile.objgen
        yield from _blending_profiles(owner)
    for item in pdf.objects:
        if isinstance(item, Stream) and item.get("/Subtype") == "/Form":
            yield from _blending_profiles(item)


def _blending_profiles(owner: Object) -> Iterator[Id]:
    group = owner.get("/Group")
    space = group.get("/CS") if isinstance(group, Dictionary) else None
    if isinstance(space, Array) and len(space) > 1 and isinstance(space[1], Stream):
        yield space[1].objgen


def _slim(stream: Stream) -> int:
    before_bytes = len(stream.read_raw_bytes())
    profile = read_bounded(stream, _LARGEST_PROFILE_BYTES)
    if len(profile) < _SMALLEST_PROFILE_BYTES or profile[36:40] != _SIGNATURE:
        return 0
    smaller = _without_unused_tags(profile)
    if len(smaller) == len(profile):
        return 0
    packed = deflate_best(smaller)
    if len(packed) > before_bytes * (1 - _LEAST_GAIN):
        return 0
    stream.write(packed, filter=pikepdf.Name.FlateDecode)
    return before_bytes - len(packed)


def _without_unused_tags(profile: bytes) -> bytes:
    """Return the profile without the tags that only a conversion towards its device reads.

    Raises:
        ValueError: the table of tags is damaged.
    """
    count = int.from_bytes(profile[_HEADER_BYTES : _HEADER_BYTES + 4], "big")
    start = _HEADER_BYTES + 4
    if not 0 < count <= _MOST_TAGS or start + _ENTRY_BYTES * count > len(profile):
        raise ValueError("table of tags")
    entries = [struct.unpack_from(">4sII", profile, start + _ENTRY_BYTES * number) for number in range(count)]
    kept = [entry for entry in entries if entry[0] not in _UNUSED_TAGS]
    if len(kept) == count:
        return profile
    table, bodies = b"", b""
    first = start + _ENTRY_BYTES * len(kept)
    places: dict[tuple[int, int], int] = {}
    for signature, offset, length in kept:
        if offset + length > len(profile):
            raise ValueError("tag beyond the end")
        if (offset, length) not in places:  # tags may share their data
            places[offset, length] = first + len(bodies)
            bodies += profile[offset : offset + length] + b"\0" * (-length % 4)
        table += struct.pack(">4sII", signature, places[offset, length], length)
    size = struct.pack(">I", first + len(bodies))
    # The identifier of the profile is a checksum of what it was: zero stands for none (ICC.1:2010, 7.2.18).
    header = size + profile[4:84] + bytes(16) + profile[100:_HEADER_BYTES]
    return header + struct.pack(">I", len(kept)) + table + bodies
