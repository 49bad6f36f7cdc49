"""Memory of each gateway process while one file of 2 GB is uploaded, which no side ever holds whole."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from benchmarks.platform.figure import Figure
from benchmarks.platform.ours import Ours

_BYTES, _BYTES_QUICK = 2_000_000_000, 200_000_000
_PIECE = b"%PDF-1.7\n" + os.urandom(1_000_000 - 9)
_BOUNDARY = "a-boundary-of-the-upload"
_LOOK_EVERY_S = 0.02
_REACH_MB = 150


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Upload one generated file; it goes with the folder."""
    size = _BYTES_QUICK if quick else _BYTES
    free_bytes = shutil.disk_usage(folder).free
    assert free_bytes > 3 * size, f"{folder} has only {free_bytes:,} bytes left"
    with Ours(folder) as ours:
        address, gateway = ours.start_gateway()
        before_mb = max(_resident_mb(gateway).values())
        ended, peaks = threading.Event(), dict[int, float]()
        watch = threading.Thread(target=_watch, args=(gateway, peaks, ended))
        watch.start()
        try:
            started_s = time.monotonic()
            job = _upload(address, size)
            took_s = time.monotonic() - started_s
        finally:
            ended.set()
            watch.join()
    assert job["inputs"][0]["bytes"] == size, job
    peak_mb = max(peaks.values())
    return [
        Figure(
            f"gateway: memory of its largest process while {size / 1e9:g} GB are uploaded",
            f"{peak_mb:.0f} MB resident ({before_mb:.0f} before); {size / took_s / 1e6:.0f} MB/s",
            reach=f"under {_REACH_MB} MB a process",
            reached=peak_mb < _REACH_MB,
            numbers={"peak_mb": peaks, "before_mb": before_mb, "took_s": took_s},
        )
    ]


def _upload(address: str, size: int) -> dict[str, list[dict[str, int]]]:
    parts = urlsplit(address)
    start = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="large.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    ).encode()
    end = f"\r\n--{_BOUNDARY}--\r\n".encode()
    head = (
        f"POST /v1/probe HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary={_BOUNDARY}\r\n"
        f"Content-Length: {len(start) + size + len(end)}\r\n\r\n"
    )
    with socket.create_connection((str(parts.hostname), parts.port or 80), timeout=120) as connection:
        connection.sendall(head.encode() + start)
        for _ in range(size // len(_PIECE)):
            connection.sendall(_PIECE)
        connection.sendall(end)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    headers, _, body = answer.partition(b"\r\n\r\n")
    assert b" 202 " in headers.split(b"\r\n")[0], answer[:500]
    job: dict[str, list[dict[str, int]]] = json.loads(body)
    return job


def _watch(gateway: subprocess.Popen[bytes], peaks: dict[int, float], ended: threading.Event) -> None:
    while not ended.wait(_LOOK_EVERY_S):
        for pid, resident_mb in _resident_mb(gateway).items():
            peaks[pid] = max(peaks.get(pid, 0), resident_mb)


def _resident_mb(gateway: subprocess.Popen[bytes]) -> dict[int, float]:
    family = [psutil.Process(gateway.pid), *psutil.Process(gateway.pid).children(recursive=True)]
    return {process.pid: process.memory_info().rss / 1e6 for process in family}
