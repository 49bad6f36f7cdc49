"""Reads the processes that manifests start: what Compose and Kubernetes call differently, in one shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from shared.errors import BinderyError

_SIZES = {"": 1 / 2**20, "k": 2**-10, "ki": 2**-10, "m": 1, "mi": 1, "g": 2**10, "gi": 2**10}
_KINDS = ("Deployment", "StatefulSet", "DaemonSet")


class UnreadableManifest(BinderyError):
    """A manifest cannot be read."""

    code = "unreadable_manifest"
    title = "Unreadable manifest"
    remedy = "Correct the file, or write it anew with `bindery deploy render`."


@dataclass(frozen=True)
class Process:
    """One container that a manifest starts."""

    file: str
    name: str
    #: The environment as it is written; values that come from secrets are empty.
    environment: dict[str, str]
    replicas: int
    memory_limit_mb: float | None
    #: Between SIGTERM and SIGKILL; the platform's default where the manifest says nothing.
    grace_s: float
    #: Whether it may reach servers outside.
    egress: bool

    @property
    def service(self) -> str | None:
        """The service whose queue it consumes."""
        return self.environment.get("BINDERY_SERVICE")


@dataclass
class Manifests:
    """What stands below one folder, or in one Compose file: one platform."""

    place: str
    processes: list[Process] = field(default_factory=list)


def read(folder: Path) -> list[Manifests]:
    """The platforms described below a folder: the Compose file, and the base of Kubernetes.

    Raises UnreadableManifest.
    """
    found = []
    if (compose := folder / "compose.yaml").exists():
        found.append(Manifests("compose.yaml", list(_of_compose(compose))))
    if (base := folder / "kubernetes/base").is_dir():
        found.append(Manifests("kubernetes/base", list(_of_kubernetes(base))))
    if not found:
        raise UnreadableManifest(f"{folder} has neither compose.yaml nor kubernetes/base.")
    return found


def _documents(path: Path) -> list[dict[str, Any]]:
    try:
        return [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if isinstance(one, dict)]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableManifest(f"{path}: {error}") from error


def _of_compose(path: Path) -> Iterator[Process]:
    (document,) = _documents(path) or [{}]
    networks = document.get("networks") or {}
    for name, one in (document.get("services") or {}).items():
        environment = one.get("environment") or {}
        if isinstance(environment, list):
            environment = dict(line.partition("=")[::2] for line in environment)
        if not any(key.startswith("BINDERY_") for key in environment):
            continue
        joined = list(one.get("networks") or ["default"])
        yield Process(
            path.name,
            name,
            {key: str(value) for key, value in environment.items()},
            int((one.get("deploy") or {}).get("replicas", one.get("scale", 1))),
            _megabytes(one.get("mem_limit")),
            _seconds(one.get("stop_grace_period", "10s")),
            not all((networks.get(each) or {}).get("internal") for each in joined),
        )


def _of_kubernetes(folder: Path) -> Iterator[Process]:
    documents = [(path.name, one) for path in sorted(folder.glob("*.yaml")) for one in _documents(path)]
    open_labels = [
        one["spec"]["podSelector"].get("matchLabels", {})
        for _, one in documents
        if one.get("kind") == "NetworkPolicy" and _is_open(one["spec"])
    ]
    for file, one in documents:
        if one.get("kind") not in _KINDS:
            continue
        template = one["spec"]["template"]
        worn = template["metadata"]["labels"]
        pod = template["spec"]
        for container in pod["containers"]:
            limit = ((container.get("resources") or {}).get("limits") or {}).get("memory")
            yield Process(
                file,
                one["metadata"]["name"],
                {each["name"]: str(each.get("value", "")) for each in container.get("env") or []},
                int(one["spec"].get("replicas", 1)),
                _megabytes(limit),
                float(pod.get("terminationGracePeriodSeconds", 30)),
                any(wanted.items() <= worn.items() for wanted in open_labels),
            )


def _is_open(spec: dict[str, Any]) -> bool:
    """Whether a policy lets pods reach addresses outside."""
    rules = spec.get("egress") or []
    return any("to" not in rule and "ports" not in rule for rule in rules) or any(
        "ipBlock" in peer for rule in rules for peer in rule.get("to") or []
    )


def _megabytes(text: object) -> float | None:
    if text is None:
        return None
    found = re.fullmatch(r"([\d.]+)\s*([kmg]?i?)b?", str(text).lower())
    if not found:
        raise UnreadableManifest(f"{text!r} is no amount of memory.")
    return float(found[1]) * _SIZES[found[2]]


def _seconds(text: object) -> float:
    found = re.fullmatch(r"(?:(\d+)m)?(?:([\d.]+)s?)?", str(text))
    if not found or not str(text):
        raise UnreadableManifest(f"{text!r} is no duration.")
    return 60 * float(found[1] or 0) + float(found[2] or 0)
