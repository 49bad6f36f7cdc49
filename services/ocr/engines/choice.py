"""Which engine reads: the one that was asked for, or the first that knows all the languages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from services.ocr.contracts.languages import NAMES
from services.ocr.contracts.ocr import Engine
from services.ocr.engines.easyocr_engine import EasyOcr
from services.ocr.engines.errors import EngineUnavailable, LanguageNotCovered
from services.ocr.engines.ppocr import PpOcr
from services.ocr.engines.protocol import OcrEngine
from services.ocr.engines.tesseract import Tesseract, package_of


@cache
def engines() -> tuple[OcrEngine, ...]:
    """Every engine, the one that `auto` asks first first."""
    return (PpOcr(), Tesseract(), EasyOcr())


def chosen(engine: Engine, languages: Sequence[str]) -> OcrEngine:
    """The engine to read with.

    Raises:
        EngineUnavailable: the one that was asked for cannot run here; the remedy says what is missing.
        LanguageNotCovered: it, or every one, lacks a language. None is tried: it would read wrong letters.
    """
    wanted = [one for one in engines() if engine in (Engine.AUTO, one.name)]
    if engine is not Engine.AUTO and (remedy := wanted[0].unavailable()):
        raise EngineUnavailable(f"The engine {engine.value} cannot run on this server.", remedy=remedy)
    able = [one for one in wanted if one.unavailable() is None]
    for one in able:
        if one.languages() >= set(languages):
            return one
    missing = [code for code in languages if not any(code in one.languages() for one in able)]
    raise _not_covered(missing, languages, engine)


def _not_covered(missing: Sequence[str], languages: Sequence[str], engine: Engine) -> LanguageNotCovered:
    if not missing:
        together = ", ".join(NAMES[code] for code in languages)
        return LanguageNotCovered(
            f"No single OCR engine of this server reads {together} together.",
            remedy="Ask for fewer languages at once, or ask the operator to install for Tesseract: "
            f"{' '.join(package_of(code) for code in languages)}.",
        )
    names = ", ".join(f"{NAMES[code]} ({code})" for code in missing)
    packages = " ".join(["tesseract-ocr", *(package_of(code) for code in missing)])
    remedy = f"The operator can install the Debian packages {packages} where the worker of queue ocr runs."
    if engine is Engine.AUTO:
        return LanguageNotCovered(f"No OCR engine of this server reads {names}.", remedy=remedy)
    if engine is not Engine.TESSERACT:
        remedy = f"Leave 'engine' at auto. {remedy}"
    return LanguageNotCovered(f"The engine {engine.value} does not read {names} here.", remedy=remedy)
