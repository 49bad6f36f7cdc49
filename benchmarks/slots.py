"""How much faster two slots on two cores finish the same files than one slot on one core."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue

from benchmarks.corpus import Document
from benchmarks.measure import ForkServer


def elapsed_s(documents: list[Document], cores: list[int], preset: str) -> float:
    """Return the seconds by the clock for one warm slot on each core to empty the queue, largest files first."""
    servers = [ForkServer("benchmarks.ours:compress", {core}) for core in cores]
    waiting: SimpleQueue[Document] = SimpleQueue()
    for document in sorted(documents, key=lambda document: document.size_bytes, reverse=True):
        waiting.put(document)

    def work(slot: int, folder: Path) -> None:
        while True:
            try:
                document = waiting.get_nowait()
            except Empty:
                return
            servers[slot](source=str(document.path), target=str(folder / f"{slot}.pdf"), preset=preset)

    # The first call pays for the imports of its server: it is made before the clock starts.
    for server in servers:
        server(source="/nowhere", target="/nowhere", preset=preset)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ThreadPoolExecutor(len(cores)) as pool:
        begun = time.monotonic()
        for slot in [pool.submit(work, slot, Path(folder)) for slot in range(len(cores))]:
            slot.result()
        spent = time.monotonic() - begun
    for server in servers:
        server.close()
    return spent


def speed_up(documents: list[Document], preset: str = "balanced") -> float:
    """Return the time of one slot on core 0 over that of two on cores 0 and 1. Only an idle machine answers truly."""
    return elapsed_s(documents, [0], preset) / elapsed_s(documents, [0, 1], preset)
