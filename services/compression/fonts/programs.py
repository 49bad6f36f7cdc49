"""Makes a smaller program for an embedded font: picks the glyphs that its users need and the right subsetter."""

from __future__ import annotations

from pikepdf import Name, Stream

from services.compression.flate import deflate_best, read_bounded
from services.compression.fonts.cff import CffFont, read_cff
from services.compression.fonts.cff_subset import subset_cff
from services.compression.fonts.embedded import EmbeddedProgram, FontUser, Replacement
from services.compression.fonts.sfnt import read_tables
from services.compression.fonts.simple_codes import meanings, names_among
from services.compression.fonts.truetype import TrueTypeFont
from services.compression.fonts.type1 import Type1Font, read_type1
from services.compression.fonts.type1_to_cff import type1_to_cff

#: A form must still be able to draw whatever is typed into it.
_LATIN_1 = frozenset(range(0x20, 0x100))
#: Symbolic TrueType fonts have their codes at one of these places of their cmap.
_SYMBOL_OFFSETS = (0, 0xF000, 0xF100, 0xF200)
_LARGEST_PROGRAM_BYTES = 64 << 20
_EXPERT_ENCODING = 1


class LeftAlone(ValueError):
    """The font is not made smaller; the text says why in few words."""


def shrink_program(program: EmbeddedProgram) -> Replacement:
    """Return a program for `program` with only the glyphs that its users draw, or for form fonts can draw.

    Raises:
        LeftAlone: an encoding or format that is not handled.
        FontDamaged: the program is damaged.
        NotDecodable: it does not inflate within the budget.
    """
    for user in program.users:
        if user.is_composite and user.is_form_font:
            raise LeftAlone("composite font of a form")
        if user.is_composite and user.font.get("/Encoding") not in (Name("/Identity-H"), Name("/Identity-V")):
            raise LeftAlone("encoded by a CMap")
    data = read_bounded(program.stream, _LARGEST_PROGRAM_BYTES)
    if program.key == "/FontFile2":
        return _smaller_truetype(program, data)
    if program.key == "/FontFile":
        return _type1_as_cff(program, data)
    if program.subtype == "/OpenType":
        tables = read_tables(data)[1]
        if "CFF " not in tables:
            return _smaller_truetype(program, data)
        data = tables["CFF "]
    return _smaller_cff(program, data)


def _codes(user: FontUser) -> set[int]:
    return user.codes | _LATIN_1 if user.is_form_font else user.codes


def _smaller_truetype(program: EmbeddedProgram, data: bytes) -> Replacement:
    font = TrueTypeFont(data)
    glyphs: set[int] = set()
    cids: set[int] = {0}
    simple = [user for user in program.users if not user.is_composite]
    for user in program.users:
        if user.is_composite:
            found = _glyphs_by_cid(user)
            cids |= found.keys() | (
                set() if isinstance(user.inner.get("/CIDToGIDMap"), Stream) else set(found.values())
            )
            glyphs.update(found.values())
        else:
            glyphs |= _glyphs_by_code(font, user)
    smaller = font.subset(glyphs, keep_cmap=bool(simple), keep_names=bool(simple))
    return Replacement(deflate_best(smaller), len(smaller), program.key, program.subtype, cids=tuple(sorted(cids)))


def _glyphs_by_cid(user: FontUser) -> dict[int, int]:
    """Return the glyphs of a CIDFontType2 by the CIDs that are drawn."""
    if user.inner.get("/Subtype") != "/CIDFontType2":
        raise LeftAlone("TrueType program in a font of another kind")
    table = user.inner.get("/CIDToGIDMap")
    if not isinstance(table, Stream):
        return {code: code for code in user.codes}
    places = read_bounded(table, _LARGEST_PROGRAM_BYTES)
    return {code: int.from_bytes(places[2 * code : 2 * code + 2], "big") for code in user.codes}


def _glyphs_by_code(font: TrueTypeFont, user: FontUser) -> set[int]:
    """Return the glyphs that the codes of a simple font lead to, through any cmap, name or number."""
    codes = _codes(user)
    wanted = meanings(user.font, codes)
    places = {code + offset for code in codes for offset in _SYMBOL_OFFSETS} | wanted.characters
    glyphs = {subtable.glyphs[place] for subtable in font.cmap for place in places & subtable.glyphs.keys()}
    # Mac cmaps have the codes of MacRoman, whatever the encoding of the PDF font.
    mac_codes = {code for letter in wanted.characters for code in chr(letter).encode("mac_roman", "ignore")}
    glyphs |= {
        subtable.glyphs[code]
        for subtable in font.cmap
        if subtable.platform == 1
        for code in mac_codes & subtable.glyphs.keys()
    }
    names = font.glyph_names
    glyphs |= {names[name] for name in names_among(names, wanted)}
    if not any(subtable.glyphs for subtable in font.cmap):
        glyphs |= codes
    return glyphs


def _smaller_cff(program: EmbeddedProgram, data: bytes) -> Replacement:
    font = read_cff(data)
    composite = [user for user in program.users if user.is_composite]
    if composite and len(composite) < len(program.users):
        raise LeftAlone("one program for simple and composite fonts")
    if composite:
        return _smaller_cff_by_cid(program, font)
    if font.ros or font.predefined_encoding == _EXPERT_ENCODING:
        raise LeftAlone("CID-keyed or expert-encoded program in a simple font")
    names = {font.glyph_name(glyph): glyph for glyph in reversed(range(len(font.char_strings)))}
    built_in = {code: font.glyph_name(glyph) for code, glyph in (font.encoding or {}).items()}
    kept: set[str] = set()
    for user in program.users:
        kept |= names_among(names, meanings(user.font, _codes(user), built_in))
    smaller = subset_cff(font, (names[name] for name in kept), keep_numbers=False)
    return Replacement(deflate_best(smaller), len(smaller), "/FontFile3", "/Type1C", glyph_names=tuple(sorted(kept)))


def _smaller_cff_by_cid(program: EmbeddedProgram, font: CffFont) -> Replacement:
    cids = {0}.union(*(user.codes for user in program.users))
    if any(user.inner.get("/Subtype") != "/CIDFontType0" for user in program.users):
        raise LeftAlone("CFF program in a font of another kind")
    if font.ros:
        places = {cid: glyph for glyph, cid in reversed(list(enumerate(font.charset)))}
        glyphs = {places[cid] for cid in cids if cid in places}
    else:
        glyphs = cids
    smaller = subset_cff(font, glyphs, keep_numbers=not font.ros)
    return Replacement(deflate_best(smaller), len(smaller), "/FontFile3", "/CIDFontType0C", cids=tuple(sorted(cids)))


def _type1_as_cff(program: EmbeddedProgram, data: bytes) -> Replacement:
    if any(user.font.get("/Subtype") != "/Type1" for user in program.users):
        raise LeftAlone("Type 1 program in a font of another kind")
    font: Type1Font = read_type1(data)
    kept: set[str] = set()
    for user in program.users:
        kept |= names_among(font.char_strings, meanings(user.font, _codes(user), font.encoding))
    smaller = type1_to_cff(font, kept)
    return Replacement(deflate_best(smaller), len(smaller), "/FontFile3", "/Type1C", glyph_names=tuple(sorted(kept)))
