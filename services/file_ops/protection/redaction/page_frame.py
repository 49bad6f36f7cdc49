"""Between the page as it is shown (origin at the upper left, turned, cropped) and its user space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.file_ops.protection.content.geometry import Matrix, Rect, inverse, times
from shared.pdf.inheritance import inherited

_US_LETTER = Rect(0, 0, 612, 792)


@dataclass(frozen=True)
class PageFrame:
    """The visible part of a page. Units are those of the page: points, unless it declares a UserUnit."""

    visible: Rect
    #: Degrees clockwise: 0, 90, 180 or 270.
    turned: int

    @classmethod
    def of(cls, page: Any) -> PageFrame:
        """The frame of a page dictionary; what is malformed counts as absent, as in viewers."""
        media = Rect.of(inherited(page, "/MediaBox")) or _US_LETTER
        if media.right <= media.left or media.top <= media.bottom:
            media = _US_LETTER
        crop = Rect.of(inherited(page, "/CropBox")) or media
        visible = Rect(
            max(media.left, crop.left),
            max(media.bottom, crop.bottom),
            min(media.right, crop.right),
            min(media.top, crop.top),
        )
        if visible.right <= visible.left or visible.top <= visible.bottom:
            visible = media
        try:
            turned = int(inherited(page, "/Rotate") or 0) % 360
        except (TypeError, ValueError):
            turned = 0
        return cls(visible, turned if turned % 90 == 0 else 0)

    @property
    def to_shown(self) -> Matrix:
        """From user space to the shown page, whose y grows downwards."""
        box = self.visible
        width, height = box.right - box.left, box.top - box.bottom
        moved: Matrix = (1.0, 0.0, 0.0, 1.0, -box.left, -box.bottom)
        turn: dict[int, Matrix] = {
            0: (1.0, 0.0, 0.0, -1.0, 0.0, height),
            90: (0.0, 1.0, 1.0, 0.0, 0.0, 0.0),
            180: (-1.0, 0.0, 0.0, 1.0, width, 0.0),
            270: (0.0, -1.0, -1.0, 0.0, height, width),
        }
        return times(moved, turn[self.turned])

    @property
    def shown_size(self) -> tuple[float, float]:
        """Width and height as shown."""
        shown = self.visible.through(self.to_shown)
        return shown.right - shown.left, shown.top - shown.bottom

    def in_user_space(self, shown: Rect) -> Rect:
        """A rectangle of the shown page in user space."""
        back = inverse(self.to_shown)
        assert back is not None, "turning and moving can be undone"
        return shown.through(back)
