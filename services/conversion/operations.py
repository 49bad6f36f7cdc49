"""The contracts of the conversion service: importing them declares their operations."""

from __future__ import annotations

from services.conversion.contracts import convert as convert
from services.conversion.contracts import images as images
from services.conversion.contracts import previews as previews
from services.conversion.contracts import reading as reading
from services.conversion.contracts import text as text
from services.conversion.service import SERVICE as SERVICE
