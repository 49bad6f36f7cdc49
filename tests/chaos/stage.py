"""A small platform that faults are tried on: real gateway, real workers of the probe service, short leases.

Leases of 3 s instead of 30 let a test see in seconds what an operator would see in minutes; nothing else differs.
Whoever waits must wait with `wait_until`: that is also what starts dead processes again.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import redis

from shared import broker, catalogue, database
from shared.errors import DatabaseUnavailable
from shared.models import ENDED
from tests.chaos.parts import Part
from tests.chaos.servers import Servers
from tests.running_platform import free_port

_ROOT = Path(__file__).parents[2]
_PLUGINS = _ROOT / "tests" / "plugins"
_SAMPLE = (_PLUGINS / "services" / "probe" / "samples" / "document.pdf").read_bytes()
_CLOCK = _ROOT / "tests" / "chaos" / "wrong_clock"

LEASE_S = 3.0
#: Of every part of a stage.
SETTINGS = {
    "lease_s": LEASE_S,
    "renew_every_s": 0.5,
    "tick_s": 0.5,
    "poll_s": 1,
    "beat_s": 1,
    "consumer_expires_s": 5,
    "crash_delay_s": 0.2,
    "failure_delays_s": "0.2,0.5",
    "grace_s": 5,
    "stop_child_s": 1,
    "gateway_processes": 1,
    "gateway_threads": 4,
    "secret_key": "a key for tests",
}
#: Slots of one worker; the probe service declares as many threads.
SLOTS = 2
_READY_S = 90
_DATABASE_RETRY_S = 30


def document() -> bytes:
    """A PDF that no other is equal to, so that its hash tells it apart."""
    return _SAMPLE + f"\n% {uuid.uuid4()}\n".encode()


def sha256(content: bytes) -> str:
    """As the platform writes it."""
    return hashlib.sha256(content).hexdigest()


def dying_at(fault_point: str) -> dict[str, str]:
    """The environment of a process that dies at a named point, or nowhere."""
    return {"BINDERY_FAULT_POINT": fault_point} if fault_point else {}


def no_schedules() -> str:
    """The setting by which the platform creates no jobs of its own: here every job is a client's."""
    operations = catalogue.load().operations.values()
    return json.dumps({operation.name: "" for operation in operations if operation.schedule})


