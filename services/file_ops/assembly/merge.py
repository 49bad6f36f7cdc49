"""Join files into one PDF that keeps everything that its parts had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePath
from typing import Any

import pikepdf

from services.file_ops.assembly.assembly import Assembly, Part, without_repeats
from services.file_ops.assembly.catalogue import carry_identity, carry_intents, carry_view, intents_of
from services.file_ops.assembly.drawn_forms import draw_form
from services.file_ops.assembly.identical_streams import share_identical_streams
from services.file_ops.assembly.pictures import picture_document
from services.file_ops.assembly.source import Source
from services.file_ops.assembly.written import write_document
from services.file_ops.contracts.assembly import MOST_FILES, MergedMetadata, MergedOutline, MergeOptions
from services.file_ops.metadata.damage import DAMAGE
from services.file_ops.metadata.destinations import Place
from services.file_ops.metadata.document_info import drop_claims, read_info, write_info
from services.file_ops.metadata.outline import OutlineItem
from shared.errors import DamagedFile, FileProcessingError, TooComplex
from shared.media_types import PDF
from shared.operation import InputFile, Report, Result, ignore
from shared.pdf.open_document import MAX_PAGES, open_document
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.signatures import settle_signatures

#: Files that stay open on disk; more are read into memory, because a process may only open so many.
_OPEN_FILES = 150
#: A page may be named so often: each time its file is opened once more.
_MOST_REPEATS = 100
#: Renamed things of one kind that the result lists.
_LISTED = 100


class TooManyInputs(TooComplex):
    """More files than one merge takes."""

    code = "too_many_inputs"
    remedy = f"Merge at most {MOST_FILES} files at once, then merge the results."


class PagesDoNotMatchFiles(FileProcessingError):
    """The option 'pages' does not have one entry for each file."""

    code = "pages_do_not_match_files"
    remedy = "Give 'pages' one entry for each file, in their order; null takes all pages."


@dataclass
class _Found:
    """What was found in the inputs, for the result."""

    files: list[dict[str, Any]] = field(default_factory=list)
    signatures: int = 0
    encrypted: int = 0
    intents: set[frozenset[str]] = field(default_factory=set)


def merge(
    inputs: Sequence[InputFile],
    target: Path,
    options: MergeOptions,
    *,
    password: str | None = None,
    report: Report = ignore,
) -> Result:
    """Write the files' pages, in order, to `target` as one PDF; the result says what could not be kept.

    Where a password opens any of the inputs, the merged file needs it too (AES-256).

    Raises:
        TooManyInputs, PagesDoNotMatchFiles, PagesOutOfRange.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`. The message
            names the file by its position and name.
    """
    if len(inputs) > MOST_FILES:
        raise TooManyInputs(f"{len(inputs)} files are too many for one merge; it takes {MOST_FILES}.")
    wanted = options.pages or [None] * len(inputs)
    if len(wanted) != len(inputs):
        raise PagesDoNotMatchFiles(f"'pages' has {len(wanted)} entries for {len(inputs)} files.")
    assembly, found = Assembly(), _Found()
    with ExitStack() as opened:
        on_disk = _largest(inputs)
        for position, (given, ranges) in enumerate(zip(inputs, wanted, strict=True)):
            report(position, len(inputs), "Merging")
            with _naming(position, given):
                runs = _Input(given, len(inputs) == 1, position in on_disk, password, options, opened, found).runs(
                    ranges
                )
                _add(assembly, runs, options, first=position == 0, only=len(inputs) == 1)
        report(len(inputs), len(inputs), "Writing")
        return _finish(assembly, found, target, options, password)


@dataclass
class _Input:
    given: InputFile
    #: The only one: nothing of it has to fit anything else.
    alone: bool
    on_disk: bool
    password: str | None
    options: MergeOptions
    opened: ExitStack
    found: _Found

    def runs(self, ranges: str | None) -> list[Part]:
        """The chosen pages as parts that name no page twice; for each repetition the file is opened anew."""
        source = self._open()
        numbers = chosen_pages(ranges, len(source.pages))
        rows = without_repeats(numbers)
        if len(rows) > _MOST_REPEATS:
            raise TooComplex(f"A page is named more than {_MOST_REPEATS} times.")
        info = read_info(source.pdf).values if self.options.outline is MergedOutline.NEST else {}
        title = str(info.get("title", "")).strip() or PurePath(self.given.name).stem
        self.found.files.append({"name": self.given.name, "pages": len(numbers)})
        sources = [source, *(self._open() for _ in rows[1:])]
        return [Part(each, row, title, files=each is source) for each, row in zip(sources, rows, strict=True)]

    def _open(self) -> Source:
        if self.given.media_type != PDF.name:
            return Source(self.opened.enter_context(picture_document(self.given.path)))
        place = self.given.path if self.on_disk else BytesIO(self.given.path.read_bytes())
        pdf = self.opened.enter_context(open_document(place, self.password))
        self.found.signatures += settle_signatures(pdf, break_them=self.options.break_signature)
        self.found.encrypted += pdf.is_encrypted
        self.found.intents.add(intents_of(pdf))
        if not self.alone:
            draw_form(pdf)
        return Source(pdf)


def _add(assembly: Assembly, runs: list[Part], options: MergeOptions, *, first: bool, only: bool) -> None:
    start = len(assembly.pages)
    if start + sum(len(run.numbers) for run in runs) > MAX_PAGES:
        raise TooComplex(f"The merged file would have more than {MAX_PAGES:,} pages.")
    items: list[OutlineItem] = []
    for number, run in enumerate(runs):
        led = assembly.add(run)
        items = led if number == 0 else items
    if options.outline is MergedOutline.FLAT or (only and options.outline is MergedOutline.NEST):
        assembly.outline += items
    elif options.outline is MergedOutline.NEST:
        place = Place(start, (pikepdf.Name.Fit,))
        assembly.outline.append(OutlineItem(runs[0].title, place, children=items))
    if first:
        with assembly.taking("view settings"):
            carry_view(runs[0], assembly)
        with assembly.taking("metadata"):
            if options.metadata is MergedMetadata.FIRST:
                carry_identity(runs[0].source.pdf, assembly.pdf)
        with assembly.taking("output intents"):
            carry_intents(runs[0].source.pdf, assembly.pdf)


def _finish(assembly: Assembly, found: _Found, target: Path, options: MergeOptions, password: str | None) -> Result:
    pdf = assembly.pdf
    assembly.write()
    left_out = sorted(assembly.left_out)
    left_out += [f"{kind}: damaged in a file" for kind in assembly.damaged]
    if len(found.intents) > 1 and "/OutputIntents" in pdf.Root:
        del pdf.Root["/OutputIntents"]
        left_out.append("output intents: the files are meant for different colours")
    if claims := drop_claims(pdf):
        left_out.append(f"claims of a standard ({', '.join(claims)}): nobody has checked the merged file")
    if options.title is not None:
        info = read_info(pdf)
        info.values["title"] = options.title
        write_info(pdf, info)
    shared_bytes = share_identical_streams(pdf)
    protected = password if found.encrypted else None
    size = write_document(pdf, target, version=assembly.version, password=protected)
    return {
        "files": found.files,
        "pages": len(assembly.pages),
        "bytes": size,
        "kept": _kept(assembly),
        "renamed": {
            "fields": [{"from": old, "to": new} for old, new in assembly.form.renamed[:_LISTED]],
            "fields_count": len(assembly.form.renamed),
            "attachments": [{"from": old, "to": new} for old, new in assembly.names.renamed_files[:_LISTED]],
            "named_destinations_count": assembly.names.renamed_destinations,
        },
        "links_left_out": assembly.links_left_out,
        "left_out": left_out,
        "signatures_removed": found.signatures,
        "shared_bytes": shared_bytes,
        "protected": protected is not None,
    }


def _kept(assembly: Assembly) -> dict[str, int]:
    return {
        "outline_items": sum(1 for top in assembly.outline for _ in top.walk()),
        "named_destinations": assembly.names.destinations,
        "form_fields": assembly.form.fields,
        "attachments": assembly.names.files,
        "tagged_files": assembly.structure.sources,
        "layers": assembly.layers.count,
    }


@contextmanager
def _naming(position: int, given: InputFile) -> Iterator[None]:
    """Errors name the file that they are about."""
    try:
        yield
    except FileProcessingError as error:
        raise type(error)(f"File {position + 1} ({given.name}): {error}", remedy=error.remedy) from error
    except DAMAGE as error:
        raise DamagedFile(f"File {position + 1} ({given.name}): {DamagedFile.__doc__}") from error


def _largest(inputs: Sequence[InputFile]) -> set[int]:
    by_size = sorted(range(len(inputs)), key=lambda position: -inputs[position].path.stat().st_size)
    return set(by_size[:_OPEN_FILES])
