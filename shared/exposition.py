"""Writes metrics in the text format that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, groupby

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.registry import Collector

from shared.counts import Total
from shared.metrics import BUCKETS_S, METRICS

__all__ = ["CONTENT_TYPE", "Sample", "families", "text"]


@dataclass(frozen=True)
class Sample:
    """The value of one series."""

    metric: str
    labels: tuple[str, ...]
    value: float


def families(samples: Iterable[Sample], totals: Iterable[Total] = ()) -> Iterator[Metric]:
    """What is known of each metric. Series of a name that this version does not declare are left out."""
    for name, of_metric in groupby(sorted(samples, key=lambda one: one.metric), key=lambda one: one.metric):
        declared = METRICS[name]
        kind = GaugeMetricFamily if declared.kind == "gauge" else CounterMetricFamily
        family = kind(name, declared.help, labels=declared.labels)
        for sample in of_metric:
            family.add_metric(sample.labels, sample.value)
        yield family
    for name, of_name in groupby(totals, key=lambda one: one.name):
        if found := METRICS.get(name):
            # Labels of an older version may differ in number.
            fitting = [total for total in of_name if len(total.labels) == len(found.labels)]
            yield _histogram(name, fitting) if found.kind == "histogram" else _counter(name, fitting)


def _counter(name: str, totals: list[Total]) -> Metric:
    family = CounterMetricFamily(name, METRICS[name].help, labels=METRICS[name].labels)
    for total in totals:
        family.add_metric(total.labels, total.amount)
    return family


def _histogram(name: str, totals: list[Total]) -> Metric:
    family = HistogramMetricFamily(name, METRICS[name].help, labels=METRICS[name].labels)
    ends = [*map(str, BUCKETS_S), "+Inf"]
    for total in totals:
        buckets = list(zip(ends, accumulate(total.buckets), strict=True))
        family.add_metric(total.labels, buckets=buckets, sum_value=total.amount)
    return family


class _Collected(Collector):
    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> list[Metric]:
        return self._found


def text(found: Iterable[Metric]) -> bytes:
    """The metrics as Prometheus reads them."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(list(found)))
    return generate_latest(registry)
