"""Fonts of a document as a viewer sees them: the codes that are shown, their glyphs, and their stated widths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fontTools.agl import toUnicode
from fontTools.encodings.MacRoman import MacRoman
from fontTools.encodings.StandardEncoding import StandardEncoding
from pikepdf import Array, Dictionary, Name, Stream

from services.conversion.to_pdf.pdfa_rules.programs import Program, UnreadableProgram, read_program
from services.conversion.to_pdf.pdfa_rules.usage import array_of, read_bytes

_WIN_ANSI = [*(chr(code) for code in range(128)), *bytes(range(128, 256)).decode("cp1252", "replace")]
_SYMBOLIC = 4
_MAC_ONLY = {"\u00a0": "space", "\u00ad": "hyphen"}


@dataclass
class FontView:
    """A font that pages show."""

    font: Any
    codes: set[bytes]
    painted: bool

    @property
    def name(self) -> str:
        """What it calls itself."""
        return str(self.font.get("/BaseFont", "/unnamed"))[1:][:60]

    @property
    def kind(self) -> str:
        """Type0, Type1, MMType1, Type3, TrueType, or whatever it says."""
        return str(self.font.get("/Subtype", "/"))[1:]

    @property
    def holder(self) -> Any:
        """The font that has the descriptor: of a Type 0 font its descendant."""
        descendants = array_of(self.font.get("/DescendantFonts"))
        if self.kind == "Type0" and descendants and isinstance(descendants[0], Dictionary):
            return descendants[0]
        return self.font

    @property
    def descriptor(self) -> Any:
        """The font descriptor, or an empty one."""
        found = self.holder.get("/FontDescriptor")
        return found if isinstance(found, Dictionary) else Dictionary()

    @property
    def program_stream(self) -> Any:
        """The embedded program, or None."""
        for key in ("/FontFile", "/FontFile2", "/FontFile3"):
            found = self.descriptor.get(key)
            if isinstance(found, Stream):
                return found
        return None

    @property
    def is_symbolic(self) -> bool:
        """Whether its own encoding counts."""
        flags = self.descriptor.get("/Flags", 0)
        return bool(isinstance(flags, int) and flags & _SYMBOLIC)

    def program(self) -> Program | None:
        """The embedded program, read; None where there is none. Raises UnreadableProgram."""
        stream = self.program_stream
        if stream is None:
            return None
        data = read_bytes(stream)
        if data is None:
            raise UnreadableProgram
        return read_program(data)

    def shown(self) -> Iterator[int]:
        """The distinct codes that are shown: bytes, or of Type 0 fonts two bytes each."""
        if self.kind != "Type0":
            yield from sorted({byte for text in self.codes for byte in text})
        elif str(self.font.get("/Encoding")) in ("/Identity-H", "/Identity-V"):
            yield from sorted(
                {int.from_bytes(text[at : at + 2], "big") for text in self.codes for at in range(0, len(text) - 1, 2)}
            )

    def stated_width(self, code: int) -> float | None:
        """The width in thousandths that the document states for a code; None for none."""
        if self.kind == "Type0":
            return _cid_widths(self.holder).get(code, float(self.holder.get("/DW", 1000)))
        first, widths = self.font.get("/FirstChar"), array_of(self.font.get("/Widths"))
        if isinstance(first, int) and 0 <= code - first < len(widths):
            return float(widths[code - first])
        return float(self.descriptor.get("/MissingWidth", 0)) if widths else None

    def glyph(self, code: int, program: Program) -> Any:
        """The program's glyph of a code: a name or a number; None where it has none."""
        if self.kind == "Type0":
            return _cid_glyph(self.holder, program, code)
        if self.kind == "TrueType":
            return self._truetype_glyph(code, program)
        name = self._encoded_name(code, program)
        return name if name is not None and program.has(name) else None

    def _encoded_name(self, code: int, program: Program) -> str | None:
        encoding = self.font.get("/Encoding")
        names = named_codes(encoding)
        if code in names:
            return names[code]
        if base := base_encoding(encoding):
            return base.get(code)
        if not self.is_symbolic and not program.encoding:
            return StandardEncoding[code]
        return program.encoding.get(code)

    def _truetype_glyph(self, code: int, program: Program) -> Any:
        encoding = self.font.get("/Encoding")
        if not self.is_symbolic and encoding is not None:
            name = named_codes(encoding).get(code) or (
                base_encoding(encoding) or dict(enumerate(StandardEncoding))
            ).get(code)
            if name is None or name == ".notdef":
                return None
            character = _WIN_ANSI[code] if name not in named_codes(encoding).values() else None
            text = toUnicode(name) or character or ""
            if (3, 1) in program.cmaps and len(text) == 1 and (found := program.cmaps[3, 1].get(ord(text))) is not None:
                return found
            if (1, 0) in program.cmaps and name in MacRoman:
                found = program.cmaps[1, 0].get(MacRoman.index(name))
                if found is not None:
                    return found
            return name if program.has(name) else None
        for key, candidates in (((3, 0), (code, 0xF000 + code, 0xF100 + code)), ((1, 0), (code,)), ((3, 1), (code,))):
            for candidate in candidates:
                if key in program.cmaps and (found := program.cmaps[key].get(candidate)) is not None:
                    return found
        return None


