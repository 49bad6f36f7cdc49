"""Code pictures of one bit per pixel: CCITT group 4, or JBIG2 where its encoder is installed, whichever is smaller."""

from __future__ import annotations

import functools
import io
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pikepdf import Dictionary, Name
from PIL import Image, ImageChops

from services.compression.image_facts import ImageFacts, LeftAlone, write_image

_PACKED = {"/FlateDecode", "/LZWDecode", "/RunLengthDecode", "/ASCII85Decode", "/ASCIIHexDecode"}
#: Below this factor over the wanted resolution the edges are worth more than the bytes.
_DOWNSAMPLE_ABOVE = 1.5
_JBIG2_TIME_LIMIT_S = 60


@dataclass(frozen=True)
class CodedBits:
    """A coded one-bit picture and what its dictionary must say."""

    data: bytes
    filter: Name
    parameters: Dictionary | None


def recode_bitonal(facts: ImageFacts, dpi: float | None, wanted_dpi: int, *, lossless: bool) -> int:
    """Code a one-bit image or stencil better; return its bytes. Decode and masks keep their meaning.

    Images of more than 1.5 x `wanted_dpi` are brought down to it, stencils and lossless runs never.

    Raises:
        LeftAlone: nothing is gained, or the samples cannot be read with certainty.
    """
    picture = _read(facts)
    if not lossless and not facts.is_stencil and dpi is not None and dpi > wanted_dpi * _DOWNSAMPLE_ABOVE:
        size = (max(1, round(facts.width * wanted_dpi / dpi)), max(1, round(facts.height * wanted_dpi / dpi)))
        picture = picture.convert("L").resize(size, Image.Resampling.BOX).point(_THRESHOLD, "1")
    coded = code_bits(picture)
    if len(coded.data) >= facts.raw_bytes * 0.98:
        raise LeftAlone("no_gain")
    write_image(
        facts, coded.data, coded.filter, size=picture.size, bits=1, parameters=coded.parameters, keep_decode=True
    )
    return len(coded.data)


_THRESHOLD = [0] * 128 + [255] * 128


def _read(facts: ImageFacts) -> Image.Image:
    """The samples: white where the bit is 1, whatever that means to the image."""
    size = (facts.width, facts.height)
    if set(facts.filters) <= _PACKED:
        data = facts.xobject.read_bytes()
        row_bytes = (facts.width + 7) // 8
        if len(data) < row_bytes * facts.height:
            raise LeftAlone("truncated")
        return Image.frombytes("1", size, data[: row_bytes * facts.height])
    if facts.filters == ("/CCITTFaxDecode",):
        return _read_fax(facts)
    raise LeftAlone("coding")


def _read_fax(facts: ImageFacts) -> Image.Image:
    parameters = facts.xobject.get("/DecodeParms", Dictionary())
    if not isinstance(parameters, Dictionary) or bool(parameters.get("/EncodedByteAlign", False)):
        raise LeftAlone("coding")
    columns = int(parameters.get("/Columns", 1728))
    if columns != facts.width:
        raise LeftAlone("size_differs")
    tiff = _fax_as_tiff(facts, int(parameters.get("/K", 0)))
    try:
        with Image.open(io.BytesIO(tiff)) as picture:
            picture.load()
            bits = picture.convert("1")
    except (OSError, SyntaxError, ValueError):
        raise LeftAlone("damaged") from None
    if bits.size != (facts.width, facts.height):
        raise LeftAlone("size_differs")
    # Without BlackIs1 the filter gives 0 for black, as Pillow shows it; with it, 1.
    return bits.point(_INVERT, "1") if bool(parameters.get("/BlackIs1", False)) else bits


_INVERT = [255 - value for value in range(256)]


def _fax_as_tiff(facts: ImageFacts, k: int) -> bytes:
    """Wrap fax data in the smallest TIFF that libtiff decodes: K < 0 is group 4, 0 group 3, > 0 mixed group 3."""
    data = facts.xobject.read_raw_bytes()
    entries = [
        (256, facts.width),
        (257, facts.height),
        (258, 1),
        (259, 4 if k < 0 else 3),
        (262, 0),
        (273, 0),
        (277, 1),
        (278, facts.height),
        (279, len(data)),
        (292, 1 if k > 0 else 0),
    ]
    offset = 8 + 2 + 12 * len(entries) + 4
    out = io.BytesIO()
    out.write(b"II*\0" + (8).to_bytes(4, "little") + len(entries).to_bytes(2, "little"))
    for tag, value in entries:
        number = offset if tag == 273 else value
        out.write(tag.to_bytes(2, "little") + (4).to_bytes(2, "little") + (1).to_bytes(4, "little"))
        out.write(number.to_bytes(4, "little"))
    out.write((0).to_bytes(4, "little") + data)
    return out.getvalue()


def code_bits(picture: Image.Image) -> CodedBits:
    """Return the smallest coding of a picture in mode `1`; its bits come back as they are from any PDF reader."""
    fax = _group4(picture)
    parameters = Dictionary(K=-1, Columns=picture.width, Rows=picture.height)
    best = CodedBits(fax, Name.CCITTFaxDecode, parameters)
    generic = _jbig2(picture)
    if generic is not None and len(generic) < len(fax):
        best = CodedBits(generic, Name.JBIG2Decode, None)
    return best


def _group4(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    # One strip: libtiff allocates the whole strip size, so that it must be the picture's own.
    strip_bytes = (picture.width + 7) // 8 * picture.height
    # libtiff codes zero bits as white paper, PDF reads white paper as ones.
    ImageChops.invert(picture).save(out, "TIFF", compression="group4", strip_size=strip_bytes)
    with Image.open(io.BytesIO(out.getvalue())) as tiff:
        offsets, counts = tiff.tag_v2[273], tiff.tag_v2[279]  # type: ignore[attr-defined]
        assert len(offsets) == 1, "one strip was asked for"
    return out.getvalue()[offsets[0] : offsets[0] + counts[0]]


@functools.cache
def jbig2_program() -> str | None:
    """Return the path of jbig2enc's program, or None where it is not installed."""
    return shutil.which("jbig2")


def _jbig2(picture: Image.Image) -> bytes | None:
    """Generic region coding: lossless, without the symbol swapping that has exchanged digits in scanners."""
    program = jbig2_program()
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "bits.png"
        picture.save(source, "PNG", compress_level=1)
        try:
            done = subprocess.run(
                [program, "-p", str(source)], capture_output=True, timeout=_JBIG2_TIME_LIMIT_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    return done.stdout if done.returncode == 0 and done.stdout else None


def is_bitonal(facts: ImageFacts) -> bool:
    """Whether an image is a stencil or has one bit of grey per pixel."""
    return facts.is_stencil or (facts.bits == 1 and facts.colour.model == "gray" and facts.colour.palette is None)
