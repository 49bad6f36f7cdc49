"""Open a PDF for rewriting, or say precisely why it cannot be: password, damage, limits."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Stream

from shared.errors import DamagedFile, EncryptedPdf, NoPages, TooComplex, WrongPassword

MAX_PAGES = 20_000
#: A single stream may inflate to this much.
MAX_STREAM_BYTES = 512 << 20
#: Deflate reaches 1032:1 at most, so that smaller streams cannot pass the limit in one layer.
_HARMLESS_UP_TO_BYTES = MAX_STREAM_BYTES // 1032
#: A stream that starts with less than this ratio is not a bomb.
_SUSPICIOUS_RATIO = 100


@contextmanager
def open_document(source: Path | BytesIO, password: str | None) -> Iterator[pikepdf.Pdf]:
    """Open a PDF for rewriting. Passwords work whether they are the user's or the owner's.

    Raises:
        EncryptedPdf, WrongPassword: it needs another password.
        DamagedFile: no repair helps.
        NoPages: it opens and has nothing to show.
        TooComplex: it is beyond the limits of pages or of inflated bytes.
    """
    try:
        pdf = open_written(source, password)
    except pikepdf.PasswordError:
        raise (WrongPassword() if password else EncryptedPdf()) from None
    except (pikepdf.PdfError, ValueError) as error:
        raise DamagedFile() from error
    with pdf:
        _check_limits(pdf)
        yield pdf


def open_written(source: Path | BytesIO, password: str | None) -> pikepdf.Pdf:
    """Open a PDF without checks; a password that it does not need does no harm."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "A password was provided")
        return pikepdf.open(source, password=password or "")


def _check_limits(pdf: pikepdf.Pdf) -> None:
    try:
        pages = len(pdf.pages)
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError) as error:
        raise DamagedFile() from error
    if pages == 0:
        raise NoPages()
    if pages > MAX_PAGES:
        raise TooComplex(f"The document has {pages} pages; the limit is {MAX_PAGES}.")
    for thing in pdf.objects:
        if isinstance(thing, Stream):
            _check_stream(thing)


def _check_stream(stream: Any) -> None:
    """Refuse a stream that inflates beyond the limit, before anything inflates it whole."""
    coding = stream.get("/Filter")
    layers = [str(name) for name in coding] if isinstance(coding, Array) else [str(coding)]
    deflated = layers.count("/FlateDecode") + layers.count("/Fl")
    if not deflated:
        return
    try:
        if deflated == 1 and int(stream.get("/Length", 0)) <= _HARMLESS_UP_TO_BYTES:
            return
        data = stream.read_raw_bytes()
    except (pikepdf.PdfError, TypeError, ValueError):
        return
    if deflated == 1:
        head = data[: 64 << 10]
        if _inflated_bytes(head, len(head) * _SUSPICIOUS_RATIO) >= len(head) * _SUSPICIOUS_RATIO:
            _refuse_beyond_limit(_inflated_bytes(data, MAX_STREAM_BYTES))
        return
    for layer in layers:
        if layer not in ("/FlateDecode", "/Fl"):
            return
        inflater = zlib.decompressobj()
        try:
            data = inflater.decompress(data, MAX_STREAM_BYTES)
        except zlib.error:
            return
        _refuse_beyond_limit(len(data))


def _inflated_bytes(data: bytes, limit_bytes: int) -> int:
    """Count what `data` inflates to, up to about `limit_bytes`, without keeping it."""
    inflater, total, rest = zlib.decompressobj(), 0, data
    try:
        while rest and not inflater.eof and total < limit_bytes:
            total += len(inflater.decompress(rest, 1 << 20))
            rest = inflater.unconsumed_tail
    except zlib.error:
        return total
    return total


def _refuse_beyond_limit(inflated_bytes: int) -> None:
    if inflated_bytes >= MAX_STREAM_BYTES:
        raise TooComplex(f"A stream inflates to more than {MAX_STREAM_BYTES >> 20} MB.")
