"""`bindery deploy check`: each rule notices the one thing that it is there for, in Compose and in Kubernetes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.deploy.check import check
from cli.deploy.found import read, read_text
from cli.deploy.process import UnreadableManifest

_DEPLOY = Path(__file__).parents[2] / "deploy"

#: What a hand did to a manifest, by the rule that must notice: to the services of Compose, to objects of Kubernetes.
Change = Callable[[dict[str, Any]], object]


def _rules(folder: Path) -> set[str]:
    return {finding.rule for finding in check(read(folder))}


def test_what_is_rendered_passes_the_check() -> None:
    assert check(read(_DEPLOY)) == []


def _ocr(services: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = services["worker-ocr"]
    return found


_COMPOSE: list[tuple[str, Change]] = [
    ("queue_without_consumer", lambda services: services.pop("worker-ocr")),
    ("queue_without_consumer", lambda services: _ocr(services).update(deploy={"replicas": 0})),
    ("maintenance_missing", lambda services: services.pop("worker-maintenance")),
    ("gateway_missing", lambda services: services.pop("gateway")),
    ("migration_missing", lambda services: services.pop("migration")),
    ("queue_that_nobody_fills", lambda services: _ocr(services)["environment"].update(BINDERY_SERVICE="ocd")),
    ("two_services_on_one_queue", lambda services: services.update(again=_ocr(services))),
    ("memory_limit_too_small", lambda services: _ocr(services).update(mem_limit="2g")),
    ("memory_limit_too_small", lambda services: _ocr(services).pop("mem_limit")),
    ("memory_limit_too_small", lambda services: _ocr(services)["environment"].update(BINDERY_WORKER_SLOTS="64")),
    ("network_disagrees", lambda services: _ocr(services).update(networks=["inside", "outside"])),
    ("network_disagrees", lambda services: services["worker-ai"].update(networks=["inside"])),
    ("network_disagrees", lambda services: services["worker-maintenance"].update(networks=["inside"])),
    ("network_disagrees", lambda services: services["migration"].update(networks=["inside", "outside"])),
    ("grace_period_too_short", lambda services: _ocr(services).pop("stop_grace_period")),
    ("grace_period_too_short", lambda services: _ocr(services)["environment"].update(BINDERY_GRACE_S="300")),
    ("grace_period_too_short", lambda services: services["gateway"].update(stop_grace_period="5s")),
    ("secret_in_the_open", lambda services: _ocr(services)["environment"].update(BINDERY_SECRET_KEY="c2VjcmV0")),
    (
        "secret_in_the_open",
        lambda services: _ocr(services)["environment"].update(BINDERY_DATABASE_URL="postgresql://a:b@c/d"),
    ),
    (
        "open_door",
        lambda services: (
            services["gateway"].update(ports=["8000:8000"]),
            services["gateway"]["environment"].update(BINDERY_ALLOW_OPEN_BIND="true"),
        ),
    ),
    ("unknown_setting", lambda services: _ocr(services)["environment"].update(BINDERY_LEASES="30")),
    ("wrong_setting", lambda services: _ocr(services)["environment"].update(BINDERY_LEASE_S="soon")),
]


@pytest.mark.parametrize(("rule", "change"), _COMPOSE, ids=[f"{n}-{rule}" for n, (rule, _) in enumerate(_COMPOSE)])
def test_each_rule_is_broken_once_in_compose(tmp_path: Path, rule: str, change: Change) -> None:
    document = yaml.safe_load((_DEPLOY / "compose.yaml").read_text())
    change(document["services"])
    (tmp_path / "compose.yaml").write_text(yaml.safe_dump(document))
    # A worker of another queue is missing where it was.
    assert rule in _rules(tmp_path) <= {rule, "queue_without_consumer"}


def _pod(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["spec"]["template"]["spec"]
    return found


def _environment(document: dict[str, Any]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = _pod(document)["containers"][0]["env"]
    return found


def _set(document: dict[str, Any], name: str, value: str) -> None:
    _environment(document).append({"name": name, "value": value})


_KUBERNETES: list[tuple[set[str], str, Change]] = [
    ({"queue_without_consumer", "scaler_is_blind"}, "Deployment", lambda one: one.update(kind="Nothing")),
    (
        {"queue_that_nobody_fills", "queue_without_consumer", "scaler_is_blind"},
        "Deployment",
        lambda one: _set(one, "BINDERY_SERVICE", "x"),
    ),
    ({"memory_limit_too_small"}, "Deployment", lambda one: _pod(one)["containers"][0]["resources"].pop("limits")),
    ({"time_limit_disagrees"}, "Deployment", lambda one: _pod(one).update(activeDeadlineSeconds=600)),
    ({"grace_period_too_short"}, "Deployment", lambda one: _pod(one).update(terminationGracePeriodSeconds=10)),
    ({"secret_in_the_open"}, "Deployment", lambda one: _set(one, "BINDERY_SECRET_KEY", "c2VjcmV0")),
    ({"unknown_setting"}, "Deployment", lambda one: _set(one, "BINDERY_X", "1")),
    ({"wrong_setting"}, "Deployment", lambda one: _set(one, "BINDERY_POLL_S", "-1")),
    (
        {"network_disagrees"},
        "NetworkPolicy",
        lambda one: one["spec"]["egress"].append({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}),
    ),
    ({"network_disagrees"}, "NetworkPolicy", lambda one: one["spec"]["egress"].append({})),
    ({"network_disagrees"}, "NetworkPolicy", lambda one: one["spec"]["egress"].append({"ports": [{"port": 443}]})),
    ({"queue_without_consumer"}, "ScaledObject", lambda one: one["spec"].update(maxReplicaCount=0)),
    ({"scaler_is_blind"}, "ScaledObject", lambda one: one["spec"]["triggers"].pop(0)),
    ({"scaler_is_blind"}, "ScaledObject", lambda one: one["spec"]["triggers"].pop(1)),
    ({"scaler_is_blind"}, "ScaledObject", lambda one: one["spec"]["scaleTargetRef"].update(name="worker-ocd")),
    ({"time_limit_disagrees"}, "ScaledObject", lambda one: one["spec"].pop("advanced")),
]


@pytest.mark.parametrize(
    ("rules", "kind", "change"), _KUBERNETES, ids=[f"{n}-{min(rules)}" for n, (rules, _, _) in enumerate(_KUBERNETES)]
)
def test_each_rule_is_broken_once_in_kubernetes(tmp_path: Path, rules: set[str], kind: str, change: Change) -> None:
    shutil.copytree(_DEPLOY / "kubernetes", tmp_path / "kubernetes")
    folder, file = ("autoscaling", "scaled-objects") if kind == "ScaledObject" else ("base", "worker-ocr")
    path = tmp_path / f"kubernetes/{folder}/{file}.yaml"
    documents = list(yaml.safe_load_all(path.read_text()))
    change(next(one for one in documents if one["kind"] == kind and one["metadata"]["name"] == "worker-ocr"))
    path.write_text(yaml.safe_dump_all(documents))
    assert _rules(tmp_path) == rules


def test_on_the_loopback_of_a_host_the_door_may_be_open(tmp_path: Path) -> None:
    document = yaml.safe_load((_DEPLOY / "compose.yaml").read_text())
    document["services"]["gateway"]["environment"]["BINDERY_ALLOW_OPEN_BIND"] = "true"
    (tmp_path / "compose.yaml").write_text(yaml.safe_dump(document))
    assert _rules(tmp_path) == set()


def test_in_a_cluster_the_door_may_not_be_open(tmp_path: Path) -> None:
    shutil.copytree(_DEPLOY / "kubernetes", tmp_path / "kubernetes")
    path = tmp_path / "kubernetes/base/gateway.yaml"
    documents = list(yaml.safe_load_all(path.read_text()))
    _set(documents[0], "BINDERY_ALLOW_OPEN_BIND", "true")
    path.write_text(yaml.safe_dump_all(documents))
    assert _rules(tmp_path) == {"open_door"}


def test_what_another_tool_put_together_is_checked_as_it_comes() -> None:
    base = [path for path in sorted((_DEPLOY / "kubernetes/base").glob("*.yaml")) if path.stem != "kustomization"]
    assert check(read_text("---\n".join(path.read_text() for path in base))) == []
    without = "---\n".join(path.read_text() for path in base if path.stem != "worker-ocr")
    assert [finding.rule for finding in check(read_text(without))] == ["queue_without_consumer"]


@pytest.mark.parametrize(
    "text", ["services: [", "services:\n  a:\n    environment: {BINDERY_SERVICE: ocr}\n    mem_limit: much"]
)
def test_what_is_no_manifest_is_told_as_such(tmp_path: Path, text: str) -> None:
    (tmp_path / "compose.yaml").write_text(text)
    with pytest.raises(UnreadableManifest):
        check(read(tmp_path))
