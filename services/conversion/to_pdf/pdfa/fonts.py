"""Makes fonts conform: missing ones are embedded from this machine, faulty ones are built anew or corrected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pikepdf
from fontTools.agl import toUnicode
from pikepdf import Name, Stream

from services.conversion.to_pdf.pdfa.simple_fonts import (
    CodeGlyph,
    Glyphs,
    glyphs_of_file,
    glyphs_of_program,
    replace_font,
    text_of,
)
from services.conversion.to_pdf.pdfa.substitutes import is_sure, substitute_for
from services.conversion.to_pdf.pdfa_rules import fonts as font_rules
from services.conversion.to_pdf.pdfa_rules.findings import Examined
from services.conversion.to_pdf.pdfa_rules.font_views import FontView, named_codes
from services.conversion.to_pdf.pdfa_rules.programs import Program, open_truetype
from services.conversion.to_pdf.pdfa_rules.usage import ShownFont, Usage


@dataclass
class FontOutcome:
    """What was done with the fonts of a document."""

    embedded: list[str] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    #: Fonts that the document does not bring and the machine does not have, or that no correction helps.
    hopeless: list[str] = field(default_factory=list)
    #: Substitutes of other widths or looks than the font that was named.
    doubtful: list[str] = field(default_factory=list)


def settle_fonts(pdf: pikepdf.Pdf, usage: Usage, part: int) -> FontOutcome:
    """Make each font that is shown conform, and tell what was done with it."""
    outcome = FontOutcome()
    for number, shown in enumerate(usage.fonts.values()):
        view = FontView(shown.font, shown.codes, True in shown.painted)
        if not _findings(pdf, shown, part):
            continue
        tag = _tag(number)
        name = view.name
        is_missing = view.program_stream is None
        steps: tuple[Callable[[], None], ...] = (
            lambda view=view: _correct(pdf, view, part),  # type: ignore[misc]
            lambda view=view, tag=tag: _rebuild(pdf, view, tag),  # type: ignore[misc]
        )
        if is_missing:
            steps = (lambda view=view, tag=tag: _embed(pdf, view, tag, outcome),)  # type: ignore[misc]
        for step in steps:
            if not _helps(step):
                continue
            if not _findings(pdf, shown, part):
                break
        if _findings(pdf, shown, part):
            outcome.hopeless.append(name)
        else:
            (outcome.embedded if is_missing else outcome.corrected).append(name)
    return outcome


#: Characters that look alike and share a glyph in fonts that have only one of them.
_ALIKE = {"\u2126": 0x3A9, "\u2206": 0x394, "\u00b5": 0x3BC, "\u2215": 0x2044, "\u2219": 0xB7, "\u00ad": 0x2D}
_FONTS_OF_SYMBOLS = ("StandardSymbolsPS", "D050000L")


def _helps(step: Callable[[], None]) -> bool:
    """Try one way to mend a font."""
    try:
        step()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - fontTools raises whatever comes on damaged outlines: this way does not help
        return False
    return True


class _Hopeless(Exception):
    """This way does not lead to a conforming font."""


def _findings(pdf: pikepdf.Pdf, shown: ShownFont, part: int) -> list[Any]:
    examined = Examined(pdf, b"", part)
    # What is asked is what the rules say of this font alone.
    examined.__dict__["usage"] = Usage(fonts={0: shown})
    font_rules.check(examined)
    return examined.findings


def _tag(number: int) -> str:
    return "PDFA" + "".join(chr(65 + number // 26**place % 26) for place in (1, 0))


def _embed(pdf: pikepdf.Pdf, view: FontView, tag: str, outcome: FontOutcome) -> None:
    if view.kind not in ("Type1", "MMType1", "TrueType"):
        raise _Hopeless
    path = substitute_for(view.name, view.descriptor)
    if path is None:
        raise _Hopeless
    glyphs, characters, own = glyphs_of_file(path)
    named = named_codes(view.font.get("/Encoding"))
    shown: dict[int, CodeGlyph] = {}
    # Fonts of symbols have an encoding of their own; others mean characters.
    symbols = own if path.stem in _FONTS_OF_SYMBOLS else {}
    for code in view.shown():
        text = toUnicode(symbols.get(code, "")) if symbols else text_of(view, code)
        glyph = _glyph_for(named.get(code) or symbols.get(code), text, glyphs, characters)
        stated = view.stated_width(code)
        width = stated if stated is not None else glyphs.widths[glyph]
        shown[code] = CodeGlyph(glyph, width, text, squeeze=True)
    if not is_sure(view.name):
        outcome.doubtful.append(view.name)
    replace_font(pdf, view, glyphs, shown, tag)


def _glyph_for(name: str | None, text: str, glyphs: Glyphs, characters: dict[int, str]) -> str:
    """The glyph of a character of a font file, by its name or by what it means."""
    if name and name in glyphs.widths:
        return name
    if len(text) == 1 and (found := characters.get(ord(text)) or characters.get(_ALIKE.get(text, 0))):
        return found
    if not text.strip() and text:
        return characters[ord(" ")]
    raise _Hopeless


def _rebuild(pdf: pikepdf.Pdf, view: FontView, tag: str) -> None:
    """A simple font's own glyphs, code by code, with the widths that the document states."""
    program = view.program() if view.kind in ("Type1", "MMType1", "TrueType") else None
    if program is None:
        raise _Hopeless
    glyphs = glyphs_of_program(view.program_stream.read_bytes())
    shown: dict[int, CodeGlyph] = {}
    for code in view.shown():
        found = view.glyph(code, program)
        glyph = program.order[found] if isinstance(found, int) else found
        glyph = glyph or ".notdef"
        stated = view.stated_width(code)
        width = stated if stated is not None else program.width(glyph) or 0.0
        shown[code] = CodeGlyph(glyph, width, text_of(view, code), squeeze=False)
    replace_font(pdf, view, glyphs, shown, tag)


