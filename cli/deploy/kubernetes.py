"""`deploy/kubernetes/base`: Deployments, their probes, budgets and network policies, the migration Job."""

from __future__ import annotations

from typing import Any

from cli.deploy.plan import (
    METRICS_PORT,
    MIGRATION,
    PORT,
    SECRET,
    SECRET_SETTINGS,
    USER_ID,
    VAR_DIR,
    WORKER_SETTINGS,
    Part,
    own_settings,
    parts,
)
from shared.settings import Settings

_LABEL = "app.kubernetes.io"
METRICS_PORT_NAME = "metrics"
#: The ConfigMap of what a site sets for every part: `BINDERY_OTLP_ENDPOINT` and other settings that are no secrets.
_SITE_SETTINGS = "bindery-settings"
_ALIVE = f"find {VAR_DIR}/scratch/alive -mmin -1 | grep -q ."
#: Addresses that no document and no model server is fetched from: the cluster's own, and the machine's.
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10")
_PRIVATE_V6 = ("fc00::/7", "fe80::/10")


def render(chosen: Settings) -> dict[str, list[dict[str, Any]]]:
    """The documents of each file of the base, by file name."""
    found = parts(chosen)
    files = {"migration.yaml": _migration(found[0]), "network.yaml": _default_policies()}
    files |= {f"{part.name}.yaml": _documents(part) for part in found}
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": sorted(files),
    }
    return {**files, "kustomization.yaml": [kustomization]}


def _documents(part: Part) -> list[dict[str, Any]]:
    found = [_deployment(part), _budget(part), _policy(part)]
    return [*found, _service(part)] if part.service is None else found


def labels(name: str) -> dict[str, str]:
    """What marks the objects of one part."""
    return {f"{_LABEL}/name": "bindery", f"{_LABEL}/component": name}


def head(kind: str, name: str, version: str = "v1") -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": labels(name)}}


def _deployment(part: Part) -> dict[str, Any]:
    return {
        **head("Deployment", part.name, "apps/v1"),
        "spec": {
            "replicas": 2 if part.service is None else 1,
            # A new worker is there before an old one goes: a queue is never without a consumer.
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "selector": {"matchLabels": labels(part.name)},
            "template": {
                "metadata": {"labels": labels(part.name)},
                "spec": _pod(part, _gateway_container(part) if part.service is None else _worker_container(part)),
            },
        },
    }


def _pod(part: Part, container: dict[str, Any]) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": part.grace_s,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER_ID,
            "runAsGroup": USER_ID,
            "fsGroup": USER_ID,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        # A node that fails takes no two workers of one queue along, where there is another node.
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": labels(part.name)},
            }
        ],
        "containers": [container],
        "volumes": [{"name": "work", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}],
    }


