"""Flags made from the options of operations, and what shells make of them."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

import services
from cli.completion import script
from cli.errors import NoSuchFile, UsageError
from cli.flags import COMMON, flags_of, values
from cli.main import app
from cli.operation_commands import command_of
from cli.pipeline import step_of, steps_of
from shared import catalogue
from shared.operation import Operation

_ROOT = Path(__file__).parents[2]
_DOCUMENT = Path(services.__file__).parent / "file_ops/samples/document.pdf"
_OPERATIONS = sorted(catalogue.load().operations.values(), key=lambda operation: operation.name)
_ROOT_COMMAND: Any = typer.main.get_command(app)


def _read(operation: str, *arguments: str) -> dict[str, Any]:
    """The options that arguments mean."""
    known = catalogue.load().operation(operation)
    context = command_of(known).make_context(operation, [*arguments, "a.pdf"])
    return dict(values(flags_of(known), context.params))


@pytest.mark.parametrize("operation", _OPERATIONS, ids=lambda operation: operation.name)
def test_every_option_of_every_operation_is_a_flag_with_its_help(operation: Operation) -> None:
    command = command_of(operation)
    parameters = [one for one in command.params if one.opts[0].startswith("--")]
    written = [flag for one in parameters for flag in (*one.opts, *one.secondary_opts)]
    assert len(written) == len(set(written)), "two flags of one name"
    assert {f"--{name}".replace("_", "-") for name in operation.options.model_fields} <= set(written)
    assert {f"--{name}" for name in COMMON - {"password", "from-job", "help"}} <= set(written)
    assert operation.name not in _ROOT_COMMAND.commands, "a command of the platform hides it"
    help_text = " ".join(command.get_help(command.make_context(operation.name, [], resilient_parsing=True)).split())
    assert operation.summary in help_text
    for name, field in operation.options.model_fields.items():
        first_words = " ".join((field.description or "").split()[:4])
        assert first_words in help_text, f"--{name} is not explained"


def test_values_are_read_as_their_option_wants_them(tmp_path: Path) -> None:
    (tmp_path / "box.json").write_text('{"left": 1, "bottom": 2, "right": 3, "top": 4}')
    assert _read("compress", "--preset", "small", "--grayscale", "--no-linearize", "--image-dpi", "72") == {
        **{"preset": "small", "grayscale": True, "linearize": False, "image_dpi": 72}
    }
    assert _read("crop", "--box", f"@{tmp_path}/box.json") == {"box": {"left": 1, "bottom": 2, "right": 3, "top": 4}}
    assert _read("split", "--by", "ranges", "--ranges", "1-3,5", "--ranges", "7") == {
        **{"by": "ranges", "ranges": ["1-3,5", "7"]}
    }
    assert _read("extract-invoice", "--formats", "csv,json", "--formats", "ubl") == {"formats": ["csv", "json", "ubl"]}
    assert _read("n-up", "--pages-per-sheet", "4") == {"pages_per_sheet": "4"}
    assert _read("merge", "--pages", "1-2", "--pages", "") == {"pages": ["1-2", None]}
    assert _read("compress") == {}, "what was not given is left to the gateway"


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("compress", ["--image-dpi", "20"]),
        ("convert", []),
    ],
    ids=["below-its-limit", "required"],
)
def test_wrong_flags_are_refused_before_anything_is_sent(operation: str, arguments: list[str]) -> None:
    asked = [sys.executable, "-m", "cli.main", operation, *arguments, str(_DOCUMENT)]
    environment = {**os.environ, "BINDERY_URL": "http://127.0.0.1:9"}
    done = subprocess.run(asked, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"{operation} --help" in done.stderr


def test_lists_and_objects_that_are_wrong_are_named() -> None:
    with pytest.raises(UsageError, match="pdf2"):
        _read("extract-invoice", "--formats", "csv,pdf2")
    with pytest.raises(UsageError, match="not JSON"):
        _read("crop", "--box", "1,2,3,4")
    with pytest.raises(NoSuchFile, match="nowhere"):
        _read("crop", "--box", "@/nowhere.json")


def test_steps_are_read_from_words_and_files(tmp_path: Path) -> None:
    assert step_of("ocr") == {"operation": "ocr", "options": {}}
    assert step_of("rotate:degrees=90,pages=1-3,5") == {
        **{"operation": "rotate", "options": {"degrees": "90", "pages": "1-3,5"}}
    }
    for text in ("- operation: ocr\n", '[{"operation": "ocr"}]', "steps: [{operation: ocr}]"):
        (tmp_path / "steps").write_text(text)
        assert steps_of(tmp_path / "steps") == [{"operation": "ocr"}]
    (tmp_path / "steps").write_text("ocr")
    with pytest.raises(UsageError, match="no list of steps"):
        steps_of(tmp_path / "steps")


def _completed_by_bash(file: Path, *words: str) -> list[str]:
    ask = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bindery; printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(
        ["bash", "-euc", ask, "bash", str(file), "bindery", *words],
        **{"cwd": file.parent, "capture_output": True, "text": True},
        check=True,
        timeout=30,
    )
    return done.stdout.split("\n")[:-1]


def test_bash_completes_commands_flags_values_and_files(tmp_path: Path) -> None:
    file = tmp_path / "completion.bash"
    file.write_text(script("bash", _ROOT_COMMAND))
    assert _completed_by_bash(file, "compr") == ["compress"]
    assert set(_completed_by_bash(file, "re")) >= {"retry", "redact", "read-metadata"}
    assert _completed_by_bash(file, "compress", "--targ") == ["--target-bytes"]
    assert _completed_by_bash(file, "compress", "--preset", "s") == ["small", "scan"]
    assert _completed_by_bash(file, "compress", "a.pdf", "-o", "b.pdf", "--no-gr") == ["--no-grayscale"]
    assert _completed_by_bash(file, "deploy", "re") == ["render"]
    assert _completed_by_bash(file, "jobs", "--status", "can") == ["cancelled"]
    assert _completed_by_bash(file, "compress", "comple") == ["completion.bash"]


def test_fish_and_zsh_understand_their_scripts(tmp_path: Path) -> None:
    shells = [shell for shell in ("fish", "zsh") if shutil.which(shell)]
    if not shells:
        pytest.skip("neither fish nor zsh is installed")
    for shell in shells:
        file = tmp_path / f"completion.{shell}"
        file.write_text(script(shell, _ROOT_COMMAND))
        subprocess.run([shell, "-n", str(file)], check=True, timeout=30)
    if "fish" in shells:
        ask = 'source completion.fish; complete -C "bindery compress --preset s"'
        told = subprocess.run(["fish", "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=30)
        assert {line.split("\t")[0] for line in told.stdout.splitlines()} == {"scan", "small"}


def test_progress_is_shown_on_a_terminal_and_keeps_out_of_the_pipe(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    asked = [sys.executable, "-m", "cli.main", "rotate", str(_DOCUMENT), "--local", "-o", "turned.pdf"]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(asked, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=theirs) as running:
        os.close(theirs)
        seen = b""
        # A terminal whose last program has gone is an error when it is read.
        while select.select([ours], [], [], 60)[0]:
            try:
                seen += os.read(ours, 65536)
            except OSError:
                break
        assert running.stdout
        assert running.stdout.read() == b"turned.pdf\n"
    os.close(ours)
    assert running.returncode == 0
    # The bar of a quick job may never be drawn; the display that holds it hides the cursor.
    assert b"\x1b[?25l" in seen
    assert b"completed" in seen


def test_a_command_of_the_client_loads_no_database_and_the_list_of_commands_no_http() -> None:
    asked = "import sys, cli.main, cli.{}; print(*sys.modules)"
    for module, heavy in (("jobs", {"peewee", "psycopg", "dramatiq"}), ("commands", {"httpx", "rich.progress"})):
        told = subprocess.run(
            [sys.executable, "-c", asked.format(module)], cwd=_ROOT, capture_output=True, text=True, check=True
        )
        assert not heavy & set(told.stdout.split())
