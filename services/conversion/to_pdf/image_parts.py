"""The frames of an image as files that img2pdf embeds without encoding them again, or packs without loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import ImageOps, TiffImagePlugin

from shared.errors import DamagedFile

_DEFAULT_DPI = 96.0
#: Beyond these a resolution is a mistake of whoever wrote it.
_LOWEST_DPI, _HIGHEST_DPI = 10.0, 10_000.0
#: EXIF orientations that mirror, with the clockwise turn that follows the mirroring of left and right.
_MIRRORED_TURNS = {2: 0, 4: 180, 5: 270, 7: 90}
_ORIENTATION = 0x0112


class UnsupportedImage(DamagedFile):
    """The image cannot be read: it is damaged, or of a variant that is not supported."""

    code = "image_unreadable"
    remedy = "Check that the image opens in a viewer; saving it as PNG or JPEG helps with rare variants."


@dataclass
class Part:
    """One page: the bytes of an image file that is embedded as it is, and how the page is turned."""

    data: bytes
    mirrored_turn: int | None = None


@dataclass
class Notes:
    """What was done with the frames."""

    embedded_as_is: int = 0
    recoded: int = 0
    found: list[str] = field(default_factory=list)

    def add(self, note: str) -> None:
        """Say something once."""
        if note not in self.found:
            self.found.append(note)


def read_parts(image: Any, source: Path, notes: Notes) -> Iterator[Part]:
    """The pages of an opened image. Raises whatever Pillow raises on damaged ones."""
    if image.format in ("JPEG", "MPO"):
        yield _jpeg(image, source, notes)
    elif image.format == "PNG" and not _needs_pillow(image, source):
        # img2pdf packs transparency apart, and what is interlaced or has a profile beside its palette, anew.
        as_is = not (_is_transparent(image) or image.info.get("interlace") or image.mode == "P")
        notes.embedded_as_is += as_is
        notes.recoded += not as_is
        yield Part(source.read_bytes())
    else:
        for number in range(1 if image.format == "PNG" else getattr(image, "n_frames", 1)):
            image.seek(number)
            if fax := _fax_strip(image):
                notes.embedded_as_is += 1
                yield Part(fax)
            else:
                notes.recoded += 1
                yield Part(_recoded(image, source, notes))


def _jpeg(image: Any, source: Path, notes: Notes) -> Part:
    data = source.read_bytes()
    if b"\xff\xd9" not in data[-(64 << 10) :]:
        notes.add("the JPEG ends early: its lower part may be missing")
    if image.format == "MPO":
        # The first picture is the photograph; what follows (a depth map, a second eye, a preview) is no page.
        notes.add("of several pictures in the JPEG, the first is used")
        ends = [offset for offset in image._MpoImageFile__mpoffsets if offset > 0]
        data = _without_mpo_index(data[: min(ends)] if ends else data)
    notes.embedded_as_is += 1
    return Part(data, _MIRRORED_TURNS.get(image.getexif().get(_ORIENTATION, 1)))


def _without_mpo_index(data: bytes) -> bytes:
    """The JPEG without the segment that announces further pictures, so that it is read as what it is: one."""
    place = 2
    while data[place : place + 1] == b"\xff" and data[place + 1] not in (0xDA, 0xD9):
        length = 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if data[place + 1] == 0xE2 and data[place + 4 : place + 8] == b"MPF\0":
            return data[:place] + data[place + length :]
        place += length
    return data


def _is_transparent(image: Any) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _needs_pillow(image: Any, source: Path) -> bool:
    if image.getexif().get(_ORIENTATION, 1) in _MIRRORED_TURNS:
        return True
    return _is_deep_png(source) and (_is_transparent(image) or bool(image.info.get("interlace")))


def _is_deep_png(source: Path) -> bool:
    with source.open("rb") as file:
        return file.read(25)[24] == 16


def _fax_strip(image: Any) -> bytes | None:
    """A file with the frame's Group 4 data as it is, where it stands in one piece."""
    if image.format != "TIFF" or image.mode != "1" or image.info.get("compression") != "group4":
        return None
    tags = image.tag_v2
    offsets = tags.get(TiffImagePlugin.STRIPOFFSETS, ())
    if len(offsets) != 1 or tags.get(TiffImagePlugin.FILLORDER, 1) != 1 or tags.get(_ORIENTATION, 1) != 1:
        return None
    image.fp.seek(offsets[0])
    data = image.fp.read(tags[TiffImagePlugin.STRIPBYTECOUNTS][0])
    return _group4_file(image, data, white_is_zero=tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] == 0)


