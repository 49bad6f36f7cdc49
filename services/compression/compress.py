"""Make a PDF smaller: the list of steps, and the gate that takes back what hurt a page."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf

from services.compression.byte_census import count_bytes
from services.compression.colour_profiles import slim_profiles
from services.compression.content_numbers import shorten_numbers
from services.compression.flate import repack_streams
from services.compression.fonts import shrink_fonts
from services.compression.identical_streams import share_identical
from services.compression.metadata import remove_metadata
from services.compression.object_streams import repack_object_streams
from services.compression.operations import CompressOptions
from services.compression.orphans import drop_orphaned_content
from services.compression.outcome import Outcome
from services.compression.page_gate import PageComparison, PageGate
from services.compression.placement import ObjectId, Placement, find_placements
from services.compression.presets import Quality, quality_for
from services.compression.recode_images import ImageOutcome, recode_images
from services.compression.target_size import reach_target
from shared.errors import DamagedFile
from shared.operation import Report, Result, ignore
from shared.pdf.open_document import open_document, open_written
from shared.pdf.signatures import settle_signatures

#: Pages whose text is compared when fonts were changed; extracting one takes some 3 ms.
_MOST_READ_PAGES = 100
#: Pages that the gate looks at beside the first and the last: those with the most recoded pixels.
_BUSIEST_PAGES = 3


def compress_pdf(
    source: Path,
    target: Path,
    options: CompressOptions,
    *,
    password: str | None = None,
    report: Report = ignore,
) -> Result:
    """Write a smaller PDF to `target`, never a larger one: then `target` is a copy and the result says why.

    Text, links, outlines, forms, tags, layers, attachments and encryption stay; what may be lost of images stands in
    `services.compression.presets`. Sampled pages are rendered before and after, and a step that hurt one is undone.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    gate = PageGate(source, password)
    job = _Job(source, options, password, report, gate)
    if options.target_bytes is not None:
        return reach_target(job.run, target, options).as_result()
    return job.run(quality_for(options), target).as_result()


@dataclass
class _Draft:
    """One written attempt and what the gate needs to judge it."""

    outcome: Outcome
    placements: dict[ObjectId, Placement]
    touched: bool

    def recoded_on(self, pages: set[int]) -> set[ObjectId]:
        """The recoded images that these pages draw."""
        return {image for image in self.outcome.images.recoded if self.placements[image].pages & pages}


