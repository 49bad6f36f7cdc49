"""Entry of this room, see services/conversion/convert.py."""

from __future__ import annotations

from pathlib import Path

from services.conversion.contracts.convert import ConvertOptions
from shared.errors import UnsupportedMediaType
from shared.operation import Result, Task


def write_text(source: Path, task: Task, options: ConvertOptions) -> Result:
    """Write the outputs."""
    raise UnsupportedMediaType
