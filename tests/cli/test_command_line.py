"""The command line against a running platform: what a user types, sees, and gets as an exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pikepdf
import pytest

from cli.errors import EXIT_CODES
from shared.errors import BinderyError
from tests.running_platform import RunningPlatform

_ROOT = Path(__file__).parents[2]
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@pytest.fixture
def documents(tmp_path: Path) -> list[Path]:
    """Two small PDFs."""
    made = []
    for number in range(2):
        path = tmp_path / f"document {number}.pdf"
        with pikepdf.new() as pdf:
            pdf.add_blank_page(page_size=(200 + number, 300))
            pdf.save(path)
        made.append(path)
    return made


def _assert_two_lines(stderr: str, code: str) -> None:
    first, second = stderr.strip().splitlines()
    assert first.startswith(f"error [{code}]: ")
    assert second.startswith("remedy: ")


def test_a_job_that_fails_gives_its_reason_and_an_exit_code_of_its_own(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing of a document")
    done = platform.bindery("compress", str(broken), "--no-wait")
    assert done.returncode == 0, done.stderr
    ended = platform.bindery("watch", done.stdout.strip())
    assert ended.returncode == 9
    assert ended.stdout == ""
    assert re.search(r"failed broken\.pdf: \[\w+\] .* Remedy: ", ended.stderr)
    told = platform.bindery("explain", done.stdout.strip())
    assert told.returncode == 0
    assert "failed" in told.stdout
    assert "claimed" in told.stdout


def test_a_cancelled_job_can_be_retried_and_is_listed(platform: RunningPlatform, documents: list[Path]) -> None:
    queue = httpx.get(f"{platform.url}/v1/operations/compress").json()["queue"]
    httpx.post(f"{platform.url}/v1/queues/{queue}/pause").raise_for_status()
    try:
        job_id = platform.bindery("submit", "compress", str(documents[0]), "--no-wait").stdout.strip()
        assert "paused" in platform.bindery("explain", job_id).stdout
        assert "paused" in platform.bindery("queues").stdout
        assert "cancelled" in platform.bindery("cancel", job_id).stdout
        assert job_id in platform.bindery("jobs", "--status", "cancelled").stdout
        assert "pending" in platform.bindery("retry", job_id).stdout
    finally:
        httpx.post(f"{platform.url}/v1/queues/{queue}/resume").raise_for_status()
    assert platform.bindery("watch", job_id).returncode == 0
    twice = platform.bindery("retry", job_id)
    assert twice.returncode == EXIT_CODES[409]
    _assert_two_lines(twice.stderr, "conflict")


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (["submit", "compress", "/nowhere/a.pdf"], "no_such_file", 2),
        (["submit", "compress", "DOCUMENT", "--option", "preset"], "usage", 2),
        (["submit", "compress", "DOCUMENT", "--option", "preset=tiny"], "invalid_options", 6),
        (["compress", "DOCUMENT", "-o", "/nowhere/a.pdf"], "no_such_file", 2),
        (["compress", "DOCUMENT", "-o", "DOCUMENT"], "file_in_the_way", 2),
        (["compress", "DOCUMENT", "--local", "--no-wait"], "usage", 2),
        (["merge", "DOCUMENT", "--pages", "[1"], "usage", 2),
        (["pipeline", "DOCUMENT", "--step", "compress:small"], "usage", 2),
        (["submit", "fold", "DOCUMENT"], "unknown_operation", 4),
        (["watch", "018f0000-0000-7000-8000-000000000000"], "unknown_job", 4),
        (["explain", "yesterday"], "malformed_id", 2),
        (["worker", "baking"], "usage", 2),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_every_error_is_two_lines_on_stderr_and_an_exit_code_by_family(
    platform: RunningPlatform, documents: list[Path], arguments: list[str], code: str, exit_code: int
) -> None:
    named = [str(documents[0]) if argument == "DOCUMENT" else argument for argument in arguments]
    refused = platform.bindery(*named)
    assert refused.returncode == exit_code
    assert refused.stdout == ""
    _assert_two_lines(refused.stderr, code)


def test_without_a_gateway_the_address_and_the_remedy_are_named(tmp_path: Path) -> None:
    nobody = RunningPlatform(tmp_path).bindery("jobs")
    assert nobody.returncode == 8
    _assert_two_lines(nobody.stderr, "gateway_unreachable")
    assert "bindery up" in nobody.stderr


def test_every_family_of_errors_has_an_exit_code() -> None:
    def below(kind: type[BinderyError]) -> Iterator[type[BinderyError]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    families = {kind.status for kind in below(BinderyError)} - {BinderyError.status, 405, 416}
    assert families <= EXIT_CODES.keys()


def test_verify_tries_every_operation_and_leaves_no_job_behind(platform: RunningPlatform) -> None:
    # Not the jobs of maintenance: the gateway makes those by itself, at any moment.
    ours = f"{platform.url}/v1/jobs?operation=compress"
    before = httpx.get(ours).json()["jobs"]
    looked = platform.bindery("verify", timeout_s=300)
    assert looked.returncode == 0, looked.stdout
    for operation in httpx.get(f"{platform.url}/v1/operations").json()["operations"]:
        told = re.search(rf"^  ok  {operation['name']}: (.*)$", looked.stdout, re.MULTILINE)
        assert told, operation["name"]
        assert re.match(r"picked up after [\d.]+ s by (process|worker) .+; (completed in|works as far)", told[1])
        before_it = looked.stdout[: told.start()]
        assert re.findall(r"^queue (\w+): 1 worker$", before_it, re.MULTILINE)[-1] == operation["queue"]
    assert httpx.get(ours).json()["jobs"] == before


def test_verify_names_the_queue_that_nobody_consumes(
    own_platform: Callable[..., RunningPlatform], tmp_path: Path
) -> None:
    platform = own_platform()
    for worker in httpx.get(f"{platform.url}/v1/workers").json()["workers"]:
        httpx.post(f"{platform.url}/v1/queues/{worker['queue']}/pause").raise_for_status()
    looked = platform.bindery("verify", timeout_s=300)
    assert looked.returncode == 1
    assert "the queue is paused" in looked.stdout
    assert "remedy: " in looked.stdout


def test_settings_tell_origin_and_hide_secrets(tmp_path: Path) -> None:
    chosen = RunningPlatform(tmp_path, database_url="postgresql://me:hunter2@db/x", lease_s="31")
    shown = chosen.bindery("settings").stdout
    assert re.search(r"^BINDERY_LEASE_S +31\.0 +environment", shown, re.MULTILINE)
    assert re.search(r"^BINDERY_GRACE_S +\S+ +default", shown, re.MULTILINE)
    assert re.search(r"^BINDERY_DATABASE_URL +\(secret\) +environment", shown, re.MULTILINE)
    assert "hunter2" not in shown


def test_migrate_brings_an_empty_database_up_to_date_once(tmp_path: Path, empty_database_url: str) -> None:
    chosen = RunningPlatform(tmp_path, database_url=empty_database_url)
    assert "applied 0001_jobs" in chosen.bindery("migrate").stdout
    assert "up to date" in chosen.bindery("migrate").stdout


def test_the_command_line_starts_without_loading_what_a_command_needs() -> None:
    asked = [sys.executable, "-c", "import sys, cli.main; print(*sys.modules)"]
    loaded = set(subprocess.run(asked, cwd=_ROOT, capture_output=True, text=True, check=True).stdout.split())
    assert "cli.main" in loaded
    heavy = {"httpx", "pydantic", "peewee", "psycopg", "dramatiq", "falcon", "gunicorn", "pikepdf", "obstore"}
    assert not heavy & loaded


class _NoEvents(BaseHTTPRequestHandler):
    """A gateway behind a proxy that lets no event stream through: the job ends at the third look."""

    looks = 0

    def do_GET(self) -> None:
        if self.path.endswith("/events"):
            self.send_error(502)
            return
        type(self).looks += 1
        status = "completed" if self.looks > 2 else "processing"
        job = {
            **{"id": "1", "operation": "compress", "status": status, "waiting": None, "error": None},
            **{"progress": {"percent": 50, "current": 1, "total": 2, "message": ""}, "links": {"self": "/v1/jobs/1"}},
            **{"inputs": [], "outputs": [], "run_seconds": 1, "result": None, "cached": False},
            **{"created_at": "2026-01-01T00:00:00Z", "completed_at": None},
        }
        body = json.dumps(job).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_watch_goes_on_by_asking_where_events_do_not_come_through(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _NoEvents) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        watched = RunningPlatform(tmp_path, url=f"http://127.0.0.1:{server.server_port}").bindery("watch", "1")
        server.shutdown()
    assert watched.returncode == 0, watched.stderr
    assert _NoEvents.looks > 2
