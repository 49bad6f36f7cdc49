"""The contract of the compression service: what `compress` takes and promises."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from shared.media_types import PDF
from shared.operation import Options, Service

SERVICE = Service("compression", summary="Make documents smaller.", threads=2, memory_mb=3072)


class Preset(StrEnum):
    """How much quality may go for size."""

    LOSSLESS = "lossless"
    PRINT = "print"
    BALANCED = "balanced"
    SMALL = "small"
    SCAN = "scan"


class CompressOptions(Options):
    """How much quality to give up for a smaller file."""

    preset: Preset = Field(
        Preset.BALANCED,
        description="lossless: no pixel changes. print: images at 300 dpi. balanced: 150 dpi. small: 96 dpi. "
        "scan: text scans become a sharp 1-bit text layer over a soft background, other pages as in balanced.",
    )
    target_bytes: int | None = Field(
        None, ge=1, description="Search presets, quality and resolution for a file of at most this many bytes."
    )
    image_dpi: int | None = Field(None, ge=36, le=1200, description="Resolution of images, instead of the preset's.")
    jpeg_quality_percent: int | None = Field(
        None, ge=10, le=95, description="Quality of re-encoded photographs, instead of a search at the preset's floor."
    )
    grayscale: bool = Field(False, description="Turn images to shades of grey; text and drawings keep their colours.")
    remove_metadata: bool = Field(False, description="Remove title, author, dates and XMP metadata.")
    linearize: bool = Field(False, description="Order the file so that a browser shows page 1 before it has all.")
    break_signature: bool = Field(False, description="Compress a digitally signed PDF although its signature breaks.")


COMPRESS = SERVICE.operation(
    "compress", "Make a PDF smaller.", options=CompressOptions, accepts=(PDF,), produces=(PDF,), hard_time_limit_s=900
)
