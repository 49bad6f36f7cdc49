"""6.3 (part 1) and 6.2.11 (parts 2 and 3): fonts are embedded, complete, and as wide as the document says."""

from __future__ import annotations

import re
from typing import Any

from fontTools.agl import toUnicode
from pikepdf import Dictionary, Name, Stream

from services.conversion.to_pdf.pdfa_rules.findings import Examined
from services.conversion.to_pdf.pdfa_rules.font_views import FontView, named_codes
from services.conversion.to_pdf.pdfa_rules.programs import Program, UnreadableProgram
from services.conversion.to_pdf.pdfa_rules.usage import array_of, read_bytes

_KINDS = {"Type0", "Type1", "MMType1", "Type3", "TrueType", "CIDFontType0", "CIDFontType2"}
#: Widths may differ by so much (ISO 19005-1, 6.3.6).
_WIDTH_TOLERANCE = 1.0
_STANDARD_14 = {
    *("Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique", "Helvetica", "Helvetica-Bold"),
    *("Helvetica-Oblique", "Helvetica-BoldOblique", "Times-Roman", "Times-Bold", "Times-Italic", "Times-BoldItalic"),
    *("Symbol", "ZapfDingbats"),
}
_PREDEFINED_CMAPS = {
    *("Identity-H", "Identity-V", "GB-EUC-H", "GB-EUC-V", "GBpc-EUC-H", "GBpc-EUC-V", "GBK-EUC-H", "GBK-EUC-V"),
    *("GBKp-EUC-H", "GBKp-EUC-V", "GBK2K-H", "GBK2K-V", "UniGB-UCS2-H", "UniGB-UCS2-V", "UniGB-UTF16-H"),
    *("UniGB-UTF16-V", "B5pc-H", "B5pc-V", "HKscs-B5-H", "HKscs-B5-V", "ETen-B5-H", "ETen-B5-V", "ETenms-B5-H"),
    *("ETenms-B5-V", "CNS-EUC-H", "CNS-EUC-V", "UniCNS-UCS2-H", "UniCNS-UCS2-V", "UniCNS-UTF16-H", "UniCNS-UTF16-V"),
    *("83pv-RKSJ-H", "90ms-RKSJ-H", "90ms-RKSJ-V", "90msp-RKSJ-H", "90msp-RKSJ-V", "90pv-RKSJ-H", "Add-RKSJ-H"),
    *("Add-RKSJ-V", "EUC-H", "EUC-V", "Ext-RKSJ-H", "Ext-RKSJ-V", "H", "V", "UniJIS-UCS2-H", "UniJIS-UCS2-V"),
    *("UniJIS-UCS2-HW-H", "UniJIS-UCS2-HW-V", "UniJIS-UTF16-H", "UniJIS-UTF16-V", "KSC-EUC-H", "KSC-EUC-V"),
    *("KSCms-UHC-H", "KSCms-UHC-V", "KSCms-UHC-HW-H", "KSCms-UHC-HW-V", "KSCpc-EUC-H", "UniKS-UCS2-H"),
    *("UniKS-UCS2-V", "UniKS-UTF16-H", "UniKS-UTF16-V"),
}


def check(examined: Examined) -> None:
    """Find what breaks the rules of fonts."""
    for shown in examined.usage.fonts.values():
        view = FontView(shown.font, shown.codes, True in shown.painted)
        _dictionary(examined, view)
        if view.kind == "Type3":
            continue
        if view.kind == "Type0":
            _composite(examined, view)
        if view.program_stream is None:
            if view.painted:
                examined.found("6.3.4", "6.2.11.4.1", f"The font {view.name} is not embedded.")
            continue
        try:
            program = view.program()
        except UnreadableProgram:
            examined.found("6.3.4", "6.2.11.4.1", f"The program of the font {view.name} cannot be read.")
            continue
        assert program
        _program_kind(examined, view, program)
        if view.kind == "TrueType":
            _truetype_encoding(examined, view, program)
        _subset(examined, view, program)
        _glyphs(examined, view, program)