class Stage:
    """Gateway and workers over a database of their own. `settings` are BINDERY_* in lower case, for all parts."""

    def __init__(self, servers: Servers, folder: Path, **settings: Any) -> None:
        self.servers = servers
        self.folder = folder
        self.database_url = servers.new_database()
        self.redis_database = servers.new_redis_database()
        self._port = free_port()
        #: A new connection for each request: none outlives the gateway process that it led to.
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self._port}",
            timeout=60,
            verify=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self.scratch = folder / "var" / "scratch"
        self.storage = folder / "storage"
        #: Marks every process of this stage and of its children: part of an inherited variable.
        self._marker = folder / "modules"
        for made in (self._marker, folder / "log", self.storage):
            made.mkdir(parents=True)
        self._settings = {**SETTINGS, "schedules": no_schedules(), "redis_url": self._redis_url, **settings}
        self.gateway: Part | None = None
        self.workers: list[Part] = []
        self._workers_started = 0
        database.configure(self.database_url, "chaos")
        database.migrate()

    @property
    def _redis_url(self) -> str:
        return self.servers.redis_url(self.redis_database)

    @property
    def redis_client(self) -> redis.Redis:
        """A client of this stage's part of Redis."""
        return broker.fail_fast_client(self._redis_url)

    # -- parts -----------------------------------------------------------------------------------------------------

    def _part(
        self, name: str, module: tuple[str, ...], chosen: dict[str, Any], *, clock_off_s: float, fault_point: str
    ) -> Part:
        settings = {
            "bind": f"127.0.0.1:{self._port}",
            "database_url": self.database_url,
            "var_dir": self.folder / "var",
            "storage_url": self.storage.as_uri(),
            **self._settings,
            **chosen,
        }
        path = [self._marker, *([_CLOCK] if clock_off_s else []), _PLUGINS]
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BINDERY_")},
            **{f"BINDERY_{name.upper()}": str(value) for name, value in settings.items()},
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "CLOCK_OFF_S": str(clock_off_s),
        }
        part = Part(name, module, environment, self.folder / "log" / f"{name}.log", once=dying_at(fault_point))
        part.start()
        return part

    def start_gateway(self, *, fault_point: str = "", **settings: Any) -> Part:
        """Start the gateway; its processes die at `fault_point` until it is started again.

        Returns before it answers.
        """
        self.gateway = self._part("gateway", ("gateway.server",), settings, clock_off_s=0, fault_point=fault_point)
        self.gateway.ends_with_group = True
        return self.gateway

    def start_worker(
        self, *, clock_off_s: float = 0, fault_point: str = "", always: bool = False, **settings: Any
    ) -> Part:
        """Start one more worker, whose clock is wrong by so much; it dies at `fault_point`: once, or `always`.

        Returns before it is ready.
        """
        self._workers_started += 1
        part = self._part(
            f"worker-{self._workers_started}",
            ("shared.worker", "probe"),
            {**settings, "fault_point": fault_point} if always else settings,
            clock_off_s=clock_off_s,
            fault_point=fault_point,
        )
        self.workers.append(part)
        return part

    def start(self, workers: int = 2) -> Stage:
        """Start the gateway and workers, and return when all of them are ready."""
        self.start_gateway()
        for _ in range(workers):
            self.start_worker()
        self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        """Return when the gateway answers and every worker that runs has passed its self-test."""
        self.wait_until(self.gateway_answers, _READY_S)
        self.wait_until(lambda: all(self.registered(worker) for worker in self.workers), _READY_S)

    def gateway_answers(self) -> bool:
        """Whether it takes documents."""
        try:
            return self.client.get("/health/live", timeout=5).is_success
        except httpx.TransportError:
            return False

    def registered(self, worker: Part) -> bool:
        """Whether the process that is this worker now is a live consumer."""
        return bool(self.rows("SELECT id FROM worker WHERE pid = %(pid)s AND NOT stopping", pid=worker.pid))

    def rearm(self, part: Part, fault_point: str) -> None:
        """Kill a part; the one that takes its place dies at `fault_point`, and the next one is well again."""
        part.once = dying_at(fault_point)
        part.send(signal.SIGKILL)

    @property
    def parts(self) -> list[Part]:
        """All of them."""
        return [*([self.gateway] if self.gateway else []), *self.workers]

    def look_after(self) -> None:
        """Start again what died."""
        for part in self.parts:
            part.look_after()

    def wait_until(self, condition: Callable[[], Any], timeout_s: float = 60) -> None:
        """Wait for what must happen, and look after the parts meanwhile."""
        deadline_s = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline_s, f"it did not happen within {timeout_s} s\n{self.last_words()}"
            self.look_after()
            time.sleep(0.05)

    def stop(self) -> None:
        """End everything at once."""
        self.stop_workers()
        if self.gateway:
            self.gateway.kill_group()
            self.gateway.wait()
        # An external program is left where its worker and its host were killed in one moment, as here.
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.client.close()
        database.disconnect()

    def stop_workers(self) -> None:
        """End all workers at once; what a stopping worker hands back in order is tested elsewhere."""
        for worker in self.workers:
            worker.kill_group()
        for worker in self.workers:
            worker.wait()
        self.workers = []

    def processes(self) -> list[psutil.Process]:
        """Every process of this machine that descends from this stage, whoever its parent is now."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("PYTHONPATH", "").startswith(str(self._marker)):
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def log_text(self) -> str:
        """What all parts have logged."""
        return "".join(path.read_text(errors="replace") for path in sorted((self.folder / "log").iterdir()))

    def last_words(self) -> str:
        """The ends of the logs, for the report of a failing test."""
        logs = sorted((self.folder / "log").iterdir())
        return "\n".join(f"== {path}\n{path.read_text(errors='replace')[-3000:]}" for path in logs)

    # -- what clients do ---------------------------------------------------------------------------------------------

    def post(
        self, content: bytes, behave: str = "echo", *, headers: Any = None, address: str = "/v1/probe", **fields: Any
    ) -> httpx.Response:
        """Submit a document. Raises httpx.TransportError when the gateway dies on the way."""
        return self.client.post(
            address,
            files={"file": ("in.pdf", content, "application/pdf")},
            data={"behave": behave, **{name: str(value) for name, value in fields.items()}},
            headers=headers,
        )

    def submit(self, behave: str = "echo", **fields: Any) -> str:
        """Submit a document that must be accepted, and return the job's id."""
        answer = self.post(document(), behave, **fields)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """A job as clients see it."""
        answer = self.client.get(f"/v1/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def journal(self, job_id: str) -> list[dict[str, Any]]:
        """The journal of a job, as clients see it."""
        answer = self.client.get(f"/v1/jobs/{job_id}/journal")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["journal"]
        return found

    def events(self, job_id: str) -> list[str]:
        """What happened to a job, in order."""
        return [event["event"] for event in self.journal(job_id)]

    def finished(self, job_id: str, timeout_s: float = 60) -> dict[str, Any]:
        """Wait for the end of a job and return it."""
        self.wait_until(lambda: self.job(job_id)["status"] in ENDED, timeout_s)
        return self.job(job_id)

    def all_finished(self, job_ids: list[str], timeout_s: float = 120) -> set[str]:
        """Wait for the end of jobs and return the states that they ended in."""
        running = "SELECT id FROM job WHERE id = ANY(%(ids)s::uuid[]) AND completed_at IS NULL"
        self.wait_until(lambda: not self.rows(running, ids=job_ids), timeout_s)
        return {str(self.job(job_id)["status"]) for job_id in job_ids}

    def processing(self, job_id: str) -> None:
        """Wait until a worker has claimed a job."""
        self.wait_until(lambda: self.job(job_id)["status"] == "processing")

    def claimant(self, job_id: str) -> Part:
        """The worker that holds a job."""
        found = self.rows(
            "SELECT pid FROM worker JOIN job ON job.worker_id = worker.id WHERE job.id = %(id)s", id=job_id
        )
        (worker,) = (part for part in self.workers if found and part.pid == found[0]["pid"])
        return worker

    def rows(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        """Ask the database; waits for one that is away for a moment."""
        deadline_s = time.monotonic() + _DATABASE_RETRY_S
        while True:
            try:
                return database.rows(sql, parameters)
            except DatabaseUnavailable:
                assert time.monotonic() < deadline_s, "the database stays away"
                time.sleep(0.1)
