"""Makes files that break libraries: bombs, absurd sizes, endless recursion, torn and empty documents."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

from PIL import Image

_Objects = dict[int, bytes]

#: A one-page document; the recipes below replace or add objects.
_BASE: _Objects = {
    1: b"<</Type/Catalog/Pages 2 0 R>>",
    2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources 5 0 R>>",
    4: b"<</Length 5>>\nstream\n0 0 m\nendstream",
    5: b"<<>>",
}


def pdf(objects: _Objects) -> bytes:
    """A PDF with a sound cross-reference table, whatever is in its objects."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number, content in sorted(objects.items()):
        offsets[number] = len(out)
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 00000 f \n"
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, start)
    return bytes(out)


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<<" + entries + b"/Length %d>>\nstream\n" % len(data) + data + b"\nendstream"


def _repeated(chunk: bytes, times: int) -> bytes:
    """`chunk` deflated `times` times over, without ever holding the whole."""
    packer = zlib.compressobj(1)
    return b"".join([packer.compress(chunk) for _ in range(times)] + [packer.flush()])


def _with_image(entries: bytes, data: bytes) -> bytes:
    return pdf(
        {
            **_BASE,
            4: _stream(b"", b"q 612 0 0 792 0 0 cm /I Do Q"),
            5: b"<</XObject<</I 6 0 R>>>>",
            6: _stream(b"/Type/XObject/Subtype/Image" + entries, data),
        }
    )


def _form(entries: bytes, content: bytes) -> bytes:
    return _stream(b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]" + entries, content)


def _calls(number: int) -> bytes:
    return b"/Resources<</XObject<</F %d 0 R>>>>" % number


def _content_bomb() -> bytes:
    once = _repeated(b" " * (1 << 24), 36)
    nested = zlib.compress(zlib.compress(once, 9), 9)
    return pdf({**_BASE, 4: _stream(b"/Filter[/FlateDecode/FlateDecode/FlateDecode]", nested)})


def _operator_bomb() -> bytes:
    return pdf({**_BASE, 4: _stream(b"/Filter/FlateDecode", _repeated(b"q Q " * (1 << 20), 140))})


def _image_bomb() -> bytes:
    data = zlib.compress(_repeated(b"\x55" * (1 << 24), 52), 9)
    return _with_image(
        b"/Width 17000/Height 17000/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter[/FlateDecode/FlateDecode]", data
    )


def _claims_huge_jpeg() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 64)).save(out, "JPEG")
    data = bytearray(out.getvalue())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 65500, 65500)
    entries = b"/Width 65500/Height 65500/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
    return _with_image(entries, bytes(data))


def _claims_huge_jbig2() -> bytes:
    page = bytes.fromhex("00000000300001000000130000ffff0000ffff000000000000000001000000")
    return _with_image(b"/Width 65535/Height 65535/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode", page)


def _claims_huge_fax() -> bytes:
    entries = b"/Width 200000/Height 200000/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/CCITTFaxDecode"
    return _with_image(entries + b"/DecodeParms<</K -1/Columns 200000/Rows 200000>>", b"\xff" * 200)


def _claims_huge_predictor() -> bytes:
    entries = b"/Width 10/Height 10/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode"
    parameters = b"/DecodeParms<</Predictor 15/Columns 2147483647/Colors 32>>"
    return _with_image(entries + parameters, zlib.compress(b"\0" * 100))


def _form_calls_itself() -> bytes:
    objects = {**_BASE, 4: _stream(b"", b"/F Do"), 5: b"<</XObject<</F 6 0 R>>>>"}
    return pdf({**objects, 6: _form(_calls(6), b"/F Do 0 0 9 9 re f")})


def _forms_multiply() -> bytes:
    objects = {**_BASE, 4: _stream(b"", b"/F Do"), 5: b"<</XObject<</F 6 0 R>>>>"}
    for level in range(10):
        objects[6 + level] = _form(_calls(7 + level), b"/F Do " * 10)
    return pdf({**objects, 16: _form(b"", b"0 0 9 9 re f")})


