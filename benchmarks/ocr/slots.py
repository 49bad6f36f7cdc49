"""How much faster two slots on two cores read the same pages than one slot on one core; only an idle machine tells.

python -m benchmarks.ocr.slots --pages 16
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue

from benchmarks.corpus import CORPUS
from benchmarks.measure import ForkServer
from benchmarks.ocr.pages import chosen_pages, worn_page
from benchmarks.ocr.programs import document_of

_REACH = 1.8


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--pages", type=int, default=16)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-ocr-") as name:
        documents = []
        for number, source in enumerate(chosen_pages(chosen.corpus)[: chosen.pages]):
            folder = Path(name) / str(number)
            folder.mkdir()
            documents.append(document_of([worn_page(source, "scan200", folder)], folder))
        one, two = elapsed_s(documents, [0]), elapsed_s(documents, [0, 1])
    verdict = "reached" if one / two >= _REACH else "SHORT"
    print(f"load {os.getloadavg()[0]:.1f}; {len(documents)} pages: one slot {one:.1f} s, two slots {two:.1f} s")
    print(f"{one / two:.2f} times faster, at least {_REACH}: {verdict}")


def elapsed_s(documents: Sequence[Path], cores: Sequence[int]) -> float:
    """Seconds by the clock for one warm slot on each core to read all documents, a fork each."""
    servers = [ForkServer("benchmarks.ocr.warm_reader:read_document", {core}) for core in cores]
    waiting: SimpleQueue[Path] = SimpleQueue()
    for document in documents:
        waiting.put(document)

    def work(slot: int) -> None:
        while True:
            try:
                document = waiting.get_nowait()
            except Empty:
                return
            if error := servers[slot](source=str(document)).error:
                raise RuntimeError(error)

    # The first call starts the process: it is made before the clock runs.
    for server in servers:
        server(source="/nowhere")
    with ThreadPoolExecutor(len(cores)) as pool:
        begun = time.monotonic()
        for slot in [pool.submit(work, slot) for slot in range(len(cores))]:
            slot.result()
        spent = time.monotonic() - begun
    for server in servers:
        server.close()
    return spent


if __name__ == "__main__":
    main()
