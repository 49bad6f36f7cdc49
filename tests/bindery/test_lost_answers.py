"""The client through a proxy that drops answers: what was submitted counts once, and what was asked is answered."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest

from bindery import Client, Job, Unreachable
from tests.running_platform import RunningPlatform

_PIECE_BYTES = 1 << 16


class _Dropping:
    """A proxy before the gateway that lets requests through and drops the first answers, whole or after their head."""

    def __init__(self, url: str, *, drops: int, after_bytes: int) -> None:
        parts = urlsplit(url)
        self._gateway = (parts.hostname or "", parts.port or 80)
        self.drops, self._after_bytes = drops, after_bytes
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._gateway) as gateway, suppress(OSError):
            threading.Thread(target=_pump, args=(client, gateway), daemon=True).start()
            while answer := gateway.recv(_PIECE_BYTES):
                if self.drops:
                    self.drops -= 1
                    client.sendall(answer[: self._after_bytes])
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(answer)

    def close(self) -> None:
        self._listener.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_PIECE_BYTES):
            target.sendall(data)


@pytest.fixture
def dropping(platform: RunningPlatform) -> Iterator[Callable[..., _Dropping]]:
    started: list[_Dropping] = []

    def start(*, drops: int, after_bytes: int) -> _Dropping:
        started.append(_Dropping(platform.url, drops=drops, after_bytes=after_bytes))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.mark.parametrize("after_bytes", [0, 40], ids=["whole", "after-its-head"])
def test_a_submission_whose_answer_is_lost_makes_one_job(
    platform: RunningPlatform, dropping: Callable[..., _Dropping], after_bytes: int
) -> None:
    before = {job["id"] for job in _jobs(platform)}
    proxy = dropping(drops=2, after_bytes=after_bytes)
    with Client(proxy.url) as client:
        job = client.submit("read-outline", ("a.pdf", b"%PDF-1.7\n" + bytes(str(after_bytes), "ascii")), fresh=True)
        assert isinstance(job, Job)
        assert client.wait(job).ended
    assert proxy.drops == 0
    assert {job["id"] for job in _jobs(platform)} - before == {job.id}


def _jobs(platform: RunningPlatform) -> list[dict[str, str]]:
    found = httpx.get(f"{platform.url}/v1/jobs", params={"operation": "read-outline", "limit": 200})
    jobs: list[dict[str, str]] = found.raise_for_status().json()["jobs"]
    return jobs


def test_without_patience_the_first_lost_answer_is_told(dropping: Callable[..., _Dropping]) -> None:
    proxy = dropping(drops=1, after_bytes=0)
    with Client(proxy.url, patience_s=0) as client, pytest.raises(Unreachable):
        client.get("/v1/operations")
    assert proxy.drops == 0
