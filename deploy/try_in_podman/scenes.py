"""What is tried on the running platform: each scene ends with a sentence of figures, or with an error."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from bindery import Client
from deploy.try_in_podman.platform import READY_WITHIN_S, URL, Platform, consumers, until, worker_of

_ROOT = Path(__file__).parents[2]
_RULES = _ROOT / "deploy/monitoring/rules.yaml"
_DOCUMENT = _ROOT / "tests/samples/scanned_letter.pdf"
_QUEUE = "compression"
_WORKER = worker_of(_QUEUE)
#: Enough that two workers are busy while one of them is replaced.
_BATCH = 24
_ENDS_WITHIN_S = 900
_VERIFY_S = 1800


class Failed(Exception):
    """A scene ended otherwise than it must."""


def verified(platform: Platform) -> str:
    """One document through each operation, from outside."""
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "verify"],
        cwd=_ROOT,
        env={**os.environ, "BINDERY_URL": URL, "BINDERY_API_KEY": platform.key},
        capture_output=True,
        text=True,
        check=False,
        timeout=_VERIFY_S,
    )
    _must(done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:])
    return done.stdout.strip().splitlines()[-1]


def apart(platform: Platform) -> str:
    """No image has what only another needs; each runs as nobody, on a root that cannot be written to."""
    for name, pod in platform.pods.items():
        if name != "gateway" and not name.startswith("worker-"):
            continue
        foreign = ["pikepdf", "onnxruntime", "torch"] if name == "gateway" else ["falcon", "gunicorn"]
        asked = f"from importlib.util import find_spec; print([name for name in {foreign} if find_spec(name)])"
        _must((found := pod.execute("python", "-c", asked)) == "[]", f"{name} has {found}")
        user = pod.execute("sh", "-c", "id -u; touch /opt/x 2>/dev/null && echo writable; grep CapEff /proc/1/status")
        _must(user.split() == ["10001", "CapEff:", "0" * 16], f"{name}: {user}")
        if pod.probe:
            pod.execute(*pod.probe)
    return "no Falcon in a worker; no pikepdf, onnxruntime or torch in the gateway; user 10001, no capabilities"


def watched(platform: Platform) -> str:
    """Rules and dashboard find at the gateway and at the workers what they ask for; without a key the door is shut."""
    refused = httpx.get(f"{URL}/metrics", timeout=30).status_code
    _must(refused == httpx.codes.UNAUTHORIZED, f"without a key /metrics answered {refused}")
    told = _names(f"{URL}/metrics", Authorization=f"Bearer {platform.key}")
    workers = [pod for name, pod in platform.pods.items() if name.startswith("worker-")]
    for pod in workers:
        told |= _names(f"http://127.0.0.1:{pod.metrics_port}/metrics")
    asked = set(re.findall(r"bindery_[a-z0-9_]+", _RULES.read_text()))
    # A counter begins with the first thing that it counts.
    absent = sorted(name for name in asked - told if not re.search(r"_(total|bucket)$", name))
    _must(not absent, f"nobody tells {absent}")
    return f"{len(told)} series names of Bindery told by the gateway and {len(workers)} workers"


def _names(url: str, **headers: str) -> set[str]:
    answer = httpx.get(url, headers=headers, timeout=30)
    _must(answer.is_success, f"{url} answered {answer.status_code}")
    return set(re.findall(r"^(bindery_[a-z0-9_]+)", answer.text, re.MULTILINE))


def scaled_to_zero(platform: Platform) -> str:
    """Without a worker jobs wait and say so; with one again they end."""
    with platform.client() as client:
        platform.stop(_WORKER)
        until("no consumer", lambda: not consumers(client)[_QUEUE], READY_WITHIN_S)
        job = client.submit("compress", _DOCUMENT, fresh=True)
        waiting = client.get(f"/v1/jobs/{job.id}")["waiting"]
        _must(waiting["code"] == "no_consumer", f"it says {waiting}")
        began = time.monotonic()
        platform.start(_WORKER)
        ended = client.wait(job, time_limit_s=READY_WITHIN_S)
        _must(ended.status == "completed", f"it is {ended.status}")
        took_s = time.monotonic() - began
    return f"the job waited: {waiting['message']!r}; completed {took_s:.0f} s after a worker was started"


def scaled_to_two(platform: Platform) -> str:
    """A second worker takes its share."""
    second = f"{_WORKER}-2"
    with platform.client() as client:
        platform.start(_WORKER, second)
        until("two consumers", lambda: len(consumers(client)[_QUEUE]) == 2, READY_WITHIN_S)
        told = _batch(client, lambda: None)
        platform.stop(second)
        _must(len(told["shares"]) == 2, f"the shares are {told['shares']}")
    return f"{_BATCH} documents in {told['seconds']:.0f} s, shared {told['shares']}"


def rolled(platform: Platform) -> str:
    """In the middle of a batch a new worker starts, then the old one is stopped with its grace: nothing is lost."""
    new = f"{_WORKER}-new"
    stopped_after_s = 0.0

    def roll() -> None:
        nonlocal stopped_after_s
        platform.start(_WORKER, new)
        until("the new one consumes", lambda: len(consumers(client)[_QUEUE]) == 2, READY_WITHIN_S)
        stopped_after_s = platform.stop(_WORKER)

    with platform.client() as client:
        told = _batch(client, roll)
        _must(len(told["shares"]) == 2, f"the old one had done everything: {told['shares']}")
        _must(told["events"]["failed"] == told["events"]["reaped"] == 0, f"the journal has {told['events']}")
    return (
        f"{_BATCH} of {_BATCH} documents once each in {told['seconds']:.0f} s, old and new {told['shares']}, "
        f"{told['events']['interrupted']} handed back; the old one ended with 0 after {stopped_after_s:.0f} s"
    )


def _batch(client: Client, meanwhile: Callable[[], object]) -> dict[str, Any]:
    """A batch, something that happens once a part of it is done, and what the journal tells in the end."""
    began = time.monotonic()
    batch = client.submit("compress", [_DOCUMENT] * _BATCH, fresh=True)
    until("a few are done", lambda: _completed(client, batch.path) >= _BATCH // 8, _ENDS_WITHIN_S)
    _must(_completed(client, batch.path) < _BATCH // 2, "the batch was over before anything could happen")
    meanwhile()
    jobs = client.wait(batch, time_limit_s=_ENDS_WITHIN_S).raw["jobs"]
    seconds = time.monotonic() - began
    events: Counter[str] = Counter()
    shares: Counter[str] = Counter()
    for job in jobs:
        found = client.get(f"/v1/jobs/{job['id']}/journal")["journal"]
        ends = [one for one in found if one["event"] == "completed"]
        _must(
            job["status"] == "completed" and len(ends) == 1, f"{job['id']} is {job['status']}, ended {len(ends)} times"
        )
        events.update(one["event"] for one in found)
        shares[ends[0]["actor"]] += 1
    return {"seconds": seconds, "events": events, "shares": sorted(shares.values())}


def _completed(client: Client, path: str) -> int:
    return sum(job["status"] == "completed" for job in client.get(path)["jobs"])


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failed(otherwise)


SCENES: tuple[Callable[[Platform], str], ...] = (apart, verified, watched, scaled_to_zero, scaled_to_two, rolled)
