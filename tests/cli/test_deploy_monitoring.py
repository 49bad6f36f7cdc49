"""Rules and dashboard: they ask for nothing that the code does not tell, and they fire when they must."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.metrics import METRICS

_MONITORING = Path(__file__).parents[2] / "deploy/monitoring"
_RULES = yaml.safe_load((_MONITORING / "rules.yaml").read_text())
_DASHBOARD = json.loads((_MONITORING / "dashboard.json").read_text())
#: Labels that a scrape, or a histogram, adds.
_ADDED = {"instance", "pod", "job", "le"}


def _rules() -> Iterator[dict[str, Any]]:
    for group in _RULES["groups"]:
        yield from group["rules"]


def _expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in _rules())
    yield from (target["expr"] for panel in _DASHBOARD["panels"] for target in panel.get("targets", ()))


def _metric(name: str) -> str:
    """The declared metric that a series belongs to."""
    return name if name in METRICS else re.sub(r"_(bucket|sum|count)$", "", name)


@pytest.mark.parametrize("expression", sorted(set(_expressions())))
def test_only_metrics_and_labels_that_are_told_are_asked_for(expression: str) -> None:
    asked = {_metric(name) for name in re.findall(r"bindery_[a-z0-9_]+", expression)}
    assert asked
    assert asked <= METRICS.keys()
    by = {label for group in re.findall(r"(?:by|on|without) \(([^)]*)\)", expression) for label in group.split(", ")}
    matched = set(re.findall(r"[{,](\w+)=~?\"", expression))
    told = {label for name in asked for label in METRICS[name].labels}
    assert by | matched <= told | _ADDED


def test_an_alert_speaks_only_of_labels_that_it_has() -> None:
    for rule in _rules():
        spoken = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        assert all(re.search(rf"by \([^)]*\b{label}\b", rule["expr"]) for label in spoken), rule["alert"]
        assert rule["annotations"]["remedy"]


def test_every_metric_has_a_panel() -> None:
    shown = " ".join(target["expr"] for panel in _DASHBOARD["panels"] for target in panel.get("targets", ()))
    assert {_metric(name) for name in re.findall(r"bindery_[a-z0-9_]+", shown)} == METRICS.keys()


def test_no_panel_lies_over_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in _DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    numbers = [panel["id"] for panel in _DASHBOARD["panels"]]
    assert len(set(numbers)) == len(numbers)


def test_the_cluster_gets_the_same_rules_and_the_same_dashboard() -> None:
    component = _MONITORING.parent / "kubernetes/monitoring"
    assert yaml.safe_load((component / "rules.yaml").read_text())["spec"] == _RULES
    assert json.loads(yaml.safe_load((component / "dashboard.yaml").read_text())["data"]["bindery.json"]) == _DASHBOARD


@pytest.fixture
def promtool() -> str:
    """Prometheus' own judge of rules; in Debian's package `prometheus`."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed: no rule was tried on series")
    return found


def _run(promtool: str, *arguments: str, folder: Path) -> None:
    done = subprocess.run([promtool, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_rules_and_the_scrapes(promtool: str) -> None:
    _run(promtool, "check", "rules", "rules.yaml", folder=_MONITORING)
    _run(promtool, "check", "config", "--syntax-only", "prometheus.yaml", folder=_MONITORING)


def _series(name: str, values: str, **labels: str) -> list[dict[str, str]]:
    """The same from two gateways."""
    worn = ", ".join(f'{label}="{value}"' for label, value in labels.items())
    return [{"series": f'{name}{{{worn}, instance="{at}"}}', "values": values} for at in ("gateway-1", "gateway-2")]


#: Alert, the series, the minute, how many alerts there are then.
_CASES: list[tuple[str, list[dict[str, str]], int, int]] = [
    ("BinderyQueueWithoutConsumer", _series("bindery_queue_waiting_for_consumer", "1x10", queue="ocr"), 3, 1),
    ("BinderyQueueWithoutConsumer", _series("bindery_queue_waiting_for_consumer", "1x10", queue="ocr"), 1, 0),
    (
        "BinderyJobsWaitLong",
        [
            *_series("bindery_queue_oldest_ready_age_seconds", "1000x20", queue="ocr"),
            *_series("bindery_queue_oldest_ready_age_seconds", "1000x20", queue="ai"),
            *_series("bindery_queue_paused", "1x20", queue="ai"),
            *_series("bindery_queue_paused", "0x20", queue="ocr"),
        ],
        10,
        1,
    ),
    # Three lost workers, told by two gateways, are three and not six.
    ("BinderyWorkersAreLost", _series("bindery_jobs_reaped_total", "0 0 0 1 2 3 3x20", queue="ocr"), 10, 0),
    ("BinderyWorkersAreLost", _series("bindery_jobs_reaped_total", "0 0 0 2 4 6 6x20", queue="ocr"), 10, 1),
    (
        "BinderyJobsFail",
        [
            *_series("bindery_jobs_ended_total", "0+1x40", queue="ocr", operation="ocr", status="failed"),
            *_series("bindery_jobs_ended_total", "0+2x40", queue="ocr", operation="ocr", status="completed"),
        ],
        30,
        1,
    ),
    (
        "BinderyJobsFail",
        [
            *_series("bindery_jobs_ended_total", "0+1x40", queue="ocr", operation="ocr", status="failed"),
            *_series("bindery_jobs_ended_total", "0+9x40", queue="ocr", operation="ocr", status="completed"),
        ],
        30,
        0,
    ),
    ("BinderyGatewayIsSilent", _series("up", "1x10", job="bindery"), 5, 1),
    ("BinderyVersionsMixed", _series("bindery_workers", "1x99", queue="ocr", version="1"), 90, 0),
]


@pytest.mark.parametrize(
    ("alert", "series", "minute", "many"), _CASES, ids=[f"{n}-{case[0]}-{case[3]}" for n, case in enumerate(_CASES)]
)
def test_an_alert_fires_when_it_must(
    promtool: str, tmp_path: Path, alert: str, series: list[dict[str, str]], minute: int, many: int
) -> None:
    # How many there are, whatever they say.
    counted = {
        "expr": f'count(ALERTS{{alertname="{alert}", alertstate="firing"}}) or vector(0)',
        "eval_time": f"{minute}m",
    }
    case = {
        "interval": "1m",
        "input_series": series,
        "promql_expr_test": [{**counted, "exp_samples": [{"labels": "{}", "value": many}]}],
    }
    test = {"rule_files": [str(_MONITORING / "rules.yaml")], "evaluation_interval": "1m", "tests": [case]}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(test))
    _run(promtool, "test", "rules", "test.yaml", folder=tmp_path)
