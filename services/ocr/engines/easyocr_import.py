"""Imports easyocr, also where PyPI's torchvision (built for CUDA) stands beside a torch for CPUs only."""

from __future__ import annotations

import importlib
import sys
from typing import Any

#: Definitions of torch end with this object.
_KEPT: list[Any] = []


def import_easyocr() -> Any:
    """The module. Raises ImportError where it is not installed."""
    try:
        return importlib.import_module("easyocr")
    except RuntimeError as error:
        # torchvision registers shapes for two operators of a library of its own that needs CUDA to load. easyocr uses
        # neither; once they are named, the import goes through.
        if "torchvision::nms does not exist" not in str(error):
            raise
    for name in [name for name in sys.modules if name.split(".")[0] in ("torchvision", "easyocr")]:
        del sys.modules[name]
    library = importlib.import_module("torch").library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _KEPT.append(library)
    return importlib.import_module("easyocr")
