"""The client against a running platform, and against servers that break off, refuse and lie."""

from __future__ import annotations

import asyncio
import hashlib
import http.server
import json
import re
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

import services
from bindery import (
    AsyncClient,
    Batch,
    Client,
    Job,
    NotCompleted,
    Pipeline,
    Refused,
    TransferFailed,
    Unreachable,
    records,
)
from tests.running_platform import RunningPlatform

_ROOT = Path(__file__).parents[2]
_SERVICES = Path(services.__file__).parent


@pytest.fixture
def client(platform: RunningPlatform) -> Iterator[Client]:
    with Client(platform.url) as found:
        yield found


@pytest.fixture
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("sent") / "document.pdf"
    found.write_bytes((_SERVICES / "file_ops/samples/document.pdf").read_bytes())
    return found


def test_a_document_goes_in_and_comes_out_smaller(client: Client, document: Path, tmp_path: Path) -> None:
    job = client.submit("compress", document, preset="small")
    assert isinstance(job, Job)
    assert job.inputs[0].name == "document.pdf"
    done = client.wait(job)
    assert done.status == "completed"
    assert done.result
    saved = client.download(done, tmp_path / "smaller.pdf")
    assert saved == [tmp_path / "smaller.pdf"]
    assert hashlib.sha256(saved[0].read_bytes()).hexdigest() == done.outputs[0].sha256


def test_progress_is_told_until_the_end(client: Client, document: Path) -> None:
    heard: list[Job] = []
    job = client.submit("convert", document, to="png", fresh=True)
    assert isinstance(job, Job)
    done = client.wait(job, on_progress=heard.append)
    assert heard[-1] == done
    assert [one.status for one in heard] == sorted(
        (one.status for one in heard), key=["pending", "processing", "completed"].index
    )


def test_several_documents_make_a_batch_and_are_saved_by_their_names(
    client: Client, document: Path, tmp_path: Path
) -> None:
    batch = client.submit("rotate", [document, ("../../evil.pdf", document.read_bytes())], degrees=90)
    assert isinstance(batch, Batch)
    saved = client.download(client.wait(batch), tmp_path)
    assert len(saved) == 2
    assert {path.parent for path in saved} == {tmp_path}


def test_a_pipeline_is_followed_to_its_last_step(client: Client, document: Path, tmp_path: Path) -> None:
    steps = [{"operation": "rotate", "options": {"degrees": 90}}, {"operation": "compress"}]
    pipeline = client.submit_pipeline(steps, document)
    assert isinstance(pipeline, Pipeline)
    done = client.wait(pipeline)
    assert [step.operation for step in done.steps] == ["rotate", "compress"]
    assert client.download(done, tmp_path / "done.pdf")[0].read_bytes().startswith(b"%PDF")
    assert client.find(done.id).status == "completed"


def test_a_failed_job_has_no_result_and_says_why(client: Client, tmp_path: Path) -> None:
    job = client.submit("compress", ("broken.pdf", b"%PDF-1.7\nnothing"))
    with pytest.raises(NotCompleted) as caught:
        client.download(client.wait(job), tmp_path)
    assert caught.value.code == "file_damaged"
    assert caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_what_the_gateway_refuses_carries_its_code_and_every_problem(client: Client, document: Path) -> None:
    with pytest.raises(Refused) as caught:
        client.submit("compress", document, preset="tiny", colour="no")
    assert caught.value.status == 422
    assert {problem["field"] for problem in caught.value.problem["problems"]} == {"preset", "colour"}
    with pytest.raises(Refused, match="no such job"):
        client.find("01970000-0000-7000-8000-000000000000")


def test_jobs_are_listed_over_all_pages_cancelled_and_erased(client: Client, document: Path) -> None:
    job = client.submit("compress", document, priority=9)
    assert any(one.id == job.id for one in client.jobs())
    ended = client.wait(client.cancel(job))
    assert ended.ended
    client.erase(ended)
    with pytest.raises(Refused):
        client.look(ended)


def test_waiting_has_a_limit_and_the_job_goes_on(client: Client, document: Path) -> None:
    job = client.submit("convert", document, to="pdfa-2b", fresh=True)
    # It is looked at once; a limit that has passed by then says nothing of the job.
    with pytest.raises(TimeoutError, match="it goes on"):
        client.wait(job, time_limit_s=0)
    assert client.wait(job).status == "completed"


def test_the_same_methods_can_be_awaited(platform: RunningPlatform, document: Path, tmp_path: Path) -> None:
    async def run() -> Job:
        async with AsyncClient(platform.url) as client:
            jobs = await asyncio.gather(*(client.submit("rotate", document, degrees=each) for each in (90, 180)))
            heard: list[Any] = []
            first, second = await asyncio.gather(*(client.wait(job, on_progress=heard.append) for job in jobs))
            assert heard
            await client.download(second, tmp_path / "second.pdf")
            assert first.id in [job.id async for job in client.jobs()]
            with pytest.raises(Refused):
                await client.submit("no-such-operation", document)
            assert isinstance(first, Job)
            return first

    assert asyncio.run(run()).status == "completed"
    assert (tmp_path / "second.pdf").read_bytes().startswith(b"%PDF")


