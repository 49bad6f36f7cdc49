"""The PP-OCRv6 models that lie in the `rapidocr` wheel: verified, and loaded into the runtime that is fastest here."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from services.ocr.engines.ppocr_runtimes import RUNTIMES, Network, fastest, told
from shared.errors import BinderyError

#: SHA-256 as rapidocr 3.10 publishes them: whoever changes a model changes what is read.
_SHA256 = {
    "PP-OCRv6_det_small.onnx": "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    "PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
}
DETECTION, RECOGNITION = _SHA256


class ModelChanged(BinderyError):
    """A model of the OCR engine is missing or is not the one that this version was tested with."""

    code = "ocr_model_changed"
    status = 503
    title = "An OCR model is missing or changed"
    remedy = "The operator must install the packages of the extra 'ocr' anew, as requirements.lock pins them."


_chosen: list[str] = []


def use(runtime: str) -> None:
    """Take a runtime instead of the fastest: for comparisons."""
    _chosen[:] = [runtime]


def runtime() -> str:
    """The one that is taken."""
    return _chosen[0] if _chosen else fastest()


def load(name: str, folder: Path | None = None) -> Network:
    """A model, loaded once a process. Raises ModelChanged."""
    return _loaded((folder or _folder()) / name, runtime())


@cache
def _loaded(path: Path, runtime: str) -> Network:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelChanged(f"{path.name} cannot be read.") from error
    if found != _SHA256[path.name]:
        raise ModelChanged(f"{path.name} is not the file that it should be.")
    return RUNTIMES[runtime](path)


@cache
def characters() -> list[str]:
    """What the recogniser's classes stand for: blank first, the space last."""
    return ["", *load(RECOGNITION).characters, " "]


@cache
def _folder() -> Path:
    # Only found, never imported: the package would load its own pipeline and its downloader.
    found = find_spec("rapidocr")
    if found is None or not found.submodule_search_locations:
        raise ModelChanged("The package rapidocr is not installed.")
    return Path(found.submodule_search_locations[0]) / "models"


def versions() -> str:
    """What reads, for results."""
    return f"PP-OCRv6 small (rapidocr {version('rapidocr')}, {told(runtime())})"
