"""`deploy/monitoring`, and the same as a component for clusters with the Prometheus operator and Grafana."""

from __future__ import annotations

import json
from typing import Any

from cli.deploy import alerts, dashboard
from cli.deploy.kubernetes import METRICS_PORT_NAME, head
from cli.deploy.overlays import kustomization
from cli.deploy.plan import GATEWAY, METRICS_PORT, PORT, worker_name
from shared import catalogue
from shared.settings import Settings

_NAME = "bindery"
_PERIOD = "30s"
#: The gateway tells its metrics to whoever shows a key of the scope `admin`, workers theirs to whoever is let near.
_WITH_KEY = {"authorization": {"type": "Bearer", "credentials_file": "bindery.key"}}
_KEY_SECRET = {"name": "bindery-metrics", "key": "key", "optional": True}


def files(chosen: Settings) -> dict[str, list[dict[str, Any]]]:
    """For any Prometheus: its rules, and how it finds the platform of `compose.yaml`."""
    workers = [f"{worker_name(queue)}:{METRICS_PORT}" for queue in catalogue.load().queues]
    scrape = {
        "global": {"scrape_interval": _PERIOD, "evaluation_interval": _PERIOD},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [
            {"job_name": "bindery", **_WITH_KEY, "static_configs": [{"targets": [f"{GATEWAY}:{PORT}"]}]},
            {"job_name": "bindery-workers", "static_configs": [{"targets": workers}]},
        ],
    }
    return {"rules.yaml": [alerts.render(chosen)], "prometheus.yaml": [scrape]}


def dashboard_text() -> str:
    """The dashboard as Grafana imports it."""
    return json.dumps(dashboard.render(), indent=1) + "\n"


def component(chosen: Settings) -> dict[str, list[dict[str, Any]]]:
    """The documents of each file of `kubernetes/monitoring`, by file name."""
    resources = {
        "rules.yaml": [{**head("PrometheusRule", _NAME, "monitoring.coreos.com/v1"), "spec": alerts.render(chosen)}],
        "pod-monitor.yaml": [_pod_monitor()],
        "dashboard.yaml": [_dashboard()],
    }
    return {**resources, "kustomization.yaml": [kustomization("Component", resources=sorted(resources))]}


def _pod_monitor() -> dict[str, Any]:
    every = {"path": "/metrics", "interval": _PERIOD}
    shown = {"type": "Bearer", "credentials": dict(_KEY_SECRET)}
    ends = [{"port": "http", **every, "authorization": shown}, {"port": METRICS_PORT_NAME, **every}]
    selector = {"matchLabels": {"app.kubernetes.io/name": _NAME}}
    spec = {"selector": selector, "podMetricsEndpoints": ends}
    return {**head("PodMonitor", _NAME, "monitoring.coreos.com/v1"), "spec": spec}


def _dashboard() -> dict[str, Any]:
    found = head("ConfigMap", "bindery-dashboard")
    # What Grafana's sidecar looks for.
    found["metadata"]["labels"]["grafana_dashboard"] = "1"
    return {**found, "data": {"bindery.json": dashboard_text()}}
