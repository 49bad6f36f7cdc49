"""How far a job is; of a job that is done in steps, how far they are together."""

from __future__ import annotations

from typing import Any

from shared.models import Status


def progress(found: dict[str, Any]) -> dict[str, Any]:
    """Steps done, steps in all, what is being done, and the share in percent; 100 only when it is completed."""
    current, total = found["progress_current"], found["progress_total"]
    percent = min(99, 100 * current // total) if total else 0
    return {
        "percent": 100 if found["status"] == Status.COMPLETED else max(0, percent),
        "current": current,
        "total": total,
        "message": found["progress_message"],
    }


def at_work(steps: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    """The step that is not completed yet, or the last one, and its number from 1."""
    left = (number for number, step in enumerate(steps) if step["status"] != Status.COMPLETED)
    number = next(left, len(steps) - 1)
    return number + 1, steps[number]


def as_one(found: dict[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    """The row of a job that is done in these steps, with their status and progress; each step counts 100."""
    if found["status"] == Status.COMPLETED:
        return found
    number, step = at_work(steps)
    doing = f": {step['progress_message']}" if step["progress_message"] else ""
    begun = any(each["status"] != Status.PENDING for each in steps)
    return {
        **found,
        "status": Status.PROCESSING if begun and found["status"] == Status.PENDING else found["status"],
        "progress_current": sum(progress(each)["percent"] for each in steps),
        "progress_total": 100 * len(steps),
        "progress_message": f"Step {number} of {len(steps)}, {step['operation']}{doing}",
    }
