"""Maintenance on real Postgres and real folders: what must go goes, and nothing else does."""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path

import peewee
import pytest

from services.maintenance.expired_jobs import delete_expired
from services.maintenance.garbage import collect_garbage
from services.maintenance.health import check_health
from services.maintenance.temp_files import delete_left_overs
from shared import database, jobs, keeper, settings, storage
from shared.broker import Bell
from shared.errors import FileProcessingError
from shared.models import HealthCheck, Job
from tests.conftest import SettingsEnv
from tests.shared.chain_factory import chained, completed, step_ids
from tests.shared.job_factory import claimed, created

pytestmark = pytest.mark.usefixtures("database_url")

_DAY_S = 86400


@pytest.fixture
def store(storage_dir: Path) -> storage.Storage:
    return storage.Storage(settings.current().storage_location)


def put(store: storage.Storage, key: str, tmp_path: Path) -> Path:
    """Store a small document under a key and return its file."""
    (tmp_path / "document").write_bytes(b"bytes")
    store.store(key, tmp_path / "document")
    return tmp_path / "storage" / key


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def expired(job_id: uuid.UUID) -> None:
    Job.update(expires_at=peewee.SQL("now() - interval '1 second'")).where(Job.id == job_id).execute()


def made_old(path: Path, age_s: float) -> None:
    os.utime(path, (time.time() - age_s, time.time() - age_s))


def test_old_left_overs_go_and_young_ones_and_those_in_work_stay(tmp_path: Path):
    scratch = tmp_path / "scratch"
    for name in ("old", "young", "in-work"):
        (scratch / name / "1").mkdir(parents=True)
        (scratch / name / "1" / "input-0").write_bytes(b"12345")
    (scratch / "old-file").write_bytes(b"123")
    for name in ("old", "in-work", "old-file"):
        made_old(scratch / name, 2 * _DAY_S)

    rehearsed = delete_left_overs(scratch, _DAY_S, {"in-work"}.__contains__, dry_run=True)
    assert names_in(scratch) == ["in-work", "old", "old-file", "young"]
    done = delete_left_overs(scratch, _DAY_S, {"in-work"}.__contains__, dry_run=False)

    assert names_in(scratch) == ["in-work", "young"]
    assert (done["deleted"], done["freed_bytes"]) == (rehearsed["deleted"], rehearsed["freed_bytes"]) == (2, 8)


def test_a_link_among_left_overs_is_removed_but_not_followed(tmp_path: Path):
    scratch, treasure = tmp_path / "scratch", tmp_path / "treasure"
    scratch.mkdir()
    treasure.mkdir()
    (treasure / "kept").write_text("kept")
    (scratch / "link").symlink_to(treasure)
    os.utime(scratch / "link", (0, 0), follow_symlinks=False)

    delete_left_overs(scratch, _DAY_S, lambda _: False, dry_run=False)

    assert (treasure / "kept").exists()
    assert names_in(scratch) == []


def test_expired_jobs_go_with_their_documents_and_live_ones_stay(store: storage.Storage, tmp_path: Path):
    done, failed, kept, waiting = created(), created(), created(), created()
    jobs.complete(claimed(), [], {})
    jobs.fail(claimed(), FileProcessingError())
    jobs.complete(claimed(), [], {})
    running = claimed()
    assert running.job_id == waiting
    files = {job_id: put(store, storage.input_key(job_id, 0), tmp_path) for job_id in (done, failed, kept, waiting)}
    expired(done)
    expired(failed)

    result = delete_expired(store, 1000, dry_run=False)

    assert {job.id for job in Job.select()} == {kept, waiting}
    assert [files[job_id].exists() for job_id in (done, failed, kept, waiting)] == [False, False, True, True]
    assert (result["deleted_jobs"], result["deleted_documents"]) == (2, 2)


def test_the_steps_of_a_job_go_with_it_and_not_before(store: storage.Storage, tmp_path: Path):
    job = chained()
    completed(job)
    steps = step_ids(job)
    files = [put(store, storage.output_key(job_id, 1, 0), tmp_path) for job_id in (job.id, *steps)]
    for step_id in steps:
        expired(step_id)

    assert delete_expired(store, 1000, dry_run=False)["deleted_jobs"] == 0
    expired(job.id)
    assert delete_expired(store, 1000, dry_run=False)["deleted_jobs"] == 1

    assert Job.select().count() == 0
    assert [path.exists() for path in files] == [False] * 4