def _correct(pdf: pikepdf.Pdf, view: FontView, part: int) -> None:
    """Mend what the dictionary says of a program that is sound itself."""
    program = view.program()
    if program is None:
        raise _Hopeless
    _correct_dictionary(view, program)
    if view.kind == "Type0":
        _correct_composite(pdf, view, program, part)
    elif view.kind in ("Type1", "MMType1"):
        if part == 1:
            names = sorted(set(program.widths) - {".notdef"})
            view.descriptor.CharSet = pikepdf.String("".join(f"/{name}" for name in names))
        elif "/CharSet" in view.descriptor:
            del view.descriptor["/CharSet"]
    else:
        raise _Hopeless


def _correct_dictionary(view: FontView, program: Program) -> None:
    view.font.Type = Name.Font
    file3 = view.descriptor.get("/FontFile3")
    if isinstance(file3, Stream) and program.kind == "CFF":
        file3.Subtype = Name("/CIDFontType0C") if view.kind == "Type0" else Name("/Type1C")


def _correct_composite(pdf: pikepdf.Pdf, view: FontView, program: Program, part: int) -> None:
    holder = view.holder
    if holder.get("/Subtype") == Name.CIDFontType2 and not isinstance(holder.get("/CIDToGIDMap"), Stream):
        holder.CIDToGIDMap = Name.Identity
    if "/CIDSet" in view.descriptor:
        del view.descriptor["/CIDSet"]
    _match_advances(view, program)
    if part == 1:
        marked = _all_cids(view, program)
        data = bytearray(max(marked, default=0) // 8 + 1)
        for cid in marked:
            data[cid // 8] |= 128 >> cid % 8
        view.descriptor.CIDSet = pdf.make_stream(bytes(data))


def _all_cids(view: FontView, program: Program) -> set[int]:
    if view.holder.get("/Subtype") == Name.CIDFontType2:
        return {code for code in view.shown() if view.glyph(code, program) is not None} | {0}
    return set(program.cids) if program.is_cid else set(range(program.glyph_count))


def _match_advances(view: FontView, program: Program) -> None:
    """Write the widths that the document states into the program: what is drawn stays where it is."""
    stream = view.descriptor.get("/FontFile2")
    if not isinstance(stream, Stream):
        return
    wanted: dict[Any, float] = {}
    for code in view.shown():
        glyph = view.glyph(code, program)
        stated = view.stated_width(code)
        own = program.width(glyph) if glyph is not None else None
        if stated is not None and own is not None and abs(stated - own) > 1:
            wanted[glyph] = stated
    if not wanted:
        return
    font = open_truetype(stream.read_bytes())
    units, order = font["head"].unitsPerEm, font.getGlyphOrder()
    for glyph, stated in wanted.items():
        name = order[glyph] if isinstance(glyph, int) else glyph
        font["hmtx"].metrics[name] = (round(stated * units / 1000), font["hmtx"].metrics[name][1])
    out = BytesIO()
    font.save(out, reorderTables=False)
    stream.write(out.getvalue())
    stream.Length1 = len(out.getvalue())
