"""Bind these operations to their engines."""

from __future__ import annotations

from pathlib import Path, PurePath

from services.file_ops.contracts.protection import (
    LINEARIZE,
    PROTECT,
    REDACT,
    REPAIR,
    SANITIZE,
    UNLOCK,
    LinearizeOptions,
    ProtectOptions,
    RedactOptions,
    RepairOptions,
    SanitizeOptions,
    UnlockOptions,
)
from services.file_ops.protection.linearize import linearize_pdf
from services.file_ops.protection.protect import protect_pdf
from services.file_ops.protection.redaction.redact import redact_pdf
from services.file_ops.protection.repair import repair_pdf
from services.file_ops.protection.sanitizing.sanitize import sanitize_pdf
from services.file_ops.protection.unlock import unlock_pdf
from shared.actors import performs
from shared.media_types import PDF
from shared.operation import Result, Task


def _output(task: Task, ending: str) -> Path:
    """The path of the one output, named after the input."""
    stem = PurePath(task.input.name).stem.removesuffix(f"-{ending}")
    return task.output(f"{stem}-{ending}.pdf", PDF)


@performs(PROTECT)
def protect(task: Task, options: ProtectOptions) -> Result:
    """Encrypt the one input of the task."""
    target = _output(task, "protected")
    return protect_pdf(task.input.path, target, options, password=task.password, report=task.report)


@performs(UNLOCK)
def unlock(task: Task, options: UnlockOptions) -> Result:
    """Take the encryption off the one input of the task."""
    return unlock_pdf(task.input.path, _output(task, "unlocked"), options, password=task.password)


@performs(REPAIR)
def repair(task: Task, options: RepairOptions) -> Result:
    """Repair the one input of the task."""
    target = _output(task, "repaired")
    return repair_pdf(task.input.path, target, options, password=task.password, report=task.report)


@performs(LINEARIZE)
def linearize(task: Task, options: LinearizeOptions) -> Result:
    """Linearize the one input of the task."""
    return linearize_pdf(task.input.path, _output(task, "linearized"), options, password=task.password)


@performs(REDACT)
def redact(task: Task, options: RedactOptions) -> Result:
    """Redact the one input of the task."""
    target = _output(task, "redacted")
    return redact_pdf(task.input.path, target, options, password=task.password, report=task.report)


@performs(SANITIZE)
def sanitize(task: Task, options: SanitizeOptions) -> Result:
    """Sanitize the one input of the task."""
    target = _output(task, "sanitized")
    return sanitize_pdf(task.input.path, target, options, password=task.password, report=task.report)
