"""Translates one Type 1 charstring into a Type 2 charstring: the same points, the same hints, fewer bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from services.compression.fonts.sfnt import FontDamaged

_DEEPEST_CALL = 10
#: Type 2 interpreters hold 48 operands and 96 stem hints.
_MOST_OPERANDS = 48
_MOST_STEMS = 96
#: The width of the glyph takes a place of the first hint operator too.
_STEMS_AT_ONCE = _MOST_OPERANDS // 2 - 1

Number = int | Fraction
Stem = tuple[Number, Number]


@dataclass
class _Hints:
    """Stems that hold from one place of the outline on."""

    horizontal: list[Stem] = field(default_factory=list)
    vertical: list[Stem] = field(default_factory=list)


@dataclass(frozen=True)
class _Draw:
    """One operation of the outline; `kind` is move, line, curve or flex, `deltas` its coordinates."""

    kind: str
    deltas: tuple[Number, ...]


@dataclass(frozen=True)
class Type2:
    """A Type 2 charstring, and for an accented character the Standard Encoding codes of its two parts."""

    code: bytes
    accent_codes: tuple[int, ...]


def to_type2(code: bytes, subrs: Mapping[int, bytes]) -> Type2:
    """Return the Type 2 charstring for the Type 1 charstring `code`.

    Raises:
        FontDamaged: a charstring outside of the specification, or one that needs a PostScript interpreter.
    """
    reader = _Reader(subrs)
    reader.run(code, 0)
    if not reader.ended:
        raise FontDamaged("charstring without an end")
    try:
        return Type2(_Writer(reader).write(), tuple(int(code) for code in reader.accent[2:]))
    except OverflowError as error:
        raise FontDamaged("number too large for Type 2") from error


class _Reader:
    """Executes a Type 1 charstring and notes what it draws."""

    def __init__(self, subrs: Mapping[int, bytes]) -> None:
        self.subrs = subrs
        self.stack: list[Number] = []
        self.postscript: list[Number] = []
        self.width: Number = 0
        self.side_bearing: tuple[Number, Number] = (0, 0)
        self.steps: list[_Draw | _Hints] = [_Hints()]
        self.accent: tuple[Number, ...] = ()
        self.flex: list[Number] | None = None
        self.pending_move: list[Number] = [0, 0]
        self.open = False
        self.ended = False

    def run(self, code: bytes, depth: int) -> None:
        if depth > _DEEPEST_CALL:
            raise FontDamaged("subroutines nested too deep")
        at = 0
        try:
            while at < len(code) and not self.ended:
                byte = code[at]
                at += 1
                if byte >= 32:
                    at = self._push(code, at, byte)
                elif byte == 10:
                    number = self.stack.pop()
                    if number not in self.subrs:
                        raise FontDamaged("call of a subroutine that does not exist")
                    self.run(self.subrs[int(number)], depth + 1)
                elif byte == 11:
                    return
                elif byte == 12:
                    self._escape(code[at])
                    at += 1
                else:
                    self._operator(byte)
        except (IndexError, ValueError, ZeroDivisionError) as error:
            raise FontDamaged("charstring with operands missing") from error

    def _push(self, code: bytes, at: int, byte: int) -> int:
        if byte <= 246:
            self.stack.append(byte - 139)
            return at
        if byte == 255:
            self.stack.append(int.from_bytes(code[at : at + 4], "big", signed=True))
            return at + 4
        value = (byte - 247 if byte <= 250 else byte - 251) * 256 + code[at] + 108
        self.stack.append(value if byte <= 250 else -value)
        return at + 1

    def _operator(self, byte: int) -> None:
        stack = self.stack
        if byte == 13:
            self.side_bearing, self.width = (stack[0], 0), stack[1]
            self.pending_move = [stack[0], 0]
        elif byte in (1, 3):
            self._stem(byte == 1, stack[0], stack[1])
        elif byte in _MOVES:
            across, up = stack[-2:] if byte == 21 else (stack[-1], 0) if byte == 22 else (0, stack[-1])
            self._move(across, up)
        elif byte in _LINES:
            self._draw("line", tuple(stack[:2]) if byte == 5 else (stack[0], 0) if byte == 6 else (0, stack[0]))
        elif byte in _CURVES:
            if byte == 8:
                deltas = tuple(stack[:6])
            elif byte == 30:
                deltas = (0, stack[0], stack[1], stack[2], stack[3], 0)
            else:
                deltas = (stack[0], 0, stack[1], stack[2], 0, stack[3])
            self._draw("curve", deltas)
        elif byte == 9:
            self.open = False
        elif byte == 15:
            pass  # obsolete and undocumented; interpreters drop its two operands
        elif byte == 14:
            self.ended = True
        else:
            raise FontDamaged(f"operator {byte}")
        stack.clear()

    def _escape(self, byte: int) -> None:
        stack = self.stack
        if byte == 12:
            divisor, dividend = stack.pop(), stack.pop()
            quotient = Fraction(dividend) / Fraction(divisor)
            stack.append(int(quotient) if quotient.denominator == 1 else quotient)
            return
        if byte == 16:
            self._other_subr()
            return
        if byte == 17:
            stack.append(self.postscript.pop())
            return
        if byte in (1, 2):
            for first, width in zip(stack[0:6:2], stack[1:6:2], strict=True):
                self._stem(byte == 2, first, width)
        elif byte == 6:
            bearing, across, up, base, accent = stack[:5]
            self.accent = (across - bearing + self.side_bearing[0], up, base, accent)
            self.ended = True
        elif byte == 7:
            self.side_bearing, self.width = (stack[0], stack[1]), stack[2]
            self.pending_move = [stack[0], stack[1]]
        elif byte not in (0, 33):  # dotsection and setcurrentpoint draw nothing
            raise FontDamaged(f"operator 12 {byte}")
        stack.clear()

    def _other_subr(self) -> None:
        number, count = self.stack.pop(), int(self.stack.pop())
        operands = self.stack[len(self.stack) - count :] if count else []
        del self.stack[len(self.stack) - count :]
        if number == 1:
            self.flex = []
        elif number == 2:
            pass  # each point of a flex was noted by its move
        elif number == 0:
            self._end_flex(operands)
        elif number == 3:
            self.steps.append(_Hints())
            self.postscript = [operands[0]]
        elif number in (12, 13):
            pass  # counter control: only spacing of stems at small sizes
        else:
            raise FontDamaged(f"OtherSubr {number}")

    def _end_flex(self, operands: list[Number]) -> None:
        points, self.flex = self.flex, None
        if points is None or len(points) != 14:
            raise FontDamaged("flex without its seven points")
        # The first point is only a reference: the first control point is relative to it.
        first = (points[0] + points[2], points[1] + points[3])
        self._draw("flex", (*first, *points[4:], operands[0]))
        self.postscript = [operands[2], operands[1]]

    def _stem(self, horizontal: bool, first: Number, width: Number) -> None:
        hints = next(step for step in reversed(self.steps) if isinstance(step, _Hints))
        across, up = self.side_bearing
        stems = hints.horizontal if horizontal else hints.vertical
        stem = (first + (up if horizontal else across), width)
        if stem not in stems:
            stems.append(stem)

    def _move(self, across: Number, up: Number) -> None:
        if self.flex is not None:
            self.flex += [across, up]
            return
        self.pending_move[0] += across
        self.pending_move[1] += up
        self.open = False

    def _draw(self, kind: str, deltas: tuple[Number, ...]) -> None:
        if not self.open:
            self.steps.append(_Draw("move", tuple(self.pending_move)))
            self.pending_move, self.open = [0, 0], True
        self.steps.append(_Draw(kind, deltas))


_MOVES, _LINES, _CURVES = frozenset({4, 21, 22}), frozenset({5, 6, 7}), frozenset({8, 30, 31})


class _Writer:
    """Writes what a reader noted as one Type 2 charstring."""

    def __init__(self, reader: _Reader) -> None:
        self.reader = reader
        self.out = bytearray()
        hints = [step for step in reader.steps if isinstance(step, _Hints)]
        self.horizontal = sorted({stem for hint in hints for stem in hint.horizontal})
        self.vertical = sorted({stem for hint in hints for stem in hint.vertical})
        if len(self.horizontal) + len(self.vertical) > _MOST_STEMS:
            self.horizontal, self.vertical = [], []
        self.masked = len([hint for hint in hints if hint.horizontal or hint.vertical]) > 1

    def write(self) -> bytes:
        self._number(self.reader.width)
        self._stems()
        draws: list[_Draw] = []
        for step in self.reader.steps:
            if isinstance(step, _Draw):
                draws.append(step)
                continue
            if self.masked and (step.horizontal or step.vertical):
                self._outline(draws)
                draws = []
                self._mask(step)
        self._outline(draws)
        for value in self.reader.accent:
            self._number(value)
        self.out.append(14)
        return bytes(self.out)

    def _stems(self) -> None:
        for stems, operator in ((self.horizontal, 18 if self.masked else 1), (self.vertical, 23 if self.masked else 3)):
            if not stems:
                continue
            end: Number = 0
            for number, (first, width) in enumerate(stems):
                if number and number % _STEMS_AT_ONCE == 0:
                    self.out.append(operator)
                self._number(first - end)
                self._number(width)
                end = first + width
            self.out.append(operator)

    def _mask(self, hints: _Hints) -> None:
        stems = len(self.horizontal) + len(self.vertical)
        if not stems:
            return
        bits = [stem in hints.horizontal for stem in self.horizontal] + [
            stem in hints.vertical for stem in self.vertical
        ]
        bits += [False] * (-stems % 8)
        self.out.append(19)
        for start in range(0, len(bits), 8):
            self.out.append(int("".join("01"[bit] for bit in bits[start : start + 8]), 2))

    def _outline(self, draws: list[_Draw]) -> None:
        """Write operations, those of one kind in a row under one operator (what Type 2 saves over Type 1)."""
        at = 0
        while at < len(draws):
            kind = draws[at].kind
            if kind == "move":
                self._move(*draws[at].deltas)
                at += 1
            elif kind == "flex":
                self._operation((12, 35), draws[at].deltas)
                at += 1
            else:
                end = at
                while end < len(draws) and draws[end].kind == kind:
                    end += 1
                (self._lines if kind == "line" else self._curves)([draw.deltas for draw in draws[at:end]])
                at = end

    def _move(self, across: Number, up: Number) -> None:
        if up == 0:
            self._operation((22,), (across,))
        elif across == 0:
            self._operation((4,), (up,))
        else:
            self._operation((21,), (across, up))

    def _lines(self, lines: list[tuple[Number, ...]]) -> None:
        at = 0
        while at < len(lines):
            end = at
            if 0 in lines[at]:
                # hlineto and vlineto take turns by themselves.
                flat = lines[at][1] == 0
                values: list[Number] = []
                while end < len(lines) and len(values) < _MOST_OPERANDS and lines[end][1 if flat else 0] == 0:
                    values.append(lines[end][0 if flat else 1])
                    flat = not flat
                    end += 1
                self._operation((6 if lines[at][1] == 0 else 7,), tuple(values))
            else:
                while end < len(lines) and 0 not in lines[end] and end - at < _MOST_OPERANDS // 2:
                    end += 1
                self._operation((5,), tuple(value for line in lines[at:end] for value in line))
            at = end

    def _curves(self, curves: list[tuple[Number, ...]]) -> None:
        at = 0
        while at < len(curves):
            end = at
            start_flat, start_steep = curves[at][1] == 0 == curves[at][4], curves[at][0] == 0 == curves[at][5]
            if start_flat or start_steep:
                flat = start_flat
                values: list[Number] = []
                while end < len(curves) and len(values) + 4 <= _MOST_OPERANDS:
                    curve = curves[end]
                    if curve[1 if flat else 0] != 0 or curve[4 if flat else 5] != 0:
                        break
                    values += [curve[0 if flat else 1], curve[2], curve[3], curve[5 if flat else 4]]
                    flat = not flat
                    end += 1
                self._operation((31 if start_flat else 30,), tuple(values))
            else:
                while end < len(curves) and end - at < _MOST_OPERANDS // 6 and not _is_plain(curves[end]):
                    end += 1
                self._operation((8,), tuple(value for curve in curves[at:end] for value in curve))
            at = end

    def _operation(self, operator: tuple[int, ...], operands: tuple[Number, ...]) -> None:
        for operand in operands:
            self._number(operand)
        self.out.extend(operator)

    def _number(self, value: Number) -> None:
        if isinstance(value, Fraction):
            self.out += b"\xff" + round(value * 65536).to_bytes(4, "big", signed=True)
        elif -107 <= value <= 107:
            self.out.append(value + 139)
        elif 108 <= value <= 1131:
            self.out += (value - 108 + (247 << 8)).to_bytes(2, "big")
        elif -1131 <= value <= -108:
            self.out += (-value - 108 + (251 << 8)).to_bytes(2, "big")
        elif -32768 <= value <= 32767:
            self.out += b"\x1c" + value.to_bytes(2, "big", signed=True)
        else:
            raise FontDamaged("number too large for Type 2")


def _is_plain(curve: tuple[Number, ...]) -> bool:
    """Tell whether a curve starts level and ends upright or the other way, so that two coordinates can be left out."""
    return curve[1] == 0 == curve[4] or curve[0] == 0 == curve[5]
