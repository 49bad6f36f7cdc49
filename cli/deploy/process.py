"""One process that a manifest starts: what Compose and Kubernetes call differently, in one shape."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from shared.errors import BinderyError

_SIZES = {"": 1 / 2**20, "k": 2**-10, "ki": 2**-10, "m": 1, "mi": 1, "g": 2**10, "gi": 2**10}


class UnreadableManifest(BinderyError):
    """A manifest cannot be read."""

    code = "unreadable_manifest"
    title = "Unreadable manifest"
    remedy = "Correct the file, or write it anew with `bindery deploy render`."


class Role(StrEnum):
    """What a process is there for."""

    GATEWAY = "gateway"
    WORKER = "worker"
    MIGRATION = "migration"


@dataclass(frozen=True)
class Scaler:
    """What changes the number of a worker's processes."""

    #: 0: it is switched off.
    most_replicas: int
    #: Nothing has waited for so long before a worker is taken away.
    scale_down_after_s: float
    #: What it asks the database.
    queries: tuple[str, ...]


@dataclass(frozen=True)
class Process:
    """One container that a manifest starts."""

    file: str
    name: str
    #: The environment as it is written; values that come from secrets are empty.
    environment: dict[str, str]
    #: How it is started where the manifest says so: entry point, command and arguments.
    command: tuple[str, ...]
    replicas: int
    memory_limit_mb: float | None
    #: Between SIGTERM and SIGKILL; the platform's default where the manifest says nothing.
    grace_s: float
    #: Whether it may reach servers outside.
    egress: bool
    #: After this time the platform ends it, whatever it does.
    deadline_s: float | None = None
    #: Whether others than this host's own processes reach its ports.
    published: bool = True
    scaler: Scaler | None = None

    @property
    def service(self) -> str | None:
        """The service whose queue it consumes."""
        return self.environment.get("BINDERY_SERVICE")

    @property
    def role(self) -> Role:
        """What it is there for."""
        if self.service is not None:
            return Role.WORKER
        return Role.MIGRATION if "shared.migrations" in self.command else Role.GATEWAY

    @property
    def runs(self) -> bool:
        """Whether it ever runs: always, or when there is work."""
        return (self.scaler.most_replicas if self.scaler else self.replicas) > 0


@dataclass
class Manifests:
    """What stands below one folder, or in one Compose file: one platform."""

    place: str
    processes: list[Process] = field(default_factory=list)
    #: Scalers of what is not there.
    idle_scalers: list[str] = field(default_factory=list)


def megabytes(text: object) -> float | None:
    """An amount of memory as Compose or Kubernetes write it. Raises UnreadableManifest."""
    if text is None:
        return None
    found = re.fullmatch(r"([\d.]+)\s*([kmg]?i?)b?", str(text).lower())
    if not found:
        raise UnreadableManifest(f"{text!r} is no amount of memory.")
    return float(found[1]) * _SIZES[found[2]]


def seconds(text: object) -> float:
    """A duration as Compose writes it. Raises UnreadableManifest."""
    found = re.fullmatch(r"(?:(\d+)m)?(?:([\d.]+)s?)?", str(text))
    if not found or not str(text):
        raise UnreadableManifest(f"{text!r} is no duration.")
    return 60 * float(found[1] or 0) + float(found[2] or 0)
