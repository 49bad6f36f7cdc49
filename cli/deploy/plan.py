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
GATEWAY, MIGRATION, MAINTENANCE = "gateway", "migration", "maintenance"
PORT = 8000
#: Where each worker tells its metrics.
METRICS_PORT = 9100
#: The user of the images, who owns nothing but the folder of files in work.
USER_ID = 10001
VAR_DIR = "/var/lib/bindery"
SECRET = "bindery"  # noqa: S105 - the name of the object that holds them
#: What every part must be told and no manifest may hold.
SECRET_SETTINGS = ("BINDERY_DATABASE_URL", "BINDERY_REDIS_URL", "BINDERY_SECRET_KEY")
#: Of a worker process itself and of the host that children are forked from, models included.
_WORKER_MB = 1024
_GATEWAY_MB = 512
POSTGRES_IMAGE, REDIS_IMAGE = "postgres:18", "redis:8"
#: A bell that was thrown away to make room would be missed; nothing needs to be kept.
REDIS_COMMAND = ["redis-server", "--maxmemory-policy", "noeviction", "--save", "", "--appendonly", "no"]
#: Of every worker: its metrics are told to whoever the network lets near.
WORKER_SETTINGS = {"BINDERY_METRICS_HOST": "0.0.0.0", "BINDERY_METRICS_PORT": str(METRICS_PORT)}  # noqa: S104
#: What leads outside beside the operations that declare it, by the part's name.
_OUTWARD = {
    GATEWAY: "documents that a caller names by a URL",
    MAINTENANCE: "webhooks",
}
#: Where model servers and other upstreams are reached, unless a site's own overlay says otherwise.
_HTTPS = 443
#: Kubernetes takes no longer time between the end of a load and the end of a pod.
_LONGEST_WINDOW_S = 3600
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
    #: Ports of servers outside that it may reach; none: it has no network beyond the platform.
    outward_ports: tuple[int, ...] = ()


def parts(chosen: Settings, registry: str = "") -> list[Part]:
    """The gateway, then the worker of every service."""
    return [
        Part(
            GATEWAY,
            image(GATEWAY, registry),
            _GATEWAY_MB * 2,
            _GATEWAY_MB,
            int(chosen.gateway_stop_s),
            outward_ports=tuple(chosen.outbound_ports),
        ),
        *(
            Part(
                worker_name(service.name),
                image(service.name, registry),
                least_memory_mb(service, chosen),
                _WORKER_MB + int(service.threads * service.memory_mb * _REQUESTED_SHARE),
                int(chosen.worker_stop_s),
                service,
                _outward_ports(service, chosen),
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


def outward(name: str, service: Service | None) -> list[str]:
    """Why a part must reach servers outside: its operations that declare it, and what the platform does there itself.

    `name` is that of the service, or of the part that serves no queue. Empty: it has no business there.
    """
    operations = service.operations.values() if service is not None else ()
    declared = sorted(operation.name for operation in operations if operation.network)
    return [*declared, _OUTWARD[name]] if name in _OUTWARD else declared


def longest_job_s(service: Service) -> int:
    """How long a job of a service may take."""
    return max(operation.hard_time_limit_s for operation in service.operations.values())


def longest_window_s(service: Service) -> int:
    """How long a worker must stay though nothing waits: what its slots do takes so long and is not waiting any more."""
    return min(longest_job_s(service), _LONGEST_WINDOW_S)


def _outward_ports(service: Service, chosen: Settings) -> tuple[int, ...]:
    found = {_HTTPS} if any(operation.network for operation in service.operations.values()) else set()
    return tuple(sorted(found.union(chosen.outbound_ports if service.name in _OUTWARD else ())))


def image(name: str, registry: str = "") -> str:
    """The image of a part, as `make images` tags it."""
    return f"{registry}bindery-{name}:{version('bindery')}"
