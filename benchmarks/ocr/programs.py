"""How each program is called: page pictures in, words with their places out. Each call runs in a fork of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import img2pdf
import numpy as np
import pypdfium2

from benchmarks.ocr.debian import debian_file
from benchmarks.ocr.pages import TestPage
from benchmarks.ocr.score import FoundWord

#: Words of each page.
Found = list[list[FoundWord]]
_LIMIT_S = 900
#: Where a program of this environment stands before one of the machine.
_PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
_PACKS = "usr/share/tesseract-ocr/5/tessdata"


@dataclass(frozen=True)
class Program:
    """`run` does the work, in a folder of its own, from the PDF that `document_of` made of the pages; `read`, outside
    of the measured process, looks at what it wrote."""

    name: str
    run: Callable[[Sequence[TestPage], Path], None]
    read: Callable[[Sequence[TestPage], Path], Found]
    #: It writes `out.pdf`.
    writes_pdf: bool = True
    #: It straightens the picture, so that its places are not those of the picture that it was given.
    moves_page: bool = False
    #: It sees that a page lies on its side.
    turns: bool = True
    missing: Callable[[], str | None] = lambda: None


def document_of(pages: Sequence[TestPage], folder: Path) -> Path:
    """The pages as a PDF of their JPEGs."""
    target = folder / "in.pdf"
    target.write_bytes(img2pdf.convert([str(page.image) for page in pages], rotation=img2pdf.Rotation.ifvalid))
    return target


def _ours(runtime: str) -> Callable[[Sequence[TestPage], Path], None]:
    def run(pages: Sequence[TestPage], folder: Path) -> None:
        from services.ocr.contracts.ocr import OcrOptions
        from services.ocr.engines import ppocr_models
        from services.ocr.recognise import recognise_document
        from shared.media_types import PDF
        from shared.operation import InputFile, Task

        ppocr_models.use(runtime)
        (folder / "out").mkdir()
        task = Task((InputFile(folder / "in.pdf", "in.pdf", PDF.name),), folder / "out")
        recognise_document(task, OcrOptions.model_validate({"sidecars": ["json"]}))
        task.outputs[0].path.rename(folder / "out.pdf")
        task.outputs[1].path.rename(folder / "out.json")

    return run


def warm(names: Sequence[str]) -> None:
    """Load our models, as a worker's host does before it forks."""
    from services.ocr.engines import ppocr, ppocr_models
    from services.ocr.engines.ppocr_runtimes import RUNTIMES

    for name in RUNTIMES:
        if f"ours {name}" in names:
            ppocr_models.use(name)
            ppocr.warm_up()


def _read_ours(pages: Sequence[TestPage], folder: Path) -> Found:
    told = json.loads((folder / "out.json").read_text())
    return [
        [FoundWord(word["text"], word["corners"]) for line in page.get("lines", []) for word in line["words"]]
        for page in told["pages"]
    ]


def _tesseract(pages: Sequence[TestPage], folder: Path) -> None:
    (folder / "list").write_text("\n".join(str(page.image) for page in pages))
    _call(["tesseract", "list", "out", "-l", pages[0].source.language, "pdf", "tsv"], folder, pages)


def _read_tesseract(pages: Sequence[TestPage], folder: Path) -> Found:
    found: Found = [[] for _ in pages]
    for row in (folder / "out.tsv").read_text().splitlines()[1:]:
        level, page, *_, left, top, width, height, _, text = row.split("\t", 11)
        if level == "5" and text.strip():
            edges = float(left), float(top), float(left) + float(width), float(top) + float(height)
            found[int(page) - 1].append(FoundWord(text, _corners(*edges)))
    return found


def _ocrmypdf(*more: str) -> Callable[[Sequence[TestPage], Path], None]:
    def run(pages: Sequence[TestPage], folder: Path) -> None:
        command = ["ocrmypdf", "--jobs", "1", "--output-type", "pdf", "-q", "-l", pages[0].source.language]
        _call([*command, *more, "in.pdf", "out.pdf"], folder, pages)

    return run


