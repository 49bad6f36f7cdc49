"""The contract of `read-metadata`: what a PDF says of itself, and what it really holds."""

from __future__ import annotations

from pydantic import Field

from services.conversion.service import SERVICE
from shared.media_types import PDF
from shared.operation import Options


class ReadMetadataOptions(Options):
    """How much to look at."""

    contents: bool = Field(
        True, description="Look at fonts, images and layers too, which takes longer in documents of many objects."
    )


READ_METADATA = SERVICE.operation(
    "read-metadata",
    "Tell what a PDF says of itself and holds: pages, fonts, images, forms, signatures, attachments, claims.",
    options=ReadMetadataOptions,
    accepts=(PDF,),
    produces=(),
    quick=True,
    soft_time_limit_s=60,
    hard_time_limit_s=120,
)
