"""Plain text in scripts whose letters join, reorder or run from right to left: laid out by Pango."""

from __future__ import annotations

import html
import re
from pathlib import Path

from services.conversion.contracts.convert import PageSize
from services.conversion.to_pdf.font_programs import font_for
from services.conversion.to_pdf.web_pages import html_to_pdf
from shared.operation import Report, Result, ignore

#: Hebrew to Arabic extended, Indic to Myanmar, Khmer to Mongolian, Arabic presentation forms.
_SHAPED = re.compile("[\u0590-\u08ff\u0900-\u109f\u1780-\u18af\ufb1d-\ufdff\ufe70-\ufeff]")
#: Laying out takes about a second for so much.
_LONGEST = 300_000
#: Of characters that no font has, so many are named.
_NAMED_MISSING = 20

_STYLE = """
pre { font: 10pt/12pt "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0;
      tab-size: 8; unicode-bidi: plaintext }
section + section { break-before: page }
"""


def needs_shaping(text: str) -> bool:
    """Whether letters one after another would misrepresent a text, and it is short enough to do better."""
    return len(text) <= _LONGEST and _SHAPED.search(text.removeprefix("\ufeff")) is not None


def shaped_text_to_pdf(text: str, target: Path, page_size: PageSize, *, report: Report = ignore) -> Result:
    """Write a text as PDF. Raises as `html_to_pdf`."""
    sheets = text.replace("\r\n", "\n").replace("\r", "\n").split("\f")
    body = "".join(f"<section><pre>{html.escape(sheet)}</pre></section>" for sheet in sheets)
    page = f"<!DOCTYPE html><html><body>{body}</body></html>".encode()
    result = html_to_pdf(page, target, page_size, style=_STYLE, report=report)
    missing = [ord(character) for character in set(text) if character.isprintable() and not font_for(ord(character))]
    return {"made_by": result["made_by"], "characters_without_font": named_characters(missing)}


def named_characters(missing: list[int]) -> Result:
    """How many characters no font of the machine has, and which are the first."""
    return {"count": len(missing), "first": [f"U+{character:04X}" for character in sorted(missing)[:_NAMED_MISSING]]}
