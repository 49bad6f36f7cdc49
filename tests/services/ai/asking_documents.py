"""What tests of the model share: settings that name the scripted server, small documents, tasks that may ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name

from services.ai.service import model_server
from shared.errands import asker_without_sandbox
from shared.operation import InputFile, Task

KEY = "sk-the-key-of-the-operator"
MODEL = "scripted"


def settings_for(server: Any, **more: object) -> dict[str, object]:
    """The settings that name a scripted server, for `settings_env`."""
    given = {"base_url": server.url, "api_key": KEY, "model": MODEL, **more}
    return {f"ai_{name}": value for name, value in given.items()}


def write_pdf(path: Path, *pages: list[str], content: bytes = b"") -> Path:
    """A PDF of one page per list of lines; a tab moves on to the next column. `content` is drawn on the first page."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    )
    for number, lines in enumerate(pages):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = Dictionary(Font=Dictionary(F=font))
        drawn = [content] if number == 0 else []
        for row, line in enumerate(lines):
            for column, cell in enumerate(line.split("\t")):
                shown = cell.encode("cp1252").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
                drawn.append(b"BT /F 10 Tf %d %d Td (%s) Tj ET" % (50 + 130 * column, 800 - 16 * row, shown))
        page.Contents = pdf.make_stream(b"\n".join(drawn))
    pdf.save(path)
    return path


def task_for(source: Path, *, asks: bool = True) -> Task:
    """A task with one PDF; it may ask the server that the settings name, by the way that engines go."""
    folder = source.parent / f"out-{source.stem}"
    folder.mkdir(exist_ok=True)
    upstream = model_server() if asks else None
    ask = asker_without_sandbox(upstream) if upstream else None
    return Task((InputFile(source, source.name, "application/pdf"),), folder, ask=ask)
