"""Bind the operations of this service to what does them."""

from __future__ import annotations

from services.maintenance.disk_space import free_percent
from services.maintenance.expired_jobs import delete_expired
from services.maintenance.garbage import collect_garbage
from services.maintenance.health import check_health
from services.maintenance.old_webhooks import delete_old_webhooks
from services.maintenance.operations import (
    CHECK_HEALTH,
    CLEAN_TEMP_FILES,
    COLLECT_GARBAGE,
    DELETE_EXPIRED_JOBS,
    FREE_DISK_SPACE,
    EmergencyOptions,
    ExpiryOptions,
    HealthOptions,
    StorageOptions,
    TempFileOptions,
)
from services.maintenance.service import MaintenanceSettings
from services.maintenance.temp_files import delete_left_overs
from shared import database, jobs, settings
from shared.actors import performs
from shared.operation import Result, Task
from shared.storage import Storage

#: In an emergency left-overs of this age go: no attempt starts with files that old.
_EMERGENCY_AGE_S = 3600


def _connect() -> Storage:
    chosen = settings.current()
    database.configure(chosen.database_url.get_secret_value(), "bindery maintenance")
    return Storage(chosen.storage_location)


def _clean(task: Task, older_than_s: float, *, dry_run: bool) -> Result:
    scratch = settings.current().scratch_location
    return delete_left_overs(scratch, older_than_s, jobs.is_processing, dry_run=dry_run, report=task.report)


@performs(CLEAN_TEMP_FILES)
def clean_temp_files(task: Task, options: TempFileOptions) -> Result:
    """Delete old left-overs in the scratch folder of this host."""
    _connect()
    return _clean(task, options.older_than_hours * 3600, dry_run=options.dry_run)


@performs(DELETE_EXPIRED_JOBS)
def delete_expired_jobs(task: Task, options: ExpiryOptions) -> Result:
    """Delete jobs whose time is over, and what was told of them long ago."""
    deleted = delete_expired(_connect(), options.batch_jobs, dry_run=options.dry_run, report=task.report)
    return deleted | delete_old_webhooks(MaintenanceSettings().keep_webhook_days, dry_run=options.dry_run)


@performs(COLLECT_GARBAGE)
def collect_unnamed(task: Task, options: StorageOptions) -> Result:
    """Delete documents that no row names."""
    return collect_garbage(_connect(), options.older_than_hours, dry_run=options.dry_run, report=task.report)


@performs(FREE_DISK_SPACE)
def free_disk_space(task: Task, options: EmergencyOptions) -> Result:
    """When the disk is nearly full delete at once what may go: left-overs, expired jobs, unnamed documents.

    Results that have not expired are never deleted: whoever was promised them gets them.
    """
    store = _connect()
    chosen = settings.current()
    before = free_percent(chosen.scratch_location)
    least = chosen.least_free_percent if options.below_free_percent is None else options.below_free_percent
    found: Result = {"free_percent_before": before, "emergency": before < least}
    if found["emergency"]:
        found["temp_files"] = _clean(task, _EMERGENCY_AGE_S, dry_run=options.dry_run)
        found["expired_jobs"] = delete_expired(store, 1000, dry_run=options.dry_run, report=task.report)
        found["garbage"] = collect_garbage(store, 1, dry_run=options.dry_run, report=task.report)
    found["free_percent_after"] = free_percent(chosen.scratch_location)
    return found


@performs(CHECK_HEALTH)
def check_platform(task: Task, options: HealthOptions) -> Result:
    """Check every part of the platform."""
    return check_health(_connect(), keep_days=options.keep_days, dry_run=options.dry_run, report=task.report)
