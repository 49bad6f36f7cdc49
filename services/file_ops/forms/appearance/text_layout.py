"""Set a text into a box: lines broken, size found, every line placed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from services.file_ops.lettering.letters import Run, lines_of, width_points
from services.file_ops.lettering.script_rules import is_cjk

#: Smallest and largest size that text of several lines gets where it may choose; as Acrobat does.
_SMALLEST_POINTS, _LARGEST_OF_LINES_POINTS = 4.0, 12.0
_STEP_POINTS = 0.5
#: Distance of baselines in heights of the font; Acrobat takes the height of the font's box.
_LEADING = 1.15
#: More characters than any line of a page shows; longer ones are not measured whole.
_LONGEST_LINE = 2000
#: More characters than stand side by side in an em of any text.
_CHARACTERS_PER_EM = 8

SetLine = Callable[[str], list[Run]]


@dataclass(frozen=True)
class PlacedLine:
    """A line and the place of its first baseline point."""

    runs: list[Run]
    x: float
    y: float


@dataclass(frozen=True)
class Layout:
    """Set text. `cut_off` says that some of it lies outside of the box."""

    size_points: float
    lines: list[PlacedLine]
    cut_off: bool


@dataclass(frozen=True)
class Box:
    """The room for text within a frame, and how lines stand in it: 0 left, 1 centred, 2 right."""

    left: float
    bottom: float
    width: float
    height: float
    alignment: int

    def x_of(self, line_width: float) -> float:
        """Where a line of this width begins."""
        return self.left + (self.width - line_width) * {1: 0.5, 2: 1.0}.get(self.alignment, 0.0)


def single_line(text: str, box: Box, size_points: float, set_line: SetLine) -> Layout:
    """One line, centred between top and bottom. A size of 0: as large as height and width allow."""
    line = " ".join(lines_of(text))
    runs = set_line(line[:_LONGEST_LINE])
    ascent, descent = heights(runs)
    size = size_points
    if not size:
        size = box.height / ((ascent - descent) / 1000)
        width_at_1 = width_points(runs, 1)
        if width_at_1 * size > box.width:
            size = max(box.width / width_at_1, _SMALLEST_POINTS)
    width = width_points(runs, size)
    y = box.bottom + box.height / 2 - (ascent + descent) / 2 * size / 1000
    # What is too long shows its beginning, however it is aligned.
    x = box.x_of(width) if width <= box.width else box.left
    return Layout(size, [PlacedLine(runs, x, y)], width > box.width + 0.5 or len(line) > _LONGEST_LINE)


def several_lines(text: str, box: Box, size_points: float, set_line: SetLine) -> Layout:
    """Broken lines from the top. A size of 0: the largest up to 12 points at which all lines fit."""
    if size_points:
        return _set_lines(text, box, size_points, set_line)
    size = _LARGEST_OF_LINES_POINTS
    layout = _set_lines(text, box, size, set_line)
    while layout.cut_off and size > _SMALLEST_POINTS:
        size -= _STEP_POINTS
        layout = _set_lines(text, box, size, set_line)
    return layout


def comb(text: str, box: Box, cells: int, size_points: float, set_line: SetLine) -> Layout:
    """One character in the middle of each of the cells."""
    cell = box.width / cells
    empty = {1: (cells - len(text)) // 2, 2: cells - len(text)}.get(box.alignment, 0)
    whole = set_line(text)
    # Set as a whole, so that one word never mixes faces.
    sets = [[Run(run.face, character)] for run in whole for character in run.text]
    ascent, descent = heights(whole)
    size = size_points or min(box.height / ((ascent - descent) / 1000), _LARGEST_OF_LINES_POINTS)
    y = box.bottom + box.height / 2 - (ascent + descent) / 2 * size / 1000
    lines = [
        PlacedLine(runs, box.left + (max(empty, 0) + index + 0.5) * cell - width_points(runs, size) / 2, y)
        for index, runs in enumerate(sets)
    ]
    return Layout(size, lines, len(text) > cells)


def heights(runs: list[Run]) -> tuple[float, float]:
    """Ascent and descent of a line in thousandths of its size; Helvetica's where it is empty."""
    if not runs:
        return 718.0, -207.0
    return max(run.face.ascent for run in runs), min(run.face.descent for run in runs)


def _set_lines(text: str, box: Box, size: float, set_line: SetLine) -> Layout:
    # A line more than could ever fit tells that some do not; the rest need not be set.
    most_lines = int(box.height / size) + 3
    shown = text[: most_lines * _most_characters(box.width, size)]
    broken = (part for line in lines_of(shown) for part in _broken(line, box.width, size, set_line))
    sets = [set_line(line) for line in islice(broken, most_lines)]
    ascent, descent = heights([run for runs in sets for run in runs])
    leading = (ascent - descent) / 1000 * size * _LEADING
    top = box.bottom + box.height - ascent * size / 1000
    lines = [
        PlacedLine(runs, box.x_of(width_points(runs, size)), top - index * leading) for index, runs in enumerate(sets)
    ]
    lowest = lines[-1].y + descent * size / 1000
    return Layout(size, lines, lowest < box.bottom - 0.5)


def _broken(line: str, width: float, size: float, set_line: SetLine) -> Iterator[str]:
    """The line in parts that fit: broken at spaces and between Chinese signs, long words anywhere."""
    most = _most_characters(width, size)
    current = ""
    for word in _words(line):
        if not current or width_points(set_line((current + word).rstrip()[:most]), size) <= width:
            current += word
        else:
            yield current.rstrip()
            current = word.lstrip()
        while len(current) > 1 and (len(current) > most or width_points(set_line(current.rstrip()), size) > width):
            fitting = _fitting(current[:most], width, size, set_line)
            yield current[:fitting]
            current = current[fitting:]
    yield current.rstrip()


def _most_characters(width: float, size: float) -> int:
    return int(width / size * _CHARACTERS_PER_EM) + 2


def _words(line: str) -> Iterator[str]:
    """Words with the spaces after them; a Chinese, Japanese or Korean sign is a word."""
    word = ""
    for character in line:
        begins = word[-1:] == " " and character != " "
        if word and (begins or is_cjk(character) or is_cjk(word[-1])):
            yield word
            word = ""
        word += character
    yield word


def _fitting(text: str, width: float, size: float, set_line: SetLine) -> int:
    """How many characters fit, at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width_points(set_line(text[:middle]), size) <= width:
            low = middle
        else:
            high = middle - 1
    return low
