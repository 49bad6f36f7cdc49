"""What the platform costs and survives: `python -m benchmarks.platform [--only NAME ...] [--quick]`.

Starts everything that it needs in a temporary folder, measures one thing after the other on two cores, prints one
table, and writes every number to benchmarks/results/platform.json. Takes about a quarter of an hour.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks.platform import (
    claim_cost,
    gateway_load,
    latency,
    machine,
    outages,
    pickup,
    poison,
    recovery,
    throughput,
    upload_memory,
)
from benchmarks.platform.figure import Figure, table

_MEASUREMENTS: dict[str, Callable[..., list[Figure]]] = {
    "latency": latency.measure,
    "pickup": pickup.measure,
    "recovery": recovery.measure,
    "outages": outages.measure,
    "poison": poison.measure,
    "throughput": throughput.measure,
    "claim-cost": claim_cost.measure,
    "gateway-load": gateway_load.measure,
    "upload-memory": upload_memory.measure,
}
_RESULTS = Path(__file__).parents[1] / "results"


def main() -> None:
    """Measure what was asked for, in order."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.platform", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=_MEASUREMENTS, help="only these figures")
    parser.add_argument("--quick", action="store_true", help="small numbers: to see that it works, not to quote")
    arguments = parser.parse_args()
    machine.pin()
    figures: list[Figure] = []
    records = []
    for name in arguments.only or _MEASUREMENTS:
        print(f"{name} ...", flush=True)
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            state = {"fsync_ms": machine.fsync_ms(Path(folder)), "load_before": machine.load_average()}
            measured = _MEASUREMENTS[name](Path(folder), quick=arguments.quick)
        print(
            f"{table(measured)}\n(one 8 KiB fdatasync {state['fsync_ms']:.2f} ms, load before "
            f"{state['load_before']:.1f})\n",
            flush=True,
        )
        figures += measured
        records += [{"measurement": name, **asdict(figure), **state} for figure in measured]
    fsyncs_ms = sorted(record["fsync_ms"] for record in records)
    print(table(figures))
    print(
        f"\nOn {machine.CORES} cores; one 8 KiB fdatasync took {fsyncs_ms[0]:.2f} to {fsyncs_ms[-1]:.2f} ms (median "
        f"of each time): {1000 / fsyncs_ms[-1]:.0f} to {1000 / fsyncs_ms[0]:.0f} a second."
    )
    if not arguments.quick:
        _RESULTS.mkdir(exist_ok=True)
        kept = _RESULTS / ("platform.json" if not arguments.only else f"platform-{'-'.join(arguments.only)}.json")
        kept.write_text(json.dumps(records, indent=2))
        print(f"Every number: {kept}")


if __name__ == "__main__":
    main()
