"""What a run of compression tells its caller: JSON values with units in their names."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from services.compression.page_gate import PageComparison
from services.compression.recode_images import ImageOutcome


@dataclass
class Outcome:
    """One finished run: sizes, what each step did, what a gate undid."""

    preset: str
    pages: int
    bytes_before: int
    bytes_after: int
    kinds_before: dict[str, int]
    kinds_after: dict[str, int]
    images: ImageOutcome
    fonts: Any = None
    steps: dict[str, int] = field(default_factory=dict)
    comparisons: list[PageComparison] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    unchanged: str | None = None
    target: dict[str, Any] | None = None

    def as_result(self) -> dict[str, Any]:
        """Return the result of the job. `unchanged` is true, with a reason, where the source itself was returned."""
        saved = self.bytes_before - self.bytes_after
        result: dict[str, Any] = {
            "preset": self.preset,
            "pages": self.pages,
            "bytes_before": self.bytes_before,
            "bytes_after": self.bytes_after,
            "saved_percent": round(100 * saved / self.bytes_before, 1),
            "unchanged": self.unchanged is not None,
            "kinds": {
                kind: {"bytes_before": before, "bytes_after": self.kinds_after[kind]}
                for kind, before in self.kinds_before.items()
            },
            "images": {"recoded": len(self.images.recoded), "left": dict(self.images.left)},
            "similarity": self._similarity(),
            "steps": self.steps,
            "undone": self.undone,
        }
        if self.unchanged is not None:
            result["reason"] = self.unchanged
        if self.images.scan.taken or self.images.scan.fallen_back:
            result["scan_pages"] = {
                "taken": self.images.scan.taken,
                "fallen_back": dict(self.images.scan.fallen_back),
            }
        if self.fonts is not None:
            result["fonts"] = asdict(self.fonts)
        if self.target is not None:
            result["target"] = self.target
        return result

    def _similarity(self) -> dict[str, Any] | None:
        if not self.comparisons:
            return None
        worst = min(self.comparisons, key=lambda comparison: comparison.similarity)
        mean = sum(comparison.similarity for comparison in self.comparisons) / len(self.comparisons)
        return {
            "worst_page": round(worst.similarity, 4),
            "page": worst.page + 1,
            "mean": round(mean, 4),
            "pages_compared": len(self.comparisons),
        }
