"""The maintenance service, its settings, and what its worker does beside its jobs."""

from __future__ import annotations

import threading

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.operation import Duty, Service
from shared.settings import SecondsList


class MaintenanceSettings(BaseSettings):
    """How webhooks are delivered, and how long that is remembered."""

    model_config = SettingsConfigDict(env_prefix="BINDERY_MAINTENANCE_", extra="ignore", frozen=True)

    webhook_time_limit_s: float = Field(15, gt=0, le=60, description="A receiver must answer within this time.")
    webhook_delays_s: SecondsList = Field(
        (5, 300, 1800, 7200, 18_000, 28_800, 28_800),
        description="Waits before the tries after one that failed, spread over 80 to 100 percent; "
        "after the last the delivery is dead.",
    )
    # Fewer than the names that one process looks up at once: see shared/outbound/resolution.py.
    webhook_parallel: int = Field(50, ge=1, le=60, description="Webhooks that one worker sends at the same time.")
    webhook_parallel_per_endpoint: int = Field(
        4, ge=1, le=100, description="Of these to one endpoint, by all workers together; to one that fails only 1."
    )
    webhook_poll_s: float = Field(1, gt=0, le=60, description="How often a worker looks for webhooks to send.")
    keep_webhook_days: float = Field(
        30, gt=0, description="Deliveries are remembered for so long, unless their job goes earlier."
    )

    @field_validator("webhook_delays_s", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _deliver_webhooks(stopping: threading.Event) -> None:
    # Here, because who only reads this contract has neither a database nor an HTTP client.
    from services.maintenance.webhooks.duty import deliver

    deliver(stopping)


SERVICE = Service(
    "maintenance",
    summary="Clean up after jobs, watch the platform's health, deliver webhooks.",
    threads=1,
    memory_mb=1024,
    trusted=True,
    settings=MaintenanceSettings,
    duties=(Duty("webhooks", _deliver_webhooks),),
)
