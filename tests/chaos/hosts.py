"""Hosts on one machine: network namespaces, each with a line of its own to where PostgreSQL, Redis and S3 are.

They share nothing else: every host has its own folders, its own network and its own loopback, and reaches no other one.
A line that is cut swallows packets without a word, as a switch that died: no connection is closed, no socket is told.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
import psycopg
from moto.server import ThreadedMotoServer

from cli.embedded_postgres import EmbeddedPostgres
from cli.embedded_redis import EmbeddedRedis
from shared import database
from tests.chaos.parts import Part

#: Where the stores are, as every host sees it. In a range for tests of networks, which nobody routes.
STORES = "198.18.213.1"
#: A hardware address that nobody has: what is sent there is dropped on arrival.
_NOBODY = "00:00:5e:00:53:01"
_REDIS_PORT = 26379
_GATEWAY_PORT = 8000
_PLUGINS = Path(__file__).parents[1] / "plugins"


def missing() -> str:
    """What keeps this machine from having hosts; empty: nothing."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "there is no `ip` (iproute2)"
    tried = subprocess.run(["ip", "netns", "add", "bindery-try"], capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"no network namespace can be made: {tried.stderr.strip()}"
    _ip("netns", "del", "bindery-try")
    return ""


def _ip(*arguments: str, check: bool = True) -> None:
    subprocess.run(["ip", *arguments], check=check, capture_output=not check, timeout=30)


class Host:
    """One host with its line, its folders and its processes."""

    def __init__(self, number: int, folder: Path, settings: dict[str, Any], environment: dict[str, str]) -> None:
        self.name = f"bindery-{number}"
        self.address = f"198.18.{number}.2"
        self.url = f"http://{self.address}:{_GATEWAY_PORT}"
        self.folder = folder
        self._near = f"198.18.{number}.1"
        self._settings = settings
        self._environment = environment
        self.parts: list[Part] = []
        (folder / "log").mkdir(parents=True)

    def connect(self) -> None:
        """Make the host and its line."""
        inside = ("-n", self.name)
        _ip("netns", "add", self.name)
        _ip("link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _ip("addr", "add", f"{self._near}/30", "dev", self.name)
        _ip("link", "set", self.name, "up")
        _ip(*inside, "addr", "add", f"{self.address}/30", "dev", "eth0")
        _ip(*inside, "link", "set", "eth0", "up")
        _ip(*inside, "link", "set", "lo", "up")
        _ip(*inside, "route", "add", "default", "via", self._near)

    def cut(self) -> None:
        """From now on every packet is lost, and neither side is told."""
        for within, line, neighbour in self._ends():
            _ip(*within, "neigh", "replace", neighbour, "lladdr", _NOBODY, "dev", line, "nud", "permanent")

    def heal(self) -> None:
        """Packets come through again."""
        for within, line, neighbour in self._ends():
            _ip(*within, "neigh", "del", neighbour, "dev", line)

    def _ends(self) -> list[tuple[tuple[str, ...], str, str]]:
        return [(("-n", self.name), "eth0", self._near), ((), self.name, self.address)]

    def start(self, name: str, *module: str, path: Path | None = None) -> Part:
        """Start a process on this host, from modules below `path` too; does not wait until it is ready."""
        chosen = {
            **self._settings,
            "bind": f"{self.address}:{_GATEWAY_PORT}",
            "allow_open_bind": "true",
            "var_dir": self.folder / "var",
        }
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("BINDERY_", "AWS_"))},
            **{f"BINDERY_{key.upper()}": str(value) for key, value in chosen.items()},
            **self._environment,
            "PYTHONPATH": os.pathsep.join(map(str, [_PLUGINS, *([path] if path else [])])),
        }
        log = self.folder / "log" / f"{name}.log"
        part = Part(name, module, environment, log, within=("ip", "netns", "exec", self.name))
        part.start()
        self.parts.append(part)
        return part

    def look_after(self) -> None:
        """Start again what died, as whoever runs a host does."""
        for part in self.parts:
            part.look_after()

    @property
    def worker(self) -> Part:
        """Its worker."""
        return next(part for part in self.parts if part.name == "worker")

    def remove(self) -> None:
        """End its processes and take the line away."""
        for part in self.parts:
            part.kill_group()
            part.wait()
        _ip("netns", "del", self.name, check=False)
        _ip("link", "del", self.name, check=False)

    def log_text(self) -> str:
        """What its processes have logged."""
        return "\n".join(path.read_text(errors="replace")[-4000:] for path in sorted((self.folder / "log").iterdir()))


class Hosts:
    """Hosts and what they share. A context manager; the database is configured for the test itself too."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self._folder = folder
        self._settings = settings
        self._postgres = EmbeddedPostgres(folder / "postgres", listen=STORES)
        self._redis = EmbeddedRedis(folder / "redis", listen=(STORES, _REDIS_PORT))
        self._s3 = ThreadedMotoServer(ip_address=STORES, port=0, verbose=False)
        self.hosts: list[Host] = []

    def __enter__(self) -> Hosts:
        _ip("addr", "add", f"{STORES}/32", "dev", "lo", check=False)
        try:
            self._start_stores()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._remove()

    def _start_stores(self) -> None:
        self._postgres.start()
        with psycopg.connect(self._postgres.url, autocommit=True) as connection:
            # Whoever reaches this address may enter: only the hosts can.
            connection.execute("CREATE ROLE hosts LOGIN SUPERUSER PASSWORD 'hosts'")
            (rules,) = connection.execute("SHOW hba_file").fetchone() or ("",)
            with Path(rules).open("a", encoding="utf-8") as file:
                file.write("host all hosts 198.18.0.0/15 scram-sha-256\n")
            connection.execute("SELECT pg_reload_conf()")
        database.configure(self._postgres.url, "chaos")
        database.migrate()
        self._redis.start()
        self._s3.start()
        client = boto3.client("s3", **self._s3_access())
        client.create_bucket(Bucket="documents")
        client.close()

    def _s3_access(self) -> dict[str, str]:
        _, port = self._s3.get_host_and_port()
        return {
            "endpoint_url": f"http://{STORES}:{port}",
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            "region_name": "us-east-1",
        }

    def add(self) -> Host:
        """One more host, with nothing on it."""
        number = len(self.hosts) + 1
        access = self._s3_access()
        environment = {
            "AWS_ENDPOINT_URL": access["endpoint_url"],
            "AWS_ACCESS_KEY_ID": access["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": access["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": access["region_name"],
            "AWS_ALLOW_HTTP": "true",
        }
        settings = {
            **self._settings,
            "database_url": f"postgresql://hosts:hosts@{STORES}/bindery",
            "redis_url": f"redis://{STORES}:{_REDIS_PORT}/0",
            "storage_url": "s3://documents/bindery",
        }
        host = Host(number, self._folder / f"host-{number}", settings, environment)
        self.hosts.append(host)
        host.connect()
        return host

    def _remove(self) -> None:
        for host in self.hosts:
            host.remove()
        database.disconnect()
        self._s3.stop()
        self._redis.stop()
        self._postgres.stop()
        _ip("addr", "del", f"{STORES}/32", "dev", "lo", check=False)
