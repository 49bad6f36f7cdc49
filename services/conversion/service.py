"""The conversion service, to which the contracts in this folder add their operations."""

from __future__ import annotations

from shared.operation import Service

SERVICE = Service("conversion", summary="Turn documents into other kinds.", threads=2, memory_mb=4096)
