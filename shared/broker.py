"""The bell: a Dramatiq message per queue that wakes a worker and carries no truth.

Everything here may be lost, doubled or late without harm: the row in Postgres is the job. What stock Dramatiq
does badly when Redis stalls, and what follows from that, stands in docs/decisions/0003-the-bell.md.
"""

from __future__ import annotations

import os
import time
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

# Prefetch 1 per slot is set on the worker; the idle period is read at import. It bounds one BLPOP, no latency.
os.environ.setdefault("dramatiq_worker_timeout", "1000")

import dramatiq
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.errors import ConnectionClosed
from dramatiq.message import Message
from dramatiq.middleware import AgeLimit

from shared import counts, metrics, settings

NAMESPACE = "bindery"
ACTOR = "work"

#: A bell older than this wakes nobody: its job was found by polling long ago.
_MAX_AGE_MS = 600_000
#: In a million commands, how many also look for dead workers' messages. Bells of the dead are not missed.
_MAINTENANCE_CHANCE = 50_000
#: The gateway never waits longer for Redis than this.
_FAIL_FAST_S = 0.5
#: Wake-ups kept for workers that are busy at the moment.
_WAKE_LIST_LENGTH = 64
#: Channel on which workers say that a job has changed; the message is the job's id. A hint, like the bell.
CHANGES_CHANNEL = f"{NAMESPACE}:changes"


def fail_fast_client(url: str) -> redis.Redis:
    """A client for those who must not wait: the gateway, the keeper. Short time-outs, no second try."""
    return redis.Redis.from_url(
        url,
        socket_timeout=_FAIL_FAST_S,
        socket_connect_timeout=_FAIL_FAST_S,
        retry=Retry(NoBackoff(), 0),
    )


def waiting_client(url: str) -> redis.Redis:
    """A client for consumers: no time-out and no second try.

    With redis-py's defaults a stalled Redis makes the client send `fetch` twice; the first one's messages then
    belong to a worker that never heard of them.
    """
    tcp_only = {} if url.startswith("unix:") else {"socket_keepalive": True}
    return redis.Redis.from_url(
        url, socket_timeout=None, socket_connect_timeout=5, retry=Retry(NoBackoff(), 0), **tcp_only
    )


#: The only policy under which Redis never drops a bell's half: it says so instead when it is full.
NO_EVICTION = "noeviction"


def eviction_policy(client: redis.Redis) -> str:
    """What Redis does when it is full. Raises redis.RedisError; where CONFIG is forbidden, the policy is unknown."""
    try:
        found = client.config_get("maxmemory-policy")
    except redis.ResponseError:
        return "unknown"
    return str(found.get("maxmemory-policy", "unknown"))


def wrong_eviction_policy(url: str) -> str | None:
    """The policy of a Redis that throws bells away when it is full; None for a sound one, or when it is silent."""
    client = fail_fast_client(url)
    try:
        policy = eviction_policy(client)
    except (redis.RedisError, OSError):
        return None
    finally:
        client.close()
    return None if policy in (NO_EVICTION, "unknown") else policy


class _WaitingConsumer(_RedisConsumer):
    """Waits for a wake-up with BLPOP instead of sleeping between looks: idle pickup in milliseconds."""

    def __next__(self) -> Any:
        # Without room for more, or with messages in hand, the stock consumer does the right thing.
        if self.message_cache or self.outstanding_message_count >= self.prefetch:
            return super().__next__()
        try:
            self.message_cache = self.broker.do_fetch(self.queue_name, self.prefetch - self.outstanding_message_count)
            if not self.message_cache:
                self.broker.client.blpop([_wake_list(self.queue_name)], timeout=self.timeout / 1000)
                return None
        except redis.ConnectionError as error:
            raise ConnectionClosed(error) from None
        return super().__next__()


def _wake_list(queue: str) -> str:
    return f"{NAMESPACE}:wake:{queue}"


class BellBroker(RedisBroker):
    """A Redis broker without delays, retries, results and dead letters."""

    @property
    def consumer_class(self) -> type[_WaitingConsumer]:
        """The consumer of every queue."""
        return _WaitingConsumer

    def declare_queue(self, queue_name: str) -> None:
        """Declare a queue, but no delay queue beside it: a bell is never delayed."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.emit_after("declare_queue", queue_name)

    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        """Queue a bell and wake one waiting consumer."""
        if delay is not None:
            raise ValueError("a bell cannot be delayed")
        queued = super().enqueue(message)
        wake = _wake_list(message.queue_name)
        with self.client.pipeline(transaction=False) as pipeline:
            pipeline.rpush(wake, 1)
            pipeline.ltrim(wake, -_WAKE_LIST_LENGTH, -1)
            pipeline.expire(wake, 60)
            pipeline.execute()
        return queued


def make_broker(client: redis.Redis) -> BellBroker:
    """A broker with the only middleware that a bell needs."""
    return BellBroker(
        client=client,
        namespace=NAMESPACE,
        maintenance_chance=_MAINTENANCE_CHANCE,
        middleware=[AgeLimit(max_age=_MAX_AGE_MS)],
    )


def actor(broker: BellBroker, queue: str, work: Any) -> dramatiq.Actor[Any, Any]:
    """Declare `work(message)` as what the bell of a queue wakes. It must not raise."""
    bound: dramatiq.Actor[Any, Any] = dramatiq.actor(actor_name=ACTOR, queue_name=queue, broker=broker)(work)
    return bound


class Bell:
    """Rings, and says that jobs have changed; never raises and never waits long. One per process."""

    def __init__(self, url: str | None = None) -> None:
        self._client = fail_fast_client(url or settings.current().redis_url.get_secret_value())
        self._broker = make_broker(self._client)
        #: Until when Redis is left alone after it failed: otherwise every request would wait for its time-out.
        self._resting_until_s = 0.0

    def ring(self, queue: str, message_id: str) -> bool:
        """Wake one worker of `queue`. Returns whether Redis took it; if not, workers find the job by polling."""
        message: Message[Any] = Message(
            queue_name=queue, actor_name=ACTOR, args=(), kwargs={}, options={}, message_id=message_id
        )
        return self._try(lambda: self._broker.enqueue(message))

    def say_changed(self, job_id: object) -> bool:
        """Tell whoever watches the job that its row has changed."""
        return self._try(lambda: self._client.publish(CHANGES_CHANNEL, str(job_id)))

    def length(self, queue: str) -> int | None:
        """Bells that wait in a queue, or None when Redis does not answer."""
        found: list[int] = []
        self._try(lambda: found.append(int(self._client.llen(f"{NAMESPACE}:{queue}"))))
        return found[0] if found else None

    def _try(self, call: Any) -> bool:
        if time.monotonic() < self._resting_until_s:
            counts.add(metrics.REDIS_FAILURES)
            return False
        try:
            call()
        except (redis.RedisError, OSError):
            self._resting_until_s = time.monotonic() + 2 * _FAIL_FAST_S
            counts.add(metrics.REDIS_FAILURES)
            return False
        return True