def _group4_file(image: Any, data: bytes, *, white_is_zero: bool) -> bytes:
    """A TIFF of one strip around Group 4 data: what img2pdf embeds without decoding it."""
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    x_dpi, y_dpi = resolution_dpi(image.info.get("dpi"))
    tags: dict[int, Any] = {
        TiffImagePlugin.IMAGEWIDTH: image.width,
        TiffImagePlugin.IMAGELENGTH: image.height,
        TiffImagePlugin.BITSPERSAMPLE: 1,
        TiffImagePlugin.COMPRESSION: 4,
        TiffImagePlugin.PHOTOMETRIC_INTERPRETATION: 0 if white_is_zero else 1,
        TiffImagePlugin.STRIPOFFSETS: 0,
        TiffImagePlugin.ROWSPERSTRIP: image.height,
        TiffImagePlugin.STRIPBYTECOUNTS: len(data),
        TiffImagePlugin.X_RESOLUTION: x_dpi,
        TiffImagePlugin.Y_RESOLUTION: y_dpi,
        TiffImagePlugin.RESOLUTION_UNIT: 2,
    }
    for tag, value in tags.items():
        directory[tag] = value
    out = BytesIO()
    directory.save(out)
    return out.getvalue() + data


def _recoded(image: Any, source: Path, notes: Notes) -> bytes:
    """The frame as a file that img2pdf takes apart without loss: Group 4, plain CMYK, or PNG."""
    if _is_deep(image, source):
        notes.add("16 bits a colour became 8: the reader of this kind knows no more")
    # Pillow turns TIFFs by itself when it reads their pixels.
    frame: Any = image.copy() if image.format == "TIFF" else ImageOps.exif_transpose(image)
    kept: dict[str, Any] = {"dpi": resolution_dpi(image.info.get("dpi"))}
    if profile := image.info.get("icc_profile"):
        kept["icc_profile"] = profile
    out = BytesIO()
    if frame.mode == "1":
        frame.save(out, "TIFF", compression="group4", strip_size=1 << 30, dpi=kept["dpi"])
    elif frame.mode == "CMYK":
        frame.save(out, "TIFF", **kept)
    else:
        _as_png_mode(frame).save(out, "PNG", **kept)
    return out.getvalue()


def _is_deep(image: Any, source: Path) -> bool:
    """Whether Pillow has thrown bits away."""
    if image.mode.startswith(("I", "F")):
        return False
    if image.format == "TIFF":
        return bool(max(image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,))) > 8)
    return image.format == "PNG" and _is_deep_png(source)


def _as_png_mode(frame: Any) -> Any:
    if frame.mode in ("L", "LA", "RGB", "RGBA", "P", "I;16"):
        return frame
    if frame.mode in ("I;16B", "I;16L"):
        return frame.convert("I;16")
    if frame.mode in ("PA", "RGBa", "La", "RGBX", "YCbCr", "HSV", "LAB"):
        return frame.convert("RGBA" if frame.mode in ("PA", "RGBa", "La") else "RGB")
    raise UnsupportedImage(f"Images with pixels of the kind {frame.mode!r} are not supported.")


def resolution_dpi(named: Any) -> tuple[float, float]:
    """The resolution in dpi across and down, 96 where none that makes sense is named."""
    try:
        across, down = float(named[0]), float(named[1])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return _DEFAULT_DPI, _DEFAULT_DPI
    if not (_LOWEST_DPI <= across <= _HIGHEST_DPI and _LOWEST_DPI <= down <= _HIGHEST_DPI):
        return _DEFAULT_DPI, _DEFAULT_DPI
    return across, down
