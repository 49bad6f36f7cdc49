"""Jobs that the gateway accepts per second with a 20 kB document each; everything durable before each 202.

No worker runs: the two cores belong to the gateway, its servers and the load generator.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.platform.figure import Figure
from benchmarks.platform.machine import cpu_s
from benchmarks.platform.ours import ROOT, Ours, count

_CONNECTIONS = 32
_SECONDS, _SECONDS_QUICK = 15, 4
_REACH_PER_S = 400


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Load a gateway with default settings."""
    with Ours(folder) as ours:
        address, gateway = ours.start_gateway()
        seconds = _SECONDS_QUICK if quick else _SECONDS
        servers = (ours.postgres.process, ours.redis.process)
        before_s = cpu_s(gateway), cpu_s(*servers)
        generator = subprocess.run(
            [sys.executable, "-m", "benchmarks.platform.load_generator", address, str(_CONNECTIONS), str(seconds)],
            cwd=ROOT,
            env=dict(os.environ),
            capture_output=True,
            check=True,
            timeout=120,
        )
        found = json.loads(generator.stdout)
        created = count("true")
        found["gateway_cpu_ms"] = 1000 * (cpu_s(gateway) - before_s[0]) / created
        found["servers_cpu_ms"] = 1000 * (cpu_s(*servers) - before_s[1]) / created
        found["generator_cpu_ms"] = 1000 * found["own_cpu_s"] / created
    assert not found["other_answers"], found
    return [
        Figure(
            f"gateway: accepted jobs per second, 20 kB each, {_CONNECTIONS} connections",
            "{accepted_per_s:.0f}/s (answer p50 / p99 {p50_ms:.0f} / {p99_ms:.0f} ms; CPU ms a job: gateway "
            "{gateway_cpu_ms:.1f}, servers {servers_cpu_ms:.1f}, load generator {generator_cpu_ms:.1f})".format(
                **found
            ),
            reach=f"at least {_REACH_PER_S}/s",
            reached=found["accepted_per_s"] >= _REACH_PER_S,
            numbers=found,
        )
    ]
