"""One document makes one trace, from the request into the engine's process; log lines carry its ids, and no names."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from shared import database
from tests.gateway.documents import PDF
from tests.gateway.running_gateway import RunningGateway
from tests.gateway.test_metrics import scraped, value

_ROOT = Path(__file__).parents[2]
_PLUGINS = _ROOT / "tests" / "plugins"
_NAME = "very-secret-name.pdf"

Start = Callable[..., RunningGateway]
StartWorker = Callable[[RunningGateway], "subprocess.Popen[bytes]"]


class Receiver:
    """Takes spans as an OpenTelemetry collector does: OTLP over HTTP, protobuf."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, Span]] = []
        self.raw = b""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.take(self.path, body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, path: str, body: bytes) -> None:
        """What came in one request."""
        assert path == "/v1/traces"
        self.raw += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
            self.spans += [(service, span) for scope in resource.scope_spans for span in scope.spans]

    def stop(self) -> None:
        """Take nothing more."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A collector that the processes of this test send to, several times a second."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
    running = Receiver()
    yield running
    running.stop()


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[StartWorker]:
    """A function that starts a worker of the probe service beside a gateway, and waits until it is ready."""
    started: list[subprocess.Popen[bytes]] = []

    def start(gateway: RunningGateway) -> subprocess.Popen[bytes]:
        with (tmp_path / f"worker-{len(started)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "shared.worker", "probe"], cwd=_ROOT, env=gateway.environment, stderr=log
            )
        started.append(process)
        wait_until(lambda: len(database.rows("SELECT FROM worker", {})) >= len(started))
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=40)


def wait_until(condition: Callable[[], Any]) -> None:
    """Wait for what must happen."""
    deadline_s = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.05)


def submit(gateway: RunningGateway, behave: str = "echo", seconds: float = 0, **headers: str) -> str:
    """One document with a name that nobody may see in a log; the id of its job."""
    answer = httpx.post(
        f"{gateway.url}/v1/probe?token=query-secret",
        files=[("file", (_NAME, PDF, "application/pdf"))],
        data={"behave": behave, "seconds": str(seconds)},
        headers=headers,
        timeout=30,
    )
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["id"]
    return job_id


def ended(gateway: RunningGateway, job_id: str) -> str:
    """How a job ended."""
    deadline_s = time.monotonic() + 90
    while (job := httpx.get(f"{gateway.url}/v1/jobs/{job_id}?wait=5", timeout=30).json())["completed_at"] is None:
        assert time.monotonic() < deadline_s, job
    status: str = job["status"]
    return status


def lines(path: Path) -> list[dict[str, Any]]:
    """The log, line by line; each is JSON."""
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def test_a_document_makes_one_trace_and_log_lines_that_name_its_job_and_not_the_document(
    gateway_with: Start, start_worker: StartWorker, receiver: Receiver, tmp_path: Path
):
    gateway = gateway_with(plugins=_PLUGINS, otlp_endpoint=receiver.url)
    start_worker(gateway)
    trace_id, caller = secrets.token_hex(16), secrets.token_hex(8)

    job_id = submit(gateway, traceparent=f"00-{trace_id}-{caller}-01")
    assert ended(gateway, job_id) == "completed"

    wanted = {"request", "create", "wait", "attempt", "stage", "run", "engine", "store", "commit"}
    wait_until(lambda: wanted <= {span.name for _, span in receiver.spans if span.trace_id.hex() == trace_id})
    spans = {span.name: span for _, span in receiver.spans if span.trace_id.hex() == trace_id}
    parents = {name: span.parent_span_id.hex() for name, span in spans.items()}
    assert parents["request"] == caller
    for name, parent in {
        "create": "request",
        "wait": "create",
        "attempt": "create",
        "stage": "attempt",
        "run": "attempt",
        "engine": "run",
        "store": "attempt",
        "commit": "attempt",
    }.items():
        assert parents[name] == spans[parent].span_id.hex(), name
    services = {span.name: service for service, span in receiver.spans}
    assert (services["request"], services["attempt"]) == ("bindery-gateway", "bindery-worker-probe")
    assert all(span.end_time_unix_nano >= span.start_time_unix_nano for span in spans.values())
    assert _NAME.encode() not in receiver.raw

    of_worker = [line for line in lines(tmp_path / "worker-0.log") if line.get("job_id") == job_id]
    assert {"job.claimed", "engine.ended", "job.left"} <= {line["event"] for line in of_worker}
    assert {(line["operation"], line["attempt"], line["trace_id"]) for line in of_worker} == {("probe", 1, trace_id)}
    of_gateway = [line for line in lines(gateway.log) if line.get("trace_id") == trace_id]
    assert {"job.created", "request.answered"} <= {line["event"] for line in of_gateway}
    answered = next(line for line in of_gateway if line["event"] == "request.answered")
    assert (answered["method"], answered["route"], answered["status"]) == ("POST", "/v1/{operation}", 202)
    assert answered["received_bytes"] > len(PDF)
    written = gateway.log.read_text() + (tmp_path / "worker-0.log").read_text()
    for secret in (_NAME, "query-secret", "a key for tests", PDF.decode("latin-1")[:8]):
        assert secret not in written, secret


def test_without_a_collector_every_request_still_has_a_trace_id(gateway_with: Start):
    gateway = gateway_with(plugins=_PLUGINS)

    job_id = submit(gateway, traceparent="00-nonsense-01")

    (row,) = database.rows("SELECT traceparent FROM job WHERE id = %(id)s", {"id": job_id})
    trace_id = row["traceparent"].split("-")[1]
    created = next(line for line in lines(gateway.log) if line["event"] == "job.created")
    assert created["trace_id"] == trace_id
    assert len(trace_id) == 32


def test_a_killed_worker_takes_no_count_back_and_what_it_lost_is_counted(
    gateway_with: Start, start_worker: StartWorker
):
    gateway = gateway_with(plugins=_PLUGINS, lease_s="3", renew_every_s="1", tick_s="0.5", crash_delay_s="0.1")
    victim = start_worker(gateway)
    assert ended(gateway, submit(gateway)) == "completed"
    assert ended(gateway, submit(gateway, "fail")) == "failed"
    running = submit(gateway, "sleep", seconds=4)
    wait_until(lambda: httpx.get(f"{gateway.url}/v1/jobs/{running}").json()["status"] == "processing")
    before = scraped(gateway.url)
    victim.send_signal(signal.SIGKILL)
    start_worker(gateway)
    assert ended(gateway, running) == "completed"

    after = scraped(gateway.url)

    for status in ("completed", "failed"):
        (rows,) = database.rows("SELECT count(*) AS n FROM job WHERE status = %(status)s", {"status": status})
        assert value(after, "bindery_jobs_ended_total", operation="probe", status=status) == rows["n"], status
    assert value(after, "bindery_jobs_reaped_total", operation="probe") == 1
    assert value(after, "bindery_engine_failures_total", operation="probe", code="worker_lost") == 1
    assert value(after, "bindery_job_run_seconds_count", operation="probe") == 4
    counters = [key for key in before if key[0].endswith(("_total", "_count", "_sum"))]
    assert all(after[key] >= before[key] for key in counters)
