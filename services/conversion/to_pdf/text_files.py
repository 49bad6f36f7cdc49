"""Bytes of text files as characters: byte order marks, UTF-8, and what charset-normalizer recognises."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer

from shared.errors import TooComplex

#: Longest text that becomes pages: some 6,000 of them.
_MAX_BYTES = 32 << 20
#: So much of a file tells its encoding; more only costs time (some 0.3 s a megabyte).
_SAMPLED_BYTES = 256 << 10
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"))
_SHORT_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: What Western files without any mark are written in when nothing else fits; it reads every byte.
_LAST_RESORT = "cp1252"


@dataclass(frozen=True)
class DecodedText:
    """A text and the encoding that it was read in."""

    text: str
    encoding: str
    #: Bytes that have no meaning in this encoding, shown as replacement characters.
    undecodable: int = 0


def read_text(source: Path) -> DecodedText:
    """Read a text file of any encoding. Raises TooComplex beyond 32 MB."""
    if (size := source.stat().st_size) > _MAX_BYTES:
        raise TooComplex(f"The text has {size >> 20} MB; the limit is {_MAX_BYTES >> 20} MB.")
    data = source.read_bytes()
    encoding = encoding_of(data)
    text = data.decode(encoding, "replace")
    return DecodedText(text, encoding.removesuffix("-sig"), text.count("\ufffd") - data.count("\ufffd".encode()))


def encoding_of(data: bytes) -> str:
    """The name of the encoding that a text is most likely written in."""
    for mark, encoding in (*_MARKS, *_SHORT_MARKS):
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A file that was cut in the middle of a character is still UTF-8.
        if error.start >= len(data) - 3 and error.start > 0:
            return "utf-8"
    else:
        return "utf-8"
    matches = charset_normalizer.from_bytes(data[:_SAMPLED_BYTES])
    if not (best := matches.best()):
        return _LAST_RESORT
    # Western letters read as well in half a dozen encodings: where those tie, the commonest is meant.
    as_good = [each for each in matches if (each.chaos, each.coherence) == (best.chaos, best.coherence)]
    tied = {name for each in as_good for name in (each.encoding, *each.could_be_from_charset)}
    return _LAST_RESORT if _LAST_RESORT in tied else best.encoding
