"""Manifests against what others published: the schemas of Compose and Kubernetes, kustomize, PostgreSQL."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import psycopg
import pytest
import yaml

from cli.deploy.check import check
from cli.deploy.found import read_text

_DEPLOY = Path(__file__).parents[2] / "deploy"
#: Of the Compose Specification, https://github.com/compose-spec/compose-spec, under the licence beside it.
_COMPOSE_SCHEMA = json.loads((Path(__file__).parent / "schemas/compose-spec.json").read_text())
_OVERLAYS = ("small", "production", "gpu")
#: Kinds that Kubernetes itself knows nothing of.
_FOREIGN = {"ScaledObject", "TriggerAuthentication", "PodMonitor", "PrometheusRule"}


def _compose_problems(document: dict[str, Any]) -> list[str]:
    found = jsonschema.Draft202012Validator(_COMPOSE_SCHEMA).iter_errors(document)
    return [f"{error.json_path}: {error.message}" for error in found]


@pytest.mark.parametrize("path", sorted(_DEPLOY.glob("compose*.yaml")), ids=lambda path: path.stem)
def test_compose_would_take_every_file(path: Path) -> None:
    assert _compose_problems(yaml.safe_load(path.read_text())) == []


def test_the_schema_of_compose_notices_a_key_that_it_does_not_know() -> None:
    document = yaml.safe_load((_DEPLOY / "compose.yaml").read_text())
    document["services"]["gateway"]["stop_grace"] = "20s"
    assert "stop_grace" in str(_compose_problems(document))


_OBJECTS = [
    pytest.param(one, id=f"{path.parent.name}-{one['kind']}-{one['metadata']['name']}")
    for path in sorted((_DEPLOY / "kubernetes").rglob("*.yaml"))
    for one in yaml.safe_load_all(path.read_text())
    if "kustomize" not in one["apiVersion"] and one["kind"] not in _FOREIGN
]


@pytest.mark.parametrize("document", _OBJECTS)
def test_kubernetes_would_take_every_object(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)


@pytest.fixture(scope="module", params=_OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The name of an overlay and what kustomize makes of it."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed: no overlay was put together")
    folder = _DEPLOY / f"kubernetes/overlays/{request.param}"
    built = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False, timeout=60)
    assert built.returncode == 0, built.stderr
    return request.param, built.stdout


def _found(built: str, kind: str, name: str) -> dict[str, Any]:
    return next(one for one in yaml.safe_load_all(built) if one["kind"] == kind and one["metadata"]["name"] == name)


def test_every_overlay_is_taken_by_kubernetes_and_serves_every_queue(overlay: tuple[str, str]) -> None:
    _, built = overlay
    for document in yaml.safe_load_all(built):
        if document["kind"] not in _FOREIGN:
            kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
    assert check(read_text(built)) == []


def test_an_overlay_does_what_it_is_there_for(overlay: tuple[str, str]) -> None:
    name, built = overlay
    worker = _found(built, "Deployment", "worker-ocr")["spec"]
    pod = worker["template"]["spec"]
    (container,) = pod["containers"]
    if name == "small":
        assert {"name": "BINDERY_STORAGE_URL", "value": "file:///var/lib/bindery/storage"} in container["env"]
        assert _found(built, "Deployment", "postgres")["spec"]["replicas"] == 1
        return
    assert "replicas" not in worker, "KEDA's number would be set back whenever the manifest is applied"
    assert _found(built, "ScaledObject", "worker-ocr")["spec"]["minReplicaCount"] == 2
    assert ("nvidia.com/gpu" in container["resources"]["limits"]) == (name == "gpu")
    assert ("nodeSelector" in pod) == (name == "gpu")


def test_every_pod_is_reached_by_a_policy_of_its_own(overlay: tuple[str, str]) -> None:
    documents = list(yaml.safe_load_all(overlay[1]))
    chosen = [one["spec"]["podSelector"]["matchLabels"] for one in documents if one["kind"] == "NetworkPolicy"]
    for one in documents:
        if one["kind"] in ("Deployment", "Job"):
            worn = one["spec"]["template"]["metadata"]["labels"]
            assert any(
                wanted.items() <= worn.items() for wanted in chosen if wanted != {"app.kubernetes.io/name": "bindery"}
            ), one["metadata"]["name"]


def _queries() -> list[Any]:
    documents = yaml.safe_load_all((_DEPLOY / "kubernetes/autoscaling/scaled-objects.yaml").read_text())
    return [
        pytest.param(trigger["metadata"]["query"], id=f"{one['metadata']['name']}-{number}")
        for one in documents
        if one["kind"] == "ScaledObject"
        for number, trigger in enumerate(one["spec"]["triggers"])
    ]


@pytest.mark.parametrize("query", _queries())
def test_the_database_answers_each_scaler_with_a_number(database_url: str, query: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute(query).fetchone() == (0,)
