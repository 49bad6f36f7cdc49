"""Sends the corpus through every operation, over HTTP, and prints what came of it: `python -m benchmarks.outcomes`.

Documents may fail with an error that says what is wrong with them; an engine may not. The exit code is 1 when one did.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from benchmarks.platform.ours import ROOT
from shared import catalogue
from shared.media_types import PDF
from shared.operation import Operation
from shared.self_test import samples_of
from tests.running_platform import RunningPlatform

_CORPUS = ROOT / "../shared/corpus/pdf"
#: Codes that no document excuses.
_FAULTS = ("engine_failed", "engine_crashed", "worker_lost", "out_of_memory", "engine_unavailable")
#: Operations that are tried in several ways; the others with the options of their self-test.
_WAYS: dict[str, list[dict[str, Any]]] = {
    "convert": [
        {"to": kind, "dpi": 72}
        for kind in ("png", "tiff", "txt", "html", "markdown", "json", "docx", "xlsx", "pdfa-2b")
    ],
    "compress": [{"preset": "balanced"}],
}
_ENDS_WITHIN_S = 3600


def main() -> None:
    """Start a platform, try everything, print the table."""
    chosen = _arguments()
    files = sorted(_CORPUS.glob("*.pdf"))[:: chosen.every]
    if not files:
        sys.exit(f"error: there are no documents in {_CORPUS}")
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="outcomes-") as folder, RunningPlatform(Path(folder)) as platform:
        client = httpx.Client(base_url=platform.url, timeout=600)
        for operation, options in _tries(chosen.only):
            jobs = [job for group in _groups(operation, files) for job in _run(client, operation, options, group)]
            ends = Counter(job["error"]["code"] if job["error"] else job["status"] for job in jobs)
            name = f"{operation.name} {json.dumps(options)}" if operation.name in _WAYS else operation.name
            print(f"{name[:44]:44} {', '.join(f'{end} {count}' for end, count in ends.most_common())}", flush=True)
            faults += [
                f"{name}: {job['inputs'][0]['name']}: {job['error']['code']}: {job['error']['message']}"
                for job in jobs
                if job["error"] and job["error"]["code"] in _FAULTS
            ]
    print("\n".join(["", f"{len(faults)} faults of engines", *faults]))
    sys.exit(1 if faults else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="OPERATION", help="only these operations")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth document")
    return parser.parse_args()


def _tries(only: list[str] | None) -> Iterator[tuple[Operation, dict[str, Any]]]:
    for operation in catalogue.load().operations.values():
        if PDF in operation.accepts and (not only or operation.name in only):
            for options in _WAYS.get(operation.name, [operation.self_test_options]):
                yield operation, options


def _groups(operation: Operation, files: list[Path]) -> Iterator[list[Path]]:
    """The files of each request: all as a batch, or each with what an operation on several files wants beside it."""
    if operation.inputs == "one":
        yield files
    for file in files if operation.inputs == "many" else ():
        yield [file, *(samples_of(operation)[1:] or [file])]


def _run(client: httpx.Client, operation: Operation, options: dict[str, Any], group: list[Path]) -> list[Any]:
    parts = [("file", (file.name, file.read_bytes())) for file in group]
    answer = client.post(f"/v1/{operation.name}", files=parts, data={"options": json.dumps(options)})
    answer.raise_for_status()
    record = answer.json()
    waited_s = 0
    while record["status"] in ("pending", "processing") and waited_s < _ENDS_WITHIN_S:
        record = client.get(record["links"]["self"], params={"wait": 60}).json()
        waited_s += 60
    found: list[Any] = record.get("jobs") or [record]
    client.delete(record["links"]["self"])
    return found


if __name__ == "__main__":
    main()
