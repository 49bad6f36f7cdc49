"""`bindery up`: the whole platform on one machine, in the foreground, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cli import address, child_process, var_folder
from cli.child_process import last_line
from cli.embedded_postgres import EmbeddedPostgres
from cli.embedded_redis import EmbeddedRedis
from cli.errors import SetUpError
from cli.supervisor import Part, Supervisor, how_it_ended
from shared import api_keys, catalogue, consumers, database
from shared.errors import DatabaseUnavailable
from shared.settings import Settings

#: Where `python -m` finds the packages, installed or not.
_ROOT = Path(__file__).parents[1]
#: Stages of starting; stopping goes the other way.
_SERVERS, _WORKERS, _GATEWAY = range(3)
_SERVER_STOP_S = 30
_READY_S = 90
_LOOK_EVERY_S = 0.2


def up(chosen: Settings) -> None:
    """Start everything, look after it, and stop it in order when asked to.

    Raises:
        SetUpError: something is missing or in the way; whatever was started has been stopped.
    """
    with var_folder.locked(chosen.var_dir) as var_dir:
        address.refuse_taken(chosen.bind)
        supervisor = Supervisor(_tell)
        try:
            _Platform(chosen, var_dir, supervisor).run()
        except OSError as error:
            raise SetUpError(
                f"{error.filename or 'The system'}: {error.strerror}.",
                remedy=f"Run as the owner of {var_dir} (or `chown -R` it), with the rights that a user has by default.",
            ) from error
        finally:
            database.disconnect()
            if supervisor.stopping:
                _tell("Stopping; a second Ctrl-C kills what still runs.")
            supervisor.stop()
        _tell("Stopped.")


class _Platform:
    """The parts of one platform."""

    def __init__(self, chosen: Settings, var_dir: Path, supervisor: Supervisor) -> None:
        self._chosen = chosen
        self._logs = var_dir / "log"
        self._var_dir = var_dir
        self._supervisor = supervisor
        self._environment = dict(os.environ)

    def run(self) -> None:
        """Start in order, then watch."""
        self._name_places()
        self._start_servers()
        self._migrate()
        gateway = self._start_processes()
        self._wait_until_ready(gateway)
        if not self._supervisor.stopping:
            self._greet()
        self._supervisor.watch()

    def _name_places(self) -> None:
        chosen = self._chosen
        key = chosen.secret_key.get_secret_value() or var_folder.secret_key(self._var_dir)
        self._environment |= {
            "BINDERY_VAR_DIR": str(self._var_dir),
            "BINDERY_SECRET_KEY": key,
            "BINDERY_STORAGE_URL": chosen.storage_location,
            "BINDERY_SCRATCH_DIR": str(chosen.scratch_location),
        }

    def _start_servers(self) -> None:
        database_url = self._chosen.database_url.get_secret_value()
        if not database_url:
            _tell("Starting PostgreSQL ...")
            postgres = EmbeddedPostgres(self._var_dir)
            postgres.start()
            self._watch_server("postgres", postgres.process, postgres.start_again, signal.SIGINT)
            database_url = postgres.url
        redis_url = self._chosen.redis_url.get_secret_value()
        if not redis_url:
            redis = EmbeddedRedis(self._var_dir)
            redis.start()
            self._watch_server("redis", redis.process, redis.start_again, signal.SIGTERM)
            redis_url = redis.url
        self._environment |= {"BINDERY_DATABASE_URL": database_url, "BINDERY_REDIS_URL": redis_url}

    def _watch_server(
        self,
        name: str,
        process: subprocess.Popen[bytes] | None,
        start_again: Callable[[], subprocess.Popen[bytes]],
        stop_signal: signal.Signals,
    ) -> None:
        self._supervisor.add(Part(name, start_again, stop_signal, _SERVER_STOP_S, _SERVERS, process))

    def _migrate(self) -> None:
        url = self._environment["BINDERY_DATABASE_URL"]
        database.configure(url, "bindery up")
        try:
            applied = database.migrate()
        except DatabaseUnavailable as error:
            raise SetUpError(
                f"PostgreSQL cannot be reached: {error.__cause__}",
                remedy="Look at BINDERY_DATABASE_URL: is that server up, the database made, the password right?",
            ) from error
        if applied:
            _tell(f"Database schema: applied {', '.join(applied)}.")
        if self._chosen.keys_needed and not api_keys.any_usable():
            _tell("The gateway asks for keys; make the first one: bindery keys create OWNER NAME --scope admin")

    def _start_processes(self) -> Part:
        for number, service in enumerate(catalogue.load().queues):
            start = self._starter(f"worker-{service}", "shared.worker", service, **self._own_metrics_port(number))
            self._supervisor.add(Part(f"worker {service}", start, signal.SIGTERM, self._chosen.worker_stop_s, _WORKERS))
        start = self._starter("gateway", "gateway.server")
        gateway = Part("gateway", start, signal.SIGTERM, self._chosen.gateway_stop_s, _GATEWAY)
        self._supervisor.add(gateway)
        return gateway

    def _own_metrics_port(self, number: int) -> dict[str, str]:
        first = self._chosen.metrics_port
        return {"BINDERY_METRICS_PORT": str(first + number)} if first else {}

    def _starter(self, name: str, *module: str, **more: str) -> Callable[[], subprocess.Popen[bytes]]:
        # Killed at our end, not asked to stop: their database goes at the same moment, and leases end by themselves.
        return lambda: child_process.start(
            [sys.executable, "-m", *module],
            log=self._logs / f"{name}.log",
            environment={**self._environment, **more},
            at_parents_end=signal.SIGKILL,
            folder=_ROOT,
        )

    def _wait_until_ready(self, gateway: Part) -> None:
        """Return when the gateway answers and every queue has a worker, or time is up; say what is missing."""
        deadline_s = time.monotonic() + _READY_S
        missing: list[str] = ["the gateway"]

        def ready() -> bool:
            nonlocal missing
            # An exit code of its own: it refuses the set-up. One that was killed is started again.
            if gateway.process and (gateway.process.poll() or 0) > 0:
                log = self._logs / "gateway.log"
                raise SetUpError(
                    f"The gateway {how_it_ended(gateway.process)}: {last_line(log)}", remedy=f"{log} tells more."
                )
            missing = self._missing()
            return not missing or time.monotonic() > deadline_s

        _tell("Starting the gateway and the workers ...")
        self._supervisor.watch(until=_every(_LOOK_EVERY_S, ready))
        if missing and not self._supervisor.stopping:
            _tell(f"warning: not ready after {_READY_S} s: {', '.join(missing)}; the logs are in {self._logs}")
        for failure in self._failing():
            _tell(f"warning: {failure}")

    def _missing(self) -> list[str]:
        try:
            consumed = {worker["queue"] for worker in consumers.known() if worker["live"]}
        except DatabaseUnavailable:
            return ["the database"]
        missing = [f"a worker for {queue}" for queue in catalogue.load().queues if queue not in consumed]
        return missing if address.answers(self._chosen.bind) else ["the gateway", *missing]

    def _failing(self) -> list[str]:
        try:
            workers = [worker for worker in consumers.known() if worker["live"]]
        except DatabaseUnavailable:
            return []
        return [
            f"{operation} is not available, its self-test failed: {failure}"
            for worker in workers
            for operation, failure in worker["operations"].items()
            if failure
        ]

    def _greet(self) -> None:
        url = f"http://{self._chosen.bind}"
        elsewhere = "" if url == self._chosen.url.rstrip("/") else f"BINDERY_URL={url} "
        command = f"{elsewhere}{_own_name()}"
        _tell(f"""
Bindery is ready at {url} (documents and logs: {self._var_dir}): open it in a browser, or

  curl -F file=@scan.pdf {url}/v1/compress
  {command} compress scan.pdf -o small.pdf
  {command} verify

Ctrl-C stops everything; jobs that wait go on at the next start.""")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _own_name() -> str:
    """How this command was called, for commands to copy."""
    path = Path(sys.argv[0])
    if path.suffix == ".py":
        return "python -m cli.main"
    return os.path.relpath(path) if path.is_absolute() and path.is_relative_to(Path.cwd()) else str(path)


def _every(period_s: float, ask: Callable[[], bool]) -> Callable[[], bool]:
    """`ask`, but at most once in a period; False in between."""
    next_s = 0.0

    def asked() -> bool:
        nonlocal next_s
        if time.monotonic() < next_s:
            return False
        next_s = time.monotonic() + period_s
        return ask()

    return asked
