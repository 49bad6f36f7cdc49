"""EasyOCR with weights that an operator put into a folder: verified, never fetched, on a GPU where there is one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from services.ocr.contracts.languages import SCRIPTS
from services.ocr.engines.easyocr_import import import_easyocr
from services.ocr.engines.errors import EngineUnavailable
from services.ocr.engines.protocol import Line, PageImage, PageText, Word
from services.ocr.engines.quads import part_of

#: Where the weights lie; a sandboxed engine can read it, and no setting reaches it there.
WEIGHTS = Path("/opt/bindery/easyocr")
#: `sha256sum *.pth > SHA256SUMS`, made where the files were first checked: a model file can run code when loaded.
_SUMS = "SHA256SUMS"
_DETECTOR = "craft_mlt_25k.pth"
#: Its recognisers by the script that each reads; all of these read English too.
_RECOGNISERS = {
    "Latin": "latin_g2.pth",
    "Cyrillic": "cyrillic_g2.pth",
    "Han": "zh_sim_g2.pth",
    "Japanese": "japanese_g2.pth",
    "Hangul": "korean_g2.pth",
}
#: On a GPU: pages that go through the detector together, and lines through the recogniser.
_GPU_PAGES, _GPU_LINES = 8, 64
#: How it calls languages, where that is not the two-letter code.
_CODES = {
    "eng": "en", "deu": "de", "fra": "fr", "spa": "es", "ita": "it", "por": "pt", "nld": "nl", "pol": "pl",
    "ces": "cs", "dan": "da", "swe": "sv", "nor": "no", "tur": "tr", "ron": "ro", "hun": "hu", "slk": "sk",
    "slv": "sl", "hrv": "hr", "est": "et", "lit": "lt", "lav": "lv", "vie": "vi", "lat": "la",
    "rus": "ru", "ukr": "uk", "bel": "be", "bul": "bg", "chi_sim": "ch_sim", "jpn": "ja", "kor": "ko",
}  # fmt: skip


class EasyOcr:
    """Opt-in: the extra `easyocr` and a folder of weights."""

    name = "easyocr"

    def __init__(self, weights: Path = WEIGHTS, *, pages_at_once: int | None = None, **reader: Any) -> None:
        self._weights = weights
        self._pages_at_once = pages_at_once
        self._reader_options = reader
        self._readers: dict[tuple[str, ...], Any] = {}

    def unavailable(self) -> str | None:
        """What to install and which files to put where; None where all is there."""
        if find_spec("easyocr") is None:
            return f"The operator must install the extra 'easyocr' and put its weights into {self._weights}."
        wanted = f"{_DETECTOR}, a recogniser such as {_RECOGNISERS['Latin']}, and {_SUMS} (sha256sum *.pth > {_SUMS})"
        if not {_DETECTOR, _SUMS} <= self._files or not self.languages():
            return f"The operator must put these files of EasyOCR into {self._weights}: {wanted}."
        return None

    def version(self) -> str:
        """The package's version."""
        try:
            return f"EasyOCR {version('easyocr')}"
        except PackageNotFoundError:
            return "EasyOCR"

    def languages(self) -> frozenset[str]:
        """Those whose recogniser lies in the folder."""
        if not {_DETECTOR, _SUMS} <= self._files or find_spec("easyocr") is None:
            return frozenset()
        own = self._reader_options.get("recog_network")
        if own:
            return frozenset({"eng"}) if f"{own}.pth" in self._files else frozenset()
        scripts = {script for script, file in _RECOGNISERS.items() if file in self._files}
        return frozenset(code for code in _CODES if SCRIPTS[code] in scripts or (code == "eng" and scripts))

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(path.name for path in self._weights.glob("*")) if self._weights.is_dir() else frozenset()

    def read(self, pages: Sequence[PageImage], languages: Sequence[str] = ()) -> list[PageText]:
        """Read pages; without languages in English. Raises EngineUnavailable when the weights are not as noted.

        On a GPU pages of one size go through the detector together. On a CPU that costs memory and saves nothing.
        """
        reader = self._reader(tuple(_CODES[code] for code in languages) or ("en",))
        on_gpu = import_torch().cuda.is_available()
        at_once = self._pages_at_once or (_GPU_PAGES if on_gpu else 1)
        how = {"batch_size": _GPU_LINES} if on_gpu else {}
        texts: list[PageText] = [PageText(())] * len(pages)
        for group in _of_one_size(pages, at_once):
            if len(group) == 1:
                found = [reader.readtext(pages[group[0]].pixels, **how)]
            else:
                found = reader.readtext_batched(np.stack([pages[index].pixels for index in group]), **how)
            for index, lines in zip(group, found, strict=True):
                texts[index] = PageText(tuple(_lines(lines)))
        return texts

    def _reader(self, codes: tuple[str, ...]) -> Any:
        if codes not in self._readers:
            self._verify()
            easyocr = import_easyocr()
            try:
                self._readers[codes] = easyocr.Reader(
                    list(codes),
                    gpu=import_torch().cuda.is_available(),
                    model_storage_directory=str(self._weights),
                    download_enabled=False,
                    verbose=False,
                    **self._reader_options,
                )
            except (FileNotFoundError, ValueError) as error:
                # A weight that is missing or not the one of this version, or languages that no network reads together.
                raise EngineUnavailable(
                    f"EasyOCR cannot read {' and '.join(codes)} with the weights of this server.",
                    remedy=f"The operator must complete the files in {self._weights}, or ask for fewer languages.",
                ) from error
        return self._readers[codes]

    def _verify(self) -> None:
        for row in (self._weights / _SUMS).read_text().splitlines():
            noted, _, name = row.partition(" ")
            path = self._weights / name.strip().lstrip("*")
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == noted:
                    continue
            raise EngineUnavailable(
                f"The weights {path.name} are not those that {_SUMS} notes.",
                remedy=f"The operator must put the right file into {self._weights}.",
            )


def _of_one_size(pages: Sequence[PageImage], at_most: int) -> Iterator[list[int]]:
    by_size: dict[tuple[int, ...], list[int]] = {}
    for index, page in enumerate(pages):
        by_size.setdefault(page.pixels.shape, []).append(index)
    for indexes in by_size.values():
        yield from (indexes[start : start + at_most] for start in range(0, len(indexes), at_most))


def import_torch() -> Any:
    """The module torch."""
    return __import__("torch")


def _lines(found: Sequence[tuple[Any, str, Any]]) -> Iterator[Line]:
    for corners, text, confidence in found:
        quad = np.array(corners, np.float32)
        words, start = [], 0
        for part in text.split(" "):
            # It tells no places of letters: each word gets its share of the line.
            place = part_of(quad, start / max(len(text), 1), (start + len(part)) / max(len(text), 1))
            if part:
                words.append(Word(place, part, float(confidence)))
            start += len(part) + 1
        if words:
            yield Line(quad, tuple(words))
