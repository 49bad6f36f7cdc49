"""What wakes an operator: Prometheus rules, written with the metrics as the code declares them.

Every gateway tells the figures of the whole platform, so that several say the same: rules take the largest and never
add gateways up. Each alert ends with what to do.
"""

from __future__ import annotations

from typing import Any

from shared import metrics as m
from shared.metrics import Metric
from shared.settings import Settings

#: What a scrape adds to a series: which gateway it came from.
_WHERE = "instance, pod, job"
#: The keeper has missed so many periods.
_MISSED_TICKS = 15
#: The schedule of the health check is every five minutes; so many were left out.
_OLD_CHECK_S = 900
_LONG_WAIT_S = 900
_SLOW_START_S = 60


def render(chosen: Settings) -> dict[str, Any]:
    """The rule file."""
    groups = {"queues": _queues(), "jobs": _jobs(), "platform": _platform(chosen)}
    return {"groups": [{"name": f"bindery-{name}", "rules": rules} for name, rules in groups.items()]}


def newest(metric: Metric, *by: str, matching: str = "") -> str:
    """A gauge, whoever told it; `matching` chooses series, as `{queue="ocr"}`."""
    return f"max by ({', '.join(by)}) ({metric.name}{matching})" if by else f"max({metric.name}{matching})"


def increase(metric: Metric, window: str, *by: str, suffix: str = "", matching: str = "") -> str:
    """How much a counter, or the part `suffix` of a histogram, has grown within `window`, summed by labels."""
    each = f"max without ({_WHERE}) (increase({metric.name}{suffix}{matching}[{window}]))"
    return f"sum by ({', '.join(by)}) ({each})" if by else f"sum({each})"


def _alert(name: str, expression: str, severity: str, lasts: str, summary: str, remedy: str) -> dict[str, Any]:
    return {
        "alert": f"Bindery{name}",
        "expr": expression,
        "for": lasts,
        "labels": {"severity": severity},
        "annotations": {"summary": summary, "remedy": remedy},
    }


def _queues() -> list[dict[str, Any]]:
    waits = f"{newest(m.OLDEST, 'queue')} > {_LONG_WAIT_S} unless on (queue) {newest(m.PAUSED, 'queue')} == 1"
    quantile = f"histogram_quantile(0.95, {increase(m.START_SECONDS, '15m', 'queue', 'le', suffix='_bucket')})"
    return [
        _alert(
            "QueueWithoutConsumer",
            f"{newest(m.WAITING_FOR_CONSUMER, 'queue')} == 1",
            "critical",
            "2m",
            "Jobs wait in the queue {{ $labels.queue }} and no worker can take them.",
            "Start a worker of it, or look at its self-tests: bindery queues.",
        ),
        _alert(
            "JobsWaitLong",
            waits,
            "warning",
            "5m",
            "The oldest job of {{ $labels.queue }} has been ready for {{ $value | humanizeDuration }}.",
            "Add workers of this queue, or raise the most that they are scaled to.",
        ),
        _alert(
            "JobsStartSlowly",
            f"{quantile} > {_SLOW_START_S}",
            "info",
            "15m",
            "One job in twenty of {{ $labels.queue }} waits longer than {{ $value | humanizeDuration }}.",
            "Add workers of this queue if people wait for its results.",
        ),
        _alert(
            "QueuePaused",
            f"{newest(m.PAUSED, 'queue')} == 1",
            "info",
            "1h",
            "The queue {{ $labels.queue }} has been paused for an hour.",
            "Was it forgotten? bindery queues resume {{ $labels.queue }}.",
        ),
        _alert(
            "SelfTestFails",
            f"{newest(m.FAILING_SELF_TESTS, 'queue', 'operation')} > 0",
            "warning",
            "5m",
            "{{ $value }} workers of {{ $labels.queue }} do not offer {{ $labels.operation }}: its self-test failed.",
            "bindery queues prints the text of the failure; it is often a program or a font that is missing.",
        ),
        _alert(
            "VersionsMixed",
            f"count by (queue) ({newest(m.WORKERS, 'queue', 'version')} > 0) > 1",
            "info",
            "1h",
            "Workers of {{ $labels.queue }} run different versions for an hour.",
            "A rolling update has stopped half-way: look at the workers that did not start.",
        ),
    ]


