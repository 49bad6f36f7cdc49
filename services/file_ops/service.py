"""The file operations service, to which the contracts in this folder add their operations."""

from __future__ import annotations

from shared.operation import Service

SERVICE = Service("file_ops", summary="Merge, split, protect, mark and fill in PDFs.", threads=2, memory_mb=3072)
