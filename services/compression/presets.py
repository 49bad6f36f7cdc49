"""What each preset allows to be lost: resolution, quality and how far a page may differ."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.compression.operations import CompressOptions, Preset


@dataclass(frozen=True)
class Quality:
    """The limits of one run. Similarities are mean SSIM of luma, from 0 to 1; 1 is identical."""

    preset: Preset
    #: Nothing may change: images are only coded better.
    lossless: bool
    #: Images of more than `DOWNSAMPLE_ABOVE` times this resolution are brought down to it.
    image_dpi: int
    #: Pages of pure black and white keep more, because their edges carry the text.
    bitonal_dpi: int
    #: Each photograph gets the lowest JPEG quality that stays above this.
    image_floor: float
    #: A page below this loses its recoded images again.
    page_floor: float
    jpeg_quality_percent: tuple[int, int]
    #: Text scans become a sharp 1-bit layer over a soft background.
    mixed_raster: bool = False
    grayscale: bool = False


#: Scaling by less than this costs sharpness and saves little.
DOWNSAMPLE_ABOVE = 1.25

#: A caller who names resolution, quality or grey has chosen the loss; the page gate then only stops broken pages.
CHOSEN_LOSS_FLOOR = 0.5

_PRESETS = {
    Preset.LOSSLESS: Quality(Preset.LOSSLESS, True, 100_000, 100_000, 1.0, 1.0, (100, 100)),
    Preset.PRINT: Quality(Preset.PRINT, False, 300, 600, 0.985, 0.97, (60, 92)),
    Preset.BALANCED: Quality(Preset.BALANCED, False, 150, 300, 0.95, 0.94, (36, 85)),
    Preset.SMALL: Quality(Preset.SMALL, False, 96, 200, 0.90, 0.80, (25, 75)),
    Preset.SCAN: Quality(Preset.SCAN, False, 150, 300, 0.95, 0.84, (36, 85), mixed_raster=True),
}

#: From the finest to the smallest: what the search for a size tries. The last is the quality floor.
LADDER: tuple[Quality, ...] = (
    _PRESETS[Preset.LOSSLESS],
    _PRESETS[Preset.PRINT],
    replace(_PRESETS[Preset.PRINT], image_dpi=200, bitonal_dpi=400, image_floor=0.97, page_floor=0.95),
    _PRESETS[Preset.BALANCED],
    replace(_PRESETS[Preset.BALANCED], image_dpi=120, image_floor=0.94, page_floor=0.90),
    _PRESETS[Preset.SMALL],
    replace(_PRESETS[Preset.SMALL], image_dpi=80, image_floor=0.88, page_floor=0.75, jpeg_quality_percent=(22, 70)),
    replace(_PRESETS[Preset.SMALL], image_dpi=72, image_floor=0.85, page_floor=0.70, jpeg_quality_percent=(18, 60)),
)


def quality_for(options: CompressOptions) -> Quality:
    """Return the limits that the caller's preset and own figures give together."""
    return with_choices(_PRESETS[options.preset], options)


def with_choices(quality: Quality, options: CompressOptions) -> Quality:
    """Return `quality` changed by the resolution, JPEG quality and greys that the caller named.

    Any of them makes a lossless run lossy: the caller asked for the change by name.
    """
    if options.image_dpi is None and options.jpeg_quality_percent is None and not options.grayscale:
        return quality
    chosen = replace(quality, lossless=False, grayscale=options.grayscale, page_floor=CHOSEN_LOSS_FLOOR)
    if quality.lossless:
        chosen = replace(chosen, image_floor=_PRESETS[Preset.PRINT].image_floor, jpeg_quality_percent=(60, 95))
    if options.image_dpi is not None:
        chosen = replace(chosen, image_dpi=options.image_dpi, bitonal_dpi=2 * options.image_dpi)
    if options.jpeg_quality_percent is not None:
        chosen = replace(chosen, jpeg_quality_percent=(options.jpeg_quality_percent, options.jpeg_quality_percent))
    return chosen


def ladder_for(options: CompressOptions) -> tuple[Quality, ...]:
    """Return what the search for a size may try, the finest first, within the caller's own figures.

    For preset `scan` every rung below `balanced` also uses the mixed raster.
    """
    rungs = LADDER
    if options.preset is Preset.SCAN:
        rungs = tuple(
            rung if rung.image_dpi > _PRESETS[Preset.SCAN].image_dpi else replace(rung, mixed_raster=True)
            for rung in LADDER
        )
    capped = []
    for rung in rungs:
        dpi = rung.image_dpi if options.image_dpi is None else min(rung.image_dpi, options.image_dpi)
        narrowed = options.model_copy(update={"image_dpi": dpi if options.image_dpi is not None else None})
        capped.append(with_choices(rung, narrowed))
    return tuple(dict.fromkeys(capped))
