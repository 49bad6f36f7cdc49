"""What has to run so that every queue is served: derived from the catalogue and the settings."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from shared import catalogue
from shared.operation import Service
from shared.settings import Settings

#: Where the manifests stand.
FOLDER = Path(__file__).parents[2] / "deploy"
GATEWAY, MIGRATION = "gateway", "migration"
PORT = 8000
#: The user of the images, who owns nothing but the folder of files in work.
USER_ID = 10001
VAR_DIR = "/var/lib/bindery"
SECRET = "bindery"  # noqa: S105 - the name of the object that holds them
#: What every part must be told and no manifest may hold.
SECRET_SETTINGS = ("BINDERY_DATABASE_URL", "BINDERY_REDIS_URL", "BINDERY_SECRET_KEY")
#: Of a worker process itself and of the host that children are forked from, models included.
_WORKER_MB = 1024
_GATEWAY_MB = 512
#: Of a container's limit, what the scheduler sets aside: engines rarely take what they may.
_REQUESTED_SHARE = 0.25


@dataclass(frozen=True)
class Part:
    """One kind of process."""

    name: str
    image: str
    memory_limit_mb: int
    memory_request_mb: int
    #: Time between SIGTERM and SIGKILL.
    grace_s: int
    service: Service | None = None

    @property
    def network(self) -> bool:
        """Whether one of its operations talks to servers outside."""
        return self.service is not None and needs_network(self.service)


def parts(chosen: Settings, registry: str = "") -> list[Part]:
    """The gateway, then the worker of every service."""
    return [
        Part(
            GATEWAY,
            _image(GATEWAY, registry),
            _GATEWAY_MB * 2,
            _GATEWAY_MB,
            int(chosen.gateway_stop_s),
        ),
        *(
            Part(
                worker_name(service.name),
                _image(service.name, registry),
                least_memory_mb(service, chosen),
                _WORKER_MB + int(service.threads * service.memory_mb * _REQUESTED_SHARE),
                int(chosen.worker_stop_s),
                service,
            )
            for _, service in sorted(catalogue.load().services.items())
        ),
    ]


def own_settings(part: Part) -> list[str]:
    """Services whose own settings a part must know: a worker its service's, the gateway all, for its cache's keys."""
    services = [part.service] if part.service is not None else list(catalogue.load().services.values())
    return sorted(service.name for service in services if service.settings is not None)


def worker_name(service: str) -> str:
    """The name of a worker's container; DNS names have no underscores."""
    return f"worker-{service.replace('_', '-')}"


def least_memory_mb(service: Service, chosen: Settings) -> int:
    """What a worker's container must be allowed: less, and the kernel ends engines that stay within their own limit."""
    slots = (chosen.worker_slots or service.threads) + any(one.quick for one in service.operations.values())
    return _WORKER_MB + slots * service.memory_mb


def needs_network(service: Service) -> bool:
    """Whether one of its operations is declared to talk to servers outside."""
    return any(operation.network for operation in service.operations.values())


def _image(name: str, registry: str) -> str:
    return f"{registry}bindery-{name}:{version('bindery')}"
