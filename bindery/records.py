"""What a gateway tells of jobs, batches and pipelines, with types. `raw` is the JSON as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Raw = dict[str, Any]
Status = Literal["pending", "processing", "completed", "failed", "cancelled"]

_ENDED = frozenset({"completed", "failed", "cancelled"})


@dataclass(frozen=True)
class Progress:
    """How far it is."""

    percent: int
    current: int
    total: int
    message: str


@dataclass(frozen=True)
class Failure:
    """Why a job failed. `code` is stable; `retryable` says whether trying again may help."""

    code: str
    message: str
    remedy: str
    retryable: bool


@dataclass(frozen=True)
class Document:
    """One input or output. `url` is null of inputs, and of outputs that were removed."""

    name: str
    media_type: str
    bytes: int
    sha256: str
    url: str | None


@dataclass(frozen=True)
class Record:
    """What jobs, batches and pipelines have in common."""

    id: str
    status: Status
    progress: Progress
    links: Mapping[str, str]
    raw: Raw

    @property
    def ended(self) -> bool:
        """Whether it is over, however it ended."""
        return self.status in _ENDED

    @property
    def path(self) -> str:
        """Its address below that of the gateway."""
        return self.links["self"]


@dataclass(frozen=True)
class Job(Record):
    """One run of one operation."""

    operation: str
    #: Why it is not over, in a sentence; None when it is.
    waiting: str | None
    inputs: tuple[Document, ...]
    outputs: tuple[Document, ...]
    #: What the operation tells beside its files.
    result: Mapping[str, Any] | None
    error: Failure | None
    cached: bool
    created_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True)
class Batch(Record):
    """Jobs that were submitted together."""

    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class Step:
    """One step of a pipeline, with its jobs."""

    operation: str
    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class Pipeline(Record):
    """Steps that follow one another."""

    steps: tuple[Step, ...]

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All its jobs, in the order of the steps."""
        return tuple(job for step in self.steps for job in step.jobs)


def record(raw: Raw) -> Job | Batch | Pipeline:
    """The record of a job, a batch or a pipeline, whichever it is. Raises KeyError for anything else."""
    if "steps" in raw and "operation" not in raw:
        return pipeline(raw)
    return batch(raw) if "jobs" in raw else job(raw)


def job(raw: Raw) -> Job:
    """The record of a job."""
    error, waiting, completed_at = raw["error"], raw["waiting"], raw["completed_at"]
    return Job(
        **_common(raw),
        operation=raw["operation"],
        waiting=waiting["message"] if waiting else None,
        inputs=tuple(map(_document, raw["inputs"])),
        outputs=tuple(map(_document, raw["outputs"])),
        result=raw["result"],
        error=Failure(error["code"], error["message"], error["remedy"], error["retryable"]) if error else None,
        cached=raw["cached"],
        created_at=datetime.fromisoformat(raw["created_at"]),
        completed_at=datetime.fromisoformat(completed_at) if completed_at else None,
    )


def batch(raw: Raw) -> Batch:
    """The record of a batch."""
    return Batch(**_common(raw), jobs=tuple(map(job, raw["jobs"])))


def pipeline(raw: Raw) -> Pipeline:
    """The record of a pipeline."""
    steps = (Step(step["operation"], tuple(map(job, step["jobs"]))) for step in raw["steps"])
    return Pipeline(**_common(raw), steps=tuple(steps))


def _common(raw: Raw) -> dict[str, Any]:
    found = raw["progress"]
    progress = Progress(found["percent"], found["current"], found["total"], found["message"])
    return {"id": raw["id"], "status": raw["status"], "progress": progress, "links": raw["links"], "raw": raw}


def _document(raw: Raw) -> Document:
    return Document(raw["name"], raw["media_type"], raw["bytes"], raw["sha256"], raw.get("url"))
