"""What a person asks for beside the options of an operation: which documents, where to, how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cli.errors import UsageError

#: The document from stdin, the result to stdout.
STREAM = "-"


@dataclass(frozen=True)
class Wishes:
    """The flags that every command on documents has."""

    files: tuple[str, ...] = ()
    out: str | None = None
    overwrite: bool = False
    password: str | None = None
    from_job: str | None = None
    as_json: bool = False
    wait: bool = True
    local: bool = False
    #: With `local`: documents at once; None: as many as there are processors.
    processes: int | None = None
    priority: int | None = None
    fresh: bool = False
    #: Nothing is to be saved or printed but what became of it.
    looks_only: bool = False

    def check(self) -> None:
        """Raise UsageError for wishes that cannot be met together."""
        if self.local and (not self.wait or self.from_job):
            raise UsageError("--local knows no jobs.", remedy="Leave out --no-wait and --from-job, or --local.")
        if self.processes and not self.local:
            raise UsageError("--processes says how many documents are done here at once.", remedy="Add --local.")
        if not self.wait and self.out:
            raise UsageError(
                "--no-wait saves nothing.", remedy="Leave out --out; `bindery watch ID -o PATH` saves the result later."
            )
        if self.files.count(STREAM) > 1:
            raise UsageError("stdin is only one document.", remedy="Give - once.")

    @property
    def saves(self) -> bool:
        """Whether documents are to be saved."""
        return self.out is not None or not (self.as_json or self.looks_only)

    @property
    def form_options(self) -> dict[str, Any]:
        """The fields of the form that are not options of the operation."""
        fields = {"password": self.password, "priority": self.priority, "job": self.from_job}
        return {name: value for name, value in fields.items() if value is not None}
