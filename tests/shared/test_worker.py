"""A real worker process on real servers, with an engine that behaves as badly as it is told."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import redis
from uuid_utils.compat import uuid7

from gateway import job_creation
from shared import counts, database, job_records, jobs, keeper, metrics, secret_box, settings, storage
from shared.broker import Bell
from shared.models import ENDED, Job, JobEvent, JobFile, Worker
from tests import worker_processes
from tests.conftest import SettingsEnv
from tests.running_platform import free_port

_ROOT = Path(__file__).parents[2]
_PLUGINS = _ROOT / "tests" / "plugins"
_SAMPLE = _PLUGINS / "services" / "probe" / "samples" / "document.pdf"

StartWorker = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture(autouse=True)
def _place(database_url: str, redis_url: str, storage_dir: Path, settings_env: SettingsEnv) -> None:
    settings_env(redis_url=redis_url, failure_delays_s="0.1", crash_delay_s="0.1", log_format="console")


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[StartWorker]:
    """Start workers of the probe service; each is ready when the function returns."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**extra: str) -> subprocess.Popen[bytes]:
        known = Worker.select().count()
        environment = {**os.environ, "PYTHONPATH": str(_PLUGINS), **extra}
        with (tmp_path / f"worker-{len(started)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "shared.worker", "probe"], cwd=_ROOT, env=environment, stderr=log
            )
        started.append(process)
        wait_until(lambda: Worker.select().count() > known)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.terminate()
    for process in started:
        process.wait(timeout=40)


