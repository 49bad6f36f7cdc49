"""The contracts of the conversion service: importing them declares their operations."""

from __future__ import annotations

from services.conversion.contracts import convert as convert
from services.conversion.service import SERVICE as SERVICE
