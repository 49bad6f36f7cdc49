"""docs/adding-an-operation.md, followed word by word in a copy of the code: what it promises is there afterwards."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.running_platform import free_port

_ROOT = Path(__file__).parents[1]
_GUIDE = _ROOT / "docs/adding-an-operation.md"
_CODE = ("bindery", "cli", "deploy", "docs", "gateway", "services", "shared")
_FILES = ("CHANGELOG.md", "README.md", "pyproject.toml", "requirements.lock")
_READY_S = 120
#: A step of the guide: where its text goes, and the text; or commands.
_STEP = re.compile(
    r"^(?:(?P<how>New file|Add to|Add below `(?P<line>[^`]+)` of) `(?P<path>[^`]+)`:\n\n)?"
    r"```(?P<kind>\w+)\n(?P<text>.*?)^```",
    re.DOTALL | re.MULTILINE,
)
#: What stands for a command of the guide where nothing is installed anew.
_COMMANDS = {
    "bindery": f"{sys.executable} -m cli.main",
    "make docs": f"{sys.executable} -m cli.generated_docs",
    # The lock is made with a package index, which tests do without.
    "make lock": "true",
}


class Newcomer:
    """Somebody who does what the guide says, in a checkout of their own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        for name in _CODE:
            shutil.copytree(_ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in _FILES:
            shutil.copyfile(_ROOT / name, folder / name)
        (folder / "tests").mkdir()
        shutil.copytree(_ROOT / "tests/samples", folder / "tests/samples")
        foreign = {name: value for name, value in os.environ.items() if not name.startswith("BINDERY_")}
        chosen = {f"BINDERY_{name.upper()}": value for name, value in settings.items()}
        self.environment = foreign | chosen | {"PYTHONPATH": str(folder)}

    def follow(self) -> None:
        """Do every step, in the guide's order."""
        steps = list(_STEP.finditer(_GUIDE.read_text()))
        assert len(steps) > 12
        for step in steps:
            if step["kind"] == "sh":
                for command in step["text"].splitlines():
                    self.type(command)
            else:
                self._write(step)

    def _write(self, step: re.Match[str]) -> None:
        assert step["path"], f"nothing says where this goes:\n{step['text']}"
        target = self.folder / step["path"]
        if step["how"] == "New file":
            assert not target.exists(), target
            target.parent.mkdir(exist_ok=True)
            target.write_text(step["text"])
        elif step["how"] == "Add to":
            target.write_text(target.read_text() + step["text"])
        else:
            before, line, after = target.read_text().partition(f"{step['line']}\n")
            assert line, f"{target} has no line {step['line']!r}"
            target.write_text(before + line + step["text"] + after)

    def type(self, command: str) -> str:
        """Run a command of the guide; returns what it prints."""
        typed = command
        for known, instead in _COMMANDS.items():
            if command.startswith(known):
                typed = instead + command.removeprefix(known)
        done = subprocess.run(
            ["bash", "-c", typed],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one process of the platform."""
        return subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=self.folder, env=self.environment)


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory, _new_database: Callable[[], str], redis_url: str) -> Newcomer:
    """Has followed the guide to its end."""
    folder = tmp_path_factory.mktemp("newcomer")
    port = free_port()
    found = Newcomer(
        folder,
        bind=f"127.0.0.1:{port}",
        url=f"http://127.0.0.1:{port}",
        var_dir=str(folder / "var"),
        secret_key="a key for tests",
        gateway_processes="1",
        database_url=_new_database(),
        redis_url=redis_url,
    )
    found.follow()
    return found


@pytest.fixture(scope="module")
def address(newcomer: Newcomer) -> Iterator[str]:
    """A gateway and the worker of the new service run here."""
    running = [newcomer.start("gateway.server"), newcomer.start("shared.worker", "counting")]
    url = newcomer.environment["BINDERY_URL"]
    try:
        deadline_s = time.monotonic() + _READY_S
        while not _has_consumer(url, "counting"):
            assert all(process.poll() is None for process in running)
            assert time.monotonic() < deadline_s
            time.sleep(0.2)
        yield url
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(60)


def _has_consumer(url: str, queue: str) -> bool:
    try:
        queues = httpx.get(f"{url}/v1/queues", timeout=5).json()["queues"]
    except httpx.TransportError:
        return False
    (found,) = (each for each in queues if each["name"] == queue)
    return any(one["live"] for one in found["consumers"])


def test_the_new_operation_does_what_it_promises(newcomer: Newcomer) -> None:
    assert (newcomer.folder / "reversed.pdf").read_bytes().startswith(b"%PDF")
    assert "--keep-first" in newcomer.type("bindery reverse-pages --help")


def test_what_is_made_of_declarations_tells_of_both(newcomer: Newcomer) -> None:
    assert "### reverse-pages" in (newcomer.folder / "docs/operations.md").read_text()
    assert "`count-words`" in (newcomer.folder / "README.md").read_text()
    assert "counting" in (newcomer.folder / "deploy/compose.yaml").read_text()


def test_the_new_service_takes_documents_from_its_queue(newcomer: Newcomer, address: str) -> None:
    sample = newcomer.folder / "services/counting/samples/document.pdf"
    with httpx.Client(base_url=address, timeout=90) as client:
        job = client.post(
            "/v1/count-words",
            files={"file": ("a.pdf", sample.read_bytes())},
            headers={"Prefer": "wait=60"},
            follow_redirects=False,
        ).json()
        assert client.get(f"/v1/jobs/{job['id']}").json()["status"] == "completed"
        assert all(isinstance(words, int) for words in job["result"]["words"])
        paths = client.get("/openapi.json").json()["paths"]
    assert {"/v1/count-words", "/v1/reverse-pages"} <= paths.keys()
