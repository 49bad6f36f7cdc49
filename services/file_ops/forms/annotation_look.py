"""Which appearance an annotation shows, and where on the page it goes."""

from __future__ import annotations

from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name, Stream

from services.file_ops.forms.appearance.frame import rectangle
from services.file_ops.forms.names import OFF, keys_of, name_among, text_of
from services.file_ops.marks.page_view import rotation
from services.file_ops.marks.placing import turned

_NO_ROTATE = 1 << 4


def shown_look(annotation: Any) -> Any:
    """The normal appearance in its present state; None where it shows nothing."""
    appearances = annotation.get("/AP")
    look = appearances.get("/N") if isinstance(appearances, Dictionary) else None
    if isinstance(look, Stream):
        return look
    if not isinstance(look, Dictionary):
        return None
    state = text_of(annotation.get("/AS"))
    if state is None:
        # Without a state viewers show the value of a button, and nothing else.
        value = annotation.get("/V")
        parent = annotation.get("/Parent")
        if value is None and isinstance(parent, Dictionary):
            value = parent.get("/V")
        state = text_of(value) or OFF
    chosen = look.get(name_among(state, look)) if state in keys_of(look) else None
    return chosen if isinstance(chosen, Stream) else None


def ready_look(look: Any, default_resources: Any) -> Any:
    """The appearance as a page may draw it: viewers forgive an annotation what they do not forgive a page."""
    look.Type, look.Subtype = Name.XObject, Name.Form
    if "/Resources" not in look and isinstance(default_resources, Dictionary):
        look.Resources = default_resources
    return look


def placement(page: pikepdf.Page, annotation: Any, look: Any) -> Matrix | None:
    """The matrix that puts the appearance into the annotation's rectangle (ISO 32000-2, 12.5.5, algorithm 8.1).

    None where one of them has no area.
    """
    target = rectangle(annotation)
    if target is None:
        return None
    box = _box(look, target)
    try:
        own = Matrix(look.Matrix) if isinstance(look.get("/Matrix"), Array) else Matrix()
    except (TypeError, ValueError):
        own = Matrix()
    left, bottom, right, top = box
    corners = [own.transform(corner) for corner in ((left, bottom), (right, bottom), (left, top), (right, top))]
    x0, x1 = min(corner[0] for corner in corners), max(corner[0] for corner in corners)
    y0, y1 = min(corner[1] for corner in corners), max(corner[1] for corner in corners)
    if x1 <= x0 or y1 <= y0:
        return None
    across, upwards = (target[2] - target[0]) / (x1 - x0), (target[3] - target[1]) / (y1 - y0)
    matrix = Matrix(across, 0, 0, upwards, target[0] - x0 * across, target[1] - y0 * upwards)
    return matrix @ _upright(page, annotation, target)


def _upright(page: pikepdf.Page, annotation: Any, target: tuple[float, float, float, float]) -> Matrix:
    """Turn an annotation that does not turn with its page about its upper left corner (12.5.3)."""
    flags = annotation.get("/F")
    if not isinstance(flags, int) or not flags & _NO_ROTATE:
        return Matrix()
    x, y = target[0], target[3]
    return Matrix(1, 0, 0, 1, -x, -y) @ turned(rotation(page)) @ Matrix(1, 0, 0, 1, x, y)


def _box(look: Any, target: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    try:
        x0, y0, x1, y1 = (float(side) for side in look.BBox)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
    except (AttributeError, TypeError, ValueError, KeyError):
        look.BBox = Array([0, 0, target[2] - target[0], target[3] - target[1]])
        return 0.0, 0.0, target[2] - target[0], target[3] - target[1]
