"""`bindery verify`: sends each operation's tiny sample through its queue and says what came of it."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bindery import Client, ClientError, Document, Job
from bindery.records import Raw
from cli.connection import connected
from cli.errors import EXIT_FAILED
from cli.terminal import console
from shared import catalogue
from shared.self_test import samples_of

#: A sample takes well under a second; a queue with work in it may keep it waiting.
_ENDS_WITHIN_S = 60
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
    """Try every operation of the gateway, queue by queue, and print what came of each. Returns the exit code."""
    out = console()
    failed = 0
    with connected() as client:
        queues = {queue["name"]: queue for queue in client.get("/v1/queues")["queues"]}
        operations = client.get("/v1/operations")["operations"]
        for name in dict.fromkeys(operation["queue"] for operation in operations):
            queue = queues.get(name, {"name": name, "consumers": [], "paused": False})
            own = [operation for operation in operations if operation["queue"] == name]
            failed += _try_queue(client, queue, own, out)
    good = len(operations) - failed
    out.print(f"{good} of {len(operations)} operations work", style="red" if failed else "green")
    return EXIT_FAILED if failed or not operations else 0


def _try_queue(client: Client, queue: Raw, operations: list[Raw], out: Console) -> int:
    """Try the operations of one queue. Returns how many do not work."""
    live = sum(one["live"] for one in queue["consumers"])
    workers = f"{live} worker{'' if live == 1 else 's'}" if live else "[red]no worker[/]"
    out.print(f"[bold]queue {escape(queue['name'])}[/]: {workers}")
    failed = 0
    for operation in operations:
        finding = _try(client, operation, queue)
        _print(out, operation, finding)
        failed += bool(finding.faults)
    return failed


def _print(out: Console, operation: Raw, finding: _Finding) -> None:
    verdict = "[red]FAILED[/]" if finding.faults else "[green]ok[/]"
    out.print(f"  {verdict}  {escape(operation['name'])}: {escape('; '.join(finding.lines))}".rstrip(": "))
    for what, remedy in finding.faults:
        out.print(f"      [red]error: {escape(what)}[/]\n      [yellow]remedy: {escape(remedy)}[/]")


def _try(client: Client, operation: Raw, queue: Raw) -> _Finding:
    finding = _Finding()
    _look_at_queue(operation, queue, finding)
    if finding.faults:
        return finding  # a sample would wait for as long as the queue does
    try:
        job = _send_sample(client, operation, finding)
        if job:
            _look_at_job(client, operation, queue, job, finding)
            # The sample leaves nothing behind; a job that is still under way stays for whoever looks into it.
            with suppress(ClientError):
                client.erase(job)
    except ClientError as error:
        finding.fault(f"[{error.code}] {error}", error.remedy)
    return finding


def _look_at_queue(operation: Raw, queue: Raw, finding: _Finding) -> None:
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


def _send_sample(client: Client, operation: Raw, finding: _Finding) -> Job | None:
    known = catalogue.load().operations.get(operation["name"])
    if known is None:
        finding.fault(f"{operation['name']!r} is not known here", "run `bindery verify` of the gateway's own version")
        return None
    samples = samples_of(known)
    if not all(sample.exists() for sample in samples):
        finding.fault(f"the sample {samples[0]} is missing", "install Bindery again; the sample is part of it")
        return None
    job = client.submit(operation["name"], samples, options=known.self_test_options, fresh=True)
    assert isinstance(job, Job)
    try:
        return client.wait(job, time_limit_s=_ENDS_WITHIN_S)
    except TimeoutError:
        return client.look(job)


def _look_at_job(client: Client, operation: Raw, queue: Raw, ended: Job, finding: _Finding) -> None:
    job = ended.raw
    claims = [line for line in client.get(job["links"]["journal"])["journal"] if line["event"] == "claimed"]
    if claims:
        finding.lines.append(f"picked up after {job['queue_seconds']:.3f} s by {_who(claims[-1]['actor'], queue)}")
    else:
        finding.fault(f"nobody picked it up: {ended.waiting or ''}", "see `bindery queues`")
    if ended.status != "completed":
        _look_at_failure(operation, ended, finding)
        return
    finding.lines.append(f"completed in {job['run_seconds']:.3f} s at attempt {job['attempt']}")
    files = {"inputs": operation["inputs"] != "none", "outputs": bool(operation["produces"])}
    expected = (*_FIELDS, *(name for name, there in files.items() if there))
    if missing := [name for name in expected if job.get(name) in (None, "", [], {})]:
        finding.fault(f"the job lacks {', '.join(missing)}", "report this: it is a fault of the platform")
    else:
        finding.lines.append(f"all {len(expected)} fields of its record are set")
    for document in ended.outputs:
        _look_at_output(client, document, finding)


def _who(worker: str, queue: Raw) -> str:
    """The worker as an operator finds it; its id where it belongs to another queue: that of a step before."""
    told = (f"process {one['pid']} on {one['host']}" for one in queue["consumers"] if one["worker_id"] == worker)
    return next(told, f"worker {worker}")


def _look_at_failure(operation: Raw, ended: Job, finding: _Finding) -> None:
    error = ended.error
    if error and error.code == catalogue.load().operation(operation["name"]).self_test_ends_with:
        # Its self-test gets no farther either: what it lacks is a server, and that is the operator's choice.
        finding.lines.append(f"works as far as it can: {error.message}")
        return
    why, remedy = (error.message, error.remedy) if error else (ended.waiting or "", "see the worker's log")
    finding.fault(f"it is {ended.status}: {why}", remedy)


def _look_at_output(client: Client, document: Document, finding: _Finding) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # Raises TransferFailed, which is a fault too, when the hash is another one.
        count = client.fetch(document, Path(folder) / "output")
    if count == document.bytes:
        finding.lines.append(f"result {document.name}: {count:,} bytes, hash as promised")
    else:
        finding.fault(f"the result {document.name} is not what the job tells", "look at the storage")
