"""The contract of the maintenance service: jobs without documents, by schedule or by hand."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from services.maintenance.service import SERVICE
from shared.operation import Options

#: Every operation can be asked what it would do, which is also how a worker tests itself.
_REHEARSAL = {"dry_run": True}
_WITHOUT_FILES: dict[str, Any] = {"inputs": "none", "cacheable": False, "self_test_options": _REHEARSAL}


class CleaningOptions(Options):
    """What all cleaning has in common."""

    dry_run: bool = Field(False, description="Only say what would be deleted.")


class TempFileOptions(CleaningOptions):
    """Which files in work are left-overs."""

    older_than_hours: float = Field(24, ge=0, description="Left-overs of lost workers are deleted at this age.")


class ExpiryOptions(CleaningOptions):
    """How expired jobs are deleted."""

    batch_jobs: int = Field(1000, ge=1, le=10_000, description="Jobs that are deleted in one transaction.")


class StorageOptions(CleaningOptions):
    """Which documents in storage belong to nothing."""

    older_than_hours: float = Field(
        24, ge=1, description="Documents that no job names are deleted at this age; younger ones may be arriving."
    )


class EmergencyOptions(CleaningOptions):
    """When the disk counts as nearly full."""

    below_free_percent: float | None = Field(
        None, ge=0, le=100, description="Clean up when less of the disk is free; empty: the setting least_free_percent."
    )


class HealthOptions(Options):
    """How a health check is made."""

    dry_run: bool = Field(False, description="Check, but keep no record of it.")
    keep_days: float = Field(7, gt=0, description="Records of earlier checks are kept for so long.")


CLEAN_TEMP_FILES = SERVICE.operation(
    "clean-temp-files",
    "Delete files in work that lost workers left behind.",
    options=TempFileOptions,
    schedule="*/30 * * * *",
    **_WITHOUT_FILES,
)
DELETE_EXPIRED_JOBS = SERVICE.operation(
    "delete-expired-jobs",
    "Delete jobs whose time is over, and their documents.",
    options=ExpiryOptions,
    schedule="0 2 * * *",
    soft_time_limit_s=3600,
    hard_time_limit_s=3660,
    **_WITHOUT_FILES,
)
COLLECT_GARBAGE = SERVICE.operation(
    "collect-garbage",
    "Delete documents in storage that no job names.",
    options=StorageOptions,
    schedule="30 2 * * *",
    soft_time_limit_s=3600,
    hard_time_limit_s=3660,
    **_WITHOUT_FILES,
)
FREE_DISK_SPACE = SERVICE.operation(
    "free-disk-space",
    "Clean up at once when the disk is nearly full.",
    options=EmergencyOptions,
    schedule="*/5 * * * *",
    **_WITHOUT_FILES,
)
CHECK_HEALTH = SERVICE.operation(
    "check-health",
    "Check database, Redis, storage, disk, queues and the keeper, and keep a record.",
    options=HealthOptions,
    schedule="*/5 * * * *",
    **_WITHOUT_FILES,
)
