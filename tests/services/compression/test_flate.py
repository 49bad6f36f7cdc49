"""Streams are packed anew, decode to the same bytes, and bombs are left to lie."""

from __future__ import annotations

import base64
import io
import zlib
from contextlib import suppress
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name

from services.compression.flate import NotDecodable, TooLarge, deflate_best, inflate, read_bounded, repack_streams
from services.compression.lzw import LzwDamaged, lzw_decode
from tests.services.compression.font_documents import add_page, assert_looks_and_reads_the_same, saved

_TEXT = b"the quick brown fox jumps over the lazy dog; " * 200


def _packed_with_lzw(data: bytes, early_change: int = 1) -> bytes:
    """Encode with the LZW of PDF, so that the decoder meets an encoder that it does not share code with."""
    bits, width = "", 9
    table = {bytes((value,)): value for value in range(256)}
    bits += f"{256:09b}"
    held = b""
    size = 258
    for value in data:
        longer = held + bytes((value,))
        if longer in table:
            held = longer
            continue
        bits += f"{table[held]:0{width}b}"
        table[longer] = size
        size += 1
        # The decoder is one entry behind the encoder.
        width = 9 + sum(size - 1 + early_change >= limit for limit in (512, 1024, 2048))
        if size == 4094:
            bits += f"{256:0{width}b}"
            table = {bytes((value,)): value for value in range(256)}
            size, width = 258, 9
        held = bytes((value,))
    if held:
        bits += f"{table[held]:0{width}b}"
    size += 1
    width = 9 + sum(size - 1 + early_change >= limit for limit in (512, 1024, 2048))
    bits += f"{257:0{width}b}"
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _run_lengths(data: bytes) -> bytes:
    return (
        b"".join(bytes((len(data[k : k + 128]) - 1,)) + data[k : k + 128] for k in range(0, len(data), 128)) + b"\x80"
    )


_CODINGS = {
    "nothing": ([], _TEXT),
    "weak flate": (["FlateDecode"], zlib.compress(_TEXT, 1)),
    "lzw": (["LZWDecode"], _packed_with_lzw(_TEXT)),
    "ascii 85": (["ASCII85Decode"], base64.a85encode(_TEXT) + b"~>"),
    "ascii hex": (["ASCIIHexDecode"], _TEXT.hex().encode() + b">"),
    "run length": (["RunLengthDecode"], _run_lengths(_TEXT)),
    "ascii 85 of flate": (["ASCII85Decode", "FlateDecode"], base64.a85encode(zlib.compress(_TEXT, 1)) + b"~>"),
    "abbreviated": (["A85", "Fl"], base64.a85encode(zlib.compress(_TEXT, 1)) + b"~>"),
}


@pytest.mark.parametrize("coding", _CODINGS)
def test_any_coding_becomes_flate_and_decodes_to_the_same(coding: str) -> None:
    names, data = _CODINGS[coding]
    pdf = pikepdf.new()
    stream = pdf.make_stream(b"")
    stream.write(data, filter=Array([Name("/" + name) for name in names]) if names else None)
    pdf.Root.Kept = stream
    saved_bytes = repack_streams(pdf)
    assert saved_bytes > 0
    assert len(stream.read_raw_bytes()) < len(data)
    assert stream.Filter == Name.FlateDecode
    assert stream.read_bytes() == _TEXT


def test_a_jpeg_loses_its_wrapping_and_keeps_its_bytes() -> None:
    jpeg = bytes(range(256)) * 3
    pdf = pikepdf.new()
    stream = pdf.make_stream(b"")
    stream.write(base64.a85encode(jpeg) + b"~>", filter=Array([Name.ASCII85Decode, Name.DCTDecode]))
    stream.DecodeParms = Array([None, Dictionary(ColorTransform=0)])
    pdf.Root.Kept = stream
    repack_streams(pdf)
    names = [stream.Filter] if isinstance(stream.Filter, Name) else list(stream.Filter)
    assert names[-1] == Name.DCTDecode
    parameters = stream.DecodeParms if isinstance(stream.DecodeParms, Dictionary) else stream.DecodeParms[-1]
    assert parameters.ColorTransform == 0
    raw = stream.read_raw_bytes()
    assert (raw if len(names) == 1 else zlib.decompress(raw)) == jpeg