def _dictionary(examined: Examined, view: FontView) -> None:
    clauses = ("6.3.2", "6.2.11.2")
    if view.font.get("/Type") != Name.Font or view.kind not in _KINDS:
        examined.found(*clauses, f"The font {view.name} does not say what it is.")
    if view.kind != "Type3" and not isinstance(view.font.get("/BaseFont"), Name):
        examined.found(*clauses, "A font has no name.")
    if view.kind in ("Type1", "TrueType", "MMType1") and view.name not in _STANDARD_14:
        first, last, widths = (view.font.get(key) for key in ("/FirstChar", "/LastChar", "/Widths"))
        if not isinstance(first, int) or not isinstance(last, int) or len(array_of(widths)) != last - first + 1:
            examined.found(*clauses, f"The font {view.name} does not list the widths of its codes.")
    file3 = view.descriptor.get("/FontFile3")
    if isinstance(file3, Stream):
        allowed = {"/Type1C", "/CIDFontType0C", *(() if examined.part == 1 else ("/OpenType",))}
        if str(file3.get("/Subtype")) not in allowed:
            examined.found(*clauses, f"The program of the font {view.name} is of a kind that is not allowed.")


def _composite(examined: Examined, view: FontView) -> None:
    holder, encoding = view.holder, view.font.get("/Encoding")
    if holder.get("/Subtype") == Name.CIDFontType2 and view.program_stream is not None:
        mapping = holder.get("/CIDToGIDMap")
        if not (isinstance(mapping, Stream) or mapping == Name.Identity):
            examined.found("6.3.3.2", "6.2.11.3.2", f"The font {view.name} does not map its codes to glyphs.")
    if isinstance(encoding, Name):
        if str(encoding)[1:] not in _PREDEFINED_CMAPS:
            examined.found(
                "6.3.3.3", "6.2.11.3.3", f"The font {view.name} uses a CMap that is neither known nor embedded."
            )
        if str(encoding) not in ("/Identity-H", "/Identity-V"):
            _same_collection(examined, view, _collection_of(str(encoding)[1:]))
    elif isinstance(encoding, Stream):
        _embedded_cmap(examined, view, encoding)


def _embedded_cmap(examined: Examined, view: FontView, encoding: Any) -> None:
    data = read_bytes(encoding)
    if data is None:
        examined.found("6.3.3.3", "6.2.11.3.3", f"The CMap of the font {view.name} cannot be read.")
        return
    mode = re.search(rb"/WMode\s+(\d)", data)
    if (int(mode[1]) if mode else 0) != encoding.get("/WMode", 0):
        examined.found("6.3.3.3", "6.2.11.3.3", f"The CMap of the font {view.name} is of two directions.")
    used = encoding.get("/UseCMap")
    if isinstance(used, Name) and str(used)[1:] not in _PREDEFINED_CMAPS:
        examined.found("6.3.3.3", "6.2.11.3.3", f"The CMap of the font {view.name} uses another that is not known.")
    info = encoding.get("/CIDSystemInfo")
    if isinstance(info, Dictionary):
        _same_collection(examined, view, (str(info.get("/Registry")), str(info.get("/Ordering"))))


def _collection_of(cmap: str) -> tuple[str, str] | None:
    if cmap.startswith(("UniGB", "GB")):
        return "Adobe", "GB1"
    if cmap.startswith(("UniKS", "KSC")):
        return "Adobe", "Korea1"
    if cmap.startswith(("UniCNS", "CNS", "HKscs", "ETen", "B5")):
        return "Adobe", "CNS1"
    if cmap in _PREDEFINED_CMAPS:
        return "Adobe", "Japan1"
    return None


def _same_collection(examined: Examined, view: FontView, named: tuple[str, str] | None) -> None:
    info = view.holder.get("/CIDSystemInfo")
    if named is None or not isinstance(info, Dictionary):
        return
    if (str(info.get("/Registry")), str(info.get("/Ordering"))) != named:
        examined.found("6.3.3.1", "6.2.11.3.1", f"The font {view.name} and its CMap are of different collections.")


def _program_kind(examined: Examined, view: FontView, program: Program) -> None:
    expected = {"/FontFile": {"Type1"}, "/FontFile2": {"TrueType"}, "/FontFile3": {"CFF", "OpenType", "TrueType"}}
    for key, kinds in expected.items():
        if key in view.descriptor and program.kind not in kinds:
            examined.found(
                "6.3.2", "6.2.11.2", f"The program of the font {view.name} is not of the kind it is filed under."
            )


