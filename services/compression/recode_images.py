"""Code every image of a document again, as small as its preset allows, or count why it was left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Name, Stream

from services.compression.bitonal import is_bitonal, recode_bitonal
from services.compression.image_facts import ImageFacts, LeftAlone, facts_of, write_image
from services.compression.lossless_pixels import Coded, code_lossless, estimate_bytes, repack_jpeg
from services.compression.photographs import code_photograph
from services.compression.pixels import Raster, as_gray, decode, is_neutral, jpeg_bytes, resized
from services.compression.placement import ObjectId, Placement
from services.compression.presets import DOWNSAMPLE_ABOVE, Quality
from services.compression.scan_pages import MixedRaster, ScanLedger
from shared.errors import TooComplex
from shared.operation import Report

#: Images below these sizes have nothing to give.
_SMALLEST_BYTES = 600
_SMALLEST_PIXELS = 64
#: A coding with loss must be this much smaller than one without: the sharper of two equals is the better.
_LOSS_MUST_SAVE = 1.25
#: A JPEG coded again at its own resolution loses a generation, which must save at least a tenth.
_REGENERATION_MUST_SAVE = 0.9
#: Beyond this many pixels a coding without loss is not tried where one with loss is allowed.
_LOSSLESS_TRIED_UP_TO_PIXELS = 40_000_000
#: A soft mask's edges are shapes: it must come closer to its source than a photograph.
_SOFT_MASK_FLOOR = 0.985


@dataclass
class ImageOutcome:
    """What became of the images. `recoded` names the objects, so that a gate can ask for them to be left."""

    recoded: dict[ObjectId, int] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)
    scan: ScanLedger = field(default_factory=ScanLedger)


def recode_images(
    pdf: pikepdf.Pdf,
    placements: dict[ObjectId, Placement],
    quality: Quality,
    *,
    leave: frozenset[ObjectId],
    report: Report,
) -> ImageOutcome:
    """Recode the image XObjects of `pdf` in place. Those in `leave` stay as they are.

    Raises:
        TooComplex: an image is beyond the limits.
    """
    outcome = ImageOutcome()
    # What nothing draws is either a copy that lost its readers or shown in a way that is not understood here.
    images = [pdf.get_object(placed) for placed in sorted(placements)]
    soft_masks = _soft_masks(images)
    for number, image in enumerate(images, start=1):
        report(number, len(images), "Recoding images")
        try:
            if image.objgen in leave:
                raise LeftAlone("undone_by_gate")
            place = placements[image.objgen]
            facts = _worthwhile(image)
            kind = soft_masks.get(image.objgen, "")
            pixels = facts.pixels
            _recode(pdf, facts, place, quality, is_soft_mask=kind == "plain", outcome=outcome)
            outcome.recoded[image.objgen] = pixels
        except LeftAlone as left:
            outcome.left[left.reason] += 1
        except TooComplex:
            raise
        except Exception:  # noqa: BLE001 one image that breaks a codec must not cost the caller the whole document
            outcome.left["failed"] += 1
    return outcome


def _soft_masks(images: Iterable[Any]) -> dict[ObjectId, str]:
    """The soft masks among the images: those with a /Matte are tied to the size of the image that they belong to."""
    found = {}
    for image in images:
        mask = image.get("/SMask")
        if isinstance(mask, Stream):
            found[mask.objgen] = "matte" if "/Matte" in mask else "plain"
    return found


def _worthwhile(image: Any) -> ImageFacts:
    facts = facts_of(image)
    if facts.raw_bytes < _SMALLEST_BYTES or facts.pixels < _SMALLEST_PIXELS:
        raise LeftAlone("tiny")
    mask = image.get("/SMask")
    if "/Matte" in image or (isinstance(mask, Stream) and "/Matte" in mask):
        raise LeftAlone("matte")
    if isinstance(image.get("/Mask"), pikepdf.Array):
        raise LeftAlone("colour_key")
    return facts


def _recode(
    pdf: pikepdf.Pdf,
    facts: ImageFacts,
    place: Placement,
    quality: Quality,
    *,
    is_soft_mask: bool,
    outcome: ImageOutcome,
) -> None:
    dpi = place.dpi(facts.width, facts.height)
    if is_bitonal(facts):
        recode_bitonal(facts, dpi, quality.bitonal_dpi, lossless=quality.lossless)
        return
    if quality.lossless:
        _recode_exactly(facts)
        return
    if quality.mixed_raster and not is_soft_mask:
        layers = outcome.scan.try_page(facts, place)
        if isinstance(layers, MixedRaster):
            layers.replace(pdf, facts)
            return
    _recode_with_loss(facts, dpi, quality, is_soft_mask=is_soft_mask)


def _recode_exactly(facts: ImageFacts) -> None:
    if facts.is_jpeg:
        _repack(facts)
        return
    if facts.filters == ("/JPXDecode",) or facts.bits == 16:
        raise LeftAlone("coding")
    raster = decode(facts, (facts.width, facts.height))
    if facts.colour.is_device_rgb and facts.default_decode and is_neutral(raster.image, was_jpeg=False, exactly=True):
        raster = as_gray(raster)
    _write_if_smaller(facts, raster, code_lossless(raster.image, raster.colour_space, indexable=facts.default_decode))


def _recode_with_loss(facts: ImageFacts, dpi: float | None, quality: Quality, *, is_soft_mask: bool) -> None:
    size = _wanted_size(facts, dpi, quality)
    raster = decode(facts, size)
    neutral = facts.colour.is_device_rgb and facts.default_decode
    if (quality.grayscale and facts.default_decode) or (
        neutral and is_neutral(raster.image, was_jpeg=facts.is_jpeg, exactly=False)
    ):
        raster = as_gray(raster)
    raster = resized(raster, size)
    floor = max(quality.image_floor, _SOFT_MASK_FLOOR) if is_soft_mask else quality.image_floor
    photograph = code_photograph(raster.image, floor, quality.jpeg_quality_percent)
    must_save = 1.0 if facts.is_jpeg else _LOSS_MUST_SAVE
    exact = None if facts.is_jpeg else _exact_rival(facts, raster, len(photograph) * must_save)
    if exact is not None and len(exact.data) <= len(photograph) * must_save:
        _write_if_smaller(facts, raster, exact)
        return
    at_own_size = facts.is_jpeg and size == (facts.width, facts.height)
    changed_colour = raster.image.mode == "L" and facts.colour.components > 1
    if len(photograph) >= facts.raw_bytes * (_REGENERATION_MUST_SAVE if at_own_size else 0.98):
        if facts.is_jpeg and not (changed_colour and quality.grayscale):
            _repack(facts)
            return
        if not quality.grayscale:
            raise LeftAlone("no_gain")
    write_image(
        facts,
        photograph,
        Name.DCTDecode,
        size=raster.image.size,
        colour_space=raster.colour_space,
        keep_decode=not facts.default_decode,
    )


def _wanted_size(facts: ImageFacts, dpi: float | None, quality: Quality) -> tuple[int, int]:
    if dpi is None or dpi <= quality.image_dpi * DOWNSAMPLE_ABOVE:
        return facts.width, facts.height
    scale = quality.image_dpi / dpi
    return max(1, round(facts.width * scale)), max(1, round(facts.height * scale))


def _exact_rival(facts: ImageFacts, raster: Raster, to_beat_bytes: float) -> Coded | None:
    """The picture coded without loss, or None where strips of it say that this is hopeless."""
    picture = raster.image
    if picture.width * picture.height > _LOSSLESS_TRIED_UP_TO_PIXELS:
        return None
    if picture.getcolors(256) is None and estimate_bytes(picture) > 2.2 * to_beat_bytes:
        return None
    return code_lossless(picture, raster.colour_space, indexable=facts.default_decode)


def _repack(facts: ImageFacts) -> None:
    packed = repack_jpeg(jpeg_bytes(facts))
    if packed is None or len(packed) >= facts.raw_bytes:
        raise LeftAlone("no_gain")
    write_image(facts, packed, Name.DCTDecode, size=(facts.width, facts.height), keep_decode=True)


def _write_if_smaller(facts: ImageFacts, raster: Raster, coded: Coded) -> None:
    if len(coded.data) >= facts.raw_bytes * 0.98:
        raise LeftAlone("no_gain")
    write_image(
        facts,
        coded.data,
        Name.FlateDecode,
        size=raster.image.size,
        bits=coded.bits,
        colour_space=coded.colour_space,
        parameters=coded.parameters,
        keep_decode=not facts.default_decode,
    )
