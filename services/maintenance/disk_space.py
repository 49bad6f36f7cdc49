"""Says how full a disk is."""

from __future__ import annotations

import shutil
from pathlib import Path


def free_percent(folder: Path) -> float:
    """The share of the disk under `folder` that is free, in percent."""
    usage = shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists()))
    return round(100 * usage.free / usage.total, 1)
