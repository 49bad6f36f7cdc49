"""The contracts of the OCR service: importing them declares their operations."""

from __future__ import annotations

from services.ocr.contracts import ocr as ocr
from services.ocr.contracts import preview as preview
from services.ocr.service import SERVICE as SERVICE
