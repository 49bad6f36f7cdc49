"""`bindery deploy check`: do the manifests serve every queue, within the limits that operations declare?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from cli.deploy.plan import MAINTENANCE, SECRET_SETTINGS, least_memory_mb, longest_job_s, longest_window_s, outward
from cli.deploy.process import Manifests, Process, Role
from cli.settings_table import declared, variable
from shared import catalogue
from shared.catalogue import Catalogue
from shared.settings import Settings


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a manifest."""

    place: str
    rule: str
    message: str


def check(platforms: Sequence[Manifests]) -> list[Finding]:
    """What is wrong with the manifests of each platform."""
    known = catalogue.load()
    return [
        Finding(manifests.place, rule.__name__.strip("_"), message)
        for manifests in platforms
        for rule in _RULES
        for message in rule(manifests, known)
    ]


def _workers(manifests: Manifests) -> list[Process]:
    return [one for one in manifests.processes if one.role is Role.WORKER]


def _given(process: Process) -> dict[str, str]:
    """The settings of the platform that a manifest writes out; what comes from elsewhere is not known here."""
    given = {name: process.environment.get(variable(Settings, name)) for name in Settings.model_fields}
    return {name: value for name, value in given.items() if value and "$" not in value}


def _wrong(process: Process) -> dict[str, str]:
    """What is wrong with each setting that no process could start with."""
    defaults = {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}
    try:
        Settings.model_validate({**defaults, **_given(process)})
    except ValidationError as error:
        return {str(each["loc"][0]): each["msg"] for each in error.errors()}
    return {}


def _settings(process: Process) -> Settings:
    """The settings that a process would start with, as far as the manifest tells and they can be read."""
    defaults = {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}
    wrong = _wrong(process)
    good = {name: value for name, value in _given(process).items() if name not in wrong}
    return Settings.model_validate({**defaults, **good})


def _queue_without_consumer(manifests: Manifests, known: Catalogue) -> Iterator[str]:
    served = {one.service for one in _workers(manifests) if one.runs}
    for queue in known.queues:
        if queue not in served and queue != MAINTENANCE:
            yield f"Nothing consumes the queue {queue}: its jobs would wait for ever. Add a worker of {queue}."


def _maintenance_missing(manifests: Manifests, _known: Catalogue) -> Iterator[str]:
    if not any(one.service == MAINTENANCE and one.runs for one in _workers(manifests)):
        yield "There is no maintenance worker: expired documents would stay, and nobody would watch the disk."


def _gateway_missing(manifests: Manifests, _known: Catalogue) -> Iterator[str]:
    if not any(one.role is Role.GATEWAY and one.runs for one in manifests.processes):
        yield "There is no gateway: nothing would take documents, and nothing would create scheduled jobs."


def _migration_missing(manifests: Manifests, _known: Catalogue) -> Iterator[str]:
    if not any(one.role is Role.MIGRATION for one in manifests.processes):
        yield "Nothing brings the database up to date before the rest starts: run `python -m shared.migrations`."


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


def _time_limit_disagrees(manifests: Manifests, known: Catalogue) -> Iterator[str]:
    for one in _workers(manifests):
        if (service := known.services.get(one.service or "")) is None:
            continue
        longest_s = longest_job_s(service)
        if one.deadline_s is not None and one.deadline_s < longest_s:
            yield f"{one.name} is ended after {one.deadline_s:g} s, but a job of it may take {longest_s} s."
        if one.scaler and one.scaler.scale_down_after_s < longest_window_s(service):
            yield (
                f"{one.name} is scaled down {one.scaler.scale_down_after_s:g} s after the last job was taken, but that "
                f"job may take {longest_s} s: it would be handed back and begun again. "
                f"Wait {longest_window_s(service)} s."
            )


def _network_disagrees(manifests: Manifests, known: Catalogue) -> Iterator[str]:
    for one in manifests.processes:
        service = known.services.get(one.service or "")
        if one.role is Role.WORKER and service is None:
            continue
        reasons = outward(one.service or one.role, service)
        if reasons and not one.egress:
            yield f"{one.name} reaches no server outside, which it must for: {', '.join(reasons)}."
        if one.egress and not reasons:
            yield f"{one.name} reaches servers outside, which nothing that it does needs."


def _grace_period_too_short(manifests: Manifests, _known: Catalogue) -> Iterator[str]:
    for one in manifests.processes:
        chosen = _settings(one)
        least_s = chosen.worker_stop_s if one.role is Role.WORKER else chosen.gateway_stop_s
        if one.grace_s < least_s:
            yield f"{one.name} is killed after {one.grace_s:g} s; it needs {least_s:g} s to hand back what it does."


def _scaler_is_blind(manifests: Manifests, _known: Catalogue) -> Iterator[str]:
    for name in manifests.idle_scalers:
        yield f"A scaler names {name}, which is not there."
    for one in _workers(manifests):
        if one.scaler is None:
            continue
        asked = [query for query in one.scaler.queries if f"queue = '{one.service}'" in query]
        if not any("count(" in query for query in asked):
            yield f"The scaler of {one.name} does not count the ready jobs of {one.service}."
        if not any("min(run_at)" in query for query in asked):
            yield f"The scaler of {one.name} does not see how long the oldest job of {one.service} has waited."


def _secret_in_the_open(manifests: Manifests, _known: Catalogue) -> Iterator[str]:
    for one in manifests.processes:
        for name in SECRET_SETTINGS:
            value = one.environment.get(name, "")
            if "$" not in value and ((name == "BINDERY_SECRET_KEY" and value) or "@" in value):
                yield f"{one.name} has the secret {name} written out: name it by reference."


def _open_door(manifests: Manifests, _known: Catalogue) -> Iterator[str]:
    for one in manifests.processes:
        if one.role is Role.GATEWAY and one.published and _settings(one).allow_open_bind:
            yield (
                f"{one.name} asks nobody for a key, and others than this host reach it: take BINDERY_ALLOW_OPEN_BIND "
                "away, and make a key with `python -m gateway.make_key`."
            )


def _unknown_setting(manifests: Manifests, _known: Catalogue) -> Iterator[str]:
    named = {variable(group, name) for group in declared() for name in group.model_fields} | {"BINDERY_SERVICE"}
    for one in manifests.processes:
        for name in sorted(one.environment):
            if name.startswith("BINDERY_") and name not in named:
                yield f"{one.name} sets {name}, which no process reads: `bindery settings` lists the names."


def _wrong_setting(manifests: Manifests, _known: Catalogue) -> Iterator[str]:
    for one in manifests.processes:
        for name, reason in _wrong(one).items():
            yield f"{one.name} would not start, {variable(Settings, name)} is wrong: {reason}."


_RULES: tuple[Callable[[Manifests, Catalogue], Iterator[str]], ...] = (
    _queue_without_consumer,
    _maintenance_missing,
    _gateway_missing,
    _migration_missing,
    _queue_that_nobody_fills,
    _two_services_on_one_queue,
    _memory_limit_too_small,
    _time_limit_disagrees,
    _network_disagrees,
    _grace_period_too_short,
    _scaler_is_blind,
    _secret_in_the_open,
    _open_door,
    _unknown_setting,
    _wrong_setting,
)
