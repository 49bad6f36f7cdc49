"""Search the finest quality whose file fits a number of bytes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.compression.operations import CompressOptions
from services.compression.outcome import Outcome
from services.compression.presets import Quality, ladder_for

#: Compresses the source within a quality to a path.
Run = Callable[[Quality, Path], Outcome]


def reach_target(run: Run, target: Path, options: CompressOptions) -> Outcome:
    """Write to `target` the finest rung of the ladder that fits `options.target_bytes`, by bisection.

    Where no rung fits, the smallest file that was found is written: the last rung is the quality floor. The outcome's
    `target` says whether the size was reached and what was tried.
    """
    assert options.target_bytes is not None
    rungs = ladder_for(options)
    tried: list[dict[str, Any]] = []
    kept: Outcome | None = None
    trial = target.with_name(target.name + ".trial")
    low, high = 0, len(rungs) - 1
    try:
        while low <= high:
            middle = (low + high) // 2
            outcome = run(rungs[middle], trial)
            tried.append(_entry(rungs[middle], outcome))
            fits = outcome.bytes_after <= options.target_bytes
            if kept is None or _better(outcome, kept, fits=fits, target_bytes=options.target_bytes):
                kept = outcome
                shutil.move(trial, target)
            low, high = (low, middle - 1) if fits else (middle + 1, high)
    finally:
        trial.unlink(missing_ok=True)
    assert kept is not None, "the ladder has rungs"
    reached = kept.bytes_after <= options.target_bytes
    kept.target = {"bytes": options.target_bytes, "reached": reached, "tried": tried}
    return kept


def _better(outcome: Outcome, kept: Outcome, *, fits: bool, target_bytes: int) -> bool:
    """Whether a trial replaces the file that is kept: bisection only goes finer after a fit, smaller after a miss."""
    if fits:
        return True
    return kept.bytes_after > target_bytes and outcome.bytes_after < kept.bytes_after


def _entry(rung: Quality, outcome: Outcome) -> dict[str, Any]:
    low, high = rung.jpeg_quality_percent
    return {
        "preset": rung.preset.value,
        "image_dpi": None if rung.lossless else rung.image_dpi,
        "jpeg_quality_percent": [low, high],
        "bytes": outcome.bytes_after,
    }
