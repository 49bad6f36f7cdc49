"""Runs an operation on all files of one attempt: together, or an operation on one file on each of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.errors import FileProcessingError
from shared.operation import InputFile, Operation
from shared.sandbox import Ended

#: Runs the engine once, in a folder of its own. Told the number of this run, from 0, and of how many.
RunOne = Callable[[list[InputFile], Path, tuple[int, int]], Ended]


class NothingToDo(FileProcessingError):
    """The step before made no file that this operation takes."""

    code = "nothing_to_do"
    remedy = "Look at the outputs of the step before, and choose steps where one makes what the next one takes."


def on_all(operation: Operation, inputs: list[InputFile], folder: Path, *, carries: bool, run: RunOne) -> Ended:
    """Run the engine on all inputs; an operation on one file on each of those that a step before made.

    `carries`: it hands on what it does not take, so that no input is no failure. Ends at the first run that fails.
    """
    if operation.inputs == "none" or (operation.inputs == "many" and inputs):
        return run(inputs, folder, (0, 1))
    if not inputs:
        return Ended(result={}) if carries else Ended(error=NothingToDo())
    if len(inputs) == 1:
        return run(inputs, folder, (0, 1))
    whole = Ended(result={"files": []})
    for number, each in enumerate(inputs):
        own = folder / f"file-{number}"
        own.mkdir(mode=0o700)
        ended = run([each], own, (number, len(inputs)))
        if ended.error:
            return ended
        assert whole.result is not None
        whole.outputs.extend(ended.outputs)
        whole.result["files"].append({"name": each.name, **(ended.result or {})})
        whole.details = _added(whole.details, ended.details)
    return whole


def _added(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What two children used, together: seconds add up, the larger peak counts."""
    sums = {name: round(one.get(name, 0) + (other.get(name) or 0), 4) for name in ("cpu_s", "wall_s", "engine_s")}
    peak = max(one.get("peak_memory_bytes") or 0, other.get("peak_memory_bytes") or 0)
    return {**other, **sums, "peak_memory_bytes": peak}
