"""Takes out of a path what lies under rectangles: whole outlines, or the points of one that reaches in."""

from __future__ import annotations

from services.file_ops.protection.content.geometry import Matrix, Point, Rect, at, inverse

#: A path operator and its numbers.
Step = tuple[str, list[float]]
#: Decimals of rewritten coordinates.
_DECIMALS = 4


def points_of(step: Step) -> list[Point]:
    """The points that a step names, control points included, in the coordinates of the path."""
    operator, numbers = step
    if operator == "re":
        x, y, width, height = numbers
        return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return list(zip(numbers[0::2], numbers[1::2], strict=True))


def without(steps: list[Step], ctm: Matrix, rects: list[Rect]) -> list[Step] | None:
    """The path without what lies under `rects` (in page space), or None where nothing lies there.

    An outline inside of one rectangle goes. Of one that reaches in, the points inside move to the nearest edge: what
    is drawn outside stays where it was, and what is covered no longer has its shape.
    """
    back = inverse(ctm)
    if back is None:
        return []
    kept: list[Step] = []
    changed = False
    for outline in _outlines(steps):
        placed = [at(ctm, point) for step in outline for point in points_of(step)]
        if not placed or not any(rect.holds(point) for rect in rects for point in placed):
            kept += outline
            continue
        changed = True
        if any(all(rect.holds(point) for point in placed) for rect in rects):
            continue
        kept += _trimmed(outline, ctm, back, rects)
    return kept if changed else None


def _outlines(steps: list[Step]) -> list[list[Step]]:
    found: list[list[Step]] = []
    for step in steps:
        if step[0] in ("m", "re") or not found:
            found.append([])
        found[-1].append(step)
    return found


def _trimmed(outline: list[Step], ctm: Matrix, back: Matrix, rects: list[Rect]) -> list[Step]:
    trimmed: list[Step] = []
    before: Point | None = None
    for operator, numbers in _without_rectangles(outline):
        points = [at(ctm, point) for point in zip(numbers[0::2], numbers[1::2], strict=True)]
        moved = [_outside(point, rects) for point in points]
        if operator == "l" and before is not None:
            # A line is cut at the edge, so that its visible part keeps its direction.
            for crossing in _crossings(before, points[0], rects):
                trimmed.append(("l", _numbers([crossing], back)))
        trimmed.append((operator, _numbers(moved, back)))
        before = points[-1] if points else before
    return trimmed


def _without_rectangles(outline: list[Step]) -> list[Step]:
    written: list[Step] = []
    for operator, numbers in outline:
        if operator != "re":
            written.append((operator, numbers))
            continue
        first, *others = points_of((operator, numbers))
        written.append(("m", list(first)))
        written += [("l", list(point)) for point in (*others, first)]
        written.append(("h", []))
    return written


def _numbers(points: list[Point], back: Matrix) -> list[float]:
    return [round(number, _DECIMALS) for point in points for number in at(back, point)]


def _outside(point: Point, rects: list[Rect]) -> Point:
    for rect in rects:
        if rect.holds(point):
            x, y = point
            edges = [(x - rect.left, (rect.left, y)), (rect.right - x, (rect.right, y))]
            edges += [(y - rect.bottom, (x, rect.bottom)), (rect.top - y, (x, rect.top))]
            return min(edges)[1]
    return point


def _crossings(start: Point, end: Point, rects: list[Rect]) -> list[Point]:
    """Where a line that begins or ends inside of a rectangle goes through its edge."""
    found = []
    for rect in rects:
        if rect.holds(start) == rect.holds(end):
            continue
        low, high = 0.0, 1.0
        inside_at_low = rect.holds(start)
        # 40 halvings are exact to far less than a pixel on any page.
        for _ in range(40):
            middle = (low + high) / 2
            point = (start[0] + middle * (end[0] - start[0]), start[1] + middle * (end[1] - start[1]))
            if rect.holds(point) == inside_at_low:
                low = middle
            else:
                high = middle
        found.append((high, (start[0] + high * (end[0] - start[0]), start[1] + high * (end[1] - start[1]))))
    return [point for _, point in sorted(found)]
