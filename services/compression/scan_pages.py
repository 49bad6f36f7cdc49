"""Store a scanned page of text as sharp one-bit ink over soft paper (mixed raster content, ITU-T T.44)."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from services.compression.bitonal import CodedBits, code_bits
from services.compression.image_facts import ImageFacts, LeftAlone
from services.compression.page_gate import luma_of
from services.compression.photographs import code_photograph
from services.compression.pixels import decode, is_neutral
from services.compression.placement import Placement
from services.compression.rendering import Pixels, render_own
from services.compression.scan_layers import INK_DPI, Layers, separate
from services.compression.similarity import lost_stroke_share, similarity

#: An image is a scanned page when it covers this share of one, at a resolution that shows letters.
_PAGE_SHARE = 0.5
_LOWEST_DPI = 130
#: Text covers this share of a page; less is an empty page, more is a picture.
_INK_SHARE = (0.004, 0.22)
#: What stays of a page of text without its ink is paper: squares of 8 pixels whose levels spread by more than this
#: are rare on it, also where light and stains vary. Photographs have them everywhere.
_BUSY_LEVELS = 12.0
_BUSY_SHARE = 0.075
#: Pages whose layers, as a reader draws them, are less similar to the scan than this stay photographs.
_PAGE_FLOOR = 0.85
#: So much of the ink may fade: thin parts of letters that no reader misses.
_LOST_STROKES = 0.03
_SOFT_QUALITY_PERCENT = (45, 45)
#: The layers must save at least this much over the image as it stands.
_MUST_SAVE = 0.6


@dataclass
class ScanLedger:
    """How many page images became layers, and why the others did not."""

    taken: int = 0
    fallen_back: Counter[str] = field(default_factory=Counter)

    def try_page(self, facts: ImageFacts, place: Placement) -> MixedRaster | None:
        """Return the layers of a scanned page of text, or None with the reason counted."""
        try:
            layers = _layers_of(facts, place)
        except LeftAlone as left:
            self.fallen_back[left.reason] += 1
            return None
        self.taken += 1
        return layers


@dataclass(frozen=True)
class MixedRaster:
    """Coded layers of a page, ready to take the place of its image."""

    layers: Layers
    ink: CodedBits
    paper: bytes
    colour: bytes

    @property
    def coded_bytes(self) -> int:
        """What the layers take together."""
        return len(self.ink.data) + len(self.paper) + len(self.colour)

    def replace(self, pdf: pikepdf.Pdf, facts: ImageFacts) -> None:
        """Turn the image into a form that draws the layers in its unit square: content streams stay as they are."""
        form = facts.xobject
        kept = {key: form[key] for key in ("/OC", "/StructParent", "/StructParents") if key in form}
        for key in list(form.keys()):
            if key != "/Length":
                del form[key]
        self.draw_in(pdf, form)
        for key, value in kept.items():
            form[key] = value

    def draw_in(self, pdf: pikepdf.Pdf, form: Any) -> None:
        """Make an empty stream of `pdf` the form that draws the layers."""
        paper = _soft_image(pdf, self.layers.paper, self.paper)
        colour = _soft_image(pdf, self.layers.colour, self.colour)
        colour.Mask = _stencil(pdf, self.ink, self.layers.ink.shape)
        form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 1, 1])
        form.Resources = Dictionary(XObject=Dictionary(Paper=paper, Ink=colour))
        form.write(b"/Paper Do /Ink Do")


def _soft_image(pdf: pikepdf.Pdf, picture: Image.Image, jpeg: bytes) -> Any:
    image = pdf.make_stream(jpeg)
    image.Type, image.Subtype, image.Filter = Name.XObject, Name.Image, Name.DCTDecode
    image.Width, image.Height, image.BitsPerComponent = *picture.size, 8
    image.ColorSpace = Name.DeviceGray if picture.mode == "L" else Name.DeviceRGB
    image.Interpolate = True
    return image


def _stencil(pdf: pikepdf.Pdf, coded: CodedBits, shape: tuple[int, ...]) -> Any:
    stencil = pdf.make_stream(coded.data)
    stencil.Type, stencil.Subtype, stencil.Filter = Name.XObject, Name.Image, coded.filter
    stencil.Height, stencil.Width, stencil.BitsPerComponent, stencil.ImageMask = *shape, 1, True
    if coded.parameters is not None:
        stencil.DecodeParms = coded.parameters
    return stencil


def _layers_of(facts: ImageFacts, place: Placement) -> MixedRaster:
    dpi = _page_dpi(facts, place)
    raster = decode(facts, _ink_size(facts, dpi))
    page = raster.image
    dpi *= page.width / facts.width
    if is_neutral(page, was_jpeg=facts.is_jpeg, exactly=False):
        page = page.convert("L")
    layers = separate(page, dpi)
    if not _INK_SHARE[0] < layers.ink_share < _INK_SHARE[1]:
        raise LeftAlone("not_text")
    if _busy_share(layers.paper) > _BUSY_SHARE:
        raise LeftAlone("picture")
    paper, colour = (code_photograph(layer, 1.0, _SOFT_QUALITY_PERCENT) for layer in (layers.paper, layers.colour))
    mixed = MixedRaster(layers, code_bits(Image.fromarray(layers.ink == 0)), paper, colour)
    if mixed.coded_bytes > facts.raw_bytes * _MUST_SAVE:
        raise LeftAlone("no_gain")
    before, after = _as_drawn(page, mixed, place)
    if similarity(before, after) < _PAGE_FLOOR:
        raise LeftAlone("not_similar")
    if lost_stroke_share(before, after) > _LOST_STROKES:
        raise LeftAlone("strokes_lost")
    return mixed


def _busy_share(paper: Image.Image) -> float:
    """The share of squares of 8 pixels whose levels differ among themselves as paper's do not."""
    levels = np.asarray(paper.convert("L"))
    rows, columns = levels.shape[0] // 8, levels.shape[1] // 8
    if not rows or not columns:
        return 0.0
    squares = levels[: rows * 8, : columns * 8].reshape(rows, 8, columns, 8).astype(np.float32)
    return float((squares.std(axis=(1, 3)) > _BUSY_LEVELS).mean())


