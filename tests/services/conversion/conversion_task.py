"""Runs the conversion service's engines as its child process does, without a queue."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from services.conversion.contracts.convert import ConvertOptions
from services.conversion.convert import convert_document
from shared.media_types import SNIFFED_BYTES, recognise
from shared.operation import InputFile, Result, Task


def task_for(source: Path, folder: Path, *, password: str | None = None) -> Task:
    """A task in a folder of its own below `folder`, with one input."""
    outputs = folder / f"job-{len(list(folder.glob('job-*')))}" / "out"
    outputs.mkdir(parents=True)
    copy = outputs.parent / "input-0"
    shutil.copyfile(source, copy)
    kind = recognise(copy.read_bytes()[:SNIFFED_BYTES], source.name)
    assert kind, f"{source.name} is of no known kind"
    return Task((InputFile(copy, source.name, kind.name),), outputs, password)


def converted(source: Path, folder: Path, *, password: str | None = None, **options: Any) -> tuple[Path, Result]:
    """Convert, and return the only output and what was told of it."""
    task = task_for(source, folder, password=password)
    result = convert_document(task, ConvertOptions.model_validate(options))
    (output,) = task.outputs
    return output.path, result
