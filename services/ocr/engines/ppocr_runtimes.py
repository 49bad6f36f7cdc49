"""What calculates the networks: onnxruntime, or openvino where it is installed and the processor has bfloat16.

Both on one thread: without threads of its own a network survives a fork, and parallel is what runs in other slots.
Both report to their makers by default; here neither does.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

#: Shapes whose plan is kept; each costs some 50 ms to make.
_PLANS = 200
#: Numbers in a batch from which what it took is given back at once: a page comes once, its lines come often.
_LARGE = 1_000_000


class Network(Protocol):
    """A loaded model."""

    def __call__(self, batch: Array) -> Array:
        """Its only output for a batch of images, valid until the next call."""

    @property
    def characters(self) -> list[str]:
        """What a recogniser's classes stand for, as its file notes them."""


class OnnxRuntime:
    """A model in onnxruntime, in single precision."""

    #: Who calculates, as onnxruntime names them.
    providers: ClassVar[Sequence[str]] = ("CPUExecutionProvider",)

    def __init__(self, path: Path) -> None:
        runtime = _onnxruntime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = runtime.InferenceSession(str(path), options, providers=list(self.providers))
        self._input = self._session.get_inputs()[0].name
        self._giving_back = runtime.RunOptions()
        self._giving_back.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def __call__(self, batch: Array) -> Array:
        """See Network."""
        how = self._giving_back if batch.size > _LARGE else None
        output: Array = self._session.run(None, {self._input: batch}, how)[0]
        return output

    @property
    def characters(self) -> list[str]:
        """See Network."""
        noted: str = self._session.get_modelmeta().custom_metadata_map["character"]
        return noted.splitlines()


class OpenVino:
    """A model in openvino, in bfloat16."""

    def __init__(self, path: Path) -> None:
        core = _openvino().Core()
        model = core.read_model(str(path))
        path_of = ["framework", "character"]
        self._characters = str(model.get_rt_info(path_of).value) if model.has_rt_info(path_of) else ""
        # No streams: what calls calculates, and no thread is started that a fork would not have.
        how = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 0, "ENABLE_CPU_PINNING": False}
        self._compiled = core.compile_model(model, "CPU", {**how, "CPU_RUNTIME_CACHE_CAPACITY": _PLANS})
        self._request = self._compiled.create_infer_request()

    def __call__(self, batch: Array) -> Array:
        """See Network."""
        self._request.infer([batch], share_inputs=True)
        output: Array = self._request.get_output_tensor(0).data
        if batch.size > _LARGE:
            output = output.copy()
            self._compiled.release_memory()
        return output

    @property
    def characters(self) -> list[str]:
        """See Network."""
        return self._characters.splitlines()


RUNTIMES: dict[str, type[OnnxRuntime] | type[OpenVino]] = {"onnxruntime": OnnxRuntime, "openvino": OpenVino}


@cache
def fastest() -> str:
    """The runtime to take here: openvino wins by its bfloat16 alone, in single precision both cost the same."""
    if find_spec("openvino") is None:
        return "onnxruntime"
    capable = _openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "openvino" if "BF16" in capable else "onnxruntime"


def told(runtime: str) -> str:
    """Name, version and precision, for results."""
    return f"{runtime} {version(runtime)}" + (", bfloat16" if runtime == "openvino" else "")


def _onnxruntime() -> Any:
    # From 1.29 on its official wheels report each session to Microsoft, from a thread that starts at import and a
    # database in the home folder. Only this, set before, keeps all three from happening; its own function comes too
    # late.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    return importlib.import_module("onnxruntime")


def _openvino() -> Any:
    # Its import sends an event, from a thread, with an identity kept in the home folder. A module that is None cannot
    # be imported, and openvino then takes its own stub that does nothing.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    return importlib.import_module("openvino")
