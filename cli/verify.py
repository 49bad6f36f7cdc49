"""`bindery verify`: sends each operation's tiny sample through its queue and says what came of it."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from cli.errors import EXIT_FAILED
from cli.follow import is_ended
from cli.gateway_client import Gateway, Record
from cli.terminal import console
from shared import catalogue
from shared.errors import BinderyError
from shared.worker import samples_of

#: A sample takes well under a second; a queue with work in it may keep it waiting.
_ENDS_WITHIN_S = 60
_ONE_WAIT_S = 5
#: What a completed job must tell; an empty value is a fault of the platform.
_FIELDS = (
    *("id", "operation", "queue", "status", "attempt", "message_id", "result", "links"),
    *("created_at", "started_at", "completed_at", "expires_at", "queue_seconds", "run_seconds"),
)


@dataclass
class _Finding:
    """What one operation's sample met with."""

    lines: list[str] = field(default_factory=list)
    #: What is wrong, with what to do about it.
    faults: list[tuple[str, str]] = field(default_factory=list)

    def fault(self, what: str, remedy: str) -> None:
        self.faults.append((what, remedy))


def verify() -> int:
    """Try every operation of the gateway and print one paragraph for each. Returns the exit code."""
    out = console()
    failed = 0
    with Gateway() as gateway:
        queues = {queue["name"]: queue for queue in gateway.get("/v1/queues")["queues"]}
        operations = gateway.get("/v1/operations")["operations"]
        for operation in operations:
            finding = _try(gateway, operation, queues.get(operation["queue"], {"consumers": [], "paused": False}))
            _print(out, operation, finding)
            failed += bool(finding.faults)
    good = len(operations) - failed
    out.print(f"{good} of {len(operations)} operations work", style="red" if failed else "green")
    return EXIT_FAILED if failed or not operations else 0


def _print(out: Console, operation: Record, finding: _Finding) -> None:
    verdict = "[red]FAILED[/]" if finding.faults else "[green]ok[/]"
    out.print(f"{verdict}  queue {escape(operation['queue'])}, operation {escape(operation['name'])}")
    for line in finding.lines:
        out.print(f"    {escape(line)}")
    for what, remedy in finding.faults:
        out.print(f"    [red]error: {escape(what)}[/]\n    [yellow]remedy: {escape(remedy)}[/]")


def _try(gateway: Gateway, operation: Record, queue: Record) -> _Finding:
    finding = _Finding()
    _look_at_queue(operation, queue, finding)
    if finding.faults:
        return finding  # a sample would wait for as long as the queue does
    try:
        job = _send_sample(gateway, operation, finding)
        if job:
            _look_at_job(gateway, operation, job, finding)
            # The sample leaves nothing behind; a job that is still under way stays for whoever looks into it.
            with suppress(BinderyError):
                gateway.delete(job["links"]["self"])
    except BinderyError as error:
        finding.fault(f"[{error.code}] {error.message}", error.remedy)
    return finding


def _look_at_queue(operation: Record, queue: Record, finding: _Finding) -> None:
    name = operation["queue"]
    live = [worker for worker in queue["consumers"] if worker["live"]]
    if queue["paused"]:
        finding.fault("the queue is paused", f"POST /v1/queues/{name}/resume")
    if not live:
        finding.fault("no worker consumes the queue", f"start one: `bindery worker {name}`, or `bindery up`")
    for worker in live:
        if failure := worker["operations"].get(operation["name"], "the worker does not know this operation"):
            where = f"process {worker['pid']} on {worker['host']}"
            finding.fault(f"self-test failed ({where}): {failure}", f"pip install -e '.[{name}]', then restart it")


def _send_sample(gateway: Gateway, operation: Record, finding: _Finding) -> Record | None:
    known = catalogue.load().operations.get(operation["name"])
    if known is None:
        finding.fault(f"{operation['name']!r} is not known here", "run `bindery verify` of the gateway's own version")
        return None
    samples = samples_of(known)
    if not all(sample.exists() for sample in samples):
        finding.fault(f"the sample {samples[0]} is missing", "install Bindery again; the sample is part of it")
        return None
    job = gateway.submit(operation["name"], samples, {"options": json.dumps(known.self_test_options)}, fresh=True)
    deadline_s = time.monotonic() + _ENDS_WITHIN_S
    while not is_ended(job) and time.monotonic() < deadline_s:
        job = gateway.get(job["links"]["self"], wait_s=_ONE_WAIT_S)
    return job


def _look_at_job(gateway: Gateway, operation: Record, job: Record, finding: _Finding) -> None:
    claims = [line for line in gateway.get(job["links"]["journal"])["journal"] if line["event"] == "claimed"]
    if claims:
        finding.lines.append(f"picked up after {job['queue_seconds']:.3f} s by worker {claims[-1]['actor']}")
    else:
        finding.fault(f"nobody picked it up: {(job['waiting'] or {}).get('message', '')}", "see `bindery queues`")
    if job["status"] != "completed":
        if job["error"] and job["error"]["code"] == catalogue.load().operation(operation["name"]).self_test_ends_with:
            # Its self-test gets no farther either: what it lacks is a server, and that is the operator's choice.
            finding.lines.append(f"works as far as it can: {job['error']['message']}")
            return
        error = job["error"] or {"message": (job["waiting"] or {}).get("message", ""), "remedy": "see the worker's log"}
        finding.fault(f"it is {job['status']}: {error['message']}", error["remedy"])
        return
    finding.lines.append(f"completed in {job['run_seconds']:.3f} s at attempt {job['attempt']}")
    files = {"inputs": operation["inputs"] != "none", "outputs": bool(operation["produces"])}
    expected = (*_FIELDS, *(name for name, there in files.items() if there))
    if missing := [name for name in expected if job.get(name) in (None, "", [], {})]:
        finding.fault(f"the job lacks {', '.join(missing)}", "report this: it is a fault of the platform")
    for stored in job["outputs"]:
        _look_at_output(gateway, stored, finding)


def _look_at_output(gateway: Gateway, stored: Record, finding: _Finding) -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "output"
        count = gateway.download(stored["url"], target)
        if count == stored["bytes"] and hashlib.sha256(target.read_bytes()).hexdigest() == stored["sha256"]:
            finding.lines.append(f"result {stored['name']}: {count:,} bytes, hash as promised")
        else:
            finding.fault(f"the result {stored['name']} is not what the job tells", "look at the storage")
