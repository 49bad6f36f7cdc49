"""`overlays/small`: the PostgreSQL, the Redis and the volume of documents that a cluster of one node has inside."""

from __future__ import annotations

from typing import Any

from cli.deploy.kubernetes import head
from cli.deploy.plan import POSTGRES_IMAGE, REDIS_COMMAND, REDIS_IMAGE, SECRET

#: The claim of the volume of documents.
DOCUMENTS = "bindery-documents"
_DATABASE = "bindery-database"
_DOCUMENTS_SIZE, _DATABASE_SIZE = "50Gi", "20Gi"
_POSTGRES_PORT, _REDIS_PORT = 5432, 6379
#: What the network policies of every part lead to.
_ROLE = {"bindery/role": "store"}
#: Long enough for a checkpoint of a database that is written to.
_GRACE_S = 60


def render() -> dict[str, list[dict[str, Any]]]:
    """The documents of each file, by file name."""
    return {
        "documents.yaml": [_claim(DOCUMENTS, _DOCUMENTS_SIZE)],
        "postgres.yaml": [
            _claim(_DATABASE, _DATABASE_SIZE),
            _deployment("postgres", _postgres(), [{"name": "data", "persistentVolumeClaim": {"claimName": _DATABASE}}]),
            _service("postgres", _POSTGRES_PORT),
        ],
        "redis.yaml": [_deployment("redis", _redis(), []), _service("redis", _REDIS_PORT)],
        "stores-network.yaml": [_policy()],
    }


def _claim(name: str, size: str) -> dict[str, Any]:
    # All pods are on one node, where all of them can mount a volume that is "once".
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    return {**head("PersistentVolumeClaim", name), "spec": spec}


def _policy() -> dict[str, Any]:
    """Nobody but the platform's own pods: Redis asks for no password."""
    ours = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "bindery"}}}
    spec = {"podSelector": {"matchLabels": _ROLE}, "policyTypes": ["Ingress"], "ingress": [{"from": [ours]}]}
    return {**head("NetworkPolicy", "bindery-stores", "networking.k8s.io/v1"), "spec": spec}


def _labels(name: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": name, **_ROLE}


def _service(name: str, port: int) -> dict[str, Any]:
    return {**head("Service", name), "spec": {"selector": _labels(name), "ports": [{"port": port}]}}


def _deployment(name: str, container: dict[str, Any], volumes: list[dict[str, Any]]) -> dict[str, Any]:
    pod = {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": _GRACE_S,
        "containers": [{"name": name, **container}],
        "volumes": volumes,
    }
    return {
        **head("Deployment", name, "apps/v1"),
        "spec": {
            "replicas": 1,
            # Two servers on one folder of data would spoil it.
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": _labels(name)},
            "template": {"metadata": {"labels": _labels(name)}, "spec": pod},
        },
    }


def _postgres() -> dict[str, Any]:
    password = {"secretKeyRef": {"name": SECRET, "key": "POSTGRES_PASSWORD"}}
    return {
        "image": POSTGRES_IMAGE,
        "args": ["-c", "max_connections=200"],
        "env": [
            {"name": "POSTGRES_USER", "value": "bindery"},
            {"name": "POSTGRES_DB", "value": "bindery"},
            {"name": "POSTGRES_PASSWORD", "valueFrom": password},
        ],
        "ports": [{"containerPort": _POSTGRES_PORT}],
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "1024Mi"}},
        "readinessProbe": {"exec": {"command": ["pg_isready", "-U", "bindery"]}, "periodSeconds": 5},
        "volumeMounts": [{"name": "data", "mountPath": "/var/lib/postgresql"}],
    }


def _redis() -> dict[str, Any]:
    return {
        "image": REDIS_IMAGE,
        "args": REDIS_COMMAND,
        "ports": [{"containerPort": _REDIS_PORT}],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": {"exec": {"command": ["redis-cli", "ping"]}, "periodSeconds": 5},
    }