def _truetype_encoding(examined: Examined, view: FontView, program: Program) -> None:
    clauses = ("6.3.7", "6.2.11.6")
    encoding = view.font.get("/Encoding")
    base = encoding.get("/BaseEncoding") if isinstance(encoding, Dictionary) else encoding
    if view.is_symbolic:
        if encoding is not None:
            examined.found(*clauses, f"The symbolic font {view.name} has an encoding.")
        if examined.part == 1 and len(program.cmaps) != 1:
            examined.found(*clauses, f"The symbolic font {view.name} has not exactly one table of characters.")
        if examined.part > 1 and len(program.cmaps) != 1 and (3, 0) not in program.cmaps:
            examined.found(*clauses, f"The symbolic font {view.name} has no table of its own characters.")
        return
    if str(base) not in ("/WinAnsiEncoding", "/MacRomanEncoding"):
        examined.found(*clauses, f"The font {view.name} has neither the Windows nor the Macintosh encoding.")
    elif examined.part == 1 and named_codes(encoding):
        examined.found(*clauses, f"The font {view.name} has an encoding with differences.")
    elif examined.part > 1 and named_codes(encoding):
        if (3, 1) not in program.cmaps:
            examined.found(*clauses, f"The font {view.name} has differences and no Unicode table.")
        if any(not toUnicode(name) and name != ".notdef" for name in named_codes(encoding).values()):
            examined.found(*clauses, f"The font {view.name} names characters that no list knows.")
    if examined.part > 1 and not program.cmaps:
        examined.found(*clauses, f"The font {view.name} has no table of characters.")


def _subset(examined: Examined, view: FontView, program: Program) -> None:
    clauses = ("6.3.5", "6.2.11.4.2")
    is_subset = len(view.name) > 7 and view.name[6] == "+" and view.name[:6].isupper()
    if view.kind in ("Type1", "MMType1"):
        listed = view.descriptor.get("/CharSet")
        if listed is None:
            if examined.part == 1 and is_subset:
                examined.found(*clauses, f"The subset font {view.name} does not list its characters.")
        elif examined.part > 1 or is_subset:
            names = {name for name in str(listed).split("/") if name}
            if names - {".notdef"} != set(program.widths) - {".notdef"}:
                examined.found(*clauses, f"The font {view.name} lists other characters than it has.")
    elif view.kind == "Type0":
        marked = view.descriptor.get("/CIDSet")
        if not isinstance(marked, Stream):
            if examined.part == 1 and is_subset:
                examined.found(*clauses, f"The subset font {view.name} does not mark its characters.")
            return
        if examined.part > 1 or is_subset:
            _cid_set(examined, view, program, marked.read_bytes())


def _cid_set(examined: Examined, view: FontView, program: Program, marked: bytes) -> None:
    there = {at * 8 + bit for at, byte in enumerate(marked) for bit in range(8) if byte & 128 >> bit}
    if view.holder.get("/Subtype") == Name.CIDFontType2:
        if isinstance(view.holder.get("/CIDToGIDMap"), Stream):
            return
        needed = set(range(1, program.glyph_count))
    else:
        needed = set(program.cids) if program.is_cid else set(range(program.glyph_count))
    used = {code for code in view.shown() if view.glyph(code, program) is not None}
    missing = (needed if examined.part > 1 else used) - there - {0}
    if missing or (examined.part > 1 and there - needed - {0}):
        examined.found("6.3.5", "6.2.11.4.2", f"The font {view.name} marks other characters than it has.")


def _glyphs(examined: Examined, view: FontView, program: Program) -> None:
    if not view.painted:
        return
    for code in view.shown():
        glyph = view.glyph(code, program)
        if glyph is None or glyph == ".notdef" or (glyph == 0 and view.kind == "Type0"):
            if examined.part > 1 and not (glyph is None and view.kind == "TrueType" and view.is_symbolic):
                if glyph is None:
                    examined.found(
                        "6.3.4", "6.2.11.4.1", f"The font {view.name} lacks a glyph that is shown (code {code})."
                    )
                else:
                    examined.found("6.3.4", "6.2.11.8", f"The font {view.name} shows its glyph for missing characters.")
            elif examined.part == 1 and glyph is None and view.kind == "Type0":
                examined.found(
                    "6.3.4", "6.2.11.4.1", f"The font {view.name} lacks a glyph that is shown (code {code})."
                )
            continue
        stated, own = view.stated_width(code), program.width(glyph)
        if stated is not None and own is not None and abs(stated - own) > _WIDTH_TOLERANCE:
            examined.found(
                "6.3.6",
                "6.2.11.5",
                f"The font {view.name} is {own:.0f} wide at code {code}, the document says {stated:.0f}.",
            )