@pytest.mark.parametrize("name", ["FlateDecode", "LZWDecode"])
def test_predictors_stay_valid(name: str) -> None:
    rows = b"".join(b"\2" + bytes((row % 3,) * 30) for row in range(200))
    pdf = pikepdf.new()
    stream = pdf.make_stream(b"")
    data = zlib.compress(rows, 1) if name == "FlateDecode" else _packed_with_lzw(rows)
    stream.write(data, filter=Name("/" + name), decode_parms=Dictionary(Predictor=15, Columns=30))
    pdf.Root.Kept = stream
    before = stream.read_bytes()
    assert repack_streams(pdf) > 0
    assert stream.read_bytes() == before
    assert stream.DecodeParms.Predictor == 15


def test_the_metadata_of_pdf_a_stays_readable_without_a_decoder() -> None:
    pdf = pikepdf.new()
    packet = b"<x:xmpmeta><pdfaid:part>1</pdfaid:part></x:xmpmeta>" + b" " * 2000
    pdf.Root.Metadata = pdf.make_stream(packet, Type=Name.Metadata, Subtype=Name.XML)
    repack_streams(pdf)
    assert pdf.Root.Metadata.read_raw_bytes() == packet


def test_streams_that_were_packed_already_are_skipped() -> None:
    pdf = pikepdf.new()
    pdf.Root.Kept = pdf.make_stream(_TEXT)
    assert repack_streams(pdf, finished={pdf.Root.Kept.objgen}) == 0


def test_a_bomb_is_left_alone() -> None:
    packer = zlib.compressobj(6)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(150)) + packer.flush()
    pdf = pikepdf.new()
    stream = pdf.make_stream(b"")
    stream.write(bomb, filter=Name.FlateDecode)
    nested = pdf.make_stream(b"")
    nested.write(deflate_best(bomb), filter=Array([Name.FlateDecode, Name.FlateDecode]))
    pdf.Root.Kept = Array([stream, nested])
    repack_streams(pdf)
    assert stream.read_raw_bytes() == bomb
    with pytest.raises(TooLarge):
        inflate(bomb)
    with pytest.raises(TooLarge):
        read_bounded(nested, 1 << 20)


@pytest.mark.parametrize("data", [b"", b"not zlib", zlib.compress(_TEXT)[:-30], zlib.compress(_TEXT)[:-1] + b"x"])
def test_damaged_data_is_left_alone(data: bytes) -> None:
    with pytest.raises(NotDecodable):
        inflate(data)
    pdf = pikepdf.new()
    stream = pdf.make_stream(b"")
    stream.write(data, filter=Name.FlateDecode)
    pdf.Root.Kept = stream
    assert repack_streams(pdf) == 0
    assert stream.read_raw_bytes() == data


@given(st.binary(max_size=3000), st.sampled_from([0, 1]))
def test_lzw_decodes_what_was_encoded(data: bytes, early_change: int) -> None:
    assert lzw_decode(_packed_with_lzw(data, early_change), 10_000, early_change=early_change) == data


def test_lzw_of_a_long_text_clears_its_table_in_time() -> None:
    data = b"".join(b"%d " % (number * number) for number in range(9000))
    assert lzw_decode(_packed_with_lzw(data), 1 << 20) == data


def test_an_lzw_bomb_ends_at_the_budget() -> None:
    with pytest.raises(LzwDamaged):
        lzw_decode(_packed_with_lzw(bytes(500_000)), 100_000)


@given(st.binary(max_size=200))
def test_lzw_of_anything_ends_or_is_refused(data: bytes) -> None:
    with suppress(LzwDamaged):
        assert len(lzw_decode(data, 50_000)) <= 50_000


def test_a_real_document_of_many_codings_looks_the_same(corpus: Path) -> None:
    for name in ("slides__images.pdf", "form__issue6127.pdf", "vector__pdfx.pdf"):
        with pikepdf.open(corpus / "pdf" / name) as pdf:
            before = saved(pdf)
            assert repack_streams(pdf) > 0
            assert_looks_and_reads_the_same(before, saved(pdf), pages=2)


def test_unreadable_streams_do_not_stop_the_others() -> None:
    pdf = pikepdf.new()
    add_page(pdf, _TEXT)
    broken = pdf.make_stream(b"")
    broken.write(b"x" * 100, filter=Array([Name.ASCII85Decode, Name.FlateDecode]))
    pdf.Root.Kept = broken
    assert repack_streams(pdf) > 0
    with pikepdf.open(io.BytesIO(saved(pdf))) as kept:
        assert kept.pages[0].Contents.read_bytes() == _TEXT