def _forms_go_deep() -> bytes:
    objects = {**_BASE, 4: _stream(b"", b"/F Do"), 5: b"<</XObject<</F 6 0 R>>>>"}
    for level in range(5000):
        objects[6 + level] = _form(_calls(7 + level), b"/F Do")
    return pdf({**objects, 5006: _form(b"", b"0 0 9 9 re f")})


def _too_many_pages() -> bytes:
    count = 30_000
    kids = b" ".join(b"%d 0 R" % (number + 4) for number in range(count))
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count %d/Kids[" % count + kids + b"]>>",
        3: _stream(b"", b"0 0 m"),
    }
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 3 0 R>>"
    return pdf({**objects, **{number + 4: page for number in range(count)}})


def _page_tree_goes_deep() -> bytes:
    depth = 20_000
    objects = {1: b"<</Type/Catalog/Pages 2 0 R>>"}
    for level in range(depth):
        parent = b"/Parent %d 0 R" % (level + 1) if level else b""
        objects[level + 2] = b"<</Type/Pages/Count 1/Kids[%d 0 R]%s>>" % (level + 3, parent)
    return pdf({**objects, depth + 2: b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 99 99]>>" % (depth + 1)})


def _tiny_tiles() -> bytes:
    entries = b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep 0.0001/YStep 0.0001"
    return pdf(
        {
            **_BASE,
            4: _stream(b"", b"/Pattern cs /P scn 0 0 612 792 re f"),
            5: b"<</Pattern<</P 6 0 R>>>>",
            6: _stream(entries + b"/Resources<<>>", b"0 0 .5 .5 re f"),
        }
    )


def _page_of(side_points: int) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R>>" % (side_points, side_points)
    return pdf({**_BASE, 3: page})


#: Name -> recipe. Each must end with a result or a stable error, within its limits, and leave the worker at work.
HOSTILE: dict[str, Callable[[], bytes]] = {
    "content-bomb": _content_bomb,
    "operator-bomb": _operator_bomb,
    "image-bomb": _image_bomb,
    "claims-huge-jpeg": _claims_huge_jpeg,
    "claims-huge-jbig2": _claims_huge_jbig2,
    "claims-huge-fax": _claims_huge_fax,
    "claims-huge-predictor": _claims_huge_predictor,
    "form-calls-itself": _form_calls_itself,
    "forms-multiply": _forms_multiply,
    "forms-go-deep": _forms_go_deep,
    "too-many-pages": _too_many_pages,
    "page-tree-goes-deep": _page_tree_goes_deep,
    "page-tree-loops": lambda: pdf({**_BASE, 2: b"<</Type/Pages/Count 2/Kids[2 0 R 3 0 R]>>"}),
    "claims-two-billion-pages": lambda: pdf({**_BASE, 2: b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>"}),
    "outline-loops": lambda: pdf(
        {
            **_BASE,
            1: b"<</Type/Catalog/Pages 2 0 R/Outlines 6 0 R>>",
            6: b"<</First 7 0 R/Last 7 0 R/Count 1>>",
            7: b"<</Title(a)/Parent 6 0 R/Next 7 0 R/First 7 0 R>>",
        }
    ),
    "arrays-go-deep": lambda: pdf({**_BASE, 6: b"[" * 100_000 + b"]" * 100_000}),
    "page-of-10-million-points": lambda: _page_of(10_000_000),
    "page-of-14400-points": lambda: _page_of(14_400),
    "tiny-tiles": _tiny_tiles,
    "header-only": lambda: b"%PDF-1.7\n",
    "torn-in-the-middle": lambda: _forms_go_deep()[:2000],
    "noise-behind-a-header": lambda: b"%PDF-1.7\n" + bytes(range(256)) * 64,
}