def _read_layer(pages: Sequence[TestPage], folder: Path) -> Found:
    from shared.pdf.text_page import open_text
    from shared.pdf.words import words_of

    document, found = pypdfium2.PdfDocument(folder / "out.pdf"), []
    for page, drawn in zip(pages, document, strict=True):
        scale = page.dpi / 72
        with open_text(drawn.raw) as text:
            words = [(word, (word.left, word.top, word.right, word.bottom)) for word in words_of(text)]
        found.append([FoundWord(word.text, _corners(*edges) * scale) for word, edges in words])
    document.close()
    return found


def _rapidocr(pages: Sequence[TestPage], folder: Path) -> None:
    import logging

    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import rapidocr

    logging.disable(logging.ERROR)
    engine: Any = rapidocr.RapidOCR()
    told = []
    for page in pages:
        result = engine(str(page.image))
        lines = zip(result.boxes, result.txts, strict=True) if result.boxes is not None else ()
        told.append([(np.asarray(box).tolist(), text) for box, text in lines])
    (folder / "out.json").write_text(json.dumps(told))


def _read_rapidocr(pages: Sequence[TestPage], folder: Path) -> Found:
    """It tells lines; their words get their shares of them by the number of letters."""
    from services.ocr.engines.quads import part_of

    found: Found = []
    for lines in json.loads((folder / "out.json").read_text()):
        words, start = [], 0
        for corners, text in lines:
            start = 0
            for part in text.split(" "):
                place = part_of(np.array(corners, np.float32), start / len(text), (start + len(part)) / len(text))
                words.append(FoundWord(part, place))
                start += len(part) + 1
        found.append(words)
    return found


def _corners(left: float, top: float, right: float, bottom: float) -> Any:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


def _call(command: Sequence[str], folder: Path, pages: Sequence[TestPage]) -> None:
    environment = {**os.environ, "PATH": _PATH, "OMP_THREAD_LIMIT": "1", "TMPDIR": str(folder)}
    if packs := language_packs(pages[0].source.language):
        environment["TESSDATA_PREFIX"] = str(packs)
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment, timeout=_LIMIT_S)


@cache
def language_packs(language: str) -> Path | None:
    """A folder with Debian's pack of a language and the finder of turned pages; None: what the machine has."""
    package = f"tesseract-ocr-{language.replace('_', '-')}"
    packs = [debian_file(package, f"{_PACKS}/{language}.traineddata") for package in (package,)]
    packs.append(debian_file("tesseract-ocr-osd", f"{_PACKS}/osd.traineddata"))
    if None in packs:
        return None
    folder = debian_file(package, _PACKS)
    assert folder is not None
    for pack in packs:
        assert pack is not None
        if not (folder / pack.name).exists():
            shutil.copyfile(pack, folder / pack.name)
    # Its commands `pdf` and `tsv` are files beside the packs.
    if not (folder / "configs").exists():
        for name in ("configs", "tessconfigs"):
            common = Path("/") / _PACKS / name
            if common.is_dir():
                shutil.copytree(common, folder / name)
        if (Path("/") / _PACKS / "pdf.ttf").exists():
            shutil.copyfile(Path("/") / _PACKS / "pdf.ttf", folder / "pdf.ttf")
    return folder


def _needs_program(name: str) -> Callable[[], str | None]:
    return lambda: None if shutil.which(name, path=_PATH) else f"the program {name} is not installed"


def _needs_package(name: str) -> Callable[[], str | None]:
    return lambda: None if find_spec(name) else f"the package {name} is not installed"


PROGRAMS = (
    Program("ours onnxruntime", _ours("onnxruntime"), _read_ours),
    Program("ours openvino", _ours("openvino"), _read_ours, missing=_needs_package("openvino")),
    Program("tesseract", _tesseract, _read_tesseract, turns=False, missing=_needs_program("tesseract")),
    Program("ocrmypdf", _ocrmypdf(), _read_layer, turns=False, missing=_needs_program("ocrmypdf")),
    Program(
        "ocrmypdf --deskew --rotate-pages",
        _ocrmypdf("--deskew", "--rotate-pages"),
        _read_layer,
        moves_page=True,
        missing=_needs_program("ocrmypdf"),
    ),
    Program("rapidocr", _rapidocr, _read_rapidocr, False, missing=_needs_package("rapidocr")),
)
