"""What can be declared: a service, its operations, and their options."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from pydantic_settings import BaseSettings

from shared.asking import Asker
from shared.media_types import MediaType
from shared.upstream import Upstream

#: Progress of a running operation: steps done, steps in all, what is being done (one short phrase).
Report = Callable[[int, int, str], None]

#: The form field, and the secret, that opens an encrypted document.
PASSWORD = "password"  # noqa: S105 - a name

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def ignore(current: int, total: int, message: str) -> None:
    """A report that nobody reads: the default of every engine."""


class Options(BaseModel):
    """The options of one operation. Unknown names are refused; values never change after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class InputFile:
    """One input as the engine sees it: a private copy on local disk and what the caller said of it."""

    path: Path
    name: str
    media_type: str


@dataclass(frozen=True)
class OutputFile:
    """One output that an engine has promised: written by the time that it returns."""

    path: Path
    name: str
    media_type: str


@dataclass
class Task:
    """One attempt at one job, seen from inside the sandbox: files in, files out, a way to report."""

    inputs: tuple[InputFile, ...]
    folder: Path
    password: str | None = None
    report: Report = ignore
    outputs: list[OutputFile] = field(default_factory=list)
    #: Asks the server that the operator named for the service; None where there is none, or the options want none.
    ask: Asker | None = None

    @property
    def input(self) -> InputFile:
        """The only input of an operation that takes one file."""
        (only,) = self.inputs
        return only

    def output(self, name: str, media_type: MediaType) -> Path:
        """Promise an output called `name` and return the path to write it to."""
        path = self.folder / f"{len(self.outputs):04d}"
        self.outputs.append(OutputFile(path, name, media_type.name))
        return path


#: What an operation tells the caller beside its files. JSON values only.
Result = dict[str, Any]


def _always(_options: Any) -> bool:
    return True


