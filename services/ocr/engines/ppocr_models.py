"""The PP-OCRv6 models that lie in the `rapidocr` wheel, verified and loaded into onnxruntime."""

from __future__ import annotations

import hashlib
import importlib
import os
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shared.errors import BinderyError

# From 1.29 on its official wheels report each session to Microsoft, from a thread that starts at import and a database
# in the home folder. Only this, set before, keeps all three from happening; its own function comes too late.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

onnxruntime: Any = importlib.import_module("onnxruntime")

#: SHA-256 as rapidocr 3.10 publishes them: whoever changes a model changes what is read.
_SHA256 = {
    "PP-OCRv6_det_small.onnx": "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    "PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
}
DETECTION, RECOGNITION = _SHA256

Array = npt.NDArray[np.float32]


class ModelChanged(BinderyError):
    """A model of the OCR engine is missing or is not the one that this version was tested with."""

    code = "ocr_model_changed"
    status = 503
    title = "An OCR model is missing or changed"
    remedy = "The operator must install the packages of the extra 'ocr' anew, as requirements.lock pins them."


class Model:
    """A network on one thread of the CPU. A process forked after it was loaded shares its memory."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        # Without threads of its own a session survives a fork; parallel is what runs in other slots.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, batch: Array) -> Array:
        """The network's only output for a batch of images."""
        output: Array = self._session.run(None, {self._input: batch})[0]
        return output

    @property
    def characters(self) -> list[str]:
        """What a recogniser's classes stand for: blank first, the space last."""
        return ["", *self._session.get_modelmeta().custom_metadata_map["character"].splitlines(), " "]


@cache
def load(name: str, folder: Path | None = None) -> Model:
    """A model, loaded once a process. Raises ModelChanged."""
    path = (folder or _folder()) / name
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelChanged(f"{name} cannot be read.") from error
    if found != _SHA256[name]:
        raise ModelChanged(f"{name} is not the file that it should be.")
    return Model(path)


def _folder() -> Path:
    # Only found, never imported: the package would load its own pipeline and its downloader.
    found = find_spec("rapidocr")
    if found is None or not found.submodule_search_locations:
        raise ModelChanged("The package rapidocr is not installed.")
    return Path(found.submodule_search_locations[0]) / "models"


def versions() -> str:
    """What reads, for results."""
    return f"PP-OCRv6 small (rapidocr {version('rapidocr')}, onnxruntime {onnxruntime.__version__})"
