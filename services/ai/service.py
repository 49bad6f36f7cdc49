"""The AI service, to which the contracts in this folder add their operations."""

from __future__ import annotations

from shared.operation import Service

SERVICE = Service("ai", summary="Read documents into checked figures.", threads=2, memory_mb=3072)