class _Scripted(http.server.BaseHTTPRequestHandler):
    """Answers as the script of the test says: each entry is a status with a body, or None to break off."""

    script: ClassVar[list[tuple[int, dict[str, str], bytes] | None]] = []
    keys: ClassVar[list[str | None]] = []
    bodies: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        self.keys.append(self.headers.get("Idempotency-Key"))
        self.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        self._next()

    def do_GET(self) -> None:
        self._next()

    def _next(self) -> None:
        answer = self.script.pop(0)
        if answer is None:
            self.close_connection = True
            self.connection.close()
            return
        status, headers, body = answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def scripted() -> Iterator[tuple[str, type[_Scripted]]]:
    handler = type("_OfThisTest", (_Scripted,), {"script": [], "keys": [], "bodies": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", handler
    server.shutdown()
    server.server_close()
    thread.join()


_FILE = {"name": "a.pdf", "media_type": "application/pdf", "bytes": 3, "sha256": hashlib.sha256(b"abc").hexdigest()}
_JOB: dict[str, Any] = {
    "id": "1",
    "operation": "compress",
    "status": "completed",
    "progress": {"percent": 100, "current": 1, "total": 1, "message": ""},
    "waiting": None,
    "inputs": [_FILE],
    "outputs": [{**_FILE, "url": "/v1/jobs/1/outputs/a.pdf"}],
    "result": {},
    "error": None,
    "cached": False,
    "created_at": "2026-01-01T00:00:00Z",
    "completed_at": "2026-01-01T00:00:01Z",
    "links": {"self": "/v1/jobs/1"},
}
_ACCEPTED = (202, {"Content-Type": "application/json"}, json.dumps(_JOB).encode())
_BUSY = (429, {"Retry-After": "0"}, b'{"code": "too_many", "detail": "Too many.", "remedy": "Wait."}')


def test_a_submission_is_sent_again_with_its_key_and_its_whole_document(scripted: tuple[str, type[_Scripted]]) -> None:
    url, server = scripted
    server.script.extend([None, _BUSY, _ACCEPTED])
    with Client(url) as client:
        assert client.submit("compress", ("a.pdf", b"the whole document")).id == "1"
    assert len(server.keys) == 3
    assert len(set(server.keys)) == 1
    assert server.keys[0]
    assert all(b"the whole document" in body for body in server.bodies)


def test_two_submissions_have_two_keys(scripted: tuple[str, type[_Scripted]]) -> None:
    url, server = scripted
    server.script.extend([_ACCEPTED, _ACCEPTED])
    with Client(url, api_key="secret") as client:
        client.submit("compress", ("a.pdf", b"abc"))
        client.submit("compress", ("a.pdf", b"abc"))
    assert len(set(server.keys)) == 2


def test_a_result_that_arrives_damaged_is_not_saved(scripted: tuple[str, type[_Scripted]], tmp_path: Path) -> None:
    url, server = scripted
    server.script.extend([_ACCEPTED, (200, {}, b"abd")])
    with Client(url) as client:
        job = client.submit("compress", ("a.pdf", b"abc"))
        with pytest.raises(TransferFailed):
            client.download(job, tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_gateway_is_told_as_such(scripted: tuple[str, type[_Scripted]]) -> None:
    url, server = scripted
    server.script.append((404, {"Content-Type": "text/html"}, b"<h1>Not here</h1>"))
    with Client(url) as client, pytest.raises(Unreachable, match="not as a Bindery gateway"):
        client.retry(records.job(_JOB))


def test_a_folder_that_is_not_there_is_an_error_of_the_caller(client: Client, document: Path, tmp_path: Path) -> None:
    done = client.wait(client.submit("rotate", document, degrees=90))
    with pytest.raises(OSError, match="missing"):
        client.download(done, tmp_path / "missing/a.pdf")
    with pytest.raises(OSError, match="nowhere"):
        client.submit("rotate", tmp_path / "nowhere.pdf", degrees=90)


def test_more_documents_than_files_may_be_open_go_in_one_request(
    scripted: tuple[str, type[_Scripted]], tmp_path: Path
) -> None:
    url, server = scripted
    server.script.append(_ACCEPTED)
    paths = [tmp_path / f"{number}.pdf" for number in range(300)]
    for number, path in enumerate(paths):
        path.write_bytes(b"document %d." % number)
    lowest, highest = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, highest))
    try:
        with Client(url, patience_s=0) as client:
            client.submit("compress", paths)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, highest))
    assert all(b"document %d." % number in server.bodies[0] for number in range(300))


def test_types_are_checked_where_the_client_is_used(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(_TYPED)
    wrong.write_text(_TYPED.replace("done.outputs[0].name", "done.outputs[0].nothing"))
    checked = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--follow-imports=silent", str(right)]
    found = subprocess.run([*checked, str(wrong)], cwd=_ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert "right.py" not in found.stdout, found.stdout
    assert re.search(r"wrong\.py:\d+: error: .*nothing", found.stdout), found.stdout
    assert (_ROOT / "bindery/py.typed").exists()


_TYPED = """
from bindery import Batch, Client, Job


def told(record: Job) -> None:
    print(record.progress.percent)


with Client() as bindery:
    job = bindery.submit("compress", "a.pdf", preset="small")
    assert not isinstance(job, Batch)
    done: Job = bindery.wait(job, on_progress=told)
    name: str = done.outputs[0].name
"""
