"""What was found on each pair of pages, and the whole of it as JSON values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.file_ops.comparing.words import Change
from services.file_ops.protection.content.geometry import Rect

#: Changes that a result lists, over all pages, and letters of each that it quotes.
_MOST_CHANGES, _QUOTED_LETTERS = 1000, 200
#: Width of the mark where words were taken out.
_GAP_POINTS = 2.0


@dataclass
class PageOutcome:
    """One pair of pages, from 0; None where one version has no such page."""

    first: int | None
    second: int | None
    changes: list[Change] = field(default_factory=list)
    looks: list[Rect] = field(default_factory=list)
    changed_pixels: int = 0
    pixels: int = 0
    sizes: tuple[tuple[float, float], tuple[float, float]] | None = None

    @property
    def only_one(self) -> bool:
        """Whether only one version has this page."""
        return self.first is None or self.second is None

    @property
    def changed(self) -> bool:
        """Whether there is anything to show."""
        return self.only_one or bool(self.changes or self.looks) or self.resized

    @property
    def resized(self) -> bool:
        """Whether the two pages differ in size by more than a point."""
        return self.sizes is not None and any(abs(a - b) > 1 for a, b in zip(*self.sizes, strict=True))

    def places(self, side: int) -> list[Rect]:
        """Where words differ in the first (0) or second (1) version."""
        return [place for change in self.changes for place in (change.second_places if side else change.first_places)]

    @property
    def gaps(self) -> list[Rect]:
        """Where words of the first version are missing in the second: before what follows them."""
        return [
            Rect(place.left - 2 * _GAP_POINTS, place.bottom, place.left - _GAP_POINTS, place.top)
            for change in self.changes
            if change.kind == "removed"
            for place in ([change.anchor.place] if change.anchor else change.first_places[:1])
        ]


def as_result(outcomes: list[PageOutcome], pages_first: int, pages_second: int) -> dict[str, Any]:
    """The result of the job: what changed, by pages counted from 1."""
    compared = [outcome for outcome in outcomes if not outcome.only_one]
    changed = [outcome for outcome in compared if outcome.changed]
    pixels = sum(outcome.pixels for outcome in compared)
    listed = [_page(outcome) for outcome in changed]
    return {
        "identical": not any(outcome.changed for outcome in outcomes),
        "pages_first": pages_first,
        "pages_second": pages_second,
        "pages_compared": len(compared),
        "pages_changed": [_number(outcome.second) for outcome in changed],
        "pages_inserted": [_number(outcome.second) for outcome in outcomes if outcome.first is None],
        "pages_removed": [_number(outcome.first) for outcome in outcomes if outcome.second is None],
        "words_inserted": sum(len(change.second) for outcome in compared for change in outcome.changes),
        "words_removed": sum(len(change.first) for outcome in compared for change in outcome.changes),
        "pixels_changed_percent": _percent(sum(outcome.changed_pixels for outcome in compared), pixels),
        "changes_listed_up_to": _MOST_CHANGES,
        "pages": _limited(listed),
    }


def _page(outcome: PageOutcome) -> dict[str, Any]:
    return {
        "first": _number(outcome.first),
        "second": _number(outcome.second),
        "resized": outcome.resized,
        "pixels_changed_percent": _percent(outcome.changed_pixels, outcome.pixels),
        "places_that_look_different": [_corners(place) for place in outcome.looks],
        "changes": [
            {
                "kind": change.kind,
                "first": " ".join(word.text for word in change.first)[:_QUOTED_LETTERS],
                "second": " ".join(word.text for word in change.second)[:_QUOTED_LETTERS],
                "first_places": [_corners(place) for place in change.first_places],
                "second_places": [_corners(place) for place in change.second_places],
            }
            for change in outcome.changes
        ],
    }


def _limited(pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    left = _MOST_CHANGES
    for page in pages:
        for key in ("changes", "places_that_look_different"):
            page[key] = page[key][: max(left, 0)]
            left -= len(page[key])
    return pages


def _number(index: int | None) -> int | None:
    return None if index is None else index + 1


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 4) if whole else 0.0


def _corners(place: Rect) -> dict[str, float]:
    """On the page as it is shown, in points from its upper left corner."""
    return {
        "left": round(place.left, 1),
        "top": round(place.bottom, 1),
        "right": round(place.right, 1),
        "bottom": round(place.top, 1),
    }
