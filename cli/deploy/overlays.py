"""`deploy/kubernetes/overlays`: one machine for trying, production, and production with OCR on a GPU."""

from __future__ import annotations

from typing import Any

import yaml

from cli.deploy import gpu, small_stores
from cli.deploy.plan import GATEWAY, MIGRATION, VAR_DIR, Part, parts
from shared.settings import Settings

#: In production a node that fails takes no queue's last worker along.
_GATEWAYS, _LEAST_WORKERS = 3, 2


def render(chosen: Settings) -> dict[str, list[dict[str, Any]]]:
    """The documents of each file, by its path below `kubernetes/`."""
    return {
        **{f"overlays/small/{name}": documents for name, documents in small_stores.render().items()},
        "overlays/small/kustomization.yaml": [_small(chosen)],
        "overlays/production/kustomization.yaml": [_production()],
        "overlays/gpu/kustomization.yaml": [_gpu()],
        "ocr-gpu/kustomization.yaml": [_ocr_gpu()],
    }


def kustomization(kind: str = "Kustomization", **content: Any) -> dict[str, Any]:
    """What kustomize reads in a folder: an overlay of its own, or a component that overlays take in."""
    version = "v1beta1" if kind == "Kustomization" else "v1alpha1"
    return {"apiVersion": f"kustomize.config.k8s.io/{version}", "kind": kind, **content}


def patch(kind: str, name: str, change: dict[str, Any] | list[dict[str, Any]]) -> dict[str, Any]:
    """A change of every object of this kind whose name matches: merged into it, or a list of operations on it."""
    return {"target": {"kind": kind, "name": name}, "patch": yaml.safe_dump(change, sort_keys=False)}


def _small(chosen: Settings) -> dict[str, Any]:
    """Everything on one node, with a PostgreSQL, a Redis and one volume of documents beside it."""
    found = parts(chosen)
    documents = [patch("Deployment", part.name, _with_documents(part.name, part)) for part in found]
    return kustomization(
        resources=["../../base", *small_stores.render()],
        patches=[
            *documents,
            patch("Job", MIGRATION, _with_documents(MIGRATION, found[0])),
            patch("Deployment", GATEWAY, [{"op": "replace", "path": "/spec/replicas", "value": 1}]),
        ],
    )


def _with_documents(name: str, part: Part) -> dict[str, Any]:
    """The documents on the one volume instead of S3, and as little set aside as a small machine has."""
    storage = f"{VAR_DIR}/storage"
    container = {
        "name": name,
        "env": [{"name": "BINDERY_STORAGE_URL", "value": f"file://{storage}", "valueFrom": None}],
        "resources": {"requests": {"cpu": "50m", "memory": f"{min(256, part.memory_request_mb)}Mi"}},
        "volumeMounts": [{"name": "documents", "mountPath": storage}],
    }
    volume = {"name": "documents", "persistentVolumeClaim": {"claimName": small_stores.DOCUMENTS}}
    pod = {"containers": [container], "volumes": [volume]}
    # Whatever the object is called: the target names it, and a merge needs only the place.
    kind, version = ("Job", "batch/v1") if name == MIGRATION else ("Deployment", "apps/v1")
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": {"template": {"spec": pod}}}


def _production() -> dict[str, Any]:
    """The base, with workers that follow the work, watched."""
    return kustomization(
        resources=["../../base"],
        components=["../../autoscaling", "../../monitoring"],
        patches=[
            patch("Deployment", GATEWAY, [{"op": "replace", "path": "/spec/replicas", "value": _GATEWAYS}]),
            patch(
                "ScaledObject",
                "worker-.*",
                [{"op": "replace", "path": "/spec/minReplicaCount", "value": _LEAST_WORKERS}],
            ),
        ],
    )


def _gpu() -> dict[str, Any]:
    """Production, with the worker of OCR on nodes that have a GPU."""
    return kustomization(resources=["../production"], components=["../../ocr-gpu"])


def _ocr_gpu() -> dict[str, Any]:
    """What the worker of OCR becomes on a node that has a GPU."""
    return kustomization("Component", patches=[patch("Deployment", gpu.WORKER, gpu.deployment())])
