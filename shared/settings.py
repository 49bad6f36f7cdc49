"""Every setting of the platform, once: its name, default, unit and meaning. Environment prefix BINDERY_."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

#: Numbers separated by commas, in the environment as `60,180,600`.
SecondsList = Annotated[tuple[float, ...], NoDecode]
#: The same with whole numbers, and with words.
NumberList = Annotated[tuple[int, ...], NoDecode]
WordList = Annotated[tuple[str, ...], NoDecode]

#: Beyond the grace period of running jobs: to end their children, hand the jobs back and close.
_WORKER_CLOSE_S = 15
_GATEWAY_STOP_S = 20


class Settings(BaseSettings):
    """The settings of one process. Read once at start; `current()` returns them."""

    model_config = SettingsConfigDict(env_prefix="BINDERY_", extra="ignore", frozen=True)

    # Places
    bind: str = Field("127.0.0.1:8000", description="Address that the gateway listens on, host:port.")
    var_dir: Path = Field(Path("var"), description="Folder of everything that `bindery up` keeps.")
    database_url: SecretStr = Field(SecretStr(""), description="PostgreSQL to use; empty: the embedded one.")
    redis_url: SecretStr = Field(SecretStr(""), description="Redis to use; empty: the embedded one.")
    storage_url: str = Field(
        "", description="file:///folder or s3://bucket/prefix; empty: the folder storage in var_dir."
    )
    scratch_dir: Path | None = Field(None, description="Folder for files in work; empty: scratch in var_dir.")
    secret_key: SecretStr = Field(
        SecretStr(""), description="Key that encrypts passwords given with jobs; empty: made once and kept in var_dir."
    )
    url: str = Field("http://127.0.0.1:8000", description="Gateway that the command line talks to.")
    api_key: SecretStr = Field(SecretStr(""), description="API key that the command line shows to that gateway.")

    # Gateway
    allow_open_bind: bool = Field(False, description="Ask nobody for a key, although other machines can come.")
    require_keys: bool = Field(False, description="Ask for an API key on loopback too; beyond it one is always needed.")
    open_metrics: bool = Field(False, description="GET /metrics needs no key.")
    session_hours: float = Field(12, gt=0, description="A browser stays signed in for so long.")
    wrong_keys_per_minute: int = Field(
        60, ge=1, description="Wrong keys from one address before new ones are not looked at any more."
    )
    share_results: bool = Field(
        False, description="Answer an owner's job with the cached result of another owner's job on equal documents."
    )
    jobs_per_minute: int = Field(0, ge=0, description="Jobs that a key may submit in a minute; 0: no limit.")
    bytes_per_day: int = Field(0, ge=0, description="Bytes that an owner may upload on a day (UTC); 0: no limit.")
    running_jobs: int = Field(0, ge=0, description="Jobs of one owner that run at once; 0: no limit.")
    gateway_processes: int = Field(2, ge=1, le=64, description="Processes of the gateway.")
    gateway_threads: int = Field(8, ge=1, le=256, description="Database threads of one gateway process.")
    max_upload_bytes: int = Field(2 * 1024**3, ge=1, description="Largest file that is accepted.")
    max_files: int = Field(1000, ge=1, description="Most files in one request.")
    request_head_s: float = Field(10, gt=0, description="A new connection must have sent a request's head by then.")
    client_silent_s: float = Field(
        25, gt=0, description="A client that for so long sends less than 1 KiB of a body, or reads nothing, is left."
    )
    max_wait_s: float = Field(60, ge=0, le=600, description="Longest that a request may wait for a job.")

    # Addresses that callers name
    max_urls: int = Field(20, ge=0, description="Most URLs in one request, whose documents are fetched; 0: none.")
    fetch_time_limit_s: float = Field(120, gt=0, description="Time to fetch all documents that one request names.")
    outbound_ports: NumberList = Field(
        (80, 443, 8080, 8443), description="Ports of URLs that callers name; empty: every port."
    )
    allowed_private_networks: WordList = Field(
        (),
        description="Inside networks (10.1.0.0/16) and hosts (files.example.lan) that URLs of callers may lead to.",
    )
    refused_networks: WordList = Field(
        (), description="Networks that URLs of callers may not lead to, although their addresses are public."
    )

    # Life of a job
    lease_s: float = Field(30, ge=1, description="A worker that does not renew its claim for so long has lost the job.")
    renew_every_s: float = Field(10, gt=0, description="How often a worker renews its claim.")
    failure_delays_s: SecondsList = Field(
        (60, 180, 600), description="Waits before the tries after retryable errors, spread over 50 to 100 percent."
    )
    crash_delay_s: float = Field(
        5, ge=0, description="Wait before a job is tried again whose engine died, or whose worker was lost again."
    )
    max_crashes: int = Field(2, ge=0, description="Lost workers that a job survives; one more fails it.")
    keep_completed_days: float = Field(30, gt=0, description="Completed and cancelled jobs are kept for so long.")
    keep_failed_days: float = Field(7, gt=0, description="Failed jobs are kept for so long.")

    # Workers
    tick_s: float = Field(2, gt=0, description="Period of the keeper: reap, ring.")
    poll_s: float = Field(2, gt=0, description="How often a worker looks for jobs whose bell was lost.")
    beat_s: float = Field(5, gt=0, description="How often a worker says that it is alive.")
    consumer_expires_s: float = Field(30, gt=0, description="A worker that was silent for so long does not count.")
    grace_s: float = Field(25, ge=0, description="Time that running jobs get to finish when a worker is told to stop.")
    stop_child_s: float = Field(5, ge=0, description="Time between asking a child process to stop and killing it.")
    worker_slots: int = Field(0, ge=0, le=256, description="Jobs at once in a worker process; 0: as its service says.")

    # Maintenance
    schedules: dict[str, str] = Field(
        default_factory=dict,
        description="Cron expressions in UTC by operation, as JSON, instead of the operations' own; empty: never.",
    )
    schedule_every_s: float = Field(5, gt=0, description="How often the gateway looks for scheduled jobs that are due.")
    least_free_percent: float = Field(10, ge=0, le=100, description="Less free disk than this is unhealthy.")
    max_queue_hours: float = Field(
        72, gt=0, description="A job that waited for so long fails, unless its queue is paused."
    )

    fault_point: str = Field("", description="For tests: the process dies at the named place. Empty: never.")

    self_test_again_s: float = Field(
        60, gt=0, description="How often a worker tries again what failed in its self-test."
    )

    # Sight
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Port at which each worker tells its metrics; 0: none. Of `bindery up`: the first.",
    )
    metrics_host: str = Field("127.0.0.1", description="Address at which workers tell their metrics.")
    otlp_endpoint: str = Field(
        "",
        description="Where traces are sent: http://host:4318; empty: as OTEL_EXPORTER_OTLP_ENDPOINT says, or nowhere.",
    )
    log_format: str = Field("json", pattern="^(json|console)$", description="json or console.")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="Least level that is logged.")

    @field_validator(
        "failure_delays_s", "outbound_ports", "allowed_private_networks", "refused_networks", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("allowed_private_networks", "refused_networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        # Here, so that a typing error stops the start and does not open or close a door in silence.
        for each in value:
            if "/" in each or info.field_name == "refused_networks":
                ip_network(each)
        return value

    @property
    def keys_needed(self) -> bool:
        """Whether callers must show an API key."""
        return self.require_keys or not (self.allow_open_bind or _is_loopback(self.bind))

    @property
    def storage_location(self) -> str:
        """The storage URL in force."""
        return self.storage_url or (self.var_dir.absolute() / "storage").as_uri()

    @property
    def worker_stop_s(self) -> float:
        """Time from SIGTERM until a worker has ended: running jobs, their children, handing back and closing."""
        return self.grace_s + self.stop_child_s + _WORKER_CLOSE_S

    @property
    def gateway_stop_s(self) -> float:
        """Time from SIGTERM until the gateway has ended."""
        return _GATEWAY_STOP_S

    @property
    def scratch_location(self) -> Path:
        """The scratch folder in force."""
        return (self.scratch_dir or self.var_dir / "scratch").absolute()


def _is_loopback(bind: str) -> bool:
    host = bind.rpartition(":")[0].strip("[]")
    if bind.startswith("unix:") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=1)
def current() -> Settings:
    """The settings of this process. `current.cache_clear()` makes the next call read the environment again."""
    return Settings()
