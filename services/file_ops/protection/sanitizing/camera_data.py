"""Takes out of JPEGs what cameras and programs write beside the picture: place, time, device, thumbnails, comments."""

from __future__ import annotations

from pikepdf import Name, Stream

#: Exif and XMP (APP1), Photoshop's resources (APP13), comments. The colour profile and Adobe's colour transform stay.
_TELLING = frozenset({0xE1, 0xED, 0xFE})
_START_OF_SCAN, _STANDALONE = 0xDA, frozenset({0x01, *range(0xD0, 0xD8)})


def is_plain_jpeg(stream: Stream) -> bool:
    """Whether a stream is one JPEG file as it is."""
    return stream.get("/Filter") in (Name.DCTDecode, Name.DCT) or str(stream.get("/Filter")) == "[ /DCTDecode ]"


def without_camera_data(jpeg: bytes) -> bytes | None:
    """The same JPEG without the segments that tell; None where it has none or is no sound JPEG."""
    if jpeg[:2] != b"\xff\xd8":
        return None
    kept, position, dropped = [jpeg[:2]], 2, False
    while position + 4 <= len(jpeg) and jpeg[position] == 0xFF:
        marker = jpeg[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker == _START_OF_SCAN:
            kept.append(jpeg[position:])
            return b"".join(kept) if dropped else None
        end = position + 2
        if marker not in _STANDALONE:
            end += int.from_bytes(jpeg[position + 2 : position + 4], "big")
        if marker in _TELLING:
            dropped = True
        else:
            kept.append(jpeg[position:end])
        position = end
    return None
