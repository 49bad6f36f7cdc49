"""Profiles lose what only printing to them needs, and colours stay what they were."""

from __future__ import annotations

import struct
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name

from services.compression.colour_profiles import slim_profiles
from tests.services.compression.font_documents import add_page, assert_looks_and_reads_the_same, saved

_TAGS = {b"A2B0": b"a" * 3000, b"B2A0": b"b" * 3000, b"B2A1": bytes(range(250)) * 12, b"wtpt": b"XYZ " + bytes(16)}


def _profile() -> bytes:
    table, bodies = b"", b""
    first = 132 + 12 * len(_TAGS)
    for tag, body in _TAGS.items():
        table += struct.pack(">4sII", tag, first + len(bodies), len(body))
        bodies += body
    header = struct.pack(">I", first + len(bodies)) + b"ADBE" + bytes(28) + b"acsp" + bytes(88)
    return header + struct.pack(">I", len(_TAGS)) + table + bodies


def _tags(profile: bytes) -> dict[bytes, bytes]:
    count = struct.unpack_from(">I", profile, 128)[0]
    entries = [struct.unpack_from(">4sII", profile, 132 + 12 * number) for number in range(count)]
    return {tag: profile[offset : offset + length] for tag, offset, length in entries}


def _with_profile() -> tuple[pikepdf.Pdf, pikepdf.Object]:
    pdf = pikepdf.new()
    profile = pdf.make_stream(_profile(), N=4, Alternate=Name.DeviceCMYK)
    add_page(pdf, b"/C cs 1 0 0 0 sc 0 0 9 9 re f", ColorSpace=Dictionary(C=Array([Name.ICCBased, profile])))
    return pdf, profile


def test_tables_towards_the_device_go_and_all_else_stays() -> None:
    pdf, profile = _with_profile()
    assert slim_profiles(pdf) > 0
    kept = _tags(profile.read_bytes())
    assert kept == {tag: body for tag, body in _TAGS.items() if tag != b"B2A1"}
    assert int.from_bytes(profile.read_bytes()[:4], "big") == len(profile.read_bytes())


def test_profiles_that_colours_are_converted_to_stay_whole() -> None:
    pdf, profile = _with_profile()
    pdf.Root.OutputIntents = Array([Dictionary(S=Name.GTS_PDFX, DestOutputProfile=profile)])
    assert slim_profiles(pdf) == 0
    pdf, profile = _with_profile()
    pdf.pages[0].obj.Group = Dictionary(S=Name.Transparency, CS=Array([Name.ICCBased, profile]))
    assert slim_profiles(pdf) == 0


def test_a_damaged_profile_is_left_alone() -> None:
    pdf, profile = _with_profile()
    damaged = _profile()[:3000]
    profile.write(damaged + bytes(2000))
    assert slim_profiles(pdf) == 0


def test_real_cmyk_documents_look_the_same(corpus: Path) -> None:
    for name in ("slides__cmyk.pdf", "office__us-036.pdf"):
        with pikepdf.open(corpus / "pdf" / name) as pdf:
            before = saved(pdf)
            assert slim_profiles(pdf) > 100_000
            assert_looks_and_reads_the_same(before, saved(pdf))
