"""Makes every colour definite: sRGB as the output intent, a profile of their own for inks."""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Stream
from PIL import ImageCms

from services.conversion.to_pdf.pdfa_rules.usage import Usage

#: Points of the table of inks along each axis.
_GRID = 9


def settle_colours(pdf: pikepdf.Pdf, usage: Usage) -> list[str]:
    """Put in the output intent, and a default for DeviceCMYK where it is used; return what was done."""
    done = ["output intent sRGB"]
    profile = pdf.make_stream(srgb_profile(), N=3, Alternate=Name.DeviceRGB)
    pdf.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name("/GTS_PDFA1"),
                OutputConditionIdentifier=b"sRGB",
                RegistryName=b"http://www.color.org",
                Info=b"sRGB IEC61966-2.1",
                DestOutputProfile=profile,
            )
        ]
    )
    if "/DeviceCMYK" in usage.devices:
        inks = Array([Name.ICCBased, pdf.make_stream(ink_profile(), N=4, Alternate=Name.DeviceCMYK)])
        _give_inks_a_profile(pdf, pdf.make_indirect(inks))
        _end_overprint_mode(usage)
        done.append("inks described by a profile that gives them the colours that they were drawn in")
    return done


def _end_overprint_mode(usage: Usage) -> None:
    """Mode 1 (a zero ink leaves what is below) is only for inks that no profile describes."""
    for state in usage.graphics_states:
        if state.get("/OPM", 0) == 1:
            state.OPM = 0


@cache
def srgb_profile() -> bytes:
    """An sRGB monitor profile of version 2, which every part of PDF/A takes."""
    made: Any = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    data = bytearray(made.tobytes())
    # LittleCMS writes 2.1 or 4.x by its build; the header's version must not be newer than PDF 1.4 knows.
    if data[8] > 2:
        data[8:12] = b"\x02\x40\x00\x00"
    return bytes(data)


@cache
def ink_profile() -> bytes:
    """An ICC profile of DeviceCMYK as pdfium draws it: an input profile with one table of 9^4 colours.

    Without such a profile the same inks would look different in each viewer; with it they keep the look that they
    had in the commonest one. ICC.1:2001-12 (version 2.4), clauses 6.3.2.2 and 6.5.9.
    """
    lab = _lab_of(_drawn_inks())
    table = np.empty_like(lab)
    # Lab in 16 bits, version 2: L from 0 to 0xFF00, a and b from -128 with 256 steps a unit.
    table[:, 0] = lab[:, 0] * 65280 / 100
    table[:, 1:] = (lab[:, 1:] + 128) * 256
    encoded = np.clip(np.rint(table), 0, 65535).astype(">u2").tobytes()
    line = struct.pack(">HH", 0, 65535)
    identity = struct.pack(">9i", *(65536 if number % 4 == 0 else 0 for number in range(9)))
    lut = (
        b"mft2"
        + bytes(4)
        + bytes((4, 3, _GRID, 0))
        + identity
        + struct.pack(">HH", 2, 2)
        + line * 4
        + encoded
        + line * 3
    )
    return _profile(
        {
            b"desc": _description(b"Inks as pdfium draws them"),
            b"cprt": b"text" + bytes(4) + b"No rights reserved\0",
            b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061),
            b"A2B0": lut,
        }
    )


def _description(text: bytes) -> bytes:
    return b"desc" + bytes(4) + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(8 + 3 + 67)


def _profile(tags: dict[bytes, bytes]) -> bytes:
    offset, directory, body = 128 + 4 + 12 * len(tags), b"", b""
    for signature, data in tags.items():
        directory += signature + struct.pack(">II", offset + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = offset + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02400000, b"scnr", b"CMYK", b"Lab ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(24) + struct.pack(">I", 0)
    head += struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + directory + body


def _drawn_inks() -> Any:
    """The colours, 0 to 1, that pdfium draws all combinations of inks of the grid in; the last ink runs fastest."""
    steps = np.rint(np.linspace(0, 255, _GRID)).astype(np.uint8)
    inks = np.stack(np.meshgrid(steps, steps, steps, steps, indexing="ij"), axis=-1).reshape(_GRID**2, _GRID**2, 4)
    with pikepdf.new() as pdf:
        side = _GRID**2
        image = pdf.make_stream(
            inks.tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=side, Height=side, BitsPerComponent=8
        )
        image.ColorSpace = Name.DeviceCMYK
        page = pdf.add_blank_page(page_size=(side, side))
        page.Resources = Dictionary(XObject=Dictionary(I=image))
        page.Contents = pdf.make_stream(f"{side} 0 0 {side} 0 0 cm /I Do".encode())
        from io import BytesIO

        out = BytesIO()
        pdf.save(out)
    document = pypdfium2.PdfDocument(out.getvalue())
    drawn = document[0].render(scale=1, rev_byteorder=True).to_numpy()[:, :, :3]
    document.close()
    return drawn.reshape(-1, 3) / 255.0


def _lab_of(srgb: Any) -> Any:
    """CIELAB (D50) of sRGB, IEC 61966-2-1 with the Bradford-adapted matrix of the ICC's sRGB profile."""
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
    )
    white = np.array([0.96422, 1.0, 0.82521])
    ratio = linear @ matrix.T / white
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * root[:, 1] - 16, 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2])], axis=1)


def _give_inks_a_profile(pdf: pikepdf.Pdf, inks: Any) -> None:
    """Name the profile in resources as the default, and directly where spaces stand inside of others."""
    for thing in list(pdf.objects):
        if isinstance(thing, Dictionary | Stream):
            _visit(thing, inks, 0)
        elif isinstance(thing, Array):
            _array(thing, inks, 0)
    for page in pdf.pages:
        if "/Resources" not in page.obj:
            page.obj.Resources = Dictionary()
        _default(page.obj.Resources, inks)


def _visit(thing: Any, inks: Any, depth: int) -> None:
    if depth > 32:
        return
    if isinstance(thing, Stream) and thing.get("/N") == 4 and "/Alternate" in thing:
        return
    for key in ("/ColorSpace", "/CS"):
        if thing.get(key) == Name.DeviceCMYK and not isinstance(thing.get("/ColorSpace"), Dictionary):
            thing[key] = inks
    resources = thing.get("/Resources")
    if isinstance(resources, Dictionary):
        _default(resources, inks)
    for key in list(thing.keys()):
        child = thing.get(key)
        if isinstance(child, Dictionary) and not child.is_indirect:
            _visit(child, inks, depth + 1)
        elif isinstance(child, Array) and not child.is_indirect:
            _array(child, inks, depth + 1)


def _array(array: Any, inks: Any, depth: int) -> None:
    if depth > 32 or not len(array):
        return
    kind = array[0]
    place = (
        {"/Indexed": 1, "/Pattern": 1, "/Separation": 2, "/DeviceN": 2}.get(str(kind))
        if isinstance(kind, Name)
        else None
    )
    if place is not None and len(array) > place and array[place] == Name.DeviceCMYK:
        array[place] = inks
    for child in array:
        if isinstance(child, Array) and not child.is_indirect:
            _array(child, inks, depth + 1)
        elif isinstance(child, Dictionary) and not child.is_indirect:
            _visit(child, inks, depth + 1)


def _default(resources: Any, inks: Any) -> None:
    spaces = resources.get("/ColorSpace")
    if not isinstance(spaces, Dictionary):
        resources.ColorSpace = Dictionary(DefaultCMYK=inks)
    elif "/DefaultCMYK" not in spaces:
        spaces.DefaultCMYK = inks
