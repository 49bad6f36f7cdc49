"""Walks Type 2 charstrings (Adobe Technical Note 5177) to find which subroutines a glyph needs, without drawing it."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.compression.fonts.sfnt import FontDamaged

#: From so many subroutines on, calls are relative to a larger bias.
BIAS_LIMITS = (1240, 33900)
_DEEPEST_CALL = 10
_STEM_HINTS = frozenset({1, 3, 18, 23})
_HINT_MASKS = frozenset({19, 20})
_CALL_SUBR, _RETURN, _ESCAPE, _END_CHAR, _SHORT, _CALL_GLOBAL, _FIXED = 10, 11, 12, 14, 28, 29, 255
#: The flex operators and the obsolete dotsection: all other escapes compute.
_PLAIN_ESCAPES = frozenset({0, 34, 35, 36, 37})


@dataclass
class Needs:
    """Numbers of the subroutines that were called, and the parts (Standard Encoding) of accented characters."""

    local: set[int] = field(default_factory=set)
    overall: set[int] = field(default_factory=set)
    accents: set[int] = field(default_factory=set)


def find_needs(char_string: bytes, local: list[bytes], overall: list[bytes], needs: Needs) -> None:
    """Add what one glyph needs to `needs`. Raises FontDamaged for what cannot be followed (arithmetic)."""
    _Walk(local, overall, needs).run(char_string, 0)


def bias(subrs: list[bytes]) -> int:
    """Return what is added to the number of a subroutine in a call."""
    return 107 if len(subrs) < BIAS_LIMITS[0] else 1131 if len(subrs) < BIAS_LIMITS[1] else 32768


class _Walk:
    def __init__(self, local: list[bytes], overall: list[bytes], needs: Needs) -> None:
        self.local, self.overall, self.needs = local, overall, needs
        self.stack: list[int] = []
        self.stems = 0

    def run(self, code: bytes, depth: int) -> bool:
        """Walk one charstring; return True when the glyph has ended."""
        if depth > _DEEPEST_CALL:
            raise FontDamaged("subroutines nested too deep")
        at, stack = 0, self.stack
        try:
            while at < len(code):
                byte = code[at]
                at += 1
                if byte >= 32 or byte == _SHORT:
                    at = self._push(code, at, byte)
                elif byte in (_CALL_SUBR, _CALL_GLOBAL):
                    if self._call(stack.pop(), byte == _CALL_SUBR, depth):
                        return True
                elif byte == _RETURN:
                    return False
                elif byte == _END_CHAR:
                    if len(stack) >= 4:
                        self.needs.accents.update(stack[-2:])
                    return True
                else:
                    at = self._operator(code, at, byte)
        except IndexError as error:
            raise FontDamaged("charstring cut short") from error
        return False

    def _push(self, code: bytes, at: int, byte: int) -> int:
        if byte == _SHORT:
            self.stack.append(int.from_bytes(code[at : at + 2], "big", signed=True))
            return at + 2
        if byte == _FIXED:
            self.stack.append(int.from_bytes(code[at : at + 4], "big", signed=True) >> 16)
            return at + 4
        if byte <= 246:
            self.stack.append(byte - 139)
            return at
        value = (byte - 247 if byte <= 250 else byte - 251) * 256 + code[at] + 108
        self.stack.append(value if byte <= 250 else -value)
        return at + 1

    def _call(self, number: int, is_local: bool, depth: int) -> bool:
        subrs, called = (self.local, self.needs.local) if is_local else (self.overall, self.needs.overall)
        number += bias(subrs)
        if not 0 <= number < len(subrs):
            raise FontDamaged("call of a subroutine that does not exist")
        called.add(number)
        return self.run(subrs[number], depth + 1)

    def _operator(self, code: bytes, at: int, byte: int) -> int:
        if byte in _STEM_HINTS:
            self.stems += len(self.stack) // 2
        elif byte in _HINT_MASKS:
            # Numbers before the first mask are vertical stems whose operator is left out.
            self.stems += len(self.stack) // 2
            at += (self.stems + 7) // 8
        elif byte == _ESCAPE:
            if code[at] not in _PLAIN_ESCAPES:
                raise FontDamaged("arithmetic in a charstring")
            at += 1
        self.stack.clear()
        return at
