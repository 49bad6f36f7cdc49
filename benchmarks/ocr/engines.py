"""How each program is called: a page image in, a searchable PDF and its text out, CPU seconds told by the kernel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from shared.media_types import SNIFFED_BYTES, recognise
from shared.operation import InputFile, Task

Read = Callable[[Path, Path], str]


def warm() -> None:
    """Load our models, as a worker's host does before it forks."""
    from services.ocr import actors

    assert actors


def ours(image: Path, folder: Path) -> str:
    """Our operation in this process, which is a fork of a warm one."""
    from services.ocr.contracts.ocr import OcrOptions
    from services.ocr.recognise import recognise_document

    kind = recognise(image.read_bytes()[:SNIFFED_BYTES], image.name)
    assert kind
    (folder / "out").mkdir()
    task = Task((InputFile(image, image.name, kind.name),), folder / "out")
    recognise_document(task, OcrOptions.model_validate({"sidecars": ["txt"]}))
    return task.outputs[1].path.read_text()


def tesseract(image: Path, folder: Path) -> str:
    """The plain command with its defaults, to a searchable PDF and text."""
    _run(["tesseract", str(image), str(folder / "t"), "-l", "eng", "pdf", "txt"], folder)
    return (folder / "t.txt").read_text()


def ocrmypdf(image: Path, folder: Path, *more: str) -> str:
    """The newest ocrmypdf of this environment, one job, plain PDF, its output not optimised."""
    program = shutil.which("ocrmypdf", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert program
    text = folder / "t.txt"
    common = ["--jobs", "1", "--output-type", "pdf", "--image-dpi", "200", "--sidecar", str(text), "-q"]
    _run([program, *common, *more, str(image), str(folder / "o.pdf")], folder)
    return text.read_text()


def ocrmypdf_upright(image: Path, folder: Path) -> str:
    """The same with its own detection of tilt and turn."""
    return ocrmypdf(image, folder, "--deskew", "--rotate-pages")


def _run(command: Sequence[str], folder: Path) -> None:
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1", "TMPDIR": str(folder)}
    subprocess.run(command, check=True, capture_output=True, env=environment, timeout=300)


ENGINES: dict[str, Read] = {
    "ours": ours,
    "tesseract": tesseract,
    "ocrmypdf": ocrmypdf,
    "ocrmypdf --deskew --rotate-pages": ocrmypdf_upright,
}


def available() -> dict[str, Read]:
    """Those that are installed."""
    found = dict(ENGINES)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for name in [name for name in found if name != "ours" and not shutil.which(name.split()[0], path=path)]:
        print(f"NOT INSTALLED, left out: {name}")
        del found[name]
    return found
