"""How much a key may submit: jobs in a minute, counted in Redis; bytes on a day, counted where the jobs are created."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import RedisError

from shared import owners, settings
from shared.api_keys import ApiKey
from shared.broker import NAMESPACE, fail_fast_client
from shared.callers import LOCAL
from shared.errors import RateLimited, TooManyFiles
from shared.logs import get_logger

log = get_logger()

#: Until Redis that failed is asked again: otherwise every submission would wait for its time-out.
_REST_S = 1.0


class TooManyJobs(RateLimited):
    """This key has submitted as many jobs in the last minute as it may."""

    code = "too_many_jobs"


class QuotaExceeded(RateLimited):
    """The documents of this day are more bytes than the quota of this key."""

    code = "quota_exceeded"
    remedy = "Wait for the seconds that Retry-After names: days end at midnight UTC. Or ask the operator for more."


class Quotas:
    """One per process. `in_thread` runs what blocks.

    Without Redis nobody is held up by the jobs of a minute: a service that refuses everything is worse than one that
    is generous for a while, and the bytes of a day and the running jobs still hold.
    """

    def __init__(self, redis_url: str, in_thread: Callable[..., Awaitable[None]]) -> None:
        self._in_thread = in_thread
        pool = fail_fast_client(redis_url).connection_pool
        storage = RedisStorage("redis://", connection_pool=pool, key_prefix=f"{NAMESPACE}:limits")
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._resting_until_s = 0.0

    async def check(self, key: ApiKey | None) -> None:
        """Before a document is read. Raises TooManyJobs or QuotaExceeded when not one more fits."""
        if _jobs_per_minute(key):
            await self._in_thread(self._take, key, 0)
        if bytes_per_day(key):
            await self._in_thread(_check_bytes, key)

    async def take(self, key: ApiKey | None, jobs: int) -> None:
        """Count jobs that are about to be created.

        Raises:
            TooManyJobs: they are more than are left in this minute; none of them was counted.
            TooManyFiles: they are more than any minute allows.
        """
        if most := _jobs_per_minute(key):
            if jobs > most:
                raise TooManyFiles(f"These are {jobs} jobs; this key may submit {most} in a minute.")
            await self._in_thread(self._take, key, jobs)

    def _take(self, key: ApiKey | None, jobs: int) -> None:
        most = _jobs_per_minute(key)
        if time.monotonic() < self._resting_until_s:
            return
        item, who = RateLimitItemPerMinute(most), key.id if key else LOCAL
        try:
            ask = self._limiter.hit if jobs else self._limiter.test
            if ask(item, who, cost=jobs or 1):
                return
            frees_at = self._limiter.get_window_stats(item, who).reset_time
        except (RedisError, OSError) as error:
            self._resting_until_s = time.monotonic() + _REST_S
            log.warning("quotas.redis_unavailable", error=str(error))
            return
        wait_s = max(1, round(frees_at - time.time()))
        raise TooManyJobs(
            f"This key may submit {most} jobs in a minute.",
            remedy="Wait for the seconds that Retry-After names, or submit fewer documents at once.",
            retry_after_s=wait_s,
        )


def _check_bytes(key: ApiKey | None) -> None:
    most = bytes_per_day(key)
    if owners.uploaded_today_bytes(key.owner if key else LOCAL) >= most:
        raise exceeded(most)


def exceeded(most_bytes: int) -> QuotaExceeded:
    """The error of who uploads more than `most_bytes` on a day."""
    return QuotaExceeded(f"This key may upload {most_bytes:,} bytes on a day.", retry_after_s=owners.day_ends_in_s())


def bytes_per_day(key: ApiKey | None) -> int:
    """Most bytes of a day; 0: no limit."""
    own = key.limits.bytes_per_day if key else None
    return settings.current().bytes_per_day if own is None else own


def _jobs_per_minute(key: ApiKey | None) -> int:
    own = key.limits.jobs_per_minute if key else None
    return settings.current().jobs_per_minute if own is None else own
