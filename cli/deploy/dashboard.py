"""The Grafana dashboard: a panel for every metric that the code declares, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.deploy.alerts import increase, newest
from shared.metrics import BUSY, CONSUMERS, METRICS, OLDEST, READY, Metric

_UID = "bindery"
_WIDTH, _HEIGHT, _COLUMNS = 8, 7, 3
_SOURCE = {"type": "prometheus", "uid": "${source}"}
#: Grafana's names of units, by the end of a metric's name.
_UNITS = {"_seconds": "s", "_seconds_total": "s", "_bytes": "bytes", "_percent": "percent"}
_ROWS = {
    "Queues": lambda one: one.source == "gateway" and one.kind == "gauge" and "queue" in one.labels,
    "Jobs": lambda one: one.source == "gateway" and one.kind != "gauge" and "queue" in one.labels,
    "Platform": lambda one: one.source == "gateway" and "queue" not in one.labels,
    "Single workers": lambda one: one.source == "worker",
}


def render() -> dict[str, Any]:
    """The dashboard as Grafana imports it."""
    return {
        "uid": _UID,
        "title": "Bindery",
        "tags": ["bindery"],
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [
                {"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"},
                {
                    "name": "queue",
                    "type": "query",
                    "label": "Queue",
                    "datasource": _SOURCE,
                    "query": {"query": f"label_values({READY.name}, queue)", "refId": "queue"},
                    "refresh": 2,
                    "multi": True,
                    "includeAll": True,
                    "allValue": ".*",
                    "current": {"text": "All", "value": "$__all"},
                },
            ]
        },
        "panels": list(_panels()),
    }


def _panels() -> Iterator[dict[str, Any]]:
    top, number = 0, 1
    for position, metric in enumerate((READY, OLDEST, CONSUMERS, BUSY)):
        yield _panel(number, metric, "stat", {"x": 6 * position, "y": top, "w": 6, "h": 4})
        number += 1
    top += 4
    for title, belongs in _ROWS.items():
        place = {"x": 0, "y": top, "w": _WIDTH * _COLUMNS, "h": 1}
        yield {"id": number, "type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": place}
        number, top = number + 1, top + 1
        of_row = [metric for metric in METRICS.values() if belongs(metric)]
        for position, metric in enumerate(of_row):
            row, column = divmod(position, _COLUMNS)
            place = {"x": column * _WIDTH, "y": top + row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT}
            yield _panel(number, metric, "timeseries", place)
            number += 1
        top += -(-len(of_row) // _COLUMNS) * _HEIGHT


def _panel(number: int, metric: Metric, kind: str, place: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": kind,
        "title": _title(metric),
        "description": metric.help,
        "datasource": _SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": _unit(metric), "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + index), "expr": expression, "legendFormat": legend, "datasource": _SOURCE}
            for index, (expression, legend) in enumerate(_queries(metric))
        ],
    }


def _title(metric: Metric) -> str:
    words = metric.name.removeprefix("bindery_").removesuffix("_total").replace("_", " ")
    return words.capitalize() + (", increase" if metric.kind == "counter" else "")


def _unit(metric: Metric) -> str:
    return next((unit for end, unit in _UNITS.items() if metric.name.endswith(end)), "short")


def _queries(metric: Metric) -> Iterator[tuple[str, str]]:
    """What a panel asks, with the words of its legend."""
    labels = metric.labels if metric.source == "gateway" else ("pod", *metric.labels)
    only = '{queue=~"$queue"}' if "queue" in labels else ""
    legend = " ".join(f"{{{{{label}}}}}" for label in labels) or "all"
    if metric.kind == "gauge":
        yield newest(metric, *labels, matching=only), legend
    elif metric.kind == "counter":
        yield increase(metric, "$__rate_interval", *labels, matching=only), legend
    else:
        for quantile in (0.5, 0.95):
            each = increase(metric, "$__rate_interval", *labels, "le", suffix="_bucket", matching=only)
            yield f"histogram_quantile({quantile}, {each})", f"{legend} p{quantile * 100:g}"
