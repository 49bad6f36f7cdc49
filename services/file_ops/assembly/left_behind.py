"""Name what a document has that no document put together from its pages can have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pikepdf import Dictionary

#: Entries of the catalogue that are about the file as it was, and what people call them.
_ENTRIES = {
    "/AA": "actions that run when the document is opened, printed or saved",
    "/Collection": "the look of a portfolio: its files are kept as attachments",
    "/DPartRoot": "document parts for variable printing",
    "/DSS": "data to verify signatures with",
    "/Legal": "legal attestations",
    "/PieceInfo": "private data of the program that wrote the file",
    "/Requirements": "requirements on viewers",
    "/URI": "the base of relative web addresses",
}
#: The same for the entries of /Names.
_NAMES = {
    "/AlternatePresentations": "slide shows",
    "/Pages": "named pages",
    "/Renditions": "named media renditions",
    "/Templates": "page templates",
    "/URLS": "captured web pages",
}


def left_behind(root: Any) -> Iterator[str]:
    """What of this catalogue is not taken along, in words."""
    yield from (words for key, words in _ENTRIES.items() if key in root)
    if isinstance(names := root.get("/Names"), Dictionary):
        yield from (words for key, words in _NAMES.items() if key in names)
    if isinstance(form := root.get("/AcroForm"), Dictionary) and "/XFA" in form:
        yield "XFA forms: their fields are kept as ordinary form fields"