def wait_until(condition: Callable[[], Any], timeout_s: float = 120) -> None:
    """Wait for something that must happen; how fast is the benchmarks' business."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.02)


def submit(
    behave: str = "echo",
    *,
    operation: str = "probe",
    ring: bool = True,
    secrets: bytes | None = None,
    **options: Any,
) -> uuid.UUID:
    """Create a job as the gateway does."""
    job_id, message_id = uuid7(), str(uuid.uuid4())
    key = storage.input_key(job_id, 0)
    kept = storage.Storage(settings.current().storage_location).store(key, _SAMPLE)
    stored = jobs.StoredFile("in.pdf", "application/pdf", kept.bytes, kept.sha256, key)
    given = {"behave": behave, **options}
    job_creation.create(
        [job_creation.NewJob(job_id, operation, "probe", given, [stored], 3, message_id, secrets=secrets)]
    )
    if ring:
        assert Bell().ring("probe", message_id)
    return job_id


def finished(job_id: uuid.UUID, timeout_s: float = 120) -> Job:
    wait_until(lambda: Job.get_by_id(job_id).status in ENDED, timeout_s)
    return Job.get_by_id(job_id)


def processing(job_id: uuid.UUID) -> None:
    wait_until(lambda: Job.get_by_id(job_id).status == "processing")


def events(job_id: uuid.UUID) -> list[str]:
    return [event.event for event in JobEvent.select().where(JobEvent.job == job_id).order_by(JobEvent.id)]


def engines_of(worker: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """All processes under a worker except its host."""
    return worker_processes.engines(worker.pid)


def scratch() -> list[Path]:
    folder = settings.current().scratch_location
    return [path for path in folder.iterdir() if path.is_dir()] if folder.exists() else []


def test_a_job_goes_in_and_its_output_comes_out(start_worker: StartWorker, tmp_path: Path):
    start_worker()

    job = finished(submit())

    assert (job.status, job.result, job.attempt) == ("completed", {"echo": True}, 1)
    output = JobFile.get(JobFile.role == "output")
    storage.Storage(settings.current().storage_location).fetch(
        output.storage_key, tmp_path / "out", sha256=output.sha256
    )
    assert (tmp_path / "out").read_bytes() == _SAMPLE.read_bytes()
    wait_until(lambda: scratch() == [])


_ALL_PASSED = {"probe": None, "quick-probe": None, "chained-probe": None}


def test_a_worker_says_what_passed_its_self_test(start_worker: StartWorker):
    start_worker()

    (worker,) = Worker.select()

    assert (worker.service, worker.queue, worker.slots, worker.operations) == ("probe", "probe", 2, _ALL_PASSED)


def test_a_job_whose_bell_was_lost_is_found(start_worker: StartWorker):
    start_worker()

    assert finished(submit(ring=False)).status == "completed"


def test_a_quick_job_does_not_wait_behind_long_ones(start_worker: StartWorker):
    start_worker(BINDERY_WORKER_SLOTS="1")
    long, waiting = submit("sleep", seconds=15), submit("sleep", seconds=15)
    processing(long)

    quick = finished(submit(operation="quick-probe"))

    assert quick.status == "completed"
    assert Job.get_by_id(long).status == "processing"
    assert Job.get_by_id(waiting).status == "pending"
    jobs.cancel([long, waiting], "test")


def test_work_goes_on_without_redis(start_worker: StartWorker, settings_env: SettingsEnv, tmp_path: Path):
    settings_env(redis_url=f"unix://{tmp_path}/nobody-listens.sock")
    start_worker()

    job_ids = [submit(ring=False) for _ in range(3)]

    assert not Bell().ring("probe", "unheard")
    assert {finished(job_id).status for job_id in job_ids} == {"completed"}


def test_a_redis_that_evicts_is_named_in_the_log(start_worker: StartWorker, redis_url: str, tmp_path: Path):
    client = redis.Redis.from_url(redis_url)
    client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        start_worker()
        wait_until(lambda: "redis.evicts" in (tmp_path / "worker-0.log").read_text())
    finally:
        client.config_set("maxmemory-policy", "noeviction")
        client.close()


def test_all_slots_work_at_once_and_a_third_job_waits(start_worker: StartWorker):
    start_worker()

    job_ids = [submit("sleep", seconds=3) for _ in range(3)]

    wait_until(lambda: Job.select().where(Job.status == "processing").count() == 2)
    assert Job.get_by_id(job_ids[2]).status == "pending"
    assert {finished(job_id).status for job_id in job_ids} == {"completed"}


def test_progress_reaches_the_row(start_worker: StartWorker):
    start_worker()

    job_id = submit("sleep", seconds=4)

    wait_until(lambda: Job.get_by_id(job_id).progress_current > 0)
    job = Job.get_by_id(job_id)
    assert (job.progress_total, job.progress_message) == (40, "Sleeping")
    finished(job_id)


@pytest.mark.parametrize(
    ("behave", "code"),
    [
        ("fail", "file_processing"),
        ("raise", "engine_failed"),
        ("memory", "out_of_memory"),
        ("segfault", "engine_crashed"),
        ("forge", "engine_crashed"),
    ],
)
def test_a_bad_document_fails_with_a_code_and_the_worker_goes_on(start_worker: StartWorker, behave: str, code: str):
    worker = start_worker()

    job = finished(submit(behave))

    assert (job.status, job.error["code"]) == ("failed", code)
    assert job.error["remedy"]
    assert finished(submit()).status == "completed"
    assert worker.poll() is None
    wait_until(lambda: scratch() == [])


def test_an_unexpected_error_does_not_reveal_the_document(start_worker: StartWorker, tmp_path: Path):
    start_worker()

    job = finished(submit("raise"))

    assert "%PDF" not in str(job.error)
    assert "%PDF" not in (tmp_path / "worker-0.log").read_text()


def test_an_engine_that_kills_its_process_is_tried_three_times(start_worker: StartWorker):
    start_worker()
    job_id = submit("segfault")

    assert finished(job_id).crashes == 3

    assert events(job_id) == ["created", *["claimed", "worker_lost"] * 2, "claimed", "failed"]
    details = JobEvent.select().where(JobEvent.job == job_id).order_by(JobEvent.id.desc()).get().details
    assert details["signal"] == signal.SIGSEGV
    assert details["peak_memory_bytes"] > 0


def test_what_an_engine_said_last_stands_in_the_journal_but_not_in_the_log(start_worker: StartWorker, tmp_path: Path):
    start_worker()
    job_id = submit("complain")

    assert finished(job_id).error["code"] == "engine_crashed"

    details = JobEvent.select().where(JobEvent.job == job_id).order_by(JobEvent.id.desc()).get().details
    assert (details["exit_code"], details["stderr"]) == (7, "page 3 cannot be drawn\n")
    assert "cannot be drawn" not in (tmp_path / "worker-0.log").read_text()


def test_a_retryable_error_is_tried_again_until_its_budget_is_spent(start_worker: StartWorker):
    start_worker()
    job_id = submit("fail-retryable")

    job = finished(job_id)

    assert (job.status, job.failures, job.error["code"]) == ("failed", 4, "external_service")


def test_an_engine_reaches_nothing_but_its_folder(start_worker: StartWorker):
    (settings.current().var_dir).mkdir(parents=True, exist_ok=True)
    (settings.current().var_dir / "secret.key").write_text("secret")
    start_worker()

    result = finished(submit("look-around")).result

    assert "worked" not in result["tried"].values(), result
    assert result["temporary"].startswith(str(Path(result["folder"]).parent))
    assert not Path("/tmp/bindery-probe-was-here").exists()


@pytest.mark.parametrize("behave", ["sleep", "spin", "external"])
def test_cancelling_frees_the_slot_and_leaves_no_process(start_worker: StartWorker, behave: str):
    worker = start_worker()
    job_id = submit(behave, seconds=15)
    processing(job_id)
    wait_until(lambda: engines_of(worker))

    jobs.cancel([job_id], "somebody")

    job = finished(job_id)
    assert (job.status, job.result) == ("cancelled", None)
    wait_until(lambda: not engines_of(worker))
    wait_until(lambda: scratch() == [])
    assert finished(submit()).status == "completed"


def test_a_document_that_takes_too_long_is_ended(start_worker: StartWorker):
    start_worker()

    job = finished(submit("spin", seconds=60))

    assert (job.status, job.error["code"], job.attempt) == ("failed", "time_limit", 1)


def test_a_killed_workers_job_is_done_by_another_one(start_worker: StartWorker, settings_env: SettingsEnv):
    settings_env(lease_s="2", renew_every_s="0.5", tick_s="0.5")
    first = start_worker()
    job_id = submit("sleep", seconds=4)
    processing(job_id)
    wait_until(lambda: engines_of(first))
    children = psutil.Process(first.pid).children(recursive=True)

    first.kill()
    first.wait()
    start_worker()

    job = finished(job_id)
    assert (job.status, job.attempt, job.crashes) == ("completed", 2, 1)
    assert events(job_id) == ["created", "claimed", "worker_lost", "claimed", "completed"]
    assert psutil.wait_procs(children, timeout=10)[1] == []


def test_a_frozen_worker_that_wakes_up_changes_nothing(start_worker: StartWorker, settings_env: SettingsEnv):
    settings_env(lease_s="2", renew_every_s="0.5", tick_s="0.5")
    frozen = start_worker()
    job_id = submit("sleep", seconds=3)
    processing(job_id)

    frozen.send_signal(signal.SIGSTOP)
    start_worker()
    job = finished(job_id)
    frozen.send_signal(signal.SIGCONT)

    wait_until(lambda: not engines_of(frozen))
    assert finished(submit()).status == "completed"
    again = Job.get_by_id(job_id)
    assert (again.status, again.attempt, again.updated_at) == ("completed", 2, job.updated_at)
    assert JobFile.select().where(JobFile.job == job_id, JobFile.role == "output").count() == 1
    wait_until(lambda: any(total.name == metrics.STALE_FINISHES.name for total in counts.totals()))


def test_a_worker_that_is_told_to_stop_hands_its_job_back(start_worker: StartWorker, settings_env: SettingsEnv):
    settings_env(grace_s="0.5")
    first = start_worker()
    job_id = submit("sleep", seconds=6)
    processing(job_id)

    first.terminate()
    first.wait(timeout=30)
    assert (Job.get_by_id(job_id).status, Job.get_by_id(job_id).interruptions) == ("pending", 1)
    assert Worker.select().count() == 0
    start_worker()

    job = finished(job_id)
    assert (job.status, job.failures, job.crashes) == ("completed", 0, 0)


def test_a_worker_that_is_told_to_stop_finishes_what_fits_into_its_grace(start_worker: StartWorker):
    first = start_worker()
    job_id = submit("sleep", seconds=2)
    processing(job_id)

    first.terminate()
    first.wait(timeout=30)

    assert Job.get_by_id(job_id).status == "completed"


def test_a_document_that_vanished_from_storage_is_a_clear_error(start_worker: StartWorker):
    start_worker()
    job_id = submit(ring=False)
    storage.Storage(settings.current().storage_location).erase(storage.job_folder(job_id))
    Bell().ring("probe", "look")

    assert finished(job_id).error["code"] == "storage_unavailable"


def test_a_password_reaches_the_engine_and_is_erased(start_worker: StartWorker, tmp_path: Path):
    start_worker()
    job_id = submit(secrets=secret_box.seal({"password": "open sesame"}))

    assert finished(job_id).secrets is None

    assert "open sesame" not in (tmp_path / "worker-0.log").read_text()


def test_a_worker_without_its_dependency_says_so_and_takes_no_job(start_worker: StartWorker, tmp_path: Path):
    broken = tmp_path / "broken" / "services" / "probe"
    broken.mkdir(parents=True)
    for name in ("__init__.py", "operations.py"):
        (broken / name).write_text((_PLUGINS / "services" / "probe" / name).read_text())
    (broken / "actors.py").write_text("import a_library_that_is_not_there\n")
    start_worker(PYTHONPATH=str(tmp_path / "broken"))

    (worker,) = Worker.select()
    job_id = submit()

    assert "a_library_that_is_not_there" in worker.operations["probe"]
    time.sleep(3)
    assert Job.get_by_id(job_id).status == "pending"


def test_only_one_keeper_works_at_a_time():
    with database.connected() as connection, connection.atomic():
        database.rows("SELECT pg_advisory_xact_lock(%(key)s)", {"key": database.KEEPER_LOCK})

        def other() -> bool:
            try:
                return keeper.tick(Bell())
            finally:
                database.disconnect()

        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(other).result() is False
    assert keeper.tick(Bell()) is True


def test_what_failed_its_self_test_is_tried_again_and_takes_jobs_when_it_passes(
    start_worker: StartWorker, tmp_path: Path
):
    probe = tmp_path / "mended" / "services" / "probe"
    shutil.copytree(_PLUGINS / "services" / "probe", probe)
    actors = (probe / "actors.py").read_text().replace("import ctypes", "import ctypes\nimport a_late_library", 1)
    (probe / "actors.py").write_text(actors)
    start_worker(PYTHONPATH=str(tmp_path / "mended"), BINDERY_SELF_TEST_AGAIN_S="0.5")
    job_id = submit()
    assert "a_late_library" in Worker.get().operations["probe"]
    why = job_records.job(job_id)["waiting"]
    assert (why["code"], "a_late_library" in why["message"]) == ("no_consumer", True)

    (tmp_path / "mended" / "a_late_library.py").touch()

    assert finished(job_id).status == "completed"
    assert set(Worker.get().operations.values()) == {None}
    log = (tmp_path / "worker-0.log").read_text()
    assert "worker.self_test_failed" in log
    assert "worker.self_test_passed" in log


@pytest.mark.parametrize(
    ("setting", "code"), [("scratch_dir", "scratch_unavailable"), ("storage_url", "storage_unavailable")]
)
def test_a_folder_that_cannot_be_written_is_told_without_a_traceback_and_tried_again(
    start_worker: StartWorker, settings_env: SettingsEnv, tmp_path: Path, setting: str, code: str
):
    in_the_way = tmp_path / "in-the-way"
    in_the_way.touch()
    place = in_the_way / "folder"
    settings_env(**{setting: place.as_uri() if setting == "storage_url" else str(place)}, self_test_again_s="0.5")
    start_worker()
    assert all(failure.startswith(f"[{code}]") for failure in Worker.get().operations.values())

    in_the_way.unlink()

    wait_until(lambda: set(Worker.get().operations.values()) == {None})
    assert finished(submit()).status == "completed"
    log = (tmp_path / "worker-0.log").read_text()
    assert code in log
    assert "Traceback" not in log


def test_a_worker_tells_its_own_metrics_at_its_port(start_worker: StartWorker):
    port = free_port()
    start_worker(BINDERY_METRICS_PORT=str(port))
    finished(submit())

    wait_until(lambda: "bindery_worker_attempts_total{" in httpx.get(f"http://127.0.0.1:{port}/metrics").text)
    told = httpx.get(f"http://127.0.0.1:{port}/metrics").text

    assert 'bindery_worker_attempts_total{operation="probe",outcome="completed"} 1.0' in told
    assert "bindery_worker_slots 2.0" in told
    assert 'bindery_worker_failing_self_test{operation="probe"} 0.0' in told
    assert "process_resident_memory_bytes" in told
