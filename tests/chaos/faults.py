"""Faults, each a function that begins one, yields for as long as it lasts, and ends it; and the storm of all of them.

A storm is drawn from a seed: the faults, their order and their pauses. Which job each one meets, and what is still
broken when the next one is due, depends on the machine: a seed repeats a storm, not always its outcome.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import get_args

import psutil
import redis

from shared.fault_points import FaultPoint
from tests.chaos.parts import Part
from tests.chaos.stage import LEASE_S, Stage

#: A fault in progress; each yield says for how many seconds nothing more has to be done.
Course = Iterator[float]
Fault = Callable[[Stage, random.Random], Course]

#: Each fault, and what it breaks: of faults on one thing there is only one at a time.
FAULTS: dict[Fault, str] = {}
_LOOK_S = 0.1

_POINTS_OF_GATEWAY = ("after_store_before_commit", "after_commit_before_ring")
_POINTS_OF_WORKERS = tuple(name for name in get_args(FaultPoint) if name not in _POINTS_OF_GATEWAY)


def _breaks(subject: str) -> Callable[[Fault], Fault]:
    def note(fault: Fault) -> Fault:
        FAULTS[fault] = subject
        return fault

    return note


def _a_worker(stage: Stage, chance: random.Random) -> Part:
    return chance.choice(stage.workers)


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.kill()


# -- workers -------------------------------------------------------------------------------------------------------


@_breaks("worker")
def worker_killed(stage: Stage, chance: random.Random) -> Course:
    """As the kernel does when memory runs out."""
    _a_worker(stage, chance).send(signal.SIGKILL)
    yield 0


@_breaks("worker")
def worker_told_to_stop(stage: Stage, chance: random.Random) -> Course:
    """As a deploy does."""
    _a_worker(stage, chance).send(signal.SIGTERM)
    yield 0


@_breaks("worker")
def sandbox_host_killed(stage: Stage, chance: random.Random) -> Course:
    """The process that engines are forked from dies."""
    for host in _a_worker(stage, chance).hosts():
        _kill(host)
    yield 0


@_breaks("engine")
def engine_killed(stage: Stage, chance: random.Random) -> Course:
    """The child that works on a document dies."""
    if engines := _a_worker(stage, chance).engines():
        _kill(chance.choice(engines))
    yield 0


@_breaks("frozen worker")
def worker_frozen(stage: Stage, chance: random.Random) -> Course:
    """It stands still for longer than its lease, then goes on as if nothing had happened."""
    busy = [worker for worker in stage.workers if worker.engines()]
    process = chance.choice(busy or stage.workers).process
    assert process
    process.send_signal(signal.SIGSTOP)
    try:
        yield LEASE_S + chance.uniform(1, 3)
    finally:
        process.send_signal(signal.SIGCONT)


@_breaks("worker")
def worker_dies_at_a_fault_point(stage: Stage, chance: random.Random) -> Course:
    """Its successor dies in a gap between two durable steps."""
    stage.rearm(_a_worker(stage, chance), chance.choice(_POINTS_OF_WORKERS))
    yield 4


# -- Redis ---------------------------------------------------------------------------------------------------------


@_breaks("redis")
def redis_frozen(stage: Stage, _chance: random.Random) -> Course:
    """For longer than the time-out at which redis-py would send a command again."""
    process = stage.servers.redis_process
    process.send_signal(signal.SIGSTOP)
    try:
        yield 7
    finally:
        process.send_signal(signal.SIGCONT)


@_breaks("redis")
def redis_flushed(stage: Stage, _chance: random.Random) -> Course:
    """All bells are gone."""
    with suppress(redis.RedisError):
        stage.servers.redis_client.flushall()
    yield 0


@_breaks("redis")
def redis_stopped(stage: Stage, chance: random.Random) -> Course:
    """It is away for a while, and comes back empty."""
    stage.servers.stop_redis()
    try:
        yield chance.uniform(1, 4)
    finally:
        stage.servers.start_redis()


@_breaks("redis")
def redis_connections_cut(stage: Stage, _chance: random.Random) -> Course:
    """Every client has to connect again."""
    with suppress(redis.RedisError):
        stage.servers.redis_client.execute_command("CLIENT", "KILL", "TYPE", "normal")
    yield 0


# -- Postgres ------------------------------------------------------------------------------------------------------


def _postgres_stopped_by(stage: Stage, number: signal.Signals) -> Course:
    stage.servers.postgres_process.send_signal(number)
    try:
        while stage.servers.postgres_process.poll() is None:
            yield _LOOK_S
    finally:
        stage.servers.start_postgres()
    while not stage.servers.postgres_answers():
        yield _LOOK_S


@_breaks("postgres")
def postgres_restarted(stage: Stage, _chance: random.Random) -> Course:
    """In order: running transactions are rolled back."""
    yield from _postgres_stopped_by(stage, signal.SIGINT)


@_breaks("postgres")
def postgres_crashed(stage: Stage, _chance: random.Random) -> Course:
    """At once: it recovers from its journal."""
    yield from _postgres_stopped_by(stage, signal.SIGQUIT)


@_breaks("postgres")
def postgres_connections_cut(stage: Stage, _chance: random.Random) -> Course:
    """Every connection of the platform ends, some of them in the middle of a commit."""
    stage.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'bindery%%'")
    yield 0


# -- gateway -------------------------------------------------------------------------------------------------------


@_breaks("gateway")
def gateway_killed(stage: Stage, _chance: random.Random) -> Course:
    """The whole gateway."""
    assert stage.gateway
    stage.gateway.send(signal.SIGKILL)
    yield 3


@_breaks("gateway")
def gateway_process_killed(stage: Stage, chance: random.Random) -> Course:
    """One of the processes that serve."""
    assert stage.gateway
    if serving := stage.gateway.children():
        _kill(chance.choice(serving))
    yield 2


@_breaks("gateway")
def gateway_dies_at_a_fault_point(stage: Stage, chance: random.Random) -> Course:
    """For a while every submission kills its process, before the commit or before the bell."""
    assert stage.gateway
    stage.rearm(stage.gateway, chance.choice(_POINTS_OF_GATEWAY))
    yield 5
    stage.gateway.send(signal.SIGKILL)
    yield 2


@dataclass(frozen=True)
class Progress:
    """How much has been done so far: what shows that a thing works again before it is broken once more."""

    accepted: int
    claimed: int

    def has_worked(self, subject: str, since: Progress) -> bool:
        """Whether a thing has done something worth breaking since then."""
        accepted = self.accepted - since.accepted >= _ACCEPTED_BETWEEN
        claimed = self.claimed - since.claimed >= _CLAIMED_BETWEEN
        return {"gateway": accepted, "postgres": accepted and claimed, "redis": True}.get(subject, claimed)


#: Submissions between two faults of the gateway, and claims between two of the workers: a machine that is slow to
#: start processes would otherwise see nothing but starts.
_ACCEPTED_BETWEEN, _CLAIMED_BETWEEN = 6, 4


class Storm:
    """Begins one fault after the other, each kind about as often as any other, and carries all to their end."""

    def __init__(
        self, stage: Stage, seed: int, between_s: tuple[float, float], progress: Callable[[], Progress]
    ) -> None:
        self._stage = stage
        self._chance = random.Random(f"{seed}-faults")
        self._between_s = between_s
        self._progress = progress
        self._deck: list[Fault] = []
        self._next_s = self._began_s = time.monotonic()
        self._going_on: list[tuple[float, str, Course]] = []
        #: The progress when the latest fault of each thing was over.
        self._then: dict[str, Progress] = {}
        #: When each fault began, in seconds since the storm did.
        self.log: list[str] = []
        self.counts: Counter[str] = Counter()

    def step(self) -> None:
        """Begin a fault if it is time, and go on with those whose time has come."""
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + self._chance.uniform(*self._between_s)
            self._begin(now_s)
        self._go_on(now_s)

    def _begin(self, now_s: float) -> None:
        self._deck = self._deck or self._chance.sample(list(FAULTS), len(FAULTS))
        progress = self._progress()
        fault = next((fault for fault in self._deck if self._may_break(FAULTS[fault], progress)), None)
        if fault is None:
            return
        self._deck.remove(fault)
        self.log.append(f"{now_s - self._began_s:6.1f} s  {fault.__name__}")
        self.counts[fault.__name__] += 1
        # Chances of its own: how many it takes depends on what it finds, and must not shift the faults after it.
        chance = random.Random(self._chance.random())
        self._going_on.append((now_s, FAULTS[fault], fault(self._stage, chance)))

    def _may_break(self, subject: str, progress: Progress) -> bool:
        is_broken = any(subject == broken for _, broken, _ in self._going_on)
        return not is_broken and progress.has_worked(subject, self._then.get(subject, Progress(0, 0)))

    def _go_on(self, now_s: float) -> None:
        for entry in [entry for entry in self._going_on if entry[0] <= now_s]:
            self._going_on.remove(entry)
            _, subject, course = entry
            try:
                self._going_on.append((now_s + next(course), subject, course))
            except StopIteration:
                self._then[subject] = self._progress()

    def calm(self) -> None:
        """Begin nothing more; return when every fault has ended."""
        while self._going_on:
            self._go_on(time.monotonic())
            self._stage.look_after()
            time.sleep(0.05)
