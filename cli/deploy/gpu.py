"""OCR on a GPU: what differs of its worker, for Kubernetes and for Compose."""

from __future__ import annotations

from typing import Any

from cli.deploy.plan import image, worker_name

WORKER = worker_name("ocr")
#: Built with `IMAGES=ocr-gpu make images`, which brings torch with CUDA along.
_IMAGE = image("ocr-gpu")
#: Where the engine looks for its weights, which are the operator's to bring.
WEIGHTS = "/opt/bindery/easyocr"
_RESOURCE = "nvidia.com/gpu"
#: One page at a time fills a GPU; a second engine beside it would only want the same memory again.
_SETTINGS = {"BINDERY_WORKER_SLOTS": "1"}


def deployment() -> dict[str, Any]:
    """What is merged into the Deployment of the worker: a node that has a GPU, the GPU, the image, the weights."""
    container = {
        "name": WORKER,
        "image": _IMAGE,
        "env": [{"name": name, "value": value} for name, value in _SETTINGS.items()],
        "resources": {"requests": {_RESOURCE: 1}, "limits": {_RESOURCE: 1}},
        "volumeMounts": [{"name": "weights", "mountPath": WEIGHTS, "readOnly": True}],
    }
    pod = {
        "nodeSelector": {f"{_RESOURCE}.present": "true"},
        "tolerations": [{"key": _RESOURCE, "operator": "Exists", "effect": "NoSchedule"}],
        "containers": [container],
        "volumes": [
            {"name": "weights", "persistentVolumeClaim": {"claimName": "bindery-ocr-weights", "readOnly": True}}
        ],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": WORKER},
        "spec": {
            # A GPU that is taken has no room for the next worker: the old one goes first, and its jobs wait.
            "strategy": {"type": "Recreate", "rollingUpdate": None},
            "template": {"spec": pod},
        },
    }


def compose() -> dict[str, Any]:
    """`deploy/compose.gpu.yaml`, given to Compose after `compose.yaml`."""
    device = {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}
    worker = {
        "image": _IMAGE,
        "environment": dict(_SETTINGS),
        "deploy": {"resources": {"reservations": {"devices": [device]}}},
        "volumes": [f"./easyocr:{WEIGHTS}:ro"],
    }
    return {"services": {WORKER: worker}}
