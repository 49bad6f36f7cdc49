"""Server-sent events: what a watcher is told, and what one who comes back is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import redis

from shared import database
from shared.broker import CHANGES_CHANNEL
from shared.errors import FileProcessingError
from shared.storage import Storage
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway


@dataclass(frozen=True)
class Event:
    """One event as a browser would see it."""

    name: str
    id: str
    data: dict[str, Any]


def events_of(answer: httpx.Response) -> Iterator[Event]:
    """The events of a stream, comments left out."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
        elif "data" in fields:
            yield Event(fields["event"], fields["id"], json.loads(fields["data"]))
            fields = {}


def listen(client: httpx.Client, address: str, last_event_id: str | None = None) -> list[Event]:
    """Listen until the stream ends."""
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    with client.stream("GET", address, headers=headers) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        return list(events_of(answer))


def submitted(client: httpx.Client) -> str:
    """The address of the events of a new job."""
    return client.post("/v1/compress", files=files(PDF)).json()["links"]["events"]


def test_a_watcher_sees_each_change_as_it_happens_and_the_stream_ends_with_the_job(
    client: httpx.Client, worker: PlayedWorker
):
    address = submitted(client)
    told: list[tuple[str, Any]] = []

    with client.stream("GET", address) as answer:
        for event in events_of(answer):
            told.append((event.name, event.data.get("status") or event.data["percent"]))
            # Each step of the worker waits until the one before was told.
            if told[-1] == ("status", "pending"):
                claim = worker.claim()
            elif told[-1] == ("status", "processing"):
                worker.report(claim, 1, 4, "Page 1")
            elif told[-1] == ("progress", 25):
                worker.report(claim, 3, 4, "Page 3")
            elif told[-1] == ("progress", 75):
                worker.complete(claim, ("a.pdf", b"%PDF-a"))

    assert told == [
        ("status", "pending"),
        ("status", "processing"),
        ("progress", 25),
        ("progress", 75),
        ("status", "completed"),
    ]


def test_who_comes_back_is_told_what_was_missed_and_nothing_twice(client: httpx.Client, worker: PlayedWorker):
    address = submitted(client)
    with client.stream("GET", address) as answer:
        first = next(events_of(answer))
    worker.complete(worker.claim(), ("a.pdf", b"%PDF-a"))

    missed = listen(client, address, first.id)

    assert [event.data["status"] for event in missed] == ["processing", "completed"]
    assert [event.data["status"] for event in listen(client, address, missed[0].id)] == ["completed"]


def test_progress_that_was_told_is_not_told_again(client: httpx.Client, worker: PlayedWorker):
    address = submitted(client)
    claim = worker.claim()
    worker.report(claim, 1, 2)
    with client.stream("GET", address) as answer:
        stream = events_of(answer)
        seen = [next(stream) for _ in range(3)]
    worker.complete(claim, ("a.pdf", b"%PDF-a"))

    missed = listen(client, address, seen[-1].id)

    assert [event.name for event in seen] == ["status", "status", "progress"]
    assert [(event.name, event.data.get("status")) for event in missed] == [("status", "completed")]


def test_a_browser_that_has_heard_the_end_is_told_to_stop_coming_back(client: httpx.Client, worker: PlayedWorker):
    address = submitted(client)
    worker.complete(worker.claim(), ("a.pdf", b"%PDF-a"))
    last = listen(client, address)[-1]

    answer = client.get(address, headers={"Last-Event-ID": last.id})

    assert answer.status_code == 204


def test_a_failure_is_told_with_its_reason(client: httpx.Client, worker: PlayedWorker):
    address = submitted(client)
    worker.fail(worker.claim(), FileProcessingError("Page 7 is missing."))

    last = listen(client, address)[-1]

    assert last.data["status"] == "failed"
    assert last.data["details"]["message"] == "Page 7 is missing."


def test_the_stream_of_an_erased_job_ends(client: httpx.Client):
    address = submitted(client)
    with client.stream("GET", address) as answer:
        stream = events_of(answer)
        next(stream)
        client.delete(address.removesuffix("/events"))
        assert list(stream) == []


def test_a_watcher_of_a_batch_sees_each_job_and_the_whole(client: httpx.Client, worker: PlayedWorker):
    batch = client.post("/v1/compress", files=files(PDF, PDF)).json()
    ids = [job["id"] for job in batch["jobs"]]
    statuses: list[tuple[str, str]] = []
    percents: list[int] = []

    with client.stream("GET", batch["links"]["events"]) as answer:
        for event in events_of(answer):
            if event.name == "status":
                statuses.append((event.data["job_id"], event.data["status"]))
                if len(statuses) == 2:
                    worker.complete(worker.claim(), ("a.pdf", b"%PDF-a"))
                elif event.data["status"] == "completed":
                    worker.fail(worker.claim(), FileProcessingError("No."))
            elif event.name == "batch":
                percents.append(event.data["progress"]["percent"])
                counts = event.data["counts"]

    assert statuses[:2] == [(ids[0], "pending"), (ids[1], "pending")]
    assert (ids[0], "completed") in statuses
    assert statuses[-1] == (ids[1], "failed")
    assert percents == sorted(percents)
    assert (percents[0], percents[-1]) == (0, 100)
    assert (counts["completed"], counts["failed"]) == (1, 1)


def test_without_redis_a_watcher_is_told_all_the_same(gateway_with: Callable[..., RunningGateway]):
    gateway = gateway_with(redis_url="unix:///nowhere/redis.sock")
    with httpx.Client(base_url=gateway.url, timeout=30) as client:
        address = submitted(client)
        with PlayedWorker(Storage(gateway.storage.as_uri())) as worker:

            def work() -> None:
                worker.complete(worker.claim(), ("a.pdf", b"%PDF-a"))
                database.disconnect()

            thread = threading.Timer(0.5, work)
            thread.start()
            told = listen(client, address)
            thread.join()

    assert told[-1].data["status"] == "completed"


def test_a_process_subscribes_once_however_many_watch(client: httpx.Client, redis_url: str, worker: PlayedWorker):
    hints = redis.Redis.from_url(redis_url)

    def subscriptions() -> int:
        return hints.pubsub_numsub(CHANGES_CHANNEL)[0][1]

    before = subscriptions()
    address = submitted(client)
    threads = [threading.Thread(target=listen, args=(client, address)) for _ in range(20)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)

    assert subscriptions() == before == 1
    worker.complete(worker.claim(), ("a.pdf", b"%PDF-a"))
    for thread in threads:
        thread.join()
