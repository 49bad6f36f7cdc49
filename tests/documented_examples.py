"""Finds the examples of the documentation, and runs them as a reader would: in a folder with documents of those names.

A block in Python runs as a program, a block with lines of `curl` or `bindery` in bash. `<!-- not run: why -->` before a
block leaves it out. `ID` stands for the id of a completed job.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.running_platform import RunningPlatform

_ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"(<!-- not run: (?P<reason>.*?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S)
_COMMAND = re.compile(r"^(source <\()?(curl|\.venv/bin/bindery|bindery)\b", re.MULTILINE)
_TIME_LIMIT_S = 240

#: What the documents that examples name are here.
_DOCUMENTS = {
    **dict.fromkeys(("a.pdf", "b.pdf", "scan.pdf", "document.pdf"), "services/file_ops/samples/document.pdf"),
    "bill.pdf": "services/ai/samples/extract-invoice.pdf",
}


@dataclass(frozen=True)
class Example:
    """One block of a document."""

    document: Path
    line: int
    language: str
    text: str
    #: Why it is not run; None: it is.
    left_out: str | None

    def __str__(self) -> str:
        return f"{self.document.name}:{self.line}"


def examples(document: Path) -> Iterator[Example]:
    """Every block of a document that a reader could run."""
    text = document.read_text()
    for found in _BLOCK.finditer(text):
        runs = found["language"] == "python" or (
            found["language"] in ("", "sh", "bash") and _COMMAND.search(found["text"])
        )
        if runs:
            line = text.count("\n", 0, found.start("text"))
            yield Example(document, line, found["language"], found["text"], found["reason"])


def prepare(folder: Path, platform: RunningPlatform, document: Path) -> None:
    """Fill a folder with what examples name: documents, programs, the folders of the checkout."""
    for name, sample in _DOCUMENTS.items():
        shutil.copyfile(_ROOT / sample, folder / name)
    for name in ("services", "tests"):
        (folder / name).symlink_to(_ROOT / name)
    steps = re.findall(r"^```yaml\n(.*?)^```$", document.read_text(), re.M | re.S)
    (folder / "steps.yaml").write_text(steps[0] if steps else "[]")
    programs = folder / ".venv/bin"
    programs.mkdir(parents=True)
    # What a reader sees as an answer is an error all the same.
    _program(programs / "curl", f'exec {shutil.which("curl")} -sS --fail-with-body "$@"')
    _program(programs / "bindery", f'PYTHONPATH={_ROOT} exec {sys.executable} -m cli.main "$@"')


def _program(path: Path, command: str) -> None:
    path.write_text(f"#!/bin/sh\n{command}\n")
    path.chmod(0o755)


def run(example: Example, folder: Path, platform: RunningPlatform, job_id: str) -> None:
    """Run an example in a prepared folder. Raises AssertionError, with what it wrote, when it fails."""
    text = re.sub(r"\bID\b", job_id, example.text.replace("http://127.0.0.1:8000", platform.url))
    if example.language == "python":
        text = text.replace("Client()", f'Client("{platform.url}")')
        command = [sys.executable, "-c", text]
    else:
        command = ["bash", "-euo", "pipefail", "-c", text]
    path = f"{folder}/.venv/bin:{os.environ['PATH']}"
    environment = {**platform.environment, "PATH": path, "HOME": str(folder), "PYTHONPATH": str(_ROOT)}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_TIME_LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, f"{example}:\n{text}\n{done.stdout.decode(errors='replace')}"
