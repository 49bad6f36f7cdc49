"""Starting the gateway, and what it costs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from shared.settings import Settings
from tests.gateway.documents import PDF
from tests.gateway.running_gateway import RunningGateway

_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("bind", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "127.1.2.3:80", "unix:/run/b.sock"])
def test_where_only_this_machine_reaches_keys_are_needed_only_if_that_is_wanted(bind: str):
    assert not Settings(bind=bind).keys_needed
    assert Settings(bind=bind, require_keys=True).keys_needed


@pytest.mark.parametrize("bind", ["0.0.0.0:8000", "[::]:8000", ":8000", "192.168.1.5:8000", "example.org:80", "*:80"])
def test_where_others_reach_keys_are_needed_unless_somebody_accepts_that_anybody_comes(bind: str):
    assert Settings(bind=bind).keys_needed
    assert not Settings(bind=bind, allow_open_bind=True).keys_needed
    assert Settings(bind=bind, allow_open_bind=True, require_keys=True).keys_needed


def test_a_gateway_that_refuses_to_start_says_why_in_one_line(tmp_path: Path):
    environment = os.environ | {"BINDERY_SCHEDULES": '{"nothing": ""}', "BINDERY_VAR_DIR": str(tmp_path)}

    ended = subprocess.run(
        [sys.executable, "-m", "gateway.server"], cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=60
    )

    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "BINDERY_SCHEDULES" in ended.stderr


def test_every_answer_carries_the_headers_that_protect(client: httpx.Client):
    for address in ("/", "/v1/jobs", "/nowhere", "/v1/jobs/x"):
        headers = client.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_large_upload_stays_out_of_memory(gateway_with: Callable[..., RunningGateway]):
    gateway = gateway_with(gateway_processes="2")
    size_bytes = 300 * 1024**2
    peak_bytes = dict.fromkeys((process.pid for process in gateway.processes()), 0)
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            for pid in peak_bytes:
                peak_bytes[pid] = max(peak_bytes[pid], psutil.Process(pid).memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    head = b'--a\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + PDF
    tail = b"\r\n--a--\r\n"
    host, port = gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            b"POST /v1/compress HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Type: multipart/form-data; boundary=a\r\n"
            b"Content-Length: %d\r\n\r\n" % (len(head) + size_bytes + len(tail)) + head
        )
        piece = os.urandom(1024**2)
        for _ in range(size_bytes // len(piece)):
            connection.sendall(piece)
        connection.sendall(tail)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    done.set()
    watcher.join()

    assert answer.startswith(b"HTTP/1.1 202"), answer
    assert gateway.stored()[0].stat().st_size == len(PDF) + size_bytes
    assert max(peak_bytes.values()) < 150 * 1024**2, {pid: peak >> 20 for pid, peak in peak_bytes.items()}


def test_a_slow_client_does_not_hold_up_others(client: httpx.Client, gateway: RunningGateway):
    host, port = gateway.url.removeprefix("http://").split(":")
    slow = []
    for _ in range(30):
        connection = socket.create_connection((host, int(port)))
        connection.sendall(
            b"POST /v1/compress HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=a\r\n"
            b"Content-Length: 100000\r\n\r\n--a\r\nContent-Disp"
        )
        slow.append(connection)
    time.sleep(0.3)

    assert client.get("/v1/jobs").status_code == 200

    for connection in slow:
        connection.close()


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_can_change_nothing(client: httpx.Client, site: str):
    answer = client.post("/v1/queues/compression/pause", headers={"Sec-Fetch-Site": site})

    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_page")
    assert not any(queue["paused"] for queue in client.get("/v1/queues").json()["queues"])


def test_a_page_that_calls_this_machine_by_its_own_name_reads_nothing(client: httpx.Client):
    answer = client.get("/v1/jobs", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_host")


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000", "10.0.0.7"])
def test_a_machine_may_be_called_by_its_addresses(client: httpx.Client, host: str):
    assert client.get("/v1/jobs", headers={"Host": host}).status_code == 200


def test_behind_a_proxy_that_asks_for_keys_any_name_goes(gateway_with: Callable[..., RunningGateway]):
    gateway = gateway_with(allow_open_bind="true")

    assert httpx.get(f"{gateway.url}/v1/jobs", headers={"Host": "documents.example"}).status_code == 200
