"""Split a document into parts, each with all that belongs to its pages and nothing that does not."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import PurePath
from typing import Any

from services.file_ops.assembly.assembly import Assembly, Part, without_repeats
from services.file_ops.assembly.blank_pages import blank_pages
from services.file_ops.assembly.catalogue import carry_identity, carry_intents, carry_view, trim_packet
from services.file_ops.assembly.cut_points import Cut, at_blank_pages, by_outline, every, part_names
from services.file_ops.assembly.fitting import fit_into
from services.file_ops.assembly.source import Source
from services.file_ops.assembly.written import document_bytes
from services.file_ops.contracts.assembly import PartsWithFiles, SplitBy, SplitOptions
from services.file_ops.metadata.damage import damage_is_told
from services.file_ops.metadata.document_info import claims_of
from shared import names
from shared.media_types import PDF
from shared.operation import Result, Task
from shared.pdf.open_document import open_document
from shared.pdf.page_ranges import chosen_pages
from shared.pdf.signatures import settle_signatures

#: Parts that the result lists one by one.
_LISTED = 1000


def split(task: Task, options: SplitOptions) -> Result:
    """Write each part to an output of the task; the result says what could not be kept.

    Parts of a file that needs a password need it too (AES-256).

    Raises:
        NoOutline, OnlyBlankPages, PagesOutOfRange.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    with ExitStack() as opened:
        splitting = _Splitting(task, options, opened)
        with damage_is_told():
            return splitting.write(splitting.cuts())


class _Splitting:
    def __init__(self, task: Task, options: SplitOptions, opened: ExitStack) -> None:
        self._task = task
        self._options = options
        self._opened = opened
        self._sources: list[Source] = []
        self._signatures = 0
        self._password: str | None = None
        self._source = self._source_for(0)
        trim_packet(self._source.pdf)
        # A profile weighs more than most pages; only documents of such standards need it.
        self._with_intents = bool(claims_of(self._source.pdf))
        # PDF/A-1 and PDF/X-1 forbid object streams, which came with PDF 1.5.
        self._may_be_packed = not self._with_intents or self._source.pdf.pdf_version >= "1.5"
        self._links_left_out = 0
        self._damaged: set[str] = set()
        self._left_out: set[str] = set()

    def _source_for(self, run: int) -> Source:
        """The document for the first, second, ... run of pages of a part: each copies a page once."""
        while len(self._sources) <= run:
            pdf = self._opened.enter_context(open_document(self._task.input.path, self._task.password))
            self._signatures = settle_signatures(pdf, break_them=self._options.break_signature)
            self._password = self._task.password if pdf.is_encrypted else None
            self._sources.append(Source(pdf))
        return self._sources[run]

    def cuts(self) -> list[Cut]:
        """Where the options cut the document."""
        pages, options, task = len(self._source.pages), self._options, self._task
        if options.by is SplitBy.RANGES:
            return [Cut(chosen_pages(ranges, pages)) for ranges in options.ranges or ()]
        if options.by is SplitBy.OUTLINE:
            return by_outline(self._source.outline, pages, options.outline_level)
        if options.by is SplitBy.BLANK:
            blank = blank_pages(task.input.path, task.password, pages, report=task.report)
            return at_blank_pages(pages, blank, keep_blank=options.keep_blank)
        if options.max_bytes is not None:
            average_bytes = task.input.path.stat().st_size / pages
            return fit_into(options.max_bytes, pages, average_bytes, self._weight_bytes, report=task.report)
        return every(pages, options.every_pages or 1)

    def _weight_bytes(self, cut: Cut) -> int:
        return len(self._part(cut, first=cut.pages[0] == 0))

    def write(self, cuts: list[Cut]) -> Result:
        """Write the parts and tell of them."""
        task = self._task
        stem = PurePath(task.input.name).stem
        wanted = part_names(stem, cuts)
        safe = names.unique(names.safe(name, otherwise=f"part-{n}.pdf") for n, name in enumerate(wanted, start=1))
        told: list[dict[str, Any]] = []
        self._links_left_out = 0
        for number, (cut, name) in enumerate(zip(cuts, safe, strict=True)):
            task.report(number, len(cuts), "Writing parts")
            data = self._part(cut, first=number == 0)
            task.output(name, PDF).write_bytes(data)
            told.append({"name": name, "pages": _as_ranges(cut.pages), "bytes": len(data)})
        result: Result = {
            "parts": told[:_LISTED],
            "parts_count": len(told),
            "bytes": sum(part["bytes"] for part in told),
            "links_left_out": self._links_left_out,
            "left_out": sorted(self._left_out) + [f"{kind}: damaged" for kind in sorted(self._damaged)],
            "signatures_removed": self._signatures,
            "protected": self._password is not None,
        }
        if (limit := self._options.max_bytes) is not None:
            result["over_limit"] = [part["name"] for part in told if part["bytes"] > limit]
        return result

    def _part(self, cut: Cut, *, first: bool) -> memoryview:
        files = self._options.attachments
        with_files = files is PartsWithFiles.ALL or (files is PartsWithFiles.FIRST and first)
        assembly = Assembly()
        for number, pages in enumerate(without_repeats(cut.pages)):
            part = Part(self._source_for(number), pages, "", files=with_files and number == 0)
            outline = assembly.add(part)
            if number == 0:
                assembly.outline = outline
                with assembly.taking("view settings"):
                    carry_view(part, assembly)
        assembly.write()
        with assembly.taking("metadata"):
            if self._options.metadata:
                carry_identity(self._source.pdf, assembly.pdf)
        with assembly.taking("output intents"):
            if self._with_intents:
                carry_intents(self._source.pdf, assembly.pdf)
        self._links_left_out += assembly.links_left_out
        self._damaged.update(assembly.damaged)
        self._left_out.update(assembly.left_out)
        return document_bytes(
            assembly.pdf, version=assembly.version, password=self._password, packed=self._may_be_packed
        )


def _as_ranges(pages: list[int]) -> str:
    """Page numbers from 0 as people write them, from 1: `1-3,7`."""
    rows: list[list[int]] = []
    for page in pages:
        if rows and rows[-1][-1] == page - 1:
            rows[-1].append(page)
        else:
            rows.append([page])
    return ",".join(f"{row[0] + 1}-{row[-1] + 1}" if len(row) > 1 else str(row[0] + 1) for row in rows)
