"""6.2.8.3 (parts 2 and 3): what JPEG 2000 images may say of their colours and bits."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from pikepdf import Array, Name

from services.conversion.to_pdf.pdfa_rules.findings import Examined

_CLAUSES = ("6.2.4", "6.2.8.3")
_CONTAINERS = {b"jp2h"}


def check(examined: Examined) -> None:
    """Find what breaks the rules of JPEG 2000."""
    for stream in examined.streams:
        coding = stream.get("/Filter")
        last = coding[-1] if isinstance(coding, Array) and len(coding) else coding
        if last == Name.JPXDecode and examined.part > 1:
            _image(examined, stream.read_raw_bytes())


def _image(examined: Examined, data: bytes) -> None:
    boxes = list(_boxes(data))
    heads = [body for kind, body in boxes if kind == b"ihdr" and len(body) >= 14]
    if not heads:
        examined.found(*_CLAUSES, "A JPEG 2000 image has no header box.")
        return
    channels, depth = struct.unpack(">H", heads[0][8:10])[0], heads[0][10]
    if channels not in (1, 3, 4):
        examined.found(*_CLAUSES, "A JPEG 2000 image has a number of channels other than 1, 3 and 4.")
    if depth == 255 or not 1 <= (depth & 127) + 1 <= 38:
        examined.found(*_CLAUSES, "A JPEG 2000 image has channels of different or too many bits.")
    colours = [body for kind, body in boxes if kind == b"colr" and len(body) >= 3]
    if len(colours) > 1 and sum(body[2] == 1 for body in colours) != 1:
        examined.found(*_CLAUSES, "A JPEG 2000 image does not say which of its colour specifications counts.")
    if any(body[0] not in (1, 2, 3) for body in colours):
        examined.found(*_CLAUSES, "A JPEG 2000 image specifies its colours by a method that is not allowed.")
    if any(body[0] == 1 and struct.unpack(">I", body[3:7])[0] == 19 for body in colours if len(body) >= 7):
        examined.found(*_CLAUSES, "A JPEG 2000 image uses the colour space CIEJab.")


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes of a JP2 file, those inside of its header too (ISO 15444-1, annex I)."""
    place = 0
    while place + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        if kind == b"jp2c":
            return
        end = place + length if length >= 8 else len(data)
        body = data[place + 8 : end]
        yield kind, body
        if kind in _CONTAINERS:
            yield from _boxes(body)
        place = end
