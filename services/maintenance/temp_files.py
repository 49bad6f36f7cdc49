"""Deletes folders of attempts that nobody works on any more."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from shared.operation import Report, Result, ignore


def delete_left_overs(
    scratch: Path, older_than_s: float, in_work: Callable[[str], bool], *, dry_run: bool, report: Report = ignore
) -> Result:
    """Delete each entry of `scratch` that is older than `older_than_s` and not `in_work` (asked by its name).

    Returns how many entries went, and their bytes.
    """
    entries = sorted(scratch.iterdir()) if scratch.is_dir() else []
    now_s = time.time()
    deleted = freed_bytes = 0
    for number, entry in enumerate(entries, start=1):
        report(number, len(entries), "Looking at files in work")
        try:
            age_s = now_s - entry.lstat().st_mtime
        except FileNotFoundError:
            continue
        if age_s < older_than_s or in_work(entry.name):
            continue
        freed_bytes += size_bytes(entry)
        deleted += 1
        if not dry_run:
            is_folder = entry.is_dir() and not entry.is_symlink()
            shutil.rmtree(entry, ignore_errors=True) if is_folder else entry.unlink(missing_ok=True)
    return {"looked_at": len(entries), "deleted": deleted, "freed_bytes": freed_bytes, "dry_run": dry_run}


def size_bytes(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; links are not followed."""
    paths = [path, *path.rglob("*")] if path.is_dir() and not path.is_symlink() else [path]
    total = 0
    for each in paths:
        try:
            total += each.lstat().st_size if not each.is_dir() else 0
        except FileNotFoundError:
            continue
    return total
