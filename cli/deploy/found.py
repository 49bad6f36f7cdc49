"""Finds the platforms that manifests describe: in a folder, or in what another tool has put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from cli.deploy.process import Manifests, Process, UnreadableManifest, megabytes, seconds
from cli.deploy.read_kubernetes import platform

Document = dict[str, Any]
#: The one in C is some ten times as fast, where PyYAML was built with it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(folder: Path) -> list[Manifests]:
    """The platforms described below a folder: the Compose file, and the base of Kubernetes with its scalers.

    Raises UnreadableManifest.
    """
    found = []
    if (compose := folder / "compose.yaml").exists():
        found.append(Manifests("compose.yaml", list(_of_compose(compose))))
    if (base := folder / "kubernetes/base").is_dir():
        scalers = folder / "kubernetes/autoscaling"
        found.append(platform("kubernetes/base", [*_below(base), *_below(scalers)]))
    if not found:
        raise UnreadableManifest(f"{folder} has neither compose.yaml nor kubernetes/base.")
    return found


def read_text(text: str) -> list[Manifests]:
    """The platform in the one text that `kubectl kustomize` prints. Raises UnreadableManifest."""
    return [platform("standard input", [("standard input", one) for one in _documents(text, "standard input")])]


def _below(folder: Path) -> Iterator[tuple[str, Document]]:
    for path in sorted(folder.glob("*.yaml")):
        yield from ((path.name, one) for one in _documents(_text(path), str(path)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableManifest(f"{path}: {error}") from error


def _documents(text: str, place: str) -> list[Document]:
    try:
        return [one for one in yaml.load_all(text, _Loader) if isinstance(one, dict)]
    except yaml.YAMLError as error:
        raise UnreadableManifest(f"{place}: {error}") from error


def _of_compose(path: Path) -> Iterator[Process]:
    (document,) = _documents(_text(path), str(path)) or [{}]
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
            (*_words(one.get("entrypoint")), *_words(one.get("command"))),
            int((one.get("deploy") or {}).get("replicas", one.get("scale", 1))),
            megabytes(one.get("mem_limit")),
            seconds(one.get("stop_grace_period", "10s")),
            not all((networks.get(each) or {}).get("internal") for each in joined),
            published=not all(_on_loopback(port) for port in one.get("ports") or ()),
        )


def _on_loopback(port: str | int | Document) -> bool:
    """Whether a port is published on this host's loopback alone."""
    address = port.get("host_ip", "") if isinstance(port, dict) else str(port)
    return address.startswith(("127.", "[::1]", "::1"))


def _words(command: str | Iterable[str] | None) -> list[str]:
    return command.split() if isinstance(command, str) else list(command or ())
