"""`deploy/compose.yaml`: the whole platform on one host that has containers."""

from __future__ import annotations

from typing import Any

from cli.deploy.plan import (
    GATEWAY,
    MIGRATION,
    PORT,
    POSTGRES_IMAGE,
    REDIS_COMMAND,
    REDIS_IMAGE,
    VAR_DIR,
    WORKER_SETTINGS,
    Part,
    own_settings,
    parts,
)
from shared.settings import Settings

_DATABASE_URL = "postgresql://bindery:${POSTGRES_PASSWORD:?set it in .env}@postgres:5432/bindery"
_ENVIRONMENT = {
    "BINDERY_DATABASE_URL": _DATABASE_URL,
    "BINDERY_REDIS_URL": "redis://redis:6379/0",
    "BINDERY_SECRET_KEY": "${BINDERY_SECRET_KEY:?set it in .env}",
    "BINDERY_STORAGE_URL": f"file://{VAR_DIR}/storage",
    "BINDERY_OTLP_ENDPOINT": "${BINDERY_OTLP_ENDPOINT:-}",
}


def render(chosen: Settings) -> dict[str, Any]:
    """The file as a mapping."""
    found = parts(chosen)
    gateway, workers = found[0], found[1:]
    return {
        "name": "bindery",
        "services": {
            "postgres": _postgres(),
            "redis": _redis(),
            MIGRATION: _migration(gateway),
            GATEWAY: _gateway(gateway),
            **{part.name: _worker(part) for part in workers},
        },
        "networks": {"inside": {"internal": True}, "outside": {}},
        "volumes": {"postgres": {}, "storage": {}},
    }


def _postgres() -> dict[str, Any]:
    return {
        "image": POSTGRES_IMAGE,
        "restart": "unless-stopped",
        "environment": {
            "POSTGRES_USER": "bindery",
            "POSTGRES_DB": "bindery",
            "POSTGRES_PASSWORD": "${POSTGRES_PASSWORD:?set it in .env}",
        },
        "command": ["postgres", "-c", "max_connections=200"],
        "volumes": ["postgres:/var/lib/postgresql"],
        "networks": ["inside"],
        "healthcheck": {"test": ["CMD", "pg_isready", "-U", "bindery"], "interval": "5s", "retries": 12},
        "stop_grace_period": "60s",
    }


def _redis() -> dict[str, Any]:
    return {
        "image": REDIS_IMAGE,
        "restart": "unless-stopped",
        "command": REDIS_COMMAND,
        "networks": ["inside"],
        "healthcheck": {"test": ["CMD", "redis-cli", "ping"], "interval": "5s", "retries": 12},
    }


def _hardened(part: Part) -> dict[str, Any]:
    files = [{"path": f"{service}.env", "required": False} for service in own_settings(part)]
    return {
        "image": part.image,
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "tmpfs": [f"{VAR_DIR}:uid=10001,gid=10001,mode=0700", "/tmp:mode=1777"],  # noqa: S108 - inside a container
        "volumes": [f"storage:{VAR_DIR}/storage"],
        "environment": dict(_ENVIRONMENT),
        **({"env_file": files} if files else {}),
        "mem_limit": f"{part.memory_limit_mb}m",
    }


def _migration(gateway: Part) -> dict[str, Any]:
    return {
        **_hardened(gateway),
        "entrypoint": ["python", "-m", "shared.migrations"],
        "networks": ["inside"],
        "depends_on": {"postgres": {"condition": "service_healthy"}},
        "restart": "on-failure",
        "stop_grace_period": f"{gateway.grace_s}s",
    }


def _started() -> dict[str, Any]:
    return {
        MIGRATION: {"condition": "service_completed_successfully"},
        "redis": {"condition": "service_started"},
    }


def _gateway(part: Part) -> dict[str, Any]:
    return {
        **_hardened(part),
        "restart": "unless-stopped",
        # Who wants it beyond this host puts a proxy that speaks TLS before it: keys must not be read on the way.
        "ports": [f"127.0.0.1:{PORT}:{PORT}"],
        "networks": ["inside", "outside"],
        "depends_on": _started(),
        "stop_grace_period": f"{part.grace_s}s",
    }


def _worker(part: Part) -> dict[str, Any]:
    assert part.service is not None
    hardened = _hardened(part)
    hardened["environment"] |= {"BINDERY_SERVICE": part.service.name, **WORKER_SETTINGS}
    return {
        **hardened,
        "restart": "unless-stopped",
        "networks": ["inside", "outside"] if part.outward_ports else ["inside"],
        "depends_on": _started(),
        "stop_grace_period": f"{part.grace_s}s",
    }
