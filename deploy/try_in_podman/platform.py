"""The whole platform as pods on this machine, from an empty database until it is ready."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from bindery import Client
from deploy.try_in_podman.pods import Manifests, Pod, make_secret
from shared import catalogue

#: On 127.0.0.1, beside what else may run on the machine.
_GATEWAY, _POSTGRES, _REDIS = 18080, 15432, 16379
URL = f"http://127.0.0.1:{_GATEWAY}"
#: Until models are loaded and every operation has been tried on its sample.
READY_WITHIN_S = 300


class Platform:
    """Use it as a context: what it started is removed in the end, documents and database included, unless kept."""

    def __init__(self, *, keep: bool = False) -> None:
        self._keep = keep
        self.pods: dict[str, Pod] = {}
        #: Of the scope `admin`.
        self.key = ""
        password = secrets.token_urlsafe(12)
        database = f"postgresql://bindery:{password}@127.0.0.1:{_POSTGRES}/bindery"
        make_secret(
            {
                "POSTGRES_PASSWORD": password,
                "BINDERY_DATABASE_URL": database,
                "BINDERY_REDIS_URL": f"redis://127.0.0.1:{_REDIS}/0",
                "BINDERY_SECRET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                # The overlay names its own; the base asks the Secret for it.
                "BINDERY_STORAGE_URL": "",
            }
        )
        self._manifests = Manifests(
            # On loopback nobody would be asked for a key, which in a cluster everybody is.
            {"BINDERY_BIND": f"127.0.0.1:{_GATEWAY}", "BINDERY_REQUIRE_KEYS": "true"},
            {
                "postgres": ["-p", str(_POSTGRES), "-h", "127.0.0.1"],
                "redis": ["--port", str(_REDIS), "--bind", "127.0.0.1"],
            },
        )

    def __enter__(self) -> Platform:
        try:
            for store in ("postgres", "redis"):
                self.start(store)
            self._migrate()
            gateway = self.start("gateway")
            self.key = gateway.execute("python", "-m", "gateway.make_key", "root", "try")
            for queue in catalogue.load().queues:
                self.start(worker_of(queue))
            with self.client() as client:
                until("every queue has a worker", lambda: all(consumers(client).values()), READY_WITHIN_S)
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None
    ) -> None:
        if not self._keep:
            self.remove()

    def start(self, name: str, copy_name: str = "") -> Pod:
        """Start a pod of a Deployment; another one of it under another name."""
        pod = self._manifests.start(name, copy_name)
        self.pods[copy_name or name] = pod
        return pod

    def stop(self, name: str) -> float:
        """SIGTERM and the grace period, then the pod is gone. Returns how long it took, in seconds."""
        pod = self.pods.pop(name)
        began = time.monotonic()
        code = pod.stop()
        took_s = time.monotonic() - began
        pod.remove()
        if code:
            raise RuntimeError(f"{name} ended with {code} instead of 0 after SIGTERM")
        return took_s

    def client(self) -> Client:
        """A client that shows the key."""
        return Client(URL, api_key=self.key)

    def remove(self) -> None:
        """Take everything away."""
        for pod in self.pods.values():
            pod.remove()
        self.pods.clear()
        self._manifests.remove_volumes()

    def _migrate(self) -> None:
        pod = self.start("migration")
        until("the database is up to date", lambda: pod.state() == "exited 0", READY_WITHIN_S)
        self.pods.pop("migration").remove()


def worker_of(queue: str) -> str:
    """The Deployment that serves a queue."""
    return f"worker-{queue.replace('_', '-')}"


def consumers(client: Client) -> dict[str, list[dict[str, Any]]]:
    """The live workers of each queue, as the gateway tells."""
    try:
        return {queue["name"]: queue["consumers"] for queue in client.get("/v1/queues")["queues"]}
    except Exception:  # noqa: BLE001 - a gateway that starts refuses, or answers with what it still lacks
        return {"": []}


def until(what: str, holds: Callable[[], object], within_s: float) -> float:
    """Wait until it holds. Returns after how many seconds; raises TimeoutError."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > within_s:
            raise TimeoutError(f"after {within_s:g} s still not so: {what}")
        time.sleep(0.5)
    return time.monotonic() - began
