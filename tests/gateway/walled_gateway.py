"""A gateway in a network namespace with a public web server, an inside one, and a DNS server that may change its mind.

Its folder holds what both sides of the wall see: `zone.json` (name -> its answers in turn, each a list of addresses),
`answers/` (the bytes that both web servers send for a path), `hits.log`, `lookups.log`, `gateway.sock`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx

from tests.gateway.running_gateway import RunningGateway

#: An address of the public internet. In the gateway's network it belongs to a little web server.
PUBLIC = "93.184.215.14"
_ROOT = Path(__file__).parents[2]
# Root stays what it is: in a user namespace it could not enter folders of other users, such as that of PostgreSQL.
_UNSHARE = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--net", "--mount"]
_READY_S = 60


def walls_can_be_built() -> bool:
    """Whether this machine lets us make network namespaces."""
    return subprocess.run([*_UNSHARE, "true"], capture_output=True, timeout=30, check=False).returncode == 0


class WalledGateway(RunningGateway):
    """See above. `client` reaches it from outside."""

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder, **settings)
        self._folder = folder
        self.client = httpx.Client(
            base_url=self.url, transport=httpx.HTTPTransport(uds=str(folder / "gateway.sock")), timeout=60
        )

    def start(self) -> None:
        """Build the walls, start what is inside, and return when the gateway answers."""
        (self._folder / "answers").mkdir(parents=True)
        self.names({})
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*_UNSHARE, sys.executable, "-m", "tests.gateway.walled_inside", self._folder, self.url.split(":")[2]],
                cwd=_ROOT,
                env={**self.environment, "PYTHONPATH": os.pathsep.join([str(_ROOT)])},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
            )
        deadline_s = time.monotonic() + _READY_S
        while True:
            with suppress(httpx.TransportError):
                if (self._folder / "gateway.sock").exists() and self.client.get("/health/live"):
                    return
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline_s, self.log.read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop all of it."""
        assert self.process
        assert self.process.stdin
        self.client.close()
        self.process.stdin.close()
        self.process.wait(60)

    def names(self, zone: dict[str, list[list[str]]]) -> None:
        """What the DNS server answers from now on. It counts the questions of each name since it started."""
        new = self._folder / "zone.new"
        new.write_text(json.dumps(zone))
        new.rename(self._folder / "zone.json")

    def answers(self, path: str, raw: bytes) -> None:
        """What both web servers send for a path from now on."""
        (self._folder / "answers" / path.strip("/").replace("/", "_")).write_bytes(raw)

    def hits(self) -> list[str]:
        """Who got a connection since the last call, as host:port."""
        return self._taken("hits.log")

    def lookups(self) -> list[str]:
        """The names that were looked up since the last call."""
        return self._taken("lookups.log")

    def _taken(self, name: str) -> list[str]:
        log = self._folder / name
        found = log.read_text().split() if log.exists() else []
        log.write_text("")
        return found
