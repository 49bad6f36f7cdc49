"""Pages with known text as a scanner gives them, and tasks to read them with."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import img2pdf
import numpy as np
import pikepdf
import pypdfium2
from pikepdf import Dictionary, Name
from PIL import Image, ImageDraw, ImageFont

from services.ocr.contracts.ocr import OcrOptions
from services.ocr.recognise import recognise_document
from shared.media_types import SNIFFED_BYTES, recognise
from shared.operation import InputFile, Result, Task

LINES = (
    "Invoice number 20417 of 3 March 2025",
    "The quick brown fox jumps over the lazy dog",
    "From Malaga to Brno, by way of Odense (1998)",
    "Total due: 1,284.50 EUR within 30 days",
)
DPI = 150


def picture(lines: tuple[str, ...] = LINES, *, turn_degrees: int = 0) -> Image.Image:
    """Black lines on white paper, turned clockwise."""
    page = Image.new("L", (1000, 700), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(32)
    for number, line in enumerate(lines):
        pen.text((60, 60 + 80 * number), line, fill=0, font=font)
    return page.rotate(-turn_degrees, expand=True, fillcolor=255)


def scan(target: Path, *pages: Image.Image) -> Path:
    """A PDF of pictures."""
    parts = []
    for page in pages:
        out = io.BytesIO()
        page.save(out, "PNG", dpi=(DPI, DPI))
        parts.append(out.getvalue())
    target.write_bytes(img2pdf.convert(parts))
    return target


def typed(target: Path, text: str = "Words that are here already", *, mode: int = 0) -> Path:
    """A PDF page with true text in Helvetica; in text rendering mode 3 it is invisible."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(480, 336)).obj
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
        page.Resources = Dictionary(Font=Dictionary(F=font))
        page.Contents = pdf.make_stream(f"BT {mode} Tr /F 16 Tf 30 300 Td ({text}) Tj ET".encode())
        pdf.save(target)
    return target


def task_for(source: Path, folder: Path, *, password: str | None = None) -> Task:
    """A task in a folder of its own below `folder`."""
    outputs = folder / f"job-{len(list(folder.glob('job-*')))}" / "out"
    outputs.mkdir(parents=True)
    copy = outputs.parent / "input-0"
    shutil.copyfile(source, copy)
    kind = recognise(copy.read_bytes()[:SNIFFED_BYTES], source.name)
    assert kind, f"{source.name} is of no known kind"
    return Task((InputFile(copy, source.name, kind.name),), outputs, password)


def read(source: Path, folder: Path, *, password: str | None = None, **options: Any) -> tuple[Task, Result]:
    """Run `ocr`; the first output of the task is the PDF."""
    task = task_for(source, folder, password=password)
    return task, recognise_document(task, OcrOptions.model_validate(options))


def text_of(pdf: Path, page: int = 0) -> list[str]:
    """The words of a page, as pdfium finds them."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return str(document[page].get_textpage().get_text_bounded()).split()
    finally:
        document.close()


def pixels_of(pdf: Path, page: int = 0) -> np.ndarray:
    """A page as it looks."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return np.array(document[page].render(scale=1).to_numpy())
    finally:
        document.close()
