"""`deploy/kubernetes/autoscaling`: KEDA scales each worker on the rows that wait in Postgres."""

from __future__ import annotations

from typing import Any

from cli.deploy.kubernetes import labels
from cli.deploy.overlays import kustomization, patch
from cli.deploy.plan import Part, longest_window_s, parts
from shared.settings import Settings

_MOST_REPLICAS = 10
#: A job that has been ready for so long is reason enough for one worker more.
_OLD_AFTER_S = 30
_READY = "status = 'pending' AND run_at <= now() AND NOT waits_for_step"


def render(chosen: Settings) -> dict[str, list[dict[str, Any]]]:
    """The documents of each file, by file name."""
    authentication = {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "TriggerAuthentication",
        "metadata": {"name": "bindery-postgres"},
        "spec": {"secretTargetRef": [{"parameter": "connection", "name": "bindery", "key": "BINDERY_DATABASE_URL"}]},
    }
    workers = [part for part in parts(chosen) if part.service is not None]
    # The number of a scaled worker is KEDA's: a manifest that names one would set it back whenever it is applied.
    given_up = patch("Deployment", "worker-.*", [{"op": "remove", "path": "/spec/replicas"}])
    return {
        "scaled-objects.yaml": [authentication, *(_scaled(part) for part in workers)],
        "kustomization.yaml": [kustomization("Component", resources=["scaled-objects.yaml"], patches=[given_up])],
    }


def _scaled(part: Part) -> dict[str, Any]:
    assert part.service is not None
    queue = part.service.name
    stays_s = longest_window_s(part.service)
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": part.name, "labels": labels(part.name)},
        "spec": {
            "scaleTargetRef": {"name": part.name},
            "minReplicaCount": 1,
            "maxReplicaCount": _MOST_REPLICAS,
            "cooldownPeriod": stays_s,
            "advanced": {
                "horizontalPodAutoscalerConfig": {"behavior": {"scaleDown": {"stabilizationWindowSeconds": stays_s}}}
            },
            "triggers": [
                # As many ready jobs as a worker has slots want a worker more.
                _trigger(f"SELECT count(*) FROM job WHERE queue = '{queue}' AND {_READY}", part.service.threads),
                _trigger(
                    "SELECT coalesce(extract(epoch FROM now() - min(run_at)), 0)::int FROM job "
                    f"WHERE queue = '{queue}' AND {_READY}",
                    _OLD_AFTER_S,
                ),
            ],
        },
    }


def _trigger(query: str, target: int) -> dict[str, Any]:
    return {
        "type": "postgresql",
        "metadata": {"query": query, "targetQueryValue": str(target)},
        "authenticationRef": {"name": "bindery-postgres"},
    }
