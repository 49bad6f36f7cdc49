"""Loads models and asks for language packs before there is work: every job's process starts as a copy of this one."""

from __future__ import annotations

from services.ocr.engines import ppocr
from services.ocr.engines.choice import engines


def warm_up() -> None:
    """Load the default engine's models and let every engine find its languages. Raises ModelChanged."""
    ppocr.warm_up()
    for engine in engines():
        if engine.unavailable() is None:
            engine.languages()
            engine.version()
