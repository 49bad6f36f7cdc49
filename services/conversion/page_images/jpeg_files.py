"""Puts a colour profile into a JPEG file without touching its pixels."""

from __future__ import annotations

import struct

_SOI = b"\xff\xd8"
_ICC = b"ICC_PROFILE\0"
#: A segment holds 65,533 bytes, of which the marker of the profile takes 14 (ICC.1:2010, B.4).
_LARGEST_PART = 65_519
#: Segments that stand before the profile: JFIF wants to be first.
_FIRST = (0xE0,)


def with_profile(jpeg: bytes, profile: bytes) -> bytes:
    """The JPEG file with the profile as APP2 segments; as it is where it has one already or is no plain JPEG."""
    if not jpeg.startswith(_SOI) or _ICC in jpeg[: 256 << 10] or not profile:
        return jpeg
    place = len(_SOI)
    while len(jpeg) >= place + 4 and jpeg[place] == 0xFF and jpeg[place + 1] in _FIRST:
        place += 2 + int(struct.unpack_from(">H", jpeg, place + 2)[0])
    parts = [profile[start : start + _LARGEST_PART] for start in range(0, len(profile), _LARGEST_PART)]
    if len(parts) > 255:
        return jpeg
    segments = b"".join(
        b"\xff\xe2" + struct.pack(">H", len(part) + 16) + _ICC + bytes((number, len(parts))) + part
        for number, part in enumerate(parts, start=1)
    )
    return jpeg[:place] + segments + jpeg[place:]
