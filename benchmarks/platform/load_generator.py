"""Posts one document again and again over connections that stay open: `python -m ... ADDRESS CONNECTIONS SECONDS`.

A process of its own that does as little as it can. Prints JSON: accepted, other answers, latencies.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from urllib.parse import urlsplit

import uvloop

from benchmarks.platform.machine import percentile

_BYTES = 20_000
_WARM_UP_S = 2
_BOUNDARY = "a-boundary-of-the-load-generator"


def request(host: str) -> bytes:
    """One POST of a document of 20 kB, ready to send."""
    document = b"%PDF-1.7\n" + bytes(range(48, 112)) * ((_BYTES - 9) // 64)
    body = (
        (
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="in.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        ).encode()
        + document.ljust(_BYTES, b"\n")
        + f"\r\n--{_BOUNDARY}--\r\n".encode()
    )
    head = (
        f"POST /v1/probe HTTP/1.1\r\nHost: {host}\r\nContent-Type: multipart/form-data; boundary={_BOUNDARY}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _client(host: str, port: int, start_s: float, end_s: float, seen: Counter[int], taken: list[float]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    message = request(f"{host}:{port}")
    while (sent_s := time.monotonic()) < end_s:
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        await reader.readexactly(length)
        if start_s <= sent_s and (now_s := time.monotonic()) <= end_s:
            seen[int(head.split(b" ", 2)[1])] += 1
            taken.append(now_s - sent_s)
    writer.close()


async def main(address: str, connections: int, seconds: float) -> None:
    """Load, then print."""
    parts = urlsplit(address)
    assert parts.hostname == "127.0.0.1", "only for a gateway on this machine"
    seen: Counter[int] = Counter()
    taken: list[float] = []
    start_s = time.monotonic() + _WARM_UP_S
    clients = [
        _client(parts.hostname, parts.port or 80, start_s, start_s + seconds, seen, taken) for _ in range(connections)
    ]
    await asyncio.gather(*clients)
    print(
        json.dumps(
            {
                "accepted_per_s": seen[202] / seconds,
                "other_answers": sum(seen.values()) - seen[202],
                "p50_ms": 1000 * statistics.median(taken),
                "p99_ms": 1000 * percentile(taken, 99),
                "own_cpu_s": time.process_time(),
            }
        )
    )


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
