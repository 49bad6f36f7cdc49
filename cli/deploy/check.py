"""`bindery deploy check`: do the manifests serve every queue, within the limits that operations declare?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.deploy.found import Manifests, Process, read
from cli.deploy.plan import least_memory_mb, needs_network
from cli.settings_table import declared, variable
from shared import catalogue
from shared.catalogue import Catalogue
from shared.settings import Settings

_MAINTENANCE = "maintenance"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a manifest."""

    place: str
    rule: str
    message: str


def check(folder: Path) -> list[Finding]:
    """Read the manifests below a folder as they are, and return what is wrong. Raises UnreadableManifest."""
    known = catalogue.load()
    return [
        Finding(manifests.place, rule.__name__.strip("_"), message)
        for manifests in read(folder)
        for rule in _RULES
        for message in rule(manifests, known)
    ]


def _workers(manifests: Manifests) -> list[Process]:
    return [one for one in manifests.processes if one.service is not None]


def _settings(process: Process) -> Settings:
    """The settings that a process would start with, as far as the manifest tells."""
    fields = Settings.model_fields
    given = {name: process.environment.get(f"BINDERY_{name.upper()}") for name in fields}
    plain = {name: value for name, value in given.items() if value and "$" not in value}
    return Settings.model_validate({**{name: field.get_default() for name, field in fields.items()}, **plain})


def _queue_without_consumer(manifests: Manifests, known: Catalogue) -> Iterator[str]:
    served = {one.service for one in _workers(manifests) if one.replicas > 0}
    for queue in known.queues:
        if queue not in served and queue != _MAINTENANCE:
            yield f"Nothing consumes the queue {queue}: its jobs would wait for ever. Add a worker of {queue}."


def _maintenance_missing(manifests: Manifests, _known: Catalogue) -> Iterator[str]:
    if not any(one.service == _MAINTENANCE and one.replicas > 0 for one in _workers(manifests)):
        yield "There is no maintenance worker: expired documents would stay, and nobody would watch the disk."


def _queue_that_nobody_fills(manifests: Manifests, known: Catalogue) -> Iterator[str]:
    for one in _workers(manifests):
        if one.service not in known.services:
            yield f"{one.name} consumes {one.service!r}, a queue that no operation fills."


def _two_services_on_one_queue(manifests: Manifests, _known: Catalogue) -> Iterator[str]:
    for service, count in Counter(one.service for one in _workers(manifests)).items():
        if count > 1:
            names = ", ".join(one.name for one in _workers(manifests) if one.service == service)
            yield f"{names} all consume {service}: scale one of them instead, or limits and versions part."


def _memory_limit_too_small(manifests: Manifests, known: Catalogue) -> Iterator[str]:
    for one in _workers(manifests):
        if (service := known.services.get(one.service or "")) is None:
            continue
        least_mb = least_memory_mb(service, _settings(one))
        if one.memory_limit_mb is None:
            yield f"{one.name} has no memory limit: one document could take the whole host. Set {least_mb} MB."
        elif one.memory_limit_mb < least_mb:
            yield (
                f"{one.name} may take {one.memory_limit_mb:g} MB, its slots together {least_mb} MB: the kernel would "
                "end engines within their own limit. Raise the limit, or lower BINDERY_WORKER_SLOTS."
            )


def _network_disagrees(manifests: Manifests, known: Catalogue) -> Iterator[str]:
    for one in _workers(manifests):
        if (service := known.services.get(one.service or "")) is None:
            continue
        wanted = needs_network(service)
        if wanted and not one.egress:
            names = ", ".join(sorted(each.name for each in service.operations.values() if each.network))
            yield f"{one.name} reaches no server outside, which {names} must."
        if one.egress and not wanted:
            yield f"{one.name} reaches servers outside, which no operation of {one.service} needs."


def _grace_period_too_short(manifests: Manifests, _known: Catalogue) -> Iterator[str]:
    for one in manifests.processes:
        chosen = _settings(one)
        least_s = chosen.gateway_stop_s if one.service is None else chosen.worker_stop_s
        if one.grace_s < least_s:
            yield f"{one.name} is killed after {one.grace_s:g} s; it needs {least_s:g} s to hand back what it does."


def _unknown_setting(manifests: Manifests, _known: Catalogue) -> Iterator[str]:
    named = {variable(group, name) for group in declared() for name in group.model_fields} | {"BINDERY_SERVICE"}
    for one in manifests.processes:
        for name in sorted(one.environment):
            if name.startswith("BINDERY_") and name not in named:
                yield f"{one.name} sets {name}, which no process reads: `bindery settings` lists the names."


_RULES: tuple[Callable[[Manifests, Catalogue], Iterator[str]], ...] = (
    _queue_without_consumer,
    _maintenance_missing,
    _queue_that_nobody_fills,
    _two_services_on_one_queue,
    _memory_limit_too_small,
    _network_disagrees,
    _grace_period_too_short,
    _unknown_setting,
)
