"""Takes the instructions of one content stream one by one, and keeps those that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator, Stream

from services.file_ops.protection.content import images, patterns
from services.file_ops.protection.content.areas import Placed
from services.file_ops.protection.content.geometry import UNIT_SQUARE, Matrix, Rect, at, matrix_of, times
from services.file_ops.protection.content.marked import MarkedContent, named, silent
from services.file_ops.protection.content.paths import Step, points_of, without
from services.file_ops.protection.content.resources import Resources, names_used
from services.file_ops.protection.content.shown_text import Item, items_of, show
from services.file_ops.protection.content.state import State, TextPosition

if TYPE_CHECKING:
    from services.file_ops.protection.content.walk import Walk

_CONSTRUCTING = {"m": 2, "l": 2, "c": 6, "v": 4, "y": 4, "h": 0, "re": 4}
_PAINTING = frozenset({"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "n"})
_MOST_SAVED_STATES = 10_000


class StreamRun:
    """One content stream under one matrix. After `finish`, `changed` and `written` tell what became of it."""

    def __init__(self, walk: Walk, resources: Any, ctm: Matrix, depth: int, *, erases_drawings: bool) -> None:
        self._walk = walk
        self.resources = Resources(resources)
        self._base = ctm
        self._depth = depth
        self._erases_drawings = erases_drawings
        #: Pages that boxes are drawn on are written anew in any case: their content may leave its state behind.
        self.changed = depth == 0 and bool(walk.eraser.areas)
        self._state = State(ctm=ctm)
        self._saved: list[State] = []
        self._text = TextPosition()
        self.marked = MarkedContent(walk.eraser.is_hidden)
        self._path: list[Step] = []
        self._clip: list[Any] = []
        self._kept: list[Any] = []
        self._fonts: dict[str, Any] = {}
        self._forms_share_resources = False

    # -- the list of instructions ------------------------------------------------------------------------------

    def take(self, instruction: Any) -> None:
        """Follow one instruction."""
        operator = str(instruction.operator)
        if operator in _CONSTRUCTING:
            numbers = [float(operand) for operand in instruction.operands if not isinstance(operand, pikepdf.Object)]
            if len(numbers) == _CONSTRUCTING[operator]:
                self._path.append((operator, numbers))
            return
        if operator in ("W", "W*"):
            self._clip.append(instruction)
            return
        if operator in _PAINTING:
            self._paint(instruction)
            return
        if self._path or self._clip:
            # Other instructions within a path are errors that viewers pass over.
            self._write_path(self._path)
        handler = _HANDLERS.get(operator)
        if handler is None:
            self._kept.append(instruction)
        else:
            handler(self, instruction)

    def finish(self) -> None:
        """No instruction follows."""
        self._write_path(self._path)
        while self.marked.is_open:
            self._silence(self.marked.end())
        for _ in self._saved:
            self._emit([], "Q")
        if self.changed and not self._forms_share_resources:
            self.resources.prune(names_used(self._kept))

    def written(self) -> bytes:
        """The content as it is now."""
        return pikepdf.unparse_content_stream(self._kept)

    def _emit(self, operands: list[Any], operator: str) -> None:
        self._kept.append((operands, Operator(operator)))

    def _erased(self, kind: str) -> None:
        self.changed = True
        self._walk.counts[kind] += 1
        self.marked.touch()

    @property
    def _areas(self) -> Any:
        return self._walk.eraser.areas

    # -- state -------------------------------------------------------------------------------------------------

    def _save(self, instruction: Any) -> None:
        if len(self._saved) < _MOST_SAVED_STATES:
            self._saved.append(self._state.copy())
        self._kept.append(instruction)

    def _restore(self, instruction: Any) -> None:
        # One that restores nothing would undo the state that boxes drawn afterwards rely on.
        if self._saved:
            self._state = self._saved.pop()
            self._kept.append(instruction)

    def _concatenate(self, instruction: Any) -> None:
        self._state.ctm = times(matrix_of(instruction.operands), self._state.ctm)
        self._kept.append(instruction)

    def _extended_state(self, instruction: Any) -> None:
        name = instruction.operands[0] if len(instruction.operands) else None
        found = self.resources.find("/ExtGState", name)
        own = self._followed(found) if isinstance(found, Dictionary) else None
        if own is None:
            self._kept.append(instruction)
        else:
            self._erased("soft_masks")
            self._emit([self.resources.add("/ExtGState", own)], "gs")

    def _followed(self, state: Any) -> Dictionary | None:
        """Take a font from a state dictionary; a copy of the dictionary where something was erased of its mask."""
        font, mask = state.get("/Font"), state.get("/SMask")
        if isinstance(font, Array) and len(font) == 2:
            self._state.font, self._state.size = self._walk.font(font[0]), float(font[1])
        group: Any = mask.get("/G") if isinstance(mask, Dictionary) else None
        if not isinstance(group, Stream):
            return None
        copy = self._walk.drawn(group, self._state.ctm, self.resources.current, self._depth)
        if copy is None:
            return None
        own = Dictionary(dict(state.items()))
        own.SMask = Dictionary(dict(mask.items()) | {"/G": copy})
        return own

    def _color(self, instruction: Any) -> None:
        operands = list(instruction.operands)
        pattern = self.resources.find("/Pattern", operands[-1]) if operands else None
        if isinstance(pattern, Stream) and not self._walk.eraser.idle:
            copy = patterns.erased(self._walk, pattern, self._base, self.resources.current, self._depth)
            if copy is not None:
                self._erased("pattern_cells")
                self._emit([*operands[:-1], self.resources.add("/Pattern", copy)], str(instruction.operator))
                return
        self._kept.append(instruction)

    # -- text --------------------------------------------------------------------------------------------------

    def _begin_text(self, instruction: Any) -> None:
        self._text = TextPosition()
        self._kept.append(instruction)

    def _font(self, instruction: Any) -> None:
        if len(instruction.operands) == 2:
            name, size = instruction.operands
            key = str(name)
            if key not in self._fonts:
                self._fonts[key] = self._walk.font(self.resources.find("/Font", name))
            self._state.font = self._fonts[key]
            self._state.size = float(size)
        self._kept.append(instruction)

    def _text_state(self, instruction: Any) -> None:
        operator, value = str(instruction.operator), _first_number(instruction)
        if operator == "Tc":
            self._state.char_space = value
        elif operator == "Tw":
            self._state.word_space = value
        elif operator == "Tz":
            self._state.scale = value / 100
        elif operator == "TL":
            self._state.leading = value
        elif operator == "Ts":
            self._state.rise = value
        self._kept.append(instruction)

    def _move_text(self, instruction: Any) -> None:
        operator = str(instruction.operator)
        if operator == "T*":
            self._text.move(0.0, -self._state.leading)
        elif operator == "Tm":
            self._text.set(matrix_of(instruction.operands))
        elif len(instruction.operands) == 2:
            x, y = (float(operand) for operand in instruction.operands)
            if operator == "TD":
                self._state.leading = -y
            self._text.move(x, y)
        self._kept.append(instruction)

    def _show(self, instruction: Any) -> None:
        operator, operands = str(instruction.operator), list(instruction.operands)
        if operator == '"' and len(operands) == 3:
            self._state.word_space, self._state.char_space = float(operands[0]), float(operands[1])
        if operator in ("'", '"'):
            self._text.move(0.0, -self._state.leading)
        items = items_of(operands[-1]) if operands else []
        left = show(items, self._state, self._text, self._glyph)
        if left is None:
            self._kept.append(instruction)
            return
        if operator == '"':
            self._emit([operands[0]], "Tw")
            self._emit([operands[1]], "Tc")
        if operator in ("'", '"'):
            self._emit([], "T*")
        self._emit([Array([_operand(item) for item in left])], "TJ")

    def _glyph(self, glyph: Placed) -> bool:
        if self.marked.hidden or self._areas.takes(glyph):
            self._erased("glyphs")
            return True
        if self._walk.see is not None:
            self._walk.see(glyph)
        return False

    # -- paths -------------------------------------------------------------------------------------------------

    def _paint(self, instruction: Any) -> None:
        path, ctm = self._path, self._state.ctm
        if self.marked.hidden and str(instruction.operator) != "n" and path:
            self._erased("paths")
            self._write_path(path)
            self._emit([], "n")
            return
        if path and self._areas and self._erases_drawings:
            placed = (
                Rect.around(at(ctm, point) for step in path for point in points_of(step)) if _has_points(path) else None
            )
            rects = self._areas.meeting(placed) if placed else []
            left = without(path, ctm, rects) if rects else None
            if left is not None:
                self._erased("paths")
                # An empty path that clips must still clip everything.
                self._write_path(left or [("re", [0.0, 0.0, 0.0, 0.0])])
                self._kept.append(instruction)
                return
        self._write_path(path)
        self._kept.append(instruction)

    def _write_path(self, path: list[Step]) -> None:
        for operator, numbers in path:
            self._emit(list(numbers), operator)
        self._kept += self._clip
        self._path, self._clip = [], []

    def _shade(self, instruction: Any) -> None:
        if self.marked.hidden:
            self._erased("shadings")
        else:
            self._kept.append(instruction)

    # -- drawings ----------------------------------------------------------------------------------------------

    def _draw(self, instruction: Any) -> None:
        name = instruction.operands[0] if len(instruction.operands) else None
        thing = self.resources.find("/XObject", name)
        if not isinstance(thing, Stream):
            self._kept.append(instruction)
        elif self.marked.hidden or self._walk.eraser.is_hidden(thing.get("/OC")):
            self._erased("images" if thing.get("/Subtype") == Name.Image else "forms")
        elif thing.get("/Subtype") == Name.Image:
            self._draw_image(instruction, thing)
        else:
            self._forms_share_resources = self._forms_share_resources or "/Resources" not in thing
            copy = self._walk.drawn(thing, self._state.ctm, self.resources.current, self._depth)
            if copy is None:
                self._kept.append(instruction)
                return
            self.changed = True
            self.marked.touch()
            self._emit([self.resources.add("/XObject", copy)], "Do")

    def _draw_image(self, instruction: Any, image: Any) -> None:
        if not self._erases_drawings or not self._areas:
            self._kept.append(instruction)
            return
        rects = self._areas.meeting(Rect.around(at(self._state.ctm, corner) for corner in UNIT_SQUARE))
        cleared = images.cleared(self._walk, image, self._state.ctm, rects) if rects else None
        if cleared is None:
            self._kept.append(instruction)
            return
        self._erased("images")
        self._emit([self.resources.add("/XObject", cleared)], "Do")

    def _inline_image(self, instruction: Any) -> None:
        rects = self._areas.meeting(Rect.around(at(self._state.ctm, corner) for corner in UNIT_SQUARE))
        if self.marked.hidden:
            self._erased("images")
        elif rects and self._erases_drawings:
            image = images.from_inline(self._walk.pdf, instruction.iimage, self.resources.current)
            self._draw_image(instruction, image)
        else:
            self._kept.append(instruction)

    # -- marked content ----------------------------------------------------------------------------------------

    def _begin_mark(self, instruction: Any) -> None:
        operands = list(instruction.operands)
        properties = named(operands[1], self.resources.current) if len(operands) > 1 else None
        self.marked.begin(str(operands[0]) if operands else "", properties, len(self._kept))
        if operands and str(operands[0]) == "/OC" and self._walk.eraser.is_hidden(properties):
            # The pair stays, so that it closes as it opened; the layer that it named may go.
            self.changed = True
            self._emit([Name.Span], "BMC")
            return
        self._kept.append(instruction)

    def _end_mark(self, instruction: Any) -> None:
        self._silence(self.marked.end())
        self._kept.append(instruction)

    def _silence(self, written_at: int | None) -> None:
        if written_at is None:
            return
        opening = self._kept[written_at]
        properties = silent(named(opening.operands[1], self.resources.current))
        inline = not isinstance(opening.operands[1], Name)
        operand = properties if inline else self.resources.add("/Properties", properties)
        self._kept[written_at] = ([opening.operands[0], operand], Operator("BDC"))
        self._walk.counts["spoken_texts"] += 1


def _first_number(instruction: Any) -> float:
    operands = instruction.operands
    return float(operands[0]) if len(operands) and not isinstance(operands[0], pikepdf.Object) else 0.0


def _has_points(path: list[Step]) -> bool:
    return any(step[0] != "h" for step in path)


def _operand(item: Item) -> Any:
    return pikepdf.String(item) if isinstance(item, bytes) else item


_HANDLERS = {
    "q": StreamRun._save,
    "Q": StreamRun._restore,
    "cm": StreamRun._concatenate,
    "gs": StreamRun._extended_state,
    "scn": StreamRun._color,
    "SCN": StreamRun._color,
    "BT": StreamRun._begin_text,
    "Tf": StreamRun._font,
    **dict.fromkeys(("Tc", "Tw", "Tz", "TL", "Ts"), StreamRun._text_state),
    **dict.fromkeys(("Td", "TD", "Tm", "T*"), StreamRun._move_text),
    **dict.fromkeys(("Tj", "TJ", "'", '"'), StreamRun._show),
    "sh": StreamRun._shade,
    "Do": StreamRun._draw,
    "INLINE IMAGE": StreamRun._inline_image,
    **dict.fromkeys(("BMC", "BDC"), StreamRun._begin_mark),
    "EMC": StreamRun._end_mark,
}