def _jobs() -> list[dict[str, Any]]:
    failed = increase(m.ENDED, "15m", "queue", matching='{status="failed"}')
    ended = increase(m.ENDED, "15m", "queue")
    return [
        _alert(
            "JobsFail",
            f"{failed} > 5 and {failed} / {ended} > 0.2",
            "warning",
            "5m",
            "{{ $value | humanizePercentage }} of the jobs of {{ $labels.queue }} failed in a quarter of an hour.",
            f"Look at the codes: topk(5, {increase(m.FAILED, '15m', 'queue', 'operation', 'code')}).",
        ),
        _alert(
            "WorkersAreLost",
            f"{increase(m.REAPED, '15m', 'queue')} > 3",
            "warning",
            "0m",
            "{{ $value | humanize }} attempts of {{ $labels.queue }} were taken from workers that went silent.",
            "Look for workers killed for memory, and for hosts that lost the database.",
        ),
        _alert(
            "LeasesAreNotTakenBack",
            f"{newest(m.EXPIRED, 'queue')} > 0",
            "critical",
            "2m",
            "{{ $value }} jobs of {{ $labels.queue }} belong to workers that are gone, and nobody takes them back.",
            "The keeper lives in every worker: is there one that runs?",
        ),
        _alert(
            "WorkIsDoneTwice",
            f"{increase(m.STALE_FINISHES, '1h', 'queue')} > 5",
            "info",
            "0m",
            "{{ $value | humanize }} attempts of {{ $labels.queue }} ended after their job was given to another.",
            "Nothing is wrong with the results; workers stall, or the lease is too short for this database.",
        ),
    ]


def _platform(chosen: Settings) -> list[dict[str, Any]]:
    dead = newest(m.WEBHOOK_DELIVERIES, matching='{state="dead"}')
    errors = increase(m.REQUESTS, "5m", matching='{status=~"5.."}')
    return [
        _alert(
            "GatewayIsSilent",
            f"absent({m.DATABASE_UP.name})",
            "critical",
            "2m",
            "No gateway tells its metrics.",
            "Is a gateway running, and does Prometheus reach its port?",
        ),
        _alert(
            "DatabaseIsAway",
            f"min({m.DATABASE_UP.name}) == 0",
            "critical",
            "1m",
            "A gateway does not reach PostgreSQL.",
            "Nothing is accepted meanwhile, and nothing is lost: bring the database back.",
        ),
        _alert(
            "KeeperIsSilent",
            f"min({m.TICK_AGE.name}) > {chosen.tick_s * _MISSED_TICKS:g}",
            "critical",
            "1m",
            "For {{ $value | humanizeDuration }} nobody has taken jobs back from lost workers.",
            "The keeper lives in every worker: is there one that runs and reaches the database?",
        ),
        _alert(
            "RequestsFail",
            f"{errors} > 5 and {errors} / {increase(m.REQUESTS, '5m')} > 0.05",
            "warning",
            "5m",
            "{{ $value | humanizePercentage }} of the requests end with an error of the server.",
            "Look for the event request.failed in the gateway's log.",
        ),
        _alert(
            "WebhooksAreDead",
            f"{dead} > 0",
            "info",
            "5m",
            "{{ $value }} webhook deliveries were given up after a day of tries.",
            "See who does not answer, and deliver again: bindery webhooks deliveries --state dead.",
        ),
        _alert(
            "StorageFails",
            f"{increase(m.STORAGE_ERRORS, '10m', 'code')} > 0",
            "warning",
            "5m",
            "Calls of the storage fail: {{ $labels.code }}.",
            "Is the storage reachable, are its credentials valid, is there space?",
        ),
        _alert(
            "RedisFails",
            f"{increase(m.REDIS_FAILURES, '10m')} > 0",
            "info",
            "10m",
            "Redis does not take the bells. Workers look for jobs by themselves: all is slower and nothing is lost.",
            "Bring Redis back.",
        ),
        _alert(
            "HealthCheckFails",
            f"min by (part) ({m.HEALTHY.name}) == 0",
            "warning",
            "10m",
            "The health check finds {{ $labels.part }} out of order.",
            "The log of the maintenance worker tells why.",
        ),
        _alert(
            "HealthCheckIsOld",
            f"min({m.HEALTH_AGE.name}) > {_OLD_CHECK_S}",
            "warning",
            "5m",
            "The last health check was {{ $value | humanizeDuration }} ago.",
            "Is the maintenance worker running? Scheduled jobs come from the gateway and wait for it.",
        ),
        _alert(
            "DiskIsFull",
            f"min({m.FREE_DISK.name}) < {chosen.least_free_percent:g}",
            "critical",
            "5m",
            "Only {{ $value | humanize }} percent of the disk are free.",
            "The platform deletes what it may already; shorten how long results are kept, or add space.",
        ),
    ]
