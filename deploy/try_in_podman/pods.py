"""Hands the overlay `small` to `podman play kube`, changed only in what podman 4 does not know.

What differs, and why:
- every pod is on the host's network and finds its neighbours at ports of 127.0.0.1: podman has no Services;
- the Job of the migration becomes a pod that runs once, and of a Deployment each pod is started by its own name;
- probes are left out, for podman wants systemd's timers for them: `alive` runs their command instead;
- each worker tells its metrics at a port of its own;
- an empty folder gets the pod's name before its own, or podman would give one to all pods;
- Secrets are made with `podman secret`, in the form in which podman reads them;
- images are those of this machine, PostgreSQL and Redis as Debian has them.
Users, capabilities, the read-only root, limits of memory, volumes and settings are as rendered.
"""

from __future__ import annotations

import base64
import copy
import json
import os
import subprocess
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import yaml

Object = dict[str, Any]
STORES = "localhost/bindery-try-stores"
_OVERLAY = Path(__file__).parents[1] / "kubernetes/overlays/small"
#: Where the first pod of a worker tells its metrics; the next one at the next port, for all have one network.
_METRICS_PORT = 19100
#: Before every name, so that nothing else on the machine is touched.
_PREFIX = "try-"
#: Longest that podman may take over anything, beside the grace period of what it stops.
_COMMAND_S = 300


@dataclass(frozen=True)
class Pod:
    """One pod of a Deployment, with its one container."""

    name: str
    container: str
    grace_s: int
    #: The command that tells whether it lives, of a worker.
    probe: tuple[str, ...]
    metrics_port: int

    def stop(self) -> int:
        """As Kubernetes does: SIGTERM, the grace period, SIGKILL. Returns the exit code of the process."""
        podman("stop", "--time", str(self.grace_s), self.container, time_limit_s=self.grace_s + _COMMAND_S)
        return self.exit_code()

    def exit_code(self) -> int:
        """Of a container that has ended."""
        return int(podman("inspect", "--format", "{{.State.ExitCode}}", self.container))

    def state(self) -> str:
        """`running`, or `exited` with the code."""
        return podman("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", self.container)

    def remove(self) -> None:
        """Take it away with what it wrote beside the claims."""
        podman("pod", "rm", "--force", "--time", "0", self.name, check=False)

    def execute(self, *command: str, check: bool = True) -> str:
        """Run a command inside and return what it prints."""
        return podman("exec", self.container, *command, check=check)

    def logs(self) -> str:
        """Its log, both streams."""
        return podman("logs", self.container, check=False)


class Manifests:
    """The overlay, and the changes that podman needs."""

    def __init__(self, settings: dict[str, str], arguments: dict[str, list[str]]) -> None:
        """`settings` are added to every part of Bindery, `arguments` to the command of the container so named."""
        build = ["kubectl", "kustomize", str(_OVERLAY)]
        built = subprocess.run(build, check=True, capture_output=True, text=True)
        self._objects: list[Object] = list(yaml.safe_load_all(built.stdout))
        self._settings = settings
        self._arguments = arguments
        self._ports = count(_METRICS_PORT)

    def start(self, name: str, copy_name: str = "") -> Pod:
        """Start a pod of the Deployment or Job of this name; another one under another name."""
        found = next(one for one in self._objects if one["metadata"]["name"] == name and "template" in one["spec"])
        pod = copy.deepcopy(found["spec"]["template"])
        (container,) = pod["spec"]["containers"]
        probe = (container.pop("livenessProbe", None) or {}).get("exec", {}).get("command", ())
        port = next(self._ports)
        self._change(container, port)
        pod["spec"] |= {"hostNetwork": True}
        pod["metadata"] = {**pod.get("metadata", {}), "name": f"{_PREFIX}{copy_name or name}"}
        _name_apart(pod["spec"], pod["metadata"]["name"])
        document = {"apiVersion": "v1", "kind": "Pod", **pod}
        for claim in self._claims():
            podman("volume", "create", claim, check=False)
        podman("play", "kube", "-", given=yaml.safe_dump(document))
        return Pod(
            pod["metadata"]["name"],
            f"{pod['metadata']['name']}-{container['name']}",
            int(pod["spec"]["terminationGracePeriodSeconds"]),
            tuple(probe),
            port,
        )

    def _change(self, container: Object, metrics_port: int) -> None:
        for probe in ("startupProbe", "readinessProbe"):
            container.pop(probe, None)
        container.pop("ports", None)
        if container["image"].startswith("bindery-"):
            container["image"] = f"localhost/{container['image']}"
            changed = {**self._settings, "BINDERY_METRICS_PORT": str(metrics_port)}
            kept = [one for one in container["env"] if one["name"] not in changed]
            container["env"] = [*kept, *({"name": name, "value": value} for name, value in changed.items())]
        else:
            container["image"] = STORES
        container["args"] = [*container.get("args", []), *self._arguments.get(container["name"], [])]

    def _claims(self) -> list[str]:
        return [one["metadata"]["name"] for one in self._objects if one["kind"] == "PersistentVolumeClaim"]

    def remove_volumes(self) -> None:
        """Delete the documents and the database."""
        podman("volume", "rm", "--force", *self._claims(), check=False)


def _name_apart(spec: Object, pod: str) -> None:
    """Of podman's empty folders all with one name are one: give each pod its own."""
    own = {one["name"]: f"{pod}-{one['name']}" for one in spec.get("volumes", ()) if "emptyDir" in one}
    for one in (*spec.get("volumes", ()), *spec["containers"][0].get("volumeMounts", ())):
        one["name"] = own.get(one["name"], one["name"])


def make_secret(values: dict[str, str]) -> None:
    """Make the Secret that every part refers to."""
    content = json.dumps({name: base64.b64encode(value.encode()).decode() for name, value in values.items()})
    podman("secret", "rm", "bindery", check=False)
    podman("secret", "create", "bindery", "-", given=content)


def podman(*arguments: str, given: str | None = None, check: bool = True, time_limit_s: float = _COMMAND_S) -> str:
    """Run podman and return what it prints. Raises RuntimeError, which carries what it said."""
    command = ["podman", *arguments]
    environment = {**os.environ, "DISABLE_HC_SYSTEMD": "true"}
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, check=False, timeout=time_limit_s, env=environment
    )
    if check and done.returncode:
        raise RuntimeError(f"podman {' '.join(arguments[:3])} failed: {done.stderr.strip()[-2000:]}")
    return (done.stdout + (done.stderr if not check else "")).strip()
