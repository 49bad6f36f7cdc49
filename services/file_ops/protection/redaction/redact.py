"""Redact a PDF: find, erase, cover, write, prove; without the proof there is no output."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf

from services.file_ops.contracts.protection import RedactOptions
from services.file_ops.protection.content.areas import SHARE_UNDER_MATCH, Area, Areas, Placed
from services.file_ops.protection.content.geometry import Rect
from services.file_ops.protection.content.walk import Eraser, Walk
from services.file_ops.protection.redaction import content_strings, document_text, leftovers, page_annotations, tags
from services.file_ops.protection.redaction.covering import cover, label
from services.file_ops.protection.redaction.finder import Finder
from services.file_ops.protection.redaction.page_frame import PageFrame
from services.file_ops.protection.redaction.page_text import as_drawn, as_seen
from services.file_ops.protection.redaction.proof import RedactionNotProven, look, places
from services.file_ops.protection.redaction.unsearched import unsearched_pages
from services.file_ops.protection.saving import save_checked
from shared.operation import Report, Result, ignore
from shared.pdf.inheritance import inherited
from shared.pdf.open_document import open_document
from shared.pdf.page_ranges import PagesOutOfRange
from shared.pdf.signatures import settle_signatures

#: Times that what pdfium still finds is erased too; it reads some fonts that our own walk cannot.
_ROUNDS = 3


@dataclass
class _Run:
    options: RedactOptions
    finder: Finder
    #: By page, from 0: what goes, and the boxes that cover it.
    areas: dict[int, list[Area]] = field(default_factory=dict)
    boxes: dict[int, list[Rect]] = field(default_factory=dict)
    found: Counter[str] = field(default_factory=Counter)
    erased: Counter[str] = field(default_factory=Counter)
    cleaned: Counter[str] = field(default_factory=Counter)
    signatures: int = 0
    pages: int = 0
    names_left: int = 0

    def add(self, page: int, rects: list[Rect], *, share: float) -> None:
        """Rectangles of a page must go."""
        self.areas.setdefault(page, []).extend(Area(rect, share) for rect in rects)
        self.boxes.setdefault(page, []).extend(rects)


def redact_pdf(
    source: Path, target: Path, options: RedactOptions, *, password: str | None = None, report: Report = ignore
) -> Result:
    """Remove rectangles and everything found from `source`, write it anew, and prove it on what was written.

    Glyphs go from text operators, pixels from images, outlines from paths, also inside of forms and patterns, which
    are copied for the place where they are drawn. Matches outside of the pages are replaced or emptied.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
        PagesOutOfRange: a box names a page that is not there.
        UnreadableContent, PatternTooSlow: the page's content cannot be read, or a pattern takes too long.
        RedactionNotProven: something that was to go is still there; nothing was handed out.
    """
    run = _Run(options, Finder(options))
    unsearched = unsearched_pages(source, password) if run.finder else {}
    draft = target.with_name("draft.pdf")
    current = source
    for number in range(_ROUNDS):
        _write(current, draft, run, password, first=number == 0, report=report)
        areas = {page: Areas(these) for page, these in run.areas.items()}
        left = look(draft, password, run.finder, areas, run.boxes, options.color, report)
        if not left.matches and not left.failures:
            break
        if number == _ROUNDS - 1 or not left.matches:
            draft.unlink()
            pages = sorted({page + 1 for page in left.matches})
            raise RedactionNotProven(
                f"{RedactionNotProven.__doc__} {'; '.join(left.failures[:5])} {pages or ''}".strip()
            )
        run.found["found in the second reading"] += left.count
        for page, rects in left.matches.items():
            run.add(page, rects, share=SHARE_UNDER_MATCH)
        if current is not source:
            current.unlink()
        current = draft.rename(target.with_name(f"round-{number}.pdf"))
    if current is not source:
        current.unlink()
    _finish(draft, target, run, password)
    with open_document(target, password) as written:
        run.names_left = document_text.names_left(written, run.finder) if run.finder else 0
    return _told(run, unsearched)


def _write(source: Path, draft: Path, run: _Run, password: str | None, *, first: bool, report: Report) -> None:
    with open_document(source, password) as pdf:
        run.pages = len(pdf.pages)
        if first:
            run.signatures = settle_signatures(pdf, break_them=run.options.break_signature)
            _place_boxes(pdf, run)
            # Lists of resources that pages share would keep what one of them no longer draws.
            leftovers.part_resources(pdf)
            if run.finder:
                _search(pdf, run, report)
        _erase(pdf, run, report)
        if run.finder:
            run.cleaned["content_not_shown"] += content_strings.clean(pdf, run.finder)
            run.cleaned += document_text.clean(pdf, run.finder)
        if run.areas or run.finder:
            run.cleaned += leftovers.remove(pdf, keep_attachments=run.options.keep_attachments)
        save_checked(pdf, draft, password=password)


def _place_boxes(pdf: pikepdf.Pdf, run: _Run) -> None:
    for box in run.options.boxes:
        if box.page > run.pages:
            raise PagesOutOfRange(f"A box names page {box.page}; the document has {run.pages} pages.")
        frame = PageFrame.of(pdf.pages[box.page - 1].obj)
        rect = frame.in_user_space(Rect(box.left, box.top, box.right, box.bottom))
        run.areas.setdefault(box.page - 1, []).append(Area(rect))
        run.boxes.setdefault(box.page - 1, []).append(rect)
        run.found["boxes"] += 1


def _search(pdf: pikepdf.Pdf, run: _Run, report: Report) -> None:
    fonts: dict[Any, Any] = {}
    for index, page in enumerate(pdf.pages):
        report(index, run.pages, "Searching")
        glyphs: list[Placed] = []
        Walk(pdf, see=glyphs.append, fonts=fonts).page(page.obj, inherited(page.obj, "/Resources"))
        drawn, seen = as_drawn(glyphs), as_seen(glyphs)
        rects: list[Rect] = []
        for text in (drawn, seen):
            for match in run.finder.find(text.chars):
                there = places(text, match.indexes, is_ink=False)
                # The second reading finds most of the same places again.
                new = [rect for rect in there if not any(known.grown(0.5).holds(rect.center) for known in rects)]
                if new:
                    run.found[match.label] += 1
                    rects += new
        if rects:
            run.add(index, rects, share=SHARE_UNDER_MATCH)


def _erase(pdf: pikepdf.Pdf, run: _Run, report: Report) -> None:
    touched_pages: dict[tuple[int, int], set[int]] = {}
    touched_forms: dict[int, set[int]] = {}
    fonts: dict[Any, Any] = {}
    for index, page in enumerate(pdf.pages):
        report(index, run.pages, "Erasing")
        covered = page_annotations.remove(pdf, page.obj, Areas(run.areas.get(index, ())), run.finder, run.erased)
        if covered:
            run.found["in annotations"] += len(covered)
            run.add(index, covered, share=SHARE_UNDER_MATCH)
        if index not in run.areas:
            continue
        walk = Walk(pdf, Eraser(Areas(run.areas[index])), counts=run.erased, fonts=fonts)
        walk.page(page.obj, inherited(page.obj, "/Resources"))
        touched_pages[page.obj.objgen] = walk.touched.pop(0, set())
        for form, numbers in walk.touched.items():
            touched_forms.setdefault(form, set()).update(numbers)
        cover(pdf, page.obj, run.boxes[index], run.options.color)
    silenced = tags.silence(pdf, touched_pages, touched_forms)
    if silenced:
        run.cleaned["tags"] += silenced


def _finish(draft: Path, target: Path, run: _Run, password: str | None) -> None:
    """Write the labels last: the proof wants boxes of one colour."""
    if run.options.label is None or not run.boxes:
        draft.replace(target)
        return
    with open_document(draft, password) as pdf:
        for index, rects in run.boxes.items():
            label(pdf, pdf.pages[index].obj, rects, run.options.color, run.options.label)
        save_checked(pdf, target, password=password)
    draft.unlink()


def _told(run: _Run, unsearched: dict[str, list[int]]) -> Result:
    found = {name: run.found[name] for name in run.finder.labels} | dict(run.found)
    return {
        "pages": run.pages,
        "pages_changed": len(run.boxes),
        "found": found,
        "nothing_found": not any(found.values()),
        "erased": dict(run.erased),
        "cleaned_outside_of_pages": dict(+run.cleaned),
        "boxes_drawn": sum(map(len, run.boxes.values())),
        "pages_not_searched": {reason: pages for reason, pages in unsearched.items() if pages},
        "names_left_that_match": run.names_left,
        "signatures_removed": run.signatures,
        "proof": "read again by two programs, searched, and looked at: nothing of it is left",
    }
