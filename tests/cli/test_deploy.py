"""`bindery deploy`: manifests are what the code declares, and the check finds what would leave a queue alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from cli.deploy.check import check
from cli.deploy.found import UnreadableManifest
from cli.deploy.render import differing, write
from shared import catalogue

_DEPLOY = Path(__file__).parents[2] / "deploy"

#: What a hand did to a manifest, by the rule that must notice. Kubernetes: (file, change); Compose: change of services.
Change = Callable[[dict[str, Any]], object]


def test_the_manifests_are_as_the_code_would_write_them() -> None:
    assert differing(_DEPLOY) == [], "run `bindery deploy render`"


def test_a_hand_edit_is_noticed_and_undone(tmp_path: Path) -> None:
    write(tmp_path)
    edited = tmp_path / "kubernetes/base/worker-ocr.yaml"
    before = edited.read_text()
    edited.write_text(before.replace("replicas: 1", "replicas: 0"))
    assert differing(tmp_path) == ["kubernetes/base/worker-ocr.yaml"]
    write(tmp_path)
    assert edited.read_text() == before


def test_a_manifest_of_a_service_that_is_gone_is_removed(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "kubernetes/base/worker-gone.yaml").write_text(
        (tmp_path / "kubernetes/base/worker-ocr.yaml").read_text()
    )
    assert write(tmp_path) == ["kubernetes/base/worker-gone.yaml"]
    assert not (tmp_path / "kubernetes/base/worker-gone.yaml").exists()


def test_every_service_has_a_worker_in_every_manifest() -> None:
    services = yaml.safe_load((_DEPLOY / "compose.yaml").read_text())["services"]
    consumed = {one["environment"].get("BINDERY_SERVICE") for one in services.values() if "environment" in one}
    assert set(catalogue.load().queues) <= consumed
    for queue in catalogue.load().queues:
        assert (_DEPLOY / f"kubernetes/base/worker-{queue.replace('_', '-')}.yaml").exists()


def test_no_manifest_holds_a_secret() -> None:
    for path in _DEPLOY.rglob("*.yaml"):
        for document in yaml.safe_load_all(path.read_text()):
            assert document.get("kind") != "Secret", path
    environment = yaml.safe_load((_DEPLOY / "compose.yaml").read_text())["services"]["gateway"]["environment"]
    assert environment["BINDERY_SECRET_KEY"].startswith("${")


@pytest.mark.parametrize("path", sorted((_DEPLOY / "kubernetes/base").glob("[!k]*.yaml")), ids=lambda path: path.stem)
def test_kubernetes_would_take_every_object(path: Path) -> None:
    for document in yaml.safe_load_all(path.read_text()):
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)


def test_what_is_rendered_passes_the_check() -> None:
    assert check(_DEPLOY) == []


def _ocr(services: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = services["worker-ocr"]
    return found


_COMPOSE: list[tuple[str, Change]] = [
    ("queue_without_consumer", lambda services: services.pop("worker-ocr")),
    ("queue_without_consumer", lambda services: _ocr(services).update(deploy={"replicas": 0})),
    ("maintenance_missing", lambda services: services.pop("worker-maintenance")),
    ("queue_that_nobody_fills", lambda services: _ocr(services)["environment"].update(BINDERY_SERVICE="ocd")),
    ("two_services_on_one_queue", lambda services: services.update(again=_ocr(services))),
    ("memory_limit_too_small", lambda services: _ocr(services).update(mem_limit="2g")),
    ("memory_limit_too_small", lambda services: _ocr(services).pop("mem_limit")),
    ("memory_limit_too_small", lambda services: _ocr(services)["environment"].update(BINDERY_WORKER_SLOTS="64")),
    ("network_disagrees", lambda services: _ocr(services).update(networks=["inside", "outside"])),
    ("grace_period_too_short", lambda services: _ocr(services).pop("stop_grace_period")),
    ("grace_period_too_short", lambda services: _ocr(services)["environment"].update(BINDERY_GRACE_S="300")),
    ("grace_period_too_short", lambda services: services["gateway"].update(stop_grace_period="5s")),
    ("unknown_setting", lambda services: _ocr(services)["environment"].update(BINDERY_LEASES="30")),
]


@pytest.mark.parametrize(("rule", "change"), _COMPOSE, ids=[f"{n}-{rule}" for n, (rule, _) in enumerate(_COMPOSE)])
def test_each_rule_is_broken_once_in_compose(tmp_path: Path, rule: str, change: Change) -> None:
    document = yaml.safe_load((_DEPLOY / "compose.yaml").read_text())
    change(document["services"])
    (tmp_path / "compose.yaml").write_text(yaml.safe_dump(document))
    assert rule in {finding.rule for finding in check(tmp_path)}


def _pod(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["spec"]["template"]["spec"]
    return found


def _environment(document: dict[str, Any]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = _pod(document)["containers"][0]["env"]
    return found


_KUBERNETES: list[tuple[str, Change]] = [
    ("queue_without_consumer", lambda document: document["spec"].update(replicas=0)),
    (
        "queue_that_nobody_fills",
        lambda document: _environment(document).append({"name": "BINDERY_SERVICE", "value": "x"}),
    ),
    ("memory_limit_too_small", lambda document: _pod(document)["containers"][0]["resources"].pop("limits")),
    ("grace_period_too_short", lambda document: _pod(document).update(terminationGracePeriodSeconds=10)),
    ("unknown_setting", lambda document: _environment(document).append({"name": "BINDERY_X", "value": "1"})),
]


@pytest.mark.parametrize(("rule", "change"), _KUBERNETES, ids=[rule for rule, _ in _KUBERNETES])
def test_each_rule_is_broken_once_in_kubernetes(tmp_path: Path, rule: str, change: Change) -> None:
    base = tmp_path / "kubernetes/base"
    shutil.copytree(_DEPLOY / "kubernetes/base", base)
    documents = list(yaml.safe_load_all((base / "worker-ocr.yaml").read_text()))
    change(documents[0])
    (base / "worker-ocr.yaml").write_text(yaml.safe_dump_all(documents))
    assert rule in {finding.rule for finding in check(tmp_path)}


def test_a_policy_that_opens_the_network_is_noticed(tmp_path: Path) -> None:
    base = tmp_path / "kubernetes/base"
    shutil.copytree(_DEPLOY / "kubernetes/base", base)
    documents = list(yaml.safe_load_all((base / "worker-ocr.yaml").read_text()))
    policy = next(one for one in documents if one["kind"] == "NetworkPolicy")
    policy["spec"]["egress"].append({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]})
    (base / "worker-ocr.yaml").write_text(yaml.safe_dump_all(documents))
    assert {finding.rule for finding in check(tmp_path)} == {"network_disagrees"}


@pytest.mark.parametrize(
    "text", ["services: [", "services:\n  a:\n    environment: {BINDERY_SERVICE: ocr}\n    mem_limit: much"]
)
def test_what_is_no_manifest_is_told_as_such(tmp_path: Path, text: str) -> None:
    (tmp_path / "compose.yaml").write_text(text)
    with pytest.raises(UnreadableManifest):
        check(tmp_path)