@dataclass(frozen=True)
class _Job:
    source: Path
    options: CompressOptions
    password: str | None
    report: Report
    gate: PageGate

    def run(self, quality: Quality, target: Path) -> Outcome:
        """Compress within `quality`; undo what fails the gate; fall back to the source where nothing is won."""
        leave: frozenset[ObjectId] = frozenset()
        leave_fonts = False
        undone: list[str] = []
        # The last try changes nothing that shows: it only packs.
        for looks_may_change in (True, True, False):
            draft = self._write(target, quality, leave, leave_fonts, looks_may_change=looks_may_change)
            outcome = draft.outcome
            if "fonts_changed" in outcome.steps and not self.gate.reads_the_same(target, _spread(outcome.pages)):
                undone.append("fonts: a page would have read differently, all left")
                leave_fonts = True
                draft = self._write(target, quality, leave, leave_fonts, looks_may_change=looks_may_change)
                outcome = draft.outcome
            outcome.comparisons = self._compare(draft, target)
            failing = [page for page in outcome.comparisons if not self._passes(page, quality)]
            if not failing:
                break
            undone += [f"page {page.page + 1}: similarity {page.similarity:.4f}, images left" for page in failing]
            leave |= draft.recoded_on({page.page for page in failing})
        outcome.undone += undone
        if failing:
            return self._give_back(outcome, target, "a page would have looked different")
        if outcome.bytes_after >= outcome.bytes_before:
            return self._give_back(outcome, target, "no smaller file was found")
        return outcome

    def _passes(self, page: PageComparison, quality: Quality) -> bool:
        return page.passes(quality.page_floor, any_colour=quality.grayscale)

    def _give_back(self, outcome: Outcome, target: Path, reason: str) -> Outcome:
        shutil.copyfile(self.source, target)
        outcome.unchanged = reason
        outcome.bytes_after = outcome.bytes_before
        outcome.kinds_after = outcome.kinds_before
        outcome.comparisons = []
        return outcome

    def _write(
        self, target: Path, quality: Quality, leave: frozenset[ObjectId], leave_fonts: bool, *, looks_may_change: bool
    ) -> _Draft:
        with open_document(self.source, self.password) as pdf:
            bytes_before = self.source.stat().st_size
            kinds_before = count_bytes(pdf, bytes_before)
            steps = {"signatures_removed": settle_signatures(pdf, break_them=self.options.break_signature)}
            outcome = Outcome(
                quality.preset.value, len(pdf.pages), bytes_before, 0, kinds_before, {}, ImageOutcome(), steps=steps
            )
            placements = self._shrink(pdf, quality, leave, leave_fonts, outcome, looks_may_change=looks_may_change)
            outcome.kinds_after = self._save(pdf, target)
        outcome.bytes_after = target.stat().st_size
        outcome.steps = {step: count for step, count in steps.items() if count}
        touched = bool(outcome.images.recoded) or any(step in outcome.steps for step in _STEPS_THAT_SHOW)
        return _Draft(outcome, placements, touched)

    def _shrink(
        self,
        pdf: pikepdf.Pdf,
        quality: Quality,
        leave: frozenset[ObjectId],
        leave_fonts: bool,
        outcome: Outcome,
        *,
        looks_may_change: bool,
    ) -> dict[ObjectId, Placement]:
        """The steps, in their order: first what makes others needless, last what packs the result."""
        steps, placements = outcome.steps, dict[ObjectId, Placement]()
        lossy = not quality.lossless
        if self.options.remove_metadata:
            remove_metadata(pdf)
        # Images and fonts that a page names and never draws.
        pdf.remove_unreferenced_resources()
        steps["orphaned_bytes_dropped"] = drop_orphaned_content(pdf, drop_output_intents=lossy)
        steps["objects_shared"] = share_identical(pdf)
        if looks_may_change:
            placements = find_placements(pdf)
            outcome.images = recode_images(pdf, placements, quality, leave=leave, report=self.report)
            if not leave_fonts:
                outcome.fonts = shrink_fonts(pdf, lossless=quality.lossless)
                steps["fonts_changed"] = outcome.fonts.changed
                outcome.undone.extend(
                    f"font {name}: the smaller program drew something else" for name in outcome.fonts.undone
                )
            steps["profile_bytes_saved"] = slim_profiles(pdf)
            steps["number_bytes_saved"] = shorten_numbers(pdf) if lossy else 0
        self.report(1, 1, "Packing")
        steps["packed_bytes_saved"] = repack_streams(pdf, finished=outcome.images.recoded.keys())
        steps["objects_shared"] += share_identical(pdf)
        return placements

    def _save(self, pdf: pikepdf.Pdf, target: Path) -> dict[str, int]:
        """Write the document, read it back, and return its bytes by kind.

        Raises:
            DamagedFile: what was written does not open; only files whose own structure is broken end so.
        """
        # Object streams over a repaired cross-reference table can hide the catalogue; plain objects never do.
        for objects in (pikepdf.ObjectStreamMode.generate, pikepdf.ObjectStreamMode.disable):
            try:
                with warnings.catch_warnings():
                    # Widgets outside of /AcroForm were so in the source; saving does not part them.
                    warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
                    # True keeps the source's own encryption: its passwords, permissions and revision.
                    how: dict[str, Any] = {"linearize": self.options.linearize, "encryption": pdf.is_encrypted}
                    pdf.save(target, object_stream_mode=objects, **how)
                repack_object_streams(target)
                with open_written(target, self.password) as written:
                    if len(written.pages) == len(pdf.pages):
                        return count_bytes(written, target.stat().st_size)
                failure = pikepdf.PdfError("pages were lost")
            except pikepdf.PdfError as error:
                failure = error
        raise DamagedFile() from failure

    def _compare(self, draft: _Draft, target: Path) -> list[PageComparison]:
        last = draft.outcome.pages - 1
        if not draft.touched:
            return self.gate.compare(target, [0])
        return self.gate.compare(target, sorted({0, last, *self._busiest(draft)}))

    def _busiest(self, draft: _Draft) -> list[int]:
        pixels: dict[int, int] = {}
        for image, count in draft.outcome.images.recoded.items():
            for page in draft.placements[image].pages:
                pixels[page] = pixels.get(page, 0) + count
        return sorted(pixels, key=lambda page: -pixels[page])[:_BUSIEST_PAGES]


def _spread(pages: int) -> list[int]:
    """Pages whose text is read, spread evenly over a document: all of them up to `_MOST_READ_PAGES`."""
    return sorted({number * pages // min(pages, _MOST_READ_PAGES) for number in range(min(pages, _MOST_READ_PAGES))})


_STEPS_THAT_SHOW = ("fonts_changed", "profile_bytes_saved", "number_bytes_saved")
