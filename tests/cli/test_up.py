"""`bindery up` as a user meets it: ready, restartable, alone over its folder, and gone without a trace."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.running_platform import RunningPlatform

OwnPlatform = Callable[..., RunningPlatform]


def _children(pid: int) -> list[int]:
    """Every process below `pid`, however deep."""
    direct = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*direct, *(below for child in direct for below in _children(child))]


def _alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if _state(pid) not in ("gone", "Z")]


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


def _wait_until_gone(pids: list[int], limit_s: float = 30) -> list[int]:
    deadline_s = time.monotonic() + limit_s
    while _alive(pids) and time.monotonic() < deadline_s:
        time.sleep(0.1)
    return _alive(pids)


def _submit(platform: RunningPlatform, sample: Path) -> str:
    answer = httpx.post(f"{platform.url}/v1/compress", files={"file": sample.read_bytes()}, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["id"])


@pytest.fixture
def sample() -> Path:
    return Path(__file__).parents[2] / "services/compression/samples/compress.pdf"


def test_nothing_is_left_when_it_is_killed_and_the_next_one_goes_on_with_the_same_data(
    own_platform: OwnPlatform, sample: Path
) -> None:
    platform = own_platform(lease_s="2", renew_every_s="0.5")
    job_id = _submit(platform, sample)
    assert platform.process
    below = _children(platform.process.pid)
    assert len(below) >= 4
    platform.process.kill()
    platform.process.wait()
    assert _wait_until_gone(below) == []
    platform.start()
    found = httpx.get(f"{platform.url}/v1/jobs/{job_id}", params={"wait": 30}, timeout=60).json()
    assert found["status"] == "completed"
    below = _children(platform.process.pid)
    assert platform.stop() == 0
    assert _wait_until_gone(below, limit_s=1) == []


def test_a_part_that_dies_comes_back(own_platform: OwnPlatform, sample: Path) -> None:
    platform = own_platform()
    assert platform.process
    direct = Path(f"/proc/{platform.process.pid}/task/{platform.process.pid}/children").read_text().split()
    for child in direct:
        os.kill(int(child), signal.SIGKILL)
    assert _wait_until_gone([int(child) for child in direct]) == []
    platform.wait_until_ready()
    job_id = _submit(platform, sample)
    found = httpx.get(f"{platform.url}/v1/jobs/{job_id}", params={"wait": 30}, timeout=60).json()
    assert found["status"] == "completed"
    assert "was killed by SIGKILL; it starts again" in platform.log.read_text()


def test_a_second_one_over_the_same_folder_or_port_is_told_so(platform: RunningPlatform, tmp_path: Path) -> None:
    same_folder = platform.bindery("up")
    assert same_folder.returncode == 1
    assert "already runs over" in same_folder.stderr
    assert "BINDERY_VAR_DIR" in same_folder.stderr
    elsewhere = RunningPlatform(tmp_path, bind=platform.url.removeprefix("http://"))
    same_port = elsewhere.bindery("up")
    assert same_port.returncode == 1
    assert "Address already in use" in same_port.stderr
    assert "BINDERY_BIND" in same_port.stderr
    assert not (tmp_path / "var" / "postgres").exists(), "nothing is started for a port that is taken"


def test_its_folder_and_key_are_closed_to_others(platform: RunningPlatform) -> None:
    assert stat.S_IMODE(platform.var_dir.stat().st_mode) == 0o700
    key = platform.var_dir / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) >= 32


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"bind": "nonsense"}, "BINDERY_BIND"),
        ({"lease_s": "soon"}, "BINDERY_LEASE_S"),
        ({"database_url": "postgresql://nobody@127.0.0.1:1/none"}, "BINDERY_DATABASE_URL"),
        ({"var_dir": "/proc/bindery"}, "BINDERY_VAR_DIR"),
    ],
)
def test_what_is_in_the_way_is_one_error_with_a_remedy(tmp_path: Path, settings: dict[str, str], told: str) -> None:
    refused = RunningPlatform(tmp_path, **settings).bindery("up")
    assert refused.returncode == 1
    assert told in refused.stderr
    assert "remedy: " in refused.stderr
    assert "Traceback" not in refused.stderr


def test_ctrl_c_while_it_starts_stops_it(tmp_path: Path) -> None:
    platform = RunningPlatform(tmp_path)
    process = platform.spawn()
    deadline_s = time.monotonic() + 60
    while "PostgreSQL" not in platform.log.read_text() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(90) == 0
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert "Stopped." in platform.log.read_text()
