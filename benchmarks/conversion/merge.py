"""Merging 200 files: CPU beside pypdf, qpdf and Ghostscript, and what of every kind is left afterwards."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, NumberTree

from benchmarks.conversion.programs import CORE, Program, usable
from benchmarks.measure import ForkServer, Run
from benchmarks.platform.figure import Figure
from services.file_ops.assembly.merge import merge
from services.file_ops.contracts.assembly import MergeOptions
from shared.media_types import PDF
from shared.operation import InputFile
from tests.services.file_ops.assembled_documents import link_targets, outline_of, rich_document

_FILES, _PAGES = 200, 5
#: Each is run so often; the cheapest run counts, because a busy machine only makes runs dearer.
_RUNS = 3
#: Target of the project: of pypdf's CPU.
_OF_PYPDF = 0.4

_RIVALS = (
    Program("qpdf", ("qpdf", "--empty", "--object-streams=generate", "--pages", "{source}", "--", "{folder}/out.pdf")),
    Program(
        "gs", ("gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite", "-sOutputFile={folder}/out.pdf", "{source}")
    ),
)


def ours(sources: list[str], target: str) -> int:
    """Merge, as the fork servers of `benchmarks.measure` call it."""
    inputs = [InputFile(Path(source), Path(source).name, PDF.name) for source in sources]
    return int(merge(inputs, Path(target), MergeOptions())["bytes"])


def with_pypdf(sources: list[str], target: str) -> int:
    """The same by pypdf."""
    from pypdf import PdfWriter  # only here: it is no dependency of ours

    writer = PdfWriter()
    for source in sources:
        writer.append(source)
    writer.write(target)
    return Path(target).stat().st_size


def documents(folder: Path, files: int) -> list[str]:
    """Make documents with everything that must be kept, whose pages are as full as those of office programs."""
    return [str(_document(folder / f"{number:03d}.pdf", f"file {number}")) for number in range(files)]


def _document(path: Path, name: str) -> Path:
    rich_document(path, name, _PAGES)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        fonts = {f"/F{number}": _font(pdf, number) for number in range(2, 5)}
        for page in pdf.pages:
            for font, found in fonts.items():
                page.obj.Resources.Font[font] = found
            lines = (f"/F{2 + line % 3} 9 Tf 1 0 0 1 20 {360 - 8 * line} Tm ({name} {line}) Tj" for line in range(40))
            page.contents_add(f"BT {' '.join(lines)} ET".encode())
        pdf.save(path)
    return path


def _font(pdf: pikepdf.Pdf, number: int) -> Any:
    names = [Name(f"/g{code}") for code in range(32, 256)]
    name = Name(f"/ABCDEF+Font{number}")
    descriptor = Dictionary(Type=Name.FontDescriptor, FontName=name, Flags=4, FontBBox=[0, 0, 1000, 1000])
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.Type1, BaseFont=name, FirstChar=32, LastChar=255,
            Widths=pdf.make_indirect(Array([500 + code for code in range(224)])),
            FontDescriptor=pdf.make_indirect(descriptor),
            Encoding=pdf.make_indirect(Dictionary(Type=Name.Encoding, Differences=[32, *names])),
        )
    )  # fmt: skip


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """CPU seconds of each, and what each kept of links, outline, fields, labels, attachments and tags."""
    files = _FILES // (10 if quick else 1)
    sources = documents(folder, files)
    cost, kept = {}, {}
    for name, run in _contenders(sources, folder).items():
        runs = [run() for _ in range(_RUNS)]
        if any(each.error for each in runs):
            print(f"!! LEFT OUT: {name}: {runs[0].error}", file=sys.stderr)
            continue
        cost[name] = min(each.cpu_s for each in runs)
        kept[name] = {"bytes": (folder / "out.pdf").stat().st_size, **_kept(folder / "out.pdf")}
    others = {name: f"{seconds:.2f} s; {_words(kept[name])}" for name, seconds in cost.items() if name != "ours"}
    ratio = cost["ours"] / cost["pypdf"] if "pypdf" in cost else None
    of_pypdf = f" ({ratio:.2f} of pypdf)" if ratio else ""
    return [
        Figure(
            f"merge of {files} files of {_PAGES} pages with everything, CPU seconds; kept",
            f"{cost['ours']:.2f} s{of_pypdf}; {_words(kept['ours'])}",
            others,
            reach=f"{_OF_PYPDF} x pypdf with everything kept",
            reached=None if ratio is None else ratio <= _OF_PYPDF and kept["ours"]["complete"] == 1,
            numbers={name: {"cpu_s": cost[name], **kept[name]} for name in cost},
        )
    ]


def _contenders(sources: list[str], folder: Path) -> dict[str, Callable[[], Run]]:
    target = folder / "out.pdf"

    def function(name: str) -> Callable[[], Run]:
        server = ForkServer(f"benchmarks.conversion.merge:{name}", {CORE})
        # The first call pays for imports that a worker has done long before.
        server(sources=sources[:2], target=str(target))
        return lambda: server(sources=sources, target=str(target))

    found = {"ours": function("ours")}
    if find_spec("pypdf"):
        found["pypdf"] = function("with_pypdf")
    else:
        print("!! LEFT OUT: pypdf is not installed", file=sys.stderr)
    server = ForkServer("benchmarks.measure:execute", {CORE})
    for program in usable(_RIVALS):
        before, after = program.arguments[: program.arguments.index("{source}")], program.arguments
        command = [part.format(folder=folder) for part in before] + sources
        command += [part.format(folder=folder) for part in after[len(before) + 1 :]]
        found[program.name] = lambda command=command: server(command=command, errors=str(folder / "errors"))
    return found


def _kept(path: Path) -> dict[str, Any]:
    """What a merged file has of each kind, as a share of what its sources had."""
    with pikepdf.open(path) as pdf:
        files = len(pdf.pages) // _PAGES
        wanted = {(f * _PAGES + 1, f * _PAGES + to) for f in range(files) for to in (2, 3, _PAGES)}
        links = len(wanted & set(link_targets(pdf)))
        fields = pdf.Root.get("/AcroForm", Dictionary()).get("/Fields", [])
        names = {str(field.get("/T")) for field in fields}
        labels = sum(page.label == "i" for page in pdf.pages)
        shares = {
            "links": links / (3 * files),
            "outline": min(len([row for row in outline_of(pdf) if row[2] is not None]) / (3 * files), 1),
            "fields": len(names) / (2 * files),
            "labels": labels / files,
            "attachments": len(pdf.attachments) / files,
            "layers": len(pdf.Root.get("/OCProperties", Dictionary()).get("/OCGs", [])) / (2 * files),
            "tags": _owned_marks(pdf) / len(pdf.pages),
        }
    return shares | {"complete": int(all(share == 1 for share in shares.values()))}


def _owned_marks(pdf: pikepdf.Pdf) -> int:
    """Pages whose marked paragraph the structure tree leads to."""
    tree = pdf.Root.get("/StructTreeRoot", Dictionary()).get("/ParentTree")
    owners = dict(NumberTree(tree).items()) if tree is not None else {}
    marked = [(page.obj, owners.get(page.obj.get("/StructParents", -1))) for page in pdf.pages]
    return sum(
        owner is not None and owner[0].get("/S") == Name.Own and owner[0].get("/Pg") is not None
        and owner[0].Pg.objgen == page.objgen
        for page, owner in marked
    )  # fmt: skip


def _words(kept: dict[str, Any]) -> str:
    lost = [f"{kind} {share:.0%}" for kind, share in kept.items() if kind not in ("bytes", "complete") and share < 1]
    return f"{kept['bytes'] / 1e6:.2f} MB, " + (f"of {', '.join(lost)}" if lost else "everything")
