"""The OCR service, to which the contracts in this folder add their operations."""

from __future__ import annotations

from shared.operation import Service

SERVICE = Service("ocr", summary="Recognise the text of scanned pages.", threads=2, memory_mb=4096)
