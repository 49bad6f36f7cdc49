"""What conversion costs beside other programs: `python -m benchmarks.conversion [--only NAME ...] [--quick]`.

Measures one thing after the other over the shared corpus, prints one table, and writes every number to
benchmarks/results/conversion.json. CPU seconds are those of one core and of whole process trees.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks.conversion import merge, page_images, preview_latency, split, text
from benchmarks.platform.figure import Figure, table

#: One line here, one module beside: each takes an empty folder and returns its lines of the table.
_MEASUREMENTS: dict[str, Callable[..., list[Figure]]] = {
    "png": page_images.measure_png,
    "jpeg": page_images.measure_jpeg,
    "text": text.measure,
    "preview": preview_latency.measure,
    "merge": merge.measure,
    "split": split.measure,
}
_RESULTS = Path(__file__).parents[1] / "results"


def main() -> None:
    """Measure what was asked for, in order."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conversion", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=_MEASUREMENTS, help="only these figures")
    parser.add_argument("--quick", action="store_true", help="a sixth of the files: to see that it works")
    arguments = parser.parse_args()
    figures: list[Figure] = []
    for name in arguments.only or _MEASUREMENTS:
        print(f"{name} ...", flush=True)
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            figures += _MEASUREMENTS[name](Path(folder), quick=arguments.quick)
    print(f"{table(figures)}\n\nLoad average {os.getloadavg()[0]:.1f}.")
    if not arguments.quick:
        _RESULTS.mkdir(exist_ok=True)
        kept = _RESULTS / f"conversion{'-'.join(['', *arguments.only]) if arguments.only else ''}.json"
        kept.write_text(json.dumps([asdict(figure) for figure in figures], indent=2))
        print(f"Every number: {kept}")


if __name__ == "__main__":
    main()