def named_codes(encoding: Any) -> dict[int, str]:
    """The names that an encoding's differences give."""
    found: dict[int, str] = {}
    code = 0
    for part in array_of(encoding.get("/Differences")) if isinstance(encoding, Dictionary) else ():
        if isinstance(part, Name):
            found[code] = str(part)[1:]
            code += 1
        elif isinstance(part, int):
            code = part
    return found


def base_encoding(encoding: Any) -> dict[int, str] | None:
    """The codes of a base encoding, or None where the font's own counts."""
    name = str(encoding.get("/BaseEncoding", "")) if isinstance(encoding, Dictionary) else str(encoding)
    if name == "/WinAnsiEncoding":
        return WIN_ANSI_NAMES
    if name == "/MacRomanEncoding":
        return dict(enumerate(MacRoman))
    if name == "/StandardEncoding":
        return dict(enumerate(StandardEncoding))
    return None


def _win_ansi_names() -> dict[int, str]:
    from fontTools.agl import UV2AGL

    names = {code: UV2AGL[ord(text)] for code, text in enumerate(_WIN_ANSI) if ord(text) in UV2AGL and code >= 32}
    # ISO 32000-1, annex D.2: no-break space and soft hyphen are drawn as space and hyphen, other gaps as bullets.
    names |= {
        0xA0: "space",
        0xAD: "hyphen",
        0x2D: "hyphen",
        0x27: "quotesingle",
        0x60: "grave",
        0xB5: "mu",
        0xB7: "periodcentered",
        0xAF: "macron",
    }
    return {code: names.get(code, "bullet" if code > 126 else ".notdef") for code in range(32, 256)}


WIN_ANSI_NAMES = _win_ansi_names()


def _cid_widths(holder: Any) -> dict[int, float]:
    found: dict[int, float] = {}
    parts = array_of(holder.get("/W"))
    at = 0
    while at + 1 < len(parts):
        if isinstance(parts[at + 1], Array):
            found |= {int(parts[at]) + number: float(width) for number, width in enumerate(parts[at + 1])}
            at += 2
        elif at + 2 < len(parts):
            first, last, width = int(parts[at]), int(parts[at + 1]), float(parts[at + 2])
            found |= dict.fromkeys(range(first, min(last, first + 65535) + 1), width)
            at += 3
        else:
            break
    return found


def _cid_glyph(holder: Any, program: Program, code: int) -> Any:
    if holder.get("/Subtype") == Name.CIDFontType2:
        mapping = holder.get("/CIDToGIDMap")
        if isinstance(mapping, Stream):
            data = mapping.read_bytes()
            glyph = int.from_bytes(data[2 * code : 2 * code + 2], "big") if 2 * code + 1 < len(data) else 0
        else:
            glyph = code
        return glyph if 0 < glyph < program.glyph_count or (glyph == 0 and code == 0) else None
    return program.cid_glyph(code)
