"""Reads the processes that objects of Kubernetes start, with what policies and scalers say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from cli.deploy.process import Manifests, Process, Scaler, megabytes

Object = dict[str, Any]
_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Job")
#: What the autoscaler of Kubernetes waits, and KEDA's number of replicas, where nothing is said.
_SCALE_DOWN_AFTER_S, _MOST_REPLICAS = 300, 100


def platform(place: str, objects: Sequence[tuple[str, Object]]) -> Manifests:
    """The platform that objects describe, each named with its file."""
    policies = [one["spec"] for _, one in objects if one.get("kind") == "NetworkPolicy" and _is_open(one["spec"])]
    open_labels = [spec["podSelector"].get("matchLabels", {}) for spec in policies]
    scalers = {
        one["spec"]["scaleTargetRef"]["name"]: _scaler(one["spec"])
        for _, one in objects
        if one.get("kind") == "ScaledObject"
    }
    found = [
        replace(process, scaler=scalers.get(process.name))
        for file, one in objects
        if one.get("kind") in _KINDS
        for process in _processes(file, one, open_labels)
    ]
    return Manifests(place, found, sorted(scalers.keys() - {process.name for process in found}))


def _processes(file: str, one: Object, open_labels: list[dict[str, str]]) -> Iterator[Process]:
    template = one["spec"]["template"]
    worn = (template.get("metadata") or {}).get("labels") or {}
    pod = template["spec"]
    for container in pod["containers"]:
        environment = {each["name"]: str(each.get("value") or "") for each in container.get("env") or []}
        if not any(name.startswith("BINDERY_") for name in environment):
            continue
        limit = ((container.get("resources") or {}).get("limits") or {}).get("memory")
        yield Process(
            file,
            one["metadata"]["name"],
            environment,
            (*(container.get("command") or ()), *(container.get("args") or ())),
            int(one["spec"].get("replicas", 1)),
            megabytes(limit),
            float(pod.get("terminationGracePeriodSeconds", 30)),
            any(wanted.items() <= worn.items() for wanted in open_labels),
            pod.get("activeDeadlineSeconds"),
        )


def _scaler(spec: Object) -> Scaler:
    behaviour = ((spec.get("advanced") or {}).get("horizontalPodAutoscalerConfig") or {}).get("behavior") or {}
    window_s = (behaviour.get("scaleDown") or {}).get("stabilizationWindowSeconds", _SCALE_DOWN_AFTER_S)
    queries = [str((trigger.get("metadata") or {}).get("query", "")) for trigger in spec.get("triggers") or []]
    return Scaler(int(spec.get("maxReplicaCount", _MOST_REPLICAS)), float(window_s), tuple(queries))


def _is_open(spec: Object) -> bool:
    """Whether a policy lets pods reach addresses outside."""
    rules = spec.get("egress") or []
    # Names are asked for at port 53, wherever their server is.
    return any("to" not in rule and _beyond_names(rule) for rule in rules) or any(
        "ipBlock" in peer for rule in rules for peer in rule.get("to") or []
    )


def _beyond_names(rule: Object) -> bool:
    return any(each.get("port") != 53 for each in rule.get("ports") or [{}])