def _container(part: Part, environment: dict[str, str]) -> dict[str, Any]:
    secrets = [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": SECRET, "key": name}}}
        for name in (*SECRET_SETTINGS, "BINDERY_STORAGE_URL")
    ]
    kept = [f"{SECRET}-{name}" for name in ("storage", *own_settings(part))]
    return {
        "name": part.name,
        "image": part.image,
        "env": [*secrets, *({"name": name, "value": value} for name, value in environment.items())],
        "envFrom": [
            {"configMapRef": {"name": _SITE_SETTINGS, "optional": True}},
            *({"secretRef": {"name": name, "optional": True}} for name in kept),
        ],
        "resources": {
            "requests": {"cpu": "250m", "memory": f"{part.memory_request_mb}Mi"},
            "limits": {"memory": f"{part.memory_limit_mb}Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "work", "mountPath": VAR_DIR}, {"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108
    }


def _gateway_container(part: Part) -> dict[str, Any]:
    def probe(path: str, period_s: int) -> dict[str, Any]:
        return {"httpGet": {"path": path, "port": "http"}, "periodSeconds": period_s, "timeoutSeconds": 6}

    return {
        **_container(part, {}),
        "ports": [{"name": "http", "containerPort": PORT}],
        "livenessProbe": probe("/health/live", 15),
        "readinessProbe": probe("/health/ready", 5),
    }


def _worker_container(part: Part) -> dict[str, Any]:
    assert part.service is not None
    alive = {"exec": {"command": ["sh", "-c", _ALIVE]}, "timeoutSeconds": 5}
    return {
        **_container(part, {"BINDERY_SERVICE": part.service.name, **WORKER_SETTINGS}),
        "ports": [{"name": METRICS_PORT_NAME, "containerPort": METRICS_PORT}],
        # Models are loaded and every operation is tried on its sample before the first beat.
        "startupProbe": {**alive, "periodSeconds": 3, "failureThreshold": 60},
        "livenessProbe": {**alive, "periodSeconds": 20, "failureThreshold": 3},
    }


def _budget(part: Part) -> dict[str, Any]:
    return {
        **head("PodDisruptionBudget", part.name, "policy/v1"),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": labels(part.name)}},
    }


def _policy(part: Part) -> dict[str, Any]:
    spec: dict[str, Any] = {"podSelector": {"matchLabels": labels(part.name)}, "policyTypes": ["Ingress", "Egress"]}
    if part.service is None:
        spec["ingress"] = [{"ports": [{"port": PORT, "protocol": "TCP"}]}]
    else:
        watchers = {"podSelector": {"matchLabels": {f"{_LABEL}/name": "prometheus"}}, "namespaceSelector": {}}
        spec["ingress"] = [{"from": [watchers], "ports": [{"port": METRICS_PORT, "protocol": "TCP"}]}]
    spec["egress"] = [*_to_the_platform()]
    if part.outward_ports:
        anywhere = [
            {"ipBlock": {"cidr": "0.0.0.0/0", "except": list(_PRIVATE)}},
            {"ipBlock": {"cidr": "::/0", "except": list(_PRIVATE_V6)}},
        ]
        ports = [{"port": port, "protocol": "TCP"} for port in part.outward_ports]
        spec["egress"].append({"to": anywhere, "ports": ports})
    return {**head("NetworkPolicy", part.name, "networking.k8s.io/v1"), "spec": spec}


def _to_the_platform() -> list[dict[str, Any]]:
    """Names; PostgreSQL, Redis, the storage, what collects traces: pods so labelled, or addresses an overlay adds."""
    dns = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    roles = [{"key": "bindery/role", "operator": "In", "values": ["store", "telemetry"]}]
    places = {"podSelector": {"matchExpressions": roles}, "namespaceSelector": {}}
    return [{"ports": dns}, {"to": [places]}]


def _default_policies() -> list[dict[str, Any]]:
    nothing = {"podSelector": {"matchLabels": {f"{_LABEL}/name": "bindery"}}, "policyTypes": ["Ingress", "Egress"]}
    return [{**head("NetworkPolicy", "bindery-default", "networking.k8s.io/v1"), "spec": nothing}]


def _service(part: Part) -> dict[str, Any]:
    return {
        **head("Service", part.name),
        "spec": {"selector": labels(part.name), "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
    }


def _migration(gateway: Part) -> list[dict[str, Any]]:
    container = _container(gateway, {}) | {"name": MIGRATION, "command": ["python", "-m", "shared.migrations"]}
    pod = _pod(gateway, container) | {"restartPolicy": "OnFailure"}
    del pod["topologySpreadConstraints"]
    worn = labels(MIGRATION)
    job = {"backoffLimit": 10, "ttlSecondsAfterFinished": 3600, "template": {"metadata": {"labels": worn}, "spec": pod}}
    reach = {
        "podSelector": {"matchLabels": worn},
        "policyTypes": ["Ingress", "Egress"],
        "egress": _to_the_platform(),
    }
    return [
        {**head("Job", MIGRATION, "batch/v1"), "spec": job},
        {**head("NetworkPolicy", MIGRATION, "networking.k8s.io/v1"), "spec": reach},
    ]
