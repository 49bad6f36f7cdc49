"""Store a scanned page of text as sharp one-bit ink over soft paper (mixed raster content, ITU-T T.44)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from services.compression.bitonal import code_bits
from services.compression.image_facts import ImageFacts, LeftAlone
from services.compression.photographs import code_photograph
from services.compression.pixels import decode, is_neutral
from services.compression.placement import Placement
from services.compression.scan_layers import INK_DPI, Layers, compose, separate
from services.compression.similarity import similarity

#: An image is a scanned page when it covers this share of one, at a resolution that shows letters.
_PAGE_SHARE = 0.5
_LOWEST_DPI = 130
#: Text covers this share of a page; less is an empty page, more is a picture.
_INK_SHARE = (0.004, 0.22)
#: Pages whose layers, laid over each other, are less similar to the scan than this stay photographs.
_PAGE_FLOOR = 0.88
_COMPARED_DPI = 100
_SOFT_QUALITY_PERCENT = (45, 45)
#: The layers must save at least this much over the image as it stands.
_MUST_SAVE = 0.6


@dataclass
class ScanLedger:
    """How many page images became layers, and why the others did not."""

    taken: int = 0
    fallen_back: Counter[str] = field(default_factory=Counter)

    def try_page(self, pdf: pikepdf.Pdf, facts: ImageFacts, place: Placement) -> MixedRaster | None:
        """Return the layers of a scanned page of text, or None with the reason counted."""
        try:
            layers = _layers_of(pdf, facts, place)
        except LeftAlone as left:
            self.fallen_back[left.reason] += 1
            return None
        self.taken += 1
        return layers


@dataclass(frozen=True)
class MixedRaster:
    """Coded layers of a page, ready to take the place of its image."""

    pdf: pikepdf.Pdf
    layers: Layers
    ink: pikepdf.Stream
    paper: bytes
    colour: bytes

    def replace(self, facts: ImageFacts) -> None:
        """Turn the image into a form that draws the layers in its unit square: content streams stay as they are."""
        form = facts.xobject
        kept = {key: form[key] for key in ("/OC", "/StructParent", "/StructParents") if key in form}
        for key in list(form.keys()):
            if key != "/Length":
                del form[key]
        paper = self._soft_image(self.layers.paper, self.paper)
        colour = self._soft_image(self.layers.colour, self.colour)
        colour.Mask = self.ink
        form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 1, 1])
        form.Resources = Dictionary(XObject=Dictionary(Paper=paper, Ink=colour))
        for key, value in kept.items():
            form[key] = value
        height, width = self.layers.ink.shape
        # The layers are padded at the right and the bottom; the box cuts that off.
        across, down = width / self.layers.page_width_px, height / self.layers.page_height_px
        form.write(b"q %.7g 0 0 %.7g 0 %.7g cm /Paper Do /Ink Do Q" % (across, down, 1 - down))

    def _soft_image(self, picture: Image.Image, jpeg: bytes) -> Any:
        image = self.pdf.make_stream(jpeg)
        image.Type, image.Subtype, image.Filter = Name.XObject, Name.Image, Name.DCTDecode
        image.Width, image.Height, image.BitsPerComponent = *picture.size, 8
        image.ColorSpace = Name.DeviceGray if picture.mode == "L" else Name.DeviceRGB
        image.Interpolate = True
        return image


def _layers_of(pdf: pikepdf.Pdf, facts: ImageFacts, place: Placement) -> MixedRaster:
    dpi = _page_dpi(facts, place)
    raster = decode(facts, _ink_size(facts, dpi))
    page = raster.image
    dpi *= page.width / facts.width
    if is_neutral(page, was_jpeg=facts.is_jpeg, exactly=False):
        page = page.convert("L")
    layers = separate(page, dpi)
    if not _INK_SHARE[0] < layers.ink_share < _INK_SHARE[1]:
        raise LeftAlone("not_text")
    size = (max(8, round(place.width_in * _COMPARED_DPI)), max(8, round(place.height_in * _COMPARED_DPI)))
    before = np.asarray(page.convert("L").resize(size, Image.Resampling.BOX))
    if similarity(before, compose(layers, size)) < _PAGE_FLOOR:
        raise LeftAlone("not_similar")
    bits = Image.fromarray(layers.ink == 0)
    paper, colour = (code_photograph(layer, 1.0, _SOFT_QUALITY_PERCENT) for layer in (layers.paper, layers.colour))
    ink = _stencil(pdf, bits)
    if len(paper) + len(colour) + len(ink.read_raw_bytes()) > facts.raw_bytes * _MUST_SAVE:
        raise LeftAlone("no_gain")
    return MixedRaster(pdf, layers, ink, paper, colour)


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


def _stencil(pdf: pikepdf.Pdf, bits: Image.Image) -> pikepdf.Stream:
    coded = code_bits(bits)
    stencil = pdf.make_stream(coded.data)
    stencil.Type, stencil.Subtype, stencil.Filter = Name.XObject, Name.Image, coded.filter
    stencil.Width, stencil.Height, stencil.BitsPerComponent, stencil.ImageMask = *bits.size, 1, True
    if coded.parameters is not None:
        stencil.DecodeParms = coded.parameters
    return stencil
