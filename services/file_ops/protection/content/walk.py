"""Walks through content streams as a viewer does, reports every glyph, and erases what an eraser takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Dictionary, Stream

from services.file_ops.protection.content.areas import Areas, Placed
from services.file_ops.protection.content.fonts import Font
from services.file_ops.protection.content.geometry import Matrix, matrix_of, times
from services.file_ops.protection.content.stream_run import StreamRun
from shared.errors import TooComplex

MAX_FORM_DEPTH = 12
#: Content streams walked for one page, forms that are drawn again included ("billion laughs").
MAX_STREAMS_A_PAGE = 20_000


class UnreadableContent(TooComplex):
    """The drawing instructions of a page cannot be read, so that nothing can be removed from them reliably."""

    code = "content_unreadable"
    remedy = "Repair the document first (operation 'repair'), or convert its pages to images."


def nothing_hidden(_group: Any) -> bool:
    """No layer is switched off."""
    return False


@dataclass
class Eraser:
    """What must go from the pages."""

    areas: Areas = field(default_factory=lambda: Areas(()))
    is_hidden: Callable[[Any], bool] = nothing_hidden
    #: Whether the page has layers at all: without areas and layers nothing needs to be written.
    layers: bool = False

    @property
    def idle(self) -> bool:
        """Whether nothing can be erased."""
        return not self.areas and not self.layers


@dataclass
class Walk:
    """One walk over one page and all that it draws. `see` hears of every glyph, in the order of drawing."""

    pdf: pikepdf.Pdf
    eraser: Eraser = field(default_factory=Eraser)
    see: Callable[[Placed], None] | None = None
    #: What was erased, by kind.
    counts: Counter[str] = field(default_factory=Counter)
    #: Marked-content numbers of the page (key 0) or a form (its object number) where something was erased.
    touched: dict[int, set[int]] = field(default_factory=dict)
    #: Fonts by object; they are the same on all pages.
    fonts: dict[Any, Font] = field(default_factory=dict)
    _streams: int = 0

    def page(self, page: Any, resources: Any) -> bool:
        """Walk over a page's own content; write it back when something was erased, and say whether."""
        self._streams = 0
        run = self._run(page, resources, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), 0)
        if run is None or not run.changed:
            return False
        page.Contents = self.pdf.make_stream(b"q\n" + run.written() + b"\nQ")
        page.Resources = run.resources.current
        self.touched.setdefault(0, set()).update(run.marked.touched_ids)
        return True

    def form(self, form: Stream, ctm: Matrix, inherited: Any, depth: int, *, drawings: bool = True) -> Stream | None:
        """Walk over a form XObject or a pattern cell drawn under `ctm`; a copy without what was erased, or None."""
        resources = form.get("/Resources")
        run = self._run(form, inherited if resources is None else resources, ctm, depth, drawings=drawings)
        if run is None or not run.changed:
            return None
        copy = self.pdf.make_stream(run.written())
        for key, value in form.items():
            if key not in ("/Length", "/Filter", "/DecodeParms", "/Resources", "/PieceInfo", "/Metadata"):
                copy[key] = value
        copy.Resources = run.resources.current
        self.counts["forms"] += 1
        self.touched.setdefault(form.objgen[0], set()).update(run.marked.touched_ids)
        return copy

    def drawn(self, thing: Stream, ctm: Matrix, inherited: Any, depth: int) -> Stream | None:
        """As `form`, with the form's own matrix.

        What lies outside of its box is walked too: viewers cut it off, but they extract its text.
        """
        if self.see is None and self.eraser.idle:
            return None
        return self.form(thing, times(matrix_of(thing.get("/Matrix")), ctm), inherited, depth + 1)

    def font(self, font: Any) -> Font:
        """The font of a dictionary, read once."""
        if not isinstance(font, Dictionary) or not font.is_indirect:
            return Font(font)
        if font.objgen not in self.fonts:
            self.fonts[font.objgen] = Font(font)
        return self.fonts[font.objgen]

    def _run(self, owner: Any, resources: Any, ctm: Matrix, depth: int, *, drawings: bool = True) -> StreamRun | None:
        self._streams += 1
        if depth > MAX_FORM_DEPTH:
            raise TooComplex(f"Drawings stand within drawings more than {MAX_FORM_DEPTH} deep.")
        if self._streams > MAX_STREAMS_A_PAGE:
            raise TooComplex(f"A page draws more than {MAX_STREAMS_A_PAGE} forms.")
        if isinstance(owner, Dictionary) and not isinstance(owner, Stream) and "/Contents" not in owner:
            return None
        run = StreamRun(self, resources, ctm, depth, erases_drawings=drawings)
        try:
            instructions = pikepdf.parse_content_stream(owner)
        except (pikepdf.PdfError, pikepdf.PdfParsingError, TypeError, ValueError, RuntimeError) as error:
            raise UnreadableContent() from error
        for instruction in instructions:
            run.take(instruction)
        run.finish()
        return run