def _as_drawn(page: Image.Image, mixed: MixedRaster, place: Placement) -> tuple[Pixels, Pixels]:
    """Scan and layers as a reader draws them, in luma: renderers have their own way to scale one-bit masks."""
    with pikepdf.new() as scratch:
        scratch.add_blank_page(page_size=(max(place.width_in * 72, 3), max(place.height_in * 72, 3)))
        form = scratch.make_stream(b"")
        mixed.draw_in(scratch, form)
        scratch.pages[0].Resources = Dictionary(XObject=Dictionary(Form=form))
        sizes = place.width_in * 72, place.height_in * 72
        scratch.pages[0].Contents = scratch.make_stream(b"q %f 0 0 %f 0 0 cm /Form Do Q" % sizes)
        written = io.BytesIO()
        scratch.save(written, compress_streams=False)
    after = luma_of(render_own(written.getvalue()))
    before = np.asarray(page.convert("L").resize(after.shape[::-1], Image.Resampling.BOX))
    return before, after


def _page_dpi(facts: ImageFacts, place: Placement) -> float:
    dpi = place.dpi(facts.width, facts.height)
    if place.page_share < _PAGE_SHARE or dpi is None:
        raise LeftAlone("not_a_page")
    if dpi < _LOWEST_DPI:
        raise LeftAlone("too_coarse")
    if place.blended or "/SMask" in facts.xobject or "/Mask" in facts.xobject:
        raise LeftAlone("blended")
    if facts.bits != 8 or facts.colour.model not in ("gray", "rgb") or not facts.default_decode:
        raise LeftAlone("colour_space")
    return dpi


def _ink_size(facts: ImageFacts, dpi: float) -> tuple[int, int]:
    scale = min(1.0, INK_DPI / dpi)
    return max(1, round(facts.width * scale)), max(1, round(facts.height * scale))
