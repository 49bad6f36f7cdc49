"""The measuring process charges each call with its own cost and survives whatever the call does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.measure import ForkServer


@pytest.fixture
def programs() -> Iterator[ForkServer]:
    server = ForkServer("benchmarks.measure:execute", {0})
    yield server
    server.close()


def test_a_small_program_is_not_charged_with_the_memory_of_the_benchmark(programs: ForkServer, tmp_path: Path) -> None:
    ballast = bytearray(300_000_000)
    ballast[::4096] = b"x" * len(ballast[::4096])
    run = programs(command=["true"], errors=str(tmp_path / "errors"))
    assert run.exit_code == 0
    assert run.peak_bytes < 60_000_000


def test_cpu_time_of_descendants_is_charged_too(programs: ForkServer, tmp_path: Path) -> None:
    shell = shutil.which("sh")
    assert shell
    loop = "(i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done); true"
    run = programs(command=[shell, "-c", loop], errors=str(tmp_path / "errors"))
    assert run.cpu_s > 0.05


def test_a_program_that_is_killed_is_a_failure_and_the_next_one_runs(programs: ForkServer, tmp_path: Path) -> None:
    killed = programs(command=["sh", "-c", "kill -SEGV $$"], errors=str(tmp_path / "errors"))
    assert killed.error == "killed by SIGSEGV"
    assert programs(command=["true"], errors=str(tmp_path / "errors")).error is None


def test_an_exit_code_and_the_standard_error_are_kept(programs: ForkServer, tmp_path: Path) -> None:
    run = programs(command=["sh", "-c", "echo said >&2; exit 7"], errors=str(tmp_path / "errors"))
    assert run.exit_code == 7
    assert (tmp_path / "errors").read_text() == "said\n"