def _defaults(_options: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Step:
    """An operation that goes before or after the one that declares it, as a job that the gateway creates with it.

    Before, it does the documents that it accepts, and others go straight to the operation. It may have steps of its
    own in other places; here it has none. `applies` and `options` get the valid options of the declaring operation.
    """

    #: By its name: no service imports another.
    operation: str
    #: When it goes along, in words for the documentation: "if `output` is `pdfa-2b`".
    when: str = "always"
    applies: Callable[[Any], bool] = _always
    options: Callable[[Any], dict[str, Any]] = _defaults
    #: After: what it takes of what was made; the rest stays as it is. None: all that it accepts.
    takes: tuple[MediaType, ...] | None = None


@dataclass(frozen=True)
class Operation:
    """One thing that can be done to documents. Route, form, queue and limits derive from it."""

    name: str
    service: Service
    summary: str
    options: type[Options]
    accepts: tuple[MediaType, ...] = ()
    produces: tuple[MediaType, ...] = ()
    inputs: Literal["none", "one", "many"] = "one"
    #: Part of the key of cached results: raise it when the same input gives another output.
    version: int = 1
    #: After this many seconds the engine is asked to stop (SIGTERM), after the hard limit it is killed.
    soft_time_limit_s: int = 300
    hard_time_limit_s: int = 600
    #: Errors that trying again may heal: so many are forgiven, one more fails the job.
    max_failures: int = 3
    cacheable: bool = True
    #: Its engine may ask the upstream of its service: through the worker, for the sandbox has no network.
    network: bool = False
    #: Whether valid options make use of that.
    network_if: Callable[[Any], bool] = _always
    #: Cron expression in UTC at which the gateway creates a job of this operation by itself; the setting
    #: `schedules` overrides it.
    schedule: str | None = None
    #: Options of the self-test, which performs the operation on its sample; what is not named has its default.
    self_test_options: dict[str, Any] = field(default_factory=dict)
    #: Code of the error that ends the self-test of an operation that does nothing without its upstream: getting that
    #: far is all that can be tested before anybody asks.
    self_test_ends_with: str | None = None

    #: Answers a person who waits: besides its ordinary slots each worker has one that only such jobs may take.
    quick: bool = False

    #: What goes before and after it, in order: the caller sees one job, see docs/decisions/0011-chains.md.
    preceded_by: tuple[Step, ...] = ()
    followed_by: tuple[Step, ...] = ()

    @cached_property
    def secret_options(self) -> frozenset[str]:
        """Options that are kept encrypted, shown nowhere and erased when the job ends: those of type SecretStr."""
        fields = self.options.model_fields.items()
        return frozenset(name for name, each in fields if SecretStr in (each.annotation, *get_args(each.annotation)))

    @cached_property
    def structured_options(self) -> frozenset[str]:
        """Options that are lists or objects: a form writes them as JSON."""
        schema = self.options.model_json_schema()
        return frozenset(
            name for name, each in schema.get("properties", {}).items() if _is_structured(each, schema.get("$defs", {}))
        )

    def wants_network(self, given: dict[str, Any]) -> bool:
        """Whether a job with these options may ask the upstream; never when they are not valid."""
        try:
            return self.network and self.network_if(self.options.model_validate(given))
        except ValidationError:
            return False

    @property
    def queue(self) -> str:
        """The queue that its jobs wait in: one per service, named as the service."""
        return self.service.name


def _is_structured(schema: dict[str, Any], definitions: dict[str, Any]) -> bool:
    if reference := schema.get("$ref"):
        schema = definitions[reference.rpartition("/")[2]]
    choices = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
    return schema.get("type") in ("array", "object") or any(_is_structured(one, definitions) for one in choices)


@dataclass(frozen=True)
class Duty:
    """Something that a worker of a service does all the time beside its jobs, outside the sandbox.

    `run` gets an event and returns soon after that was set. Every worker of the service runs it: those of one duty
    must get on with each other.
    """

    name: str
    run: Callable[[threading.Event], None]


@dataclass(frozen=True)
class Service:
    """A processing domain with its own queue, worker and image, named as its folder and its extra."""

    name: str
    summary: str
    #: Jobs that one worker process runs at once, each in a child of its own.
    threads: int = 2
    #: Address space of one child; beyond it allocations fail and the job ends with a typed error.
    memory_mb: int = 2048
    #: Its engines parse no document and work on the platform itself: they see the database and the storage.
    trusted: bool = False
    #: Settings that only it needs, declared with the prefix BINDERY_<NAME>_.
    settings: type[BaseSettings] | None = None
    #: The server that its engines may ask, read from its settings by the worker; None while none is configured.
    upstream: Callable[[], Upstream | None] | None = None
    duties: tuple[Duty, ...] = ()
    operations: dict[str, Operation] = field(default_factory=dict)

    def operation(self, name: str, summary: str, **declared: Any) -> Operation:
        """Declare an operation of this service. Raises ValueError for a name that is taken or malformed."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"operation name {name!r}: lower-case words joined by hyphens")
        if name in self.operations:
            raise ValueError(f"operation {name!r} is declared twice in service {self.name!r}")
        operation = Operation(name=name, service=self, summary=summary, **declared)
        if operation.soft_time_limit_s > operation.hard_time_limit_s:
            raise ValueError(f"operation {name!r}: the soft time limit is beyond the hard one")
        if operation.preceded_by and operation.inputs != "one":
            raise ValueError(f"operation {name!r}: only an operation on one file can have a step before it")
        if operation.followed_by and operation.inputs == "none":
            raise ValueError(f"operation {name!r}: what makes no document can have no step after it")
        self.operations[name] = operation
        return operation

    def open_settings(self) -> dict[str, str]:
        """The variables of its settings that its engines may see: all but the secrets."""
        if self.settings is None:
            return {}
        prefix = str(self.settings.model_config.get("env_prefix"))
        fields = self.settings.model_fields.items()
        names = {f"{prefix}{name}".upper() for name, each in fields if each.annotation is not SecretStr}
        return {name: value for name, value in os.environ.items() if name.upper() in names}

    def __hash__(self) -> int:
        return hash(self.name)
