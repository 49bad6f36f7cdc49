"""What rules and dashboard ask for is there when Prometheus scrapes a real gateway."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from shared import counts, database
from shared.metrics import METRICS
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway

#: What the health check of the maintenance worker leaves.
_HEALTH = json.dumps({"disk": {"ok": True, "free_percent": 50.0}})
_MONITORING = Path(__file__).parents[2] / "deploy/monitoring"


def _asked() -> set[str]:
    rules = (_MONITORING / "rules.yaml").read_text()
    panels = json.loads((_MONITORING / "dashboard.json").read_text())["panels"]
    expressions = [rules, *(target["expr"] for panel in panels for target in panel.get("targets", ()))]
    return set(re.findall(r"bindery_[a-z0-9_]+", " ".join(expressions)))


def test_every_series_of_rules_and_dashboard_is_told_by_a_gateway(gateway: RunningGateway, worker: PlayedWorker):
    worker.appear(slots=2)
    database.rows("INSERT INTO tick (name, at, details) VALUES ('keeper', now(), '{}') ON CONFLICT DO NOTHING", {})
    database.rows("INSERT INTO health_check (ok, parts) VALUES (true, %(parts)s::jsonb)", {"parts": _HEALTH})
    httpx.post(f"{gateway.url}/v1/compress", files=files(PDF), timeout=30).raise_for_status()
    worker.complete(worker.claim(), ("a.pdf", b"%PDF"))
    for metric in METRICS.values():
        labels = ["compression" for _ in metric.labels]
        if metric.source == "gateway" and metric.kind == "counter":
            counts.add(metric, *labels)
        if metric.source == "gateway" and metric.kind == "histogram":
            counts.observe(metric, 1.0, *labels)
    counts.flush()

    text = httpx.get(f"{gateway.url}/metrics", timeout=30).text
    told = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}

    of_workers = {name for name, metric in METRICS.items() if metric.source == "worker"}
    assert _asked() - of_workers <= told
