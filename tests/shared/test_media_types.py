"""What a file is shows in its first bytes; its name decides only among kinds of plain text."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from shared import media_types
from shared.media_types import recognise


def archive(*names: str, mimetype: str = "") -> bytes:
    """A zip with these entries; `mimetype` comes first and uncompressed, as OpenDocument wants it."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        if mimetype:
            target.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        for name in names:
            target.writestr(name, "<xml/>")
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", media_types.PDF),
        (b"HTTP/1.1 200 OK\r\n\r\n%PDF-1.4\n", media_types.PDF),
        (b"\x89PNG\r\n\x1a\n", media_types.PNG),
        (b"GIF89a", media_types.GIF),
        (b"{\\rtf1 text}", media_types.RTF),
        (archive("[Content_Types].xml", "_rels/.rels", "word/document.xml"), media_types.DOCX),
        (archive("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"), media_types.XLSX),
        (archive("[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml"), media_types.PPTX),
        (archive("content.xml", mimetype="application/vnd.oasis.opendocument.text"), media_types.ODT),
        (archive("word/holiday.jpg"), media_types.ZIP),
        (b"<!-- by hand -->\n<!DOCTYPE html><p>text", media_types.HTML),
        (b"plain words\n", media_types.TEXT),
        (b"\xff\xfew\x00o\x00r\x00d\x00", media_types.TEXT),
        (b"\x00\x01\x02\x03", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_the_kind(content: bytes, kind: media_types.MediaType | None):
    assert recognise(content, "claimed.exe") == kind


def test_among_kinds_of_text_the_suffix_decides():
    assert recognise(b"a,b\n1,2\n", "table.CSV") == media_types.CSV
    assert recognise(b"# title\n", "notes.md") == media_types.MARKDOWN
    assert recognise(b"%PDF-1.7\n", "notes.md") == media_types.PDF
