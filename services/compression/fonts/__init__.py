"""Makes the fonts of a PDF smaller: only the characters that it draws stay, and each change must pass a render gate."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pikepdf

from services.compression.flate import NotDecodable
from services.compression.fonts.embedded import EmbeddedProgram, Replacement, embed, find_programs
from services.compression.fonts.gate import compare_fonts
from services.compression.fonts.programs import LeftAlone, shrink_program
from services.compression.fonts.sfnt import FontDamaged
from services.compression.fonts.usage import UsageUnknown, find_usage

#: Programs below this many bytes have nothing to give.
_SMALLEST_PROGRAM_BYTES = 1200
#: A program must shrink by this share, or it is not worth the risk and the time of the gate.
_LEAST_GAIN = 0.04


@dataclass
class FontOutcome:
    """What became of the embedded font programs of a PDF."""

    bytes_before: int = 0
    bytes_after: int = 0
    #: Programs that were replaced by a smaller one.
    changed: int = 0
    #: Programs left as they were, by reason.
    left: dict[str, int] = field(default_factory=dict)
    #: Names of fonts whose smaller program drew something else, so that the old one was kept.
    undone: list[str] = field(default_factory=list)


def shrink_fonts(pdf: pikepdf.Pdf, *, lossless: bool) -> FontOutcome:
    """Subset all embedded fonts of `pdf` to the characters drawn and return what was done.

    TrueType and CFF programs lose the outlines that are not used; Type 1 programs become CFF. Form fonts keep all of
    Latin-1. Before a program is replaced, every code drawn with it is rendered with the old and the new one: below a
    similarity of 0.9999, or with `lossless` at the first differing pixel, the old one stays.
    """
    outcome = FontOutcome()
    left: Counter[str] = Counter()
    try:
        usage = find_usage(pdf)
    except UsageUnknown as reason:
        outcome.left = {str(reason): 1}
        return outcome
    for program in find_programs(usage):
        before_bytes = len(program.stream.read_raw_bytes())
        outcome.bytes_before += before_bytes
        try:
            if program.stream.objgen in usage.unnamed_programs:
                raise LeftAlone("used by a font that is no object of its own")
            replacement = _worthwhile_replacement(program, before_bytes)
            if _draws_the_same(program, replacement, lossless=lossless):
                embed(replacement, program.users)
                outcome.changed += 1
                outcome.bytes_after += len(replacement.packed)
                continue
            outcome.undone.append(program.name)
        except LeftAlone as reason:
            left[str(reason)] += 1
        except (FontDamaged, NotDecodable, pikepdf.PdfError, TypeError, ValueError):
            left["damaged program"] += 1
        outcome.bytes_after += before_bytes
    outcome.left = dict(left)
    return outcome


def _worthwhile_replacement(program: EmbeddedProgram, before_bytes: int) -> Replacement:
    if before_bytes < _SMALLEST_PROGRAM_BYTES:
        raise LeftAlone("small already")
    replacement = shrink_program(program)
    if len(replacement.packed) > before_bytes * (1 - _LEAST_GAIN):
        raise LeftAlone("nothing to gain")
    return replacement


def _draws_the_same(program: EmbeddedProgram, replacement: Replacement, *, lossless: bool) -> bool:
    likeness = compare_fonts(program.users, program.users, lambda copies: embed(replacement, copies))
    return likeness.same_pixels and likeness.same_text if lossless else likeness.passes
