"""Programs are found or named with their remedy, end with all that they started, and their complaints are kept."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from shared.external_program import MissingProgram, Program, ProgramFailed, ProgramTimeLimit

_PYTHON = Program("Python", (sys.executable,), "apt-get install python3")


def test_a_missing_program_is_named_with_what_to_install(tmp_path: Path):
    program = Program("Frobnicator", ("frobnicate-7", "frobnicate"), "Install it: apt-get install frobnicate")

    with pytest.raises(MissingProgram, match="Frobnicator is not installed") as raised:
        program.run([], folder=tmp_path, time_limit_s=5)

    assert raised.value.remedy == "Install it: apt-get install frobnicate"
    assert not raised.value.retryable


def test_arguments_reach_the_program_as_they_are(tmp_path: Path):
    strange = ["$(touch here)", "a b", "; ls", "--x='y'"]

    told = _PYTHON.run(["-c", "import sys; print(sys.argv[1:])", *strange], folder=tmp_path, time_limit_s=20)

    assert told.stdout.strip() == repr(strange)
    assert not list(tmp_path.iterdir())


def test_the_environment_is_clean_and_its_folder_is_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BINDERY_SECRET_KEY", "hidden")
    code = "import os; print(os.environ.get('BINDERY_SECRET_KEY'), os.environ['HOME'], os.getcwd(), os.environ['X'])"

    told = _PYTHON.run(["-c", code], folder=tmp_path, time_limit_s=20, environment={"X": "y"})

    assert told.stdout.split() == ["None", str(tmp_path), str(tmp_path), "y"]


def test_a_failure_carries_the_last_lines_of_the_complaint(tmp_path: Path):
    code = "import sys\nfor n in range(100): print('line', n, file=sys.stderr)\nsys.exit(3)"

    with pytest.raises(ProgramFailed, match="exit code 3") as raised:
        _PYTHON.run_or_fail(["-c", code], folder=tmp_path, time_limit_s=20)

    assert raised.value.stderr_lines[-1] == "line 99"
    assert "line" not in raised.value.message
    assert "line" not in str(raised.value.as_record())


@pytest.mark.parametrize("leader", [True, False], ids=["still running", "already gone"])
def test_what_a_program_started_ends_with_it_also_in_a_session_of_its_own(tmp_path: Path, leader: bool):
    grandchild = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)"
    code = (
        "import os, subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {grandchild!r}], start_new_session=True)\n"
        "while not (os.path.exists('pid') and open('pid').read()): time.sleep(.01)\n" + "time.sleep(600)" * leader
    )

    if leader:
        with pytest.raises(ProgramTimeLimit, match="longer than 2 seconds"):
            _PYTHON.run(["-c", code], folder=tmp_path, time_limit_s=2)
    else:
        _PYTHON.run(["-c", code], folder=tmp_path, time_limit_s=20)

    pid = int((tmp_path / "pid").read_text())
    assert not _lives(pid)


def test_children_that_were_there_before_are_left_alone(tmp_path: Path):
    pid = os.fork()
    if not pid:
        time.sleep(600)
        os._exit(0)

    _PYTHON.run(["-c", "pass"], folder=tmp_path, time_limit_s=20)

    assert _lives(pid)
    os.kill(pid, 9)
    os.waitpid(pid, 0)


def test_a_version_is_its_first_line(tmp_path: Path):
    assert _PYTHON.version(tmp_path) == f"Python {sys.version.split()[0]}"


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
