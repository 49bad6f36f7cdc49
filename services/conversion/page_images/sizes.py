"""How large a page is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from shared.pdf.drawing import LONGEST_SIDE_PIXELS


@dataclass(frozen=True)
class Size:
    """By its longer side, by a resolution, or (neither given) as it is."""

    dpi: float | None = None
    long_edge_pixels: int | None = None
    most_side_pixels: int = LONGEST_SIDE_PIXELS
