"""The record of a job that no server knows: the fields that a gateway tells, as far as they mean something here."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bindery.records import Raw
from cli.local.steps import Whole
from shared.operation import InputFile


class Told:
    """What is known of one job while it runs, and when it has ended."""

    def __init__(self, operation: str, files: Sequence[InputFile]) -> None:
        self._operation = operation
        self._inputs = [_document(file) for file in files]
        self._id = str(uuid.uuid4())
        self._created_at = _now()
        self._status, self._progress = "pending", (0, 0, "")
        self._started_s = 0.0

    @property
    def running(self) -> bool:
        """Whether it has begun."""
        return self._status == "processing"

    def begin(self) -> None:
        """It runs now."""
        self._status, self._started_s = "processing", time.monotonic()

    def progress(self, current: int, total: int, message: str) -> None:
        """It is so far."""
        self._progress = (current, total, message)

    def end(self, whole: Whole) -> Raw:
        """The record of the job that has ended so."""
        self._status = "failed" if whole.error else "completed"
        error = whole.error.as_record() if whole.error else None
        if error and whole.failed_step:
            error["step"] = whole.failed_step
        outputs = [{**_document(file), "url": file.path.as_uri()} for file in whole.files]
        ended = {"error": error, "outputs": outputs, "result": whole.result, "completed_at": _now()}
        return {**self.record(), **ended, "run_seconds": round(time.monotonic() - self._started_s, 3)}

    def record(self) -> Raw:
        """The record as it is now."""
        current, total, message = self._progress
        percent = 100 if self._status == "completed" else min(99, 100 * current // total) if total else 0
        return {
            "id": self._id,
            "operation": self._operation,
            "status": self._status,
            "progress": {"percent": percent, "current": current, "total": total, "message": message},
            "waiting": None,
            "inputs": self._inputs,
            "outputs": [],
            "result": None,
            "error": None,
            "cached": False,
            "created_at": self._created_at,
            "completed_at": None,
            "links": {},
        }


def path_of(url: str) -> Path:
    """The file that the URL of an output names."""
    return Path(unquote(urlsplit(url).path))


def _document(file: InputFile) -> dict[str, Any]:
    with file.path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return {
        "name": file.name,
        "media_type": file.media_type,
        "bytes": file.path.stat().st_size,
        "sha256": sha256,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