def test_a_document_that_another_job_names_outlives_its_own_job(store: storage.Storage, tmp_path: Path):
    lender = created()
    key = storage.input_key(lender, 0)
    jobs.complete(claimed(), [], {})
    file, other = put(store, key, tmp_path), put(store, storage.input_key(lender, 1), tmp_path)
    created(inputs=[jobs.StoredFile("in.pdf", "application/pdf", 5, "0" * 64, key)])
    expired(lender)

    result = delete_expired(store, 1000, dry_run=False)

    assert (result["deleted_jobs"], result["deleted_documents"]) == (1, 1)
    assert (file.exists(), other.exists()) == (True, False)


def test_jobs_are_deleted_in_batches_until_none_is_left(store: storage.Storage):
    for _ in range(25):
        job_id = created()
        jobs.complete(claimed(), [], {})
        expired(job_id)

    assert delete_expired(store, 10, dry_run=True)["deleted_jobs"] == 25
    assert delete_expired(store, 10, dry_run=False)["deleted_jobs"] == 25
    assert Job.select().count() == 0


def test_a_completed_job_is_kept_longer_than_a_failed_one():
    done, failed = created(), created()
    jobs.complete(claimed(), [], {})
    jobs.fail(claimed(), FileProcessingError())

    def kept_days(job_id: uuid.UUID) -> float:
        job = Job.get_by_id(job_id)
        return (job.expires_at - job.completed_at).total_seconds() / _DAY_S

    assert (kept_days(done), kept_days(failed)) == (30, 7)


def test_documents_that_no_row_names_are_collected(store: storage.Storage, tmp_path: Path):
    job_id, gone = created(), uuid.uuid4()
    claim = claimed()
    named = put(store, f"jobs/{job_id}/input/0", tmp_path)
    in_work = put(store, storage.output_key(job_id, claim.attempt, 0), tmp_path)
    unnamed = put(store, storage.input_key(gone, 0), tmp_path)
    arriving = put(store, storage.input_key(uuid.uuid4(), 0), tmp_path)
    for path in (named, in_work, unnamed):
        made_old(path, 2 * _DAY_S)

    result = collect_garbage(store, 24, dry_run=False)

    assert [path.exists() for path in (named, in_work, unnamed, arriving)] == [True, True, False, True]
    assert (result["looked_at"], result["deleted"], result["freed_bytes"]) == (4, 1, 5)


def test_what_a_lost_attempt_left_is_collected_once_the_job_has_ended(store: storage.Storage, tmp_path: Path):
    job_id = created()
    lost = claimed()
    left = put(store, storage.output_key(job_id, lost.attempt, 0), tmp_path)
    jobs.interrupt(lost, "deploy")
    owner = claimed()
    kept = put(store, storage.output_key(job_id, owner.attempt, 0), tmp_path)
    jobs.complete(owner, [jobs.StoredFile("o.pdf", "application/pdf", 5, "0" * 64, f"jobs/{job_id}/2/0")], {})
    for path in (left, kept):
        made_old(path, 2 * _DAY_S)

    collect_garbage(store, 24, dry_run=False)

    assert (left.exists(), kept.exists()) == (False, True)


def test_a_healthy_platform_is_healthy_and_history_is_kept(
    store: storage.Storage, redis_url: str, settings_env: SettingsEnv
):
    settings_env(redis_url=redis_url, least_free_percent=0)
    keeper.tick(Bell())

    found = check_health(store, keep_days=7, dry_run=False)

    parts = {name: part["ok"] for name, part in found["parts"].items()}
    # Nobody works in this test: that is what an operator must see.
    assert parts == {"database": True, "redis": True, "storage": True, "disk": True, "queues": False, "keeper": True}
    assert found["parts"]["queues"]["without_consumer"]
    assert HealthCheck.get().parts.keys() == parts.keys()


def test_each_part_that_fails_is_named_with_its_reason(
    store: storage.Storage, settings_env: SettingsEnv, tmp_path: Path
):
    settings_env(redis_url=f"unix://{tmp_path}/nobody.sock", least_free_percent=100)

    parts = check_health(store, keep_days=7, dry_run=True)["parts"]

    assert not parts["redis"]["ok"]
    assert "nobody.sock" in parts["redis"]["error"]
    assert parts["disk"]["ok"] is False
    assert 0 < parts["disk"]["free_percent"] < 100
    assert parts["keeper"]["error"] == "no keeper has ever ticked"
    assert HealthCheck.select().count() == 0


def test_old_health_checks_are_forgotten(store: storage.Storage, redis_url: str, settings_env: SettingsEnv):
    settings_env(redis_url=redis_url)
    database.rows("INSERT INTO health_check (at, ok, parts) VALUES (now() - interval '8 days', true, '{}')", {})

    check_health(store, keep_days=7, dry_run=False)

    assert HealthCheck.select().count() == 1
