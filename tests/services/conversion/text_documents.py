"""PDFs with text whose order, tables and looks are known, and the text room's conversions of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from services.conversion.contracts.convert import ConvertOptions
from services.conversion.text.convert import write_text
from shared.media_types import PDF
from shared.operation import InputFile, Result, Task

#: Fonts that every viewer has. R to Z of `HE` are Hebrew letters, by its map to Unicode.
FONTS = {"F": "Helvetica", "B": "Helvetica-Bold", "I": "Helvetica-Oblique", "T": "Times-Roman", "M": "Courier"}
_HEBREW = "".join(f"<{ord('a') + n:02x}> <{0x05D0 + n:04x}>\n" for n in range(22))
_TO_UNICODE = f"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /H def 1 begincodespacerange <00> <ff> endcodespacerange
23 beginbfchar
<20> <0020>
{_HEBREW}endbfchar endcmap end end""".encode()

PROSE = (
    "Every reader follows the lines of a column down to its foot before the eye returns to the head of the next one "
    "and a program that reads pages aloud has to do the same or its listeners will hear two stories at once mixed up "
    "line by line which nobody can follow for longer than a breath while the author meant a simple sequence of plain "
    "sentences set in narrow measure because short lines are easier to find again when turning back at the margin "
)


@dataclass
class PageDraft:
    """What a page will show. Places are points from the left and the top."""

    width: float = 612
    height: float = 792
    operators: list[str] = field(default_factory=list)
    rotate: int = 0
    annotations: list[Any] = field(default_factory=list)
    xobjects: dict[str, Any] = field(default_factory=dict)

    def text(
        self, x: float, y: float, text: str, *, font: str = "F", size: float = 10, matrix: str = "1 0 0 1"
    ) -> None:
        """Text that begins at x with its baseline at y."""
        coded = text.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        place = f"{matrix} {x:.2f} {self.height - y:.2f} Tm"
        self.operators.append(f"BT /{font} {size} Tf {place} ({coded.decode('latin-1')}) Tj ET")

    def rule(self, left: float, top: float, right: float, bottom: float) -> None:
        """A thin line."""
        ends = f"{left} {self.height - top} m {right} {self.height - bottom} l S"
        self.operators.append(f"0.5 w {ends}")

    def grid(self, xs: list[float], ys: list[float]) -> None:
        """Rules at all of these places."""
        for y in ys:
            self.rule(xs[0], y, xs[-1], y)
        for x in xs:
            self.rule(x, ys[0], x, ys[-1])

    def column(self, x: float, y: float, lines: list[str], *, size: float = 9, step: float = 11.5) -> list[Any]:
        """Lines below each other, as (x, y, text, size) to be drawn in any order."""
        return [(x, y + step * number, line, size) for number, line in enumerate(lines)]

    def draw(self, pieces: list[Any]) -> None:
        """Draw what `column` returned."""
        for x, y, text, size in pieces:
            self.text(x, y, text, size=size)


def prose_lines(count: int, seed: int, characters: int = 44) -> list[str]:
    """Lines of prose of at most so many characters, different for each seed and all different from each other."""
    words, lines = PROSE.split(), list[str]()
    chooser = random.Random(seed)
    for number in range(count):
        line = f"{chooser.choice('abcdefgh')}{seed}n{number}"
        while len(longer := f"{line} {chooser.choice(words)}") <= characters:
            line = longer
        lines.append(line)
    return lines


def save(path: Path, *pages: PageDraft, prepare: Any = None) -> Path:
    """Write the pages as a PDF; `prepare` may change it before."""
    pdf = pikepdf.new()
    fonts = Dictionary()
    for name, base in FONTS.items():
        fonts[f"/{name}"] = pdf.make_indirect(
            Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{base}"), Encoding=Name.WinAnsiEncoding)
        )
    fonts["/HE"] = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, ToUnicode=Stream(pdf, _TO_UNICODE))
    )
    for page in pages:
        content = Stream(pdf, "\n".join(page.operators).encode("latin-1"))
        resources = Dictionary(Font=fonts, XObject=Dictionary())
        for name, picture in page.xobjects.items():
            resources.XObject[f"/{name}"] = pdf.make_indirect(picture(pdf))
        made = Dictionary(
            Type=Name.Page,
            MediaBox=Array([0, 0, page.width, page.height]),
            Resources=resources,
            Contents=pdf.make_indirect(content),
            Rotate=page.rotate,
        )
        if page.annotations:
            made.Annots = Array([pdf.make_indirect(annotation) for annotation in page.annotations])
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(made)))
    if prepare:
        prepare(pdf)
    pdf.save(path)
    return path


def link(page: PageDraft, left: float, top: float, right: float, bottom: float, target: str) -> Any:
    """A link annotation over a box."""
    return Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([left, page.height - bottom, right, page.height - top]),
        A=Dictionary(S=Name.URI, URI=pikepdf.String(target)),
    )


def grey_picture(pdf: pikepdf.Pdf) -> Stream:
    """An image of 4 by 2 samples, each different."""
    return Stream(
        pdf,
        bytes(range(0, 240, 30)),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=4,
        Height=2,
        BitsPerComponent=8,
        ColorSpace=Name.DeviceGray,
    )


def convert(source: Path, folder: Path, **options: object) -> tuple[Result, dict[str, Path]]:
    """Convert a PDF; the result of the job and the outputs by name."""
    folder.mkdir(parents=True)
    task = Task((InputFile(source, source.name, PDF.name),), folder)
    result = write_text(source, task, ConvertOptions.model_validate(options))
    assert all(output.path.is_file() for output in task.outputs)
    return result, {output.name: output.path for output in task.outputs}


def text_of(source: Path, folder: Path, **options: object) -> str:
    """The text of a PDF, in reading order unless told otherwise."""
    _, outputs = convert(source, folder, to="txt", **options)
    (path,) = outputs.values()
    return path.read_text("utf-8")
