"""Hints over Redis reach those who wait for the job, and only those."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import redis

from cli.embedded_redis import EmbeddedRedis
from gateway.changes import Changes, Watch
from shared.broker import CHANGES_CHANNEL, Bell

_WITHOUT_HINTS_S = 1


async def woken(watch: Watch) -> bool:
    """Whether a hint comes; on a busy machine it may take longer than one look."""
    for _ in range(4):
        if await watch.wait(60):
            return True
    return False


def listening(url: str, test: Callable[[Changes], Awaitable[None]]) -> None:
    """Run a test beside a subscription that is up."""

    async def run() -> None:
        changes = Changes(url)
        changes.start()
        client = redis.Redis.from_url(url)
        while not client.pubsub_numsub(CHANGES_CHANNEL)[0][1] or changes.look_every_s == _WITHOUT_HINTS_S:
            await asyncio.sleep(0.02)
        client.close()
        await test(changes)
        await changes.stop()

    asyncio.run(run())


def test_who_waits_for_a_job_is_woken_by_its_change(redis_url: str):
    job_id = uuid.uuid4()

    async def test(changes: Changes) -> None:
        with changes.of([uuid.uuid4(), job_id]) as watch:
            assert Bell(redis_url).say_changed(job_id)
            assert await woken(watch)

    listening(redis_url, test)


def test_a_change_between_the_look_at_the_row_and_the_wait_is_not_lost(redis_url: str):
    job_id = uuid.uuid4()

    async def test(changes: Changes) -> None:
        with changes.of([job_id]) as watch:
            assert Bell(redis_url).say_changed(job_id)
            # The look at the row, in the meantime.
            await asyncio.sleep(0.5)
            assert await woken(watch)

    listening(redis_url, test)


def test_who_waits_for_one_job_is_not_woken_by_another(redis_url: str):
    async def test(changes: Changes) -> None:
        with changes.of([uuid.uuid4()]) as watch:
            assert Bell(redis_url).say_changed(uuid.uuid4())
            assert not await watch.wait(1)

    listening(redis_url, test)


def test_nobody_is_remembered_who_no_longer_waits(redis_url: str):
    async def test(changes: Changes) -> None:
        with changes.of([uuid.uuid4()]):
            pass
        assert not changes._waiting

    listening(redis_url, test)


@pytest.mark.parametrize("message", ["", "not an id", "\xff\xfe", "x" * 10_000])
def test_a_strange_message_does_not_end_the_subscription(redis_url: str, message: str):
    job_id = uuid.uuid4()

    async def test(changes: Changes) -> None:
        with changes.of([job_id]) as watch:
            redis.Redis.from_url(redis_url).publish(CHANGES_CHANNEL, message.encode("latin-1"))
            assert Bell(redis_url).say_changed(job_id)
            assert await woken(watch)

    listening(redis_url, test)


def test_after_a_restart_of_redis_hints_come_again(tmp_path: Path):
    job_id = uuid.uuid4()
    with EmbeddedRedis(tmp_path / "redis") as server:

        async def test(changes: Changes) -> None:
            with changes.of([job_id]) as watch:
                await asyncio.to_thread(server.stop)
                while changes.look_every_s > _WITHOUT_HINTS_S:
                    await asyncio.sleep(0.05)
                server.start()
                # The subscription comes back by itself: go on saying it until it is heard.
                while not await watch.wait(1):
                    Bell(server.url).say_changed(job_id)

        listening(server.url, test)
