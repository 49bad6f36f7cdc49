"""What calculates the networks: every runtime reads the same, in a fork, alone, and reports to nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from services.ocr.engines.ppocr_runtimes import RUNTIMES, fastest
from tests.services.ocr.scans import LINES, picture

_ROOT = Path(__file__).parents[3]
# What the host of a worker does: load, be alone, fork, read in the child under its limits.
_HOST = """
import os, resource, sys
import numpy as np
from PIL import Image
from services.ocr.engines import ppocr_models
from services.ocr.engines.ppocr import PpOcr, warm_up
from services.ocr.engines.protocol import PageImage
ppocr_models.use(sys.argv[2])
warm_up()
assert len(os.listdir("/proc/self/task")) == 1, "a thread would not live on in a fork"
for _ in range(2):
    if not (child := os.fork()):
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        page = PageImage(np.asarray(Image.open(sys.argv[1]).convert("RGB")), 150)
        (text,) = PpOcr().read([page])
        print(" ".join(sorted(word.text for word in text.words)), flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
reporting = [name for name in sys.modules if name.split(".")[0] == "openvino_telemetry" and sys.modules[name]]
assert not reporting, reporting
assert (sys.argv[2] == "openvino") == ("openvino" in sys.modules)
"""


@pytest.mark.parametrize("runtime", list(RUNTIMES))
def test_models_loaded_once_read_in_every_fork_without_network_threads_or_traces(tmp_path: Path, runtime: str) -> None:
    if find_spec(runtime) is None:
        pytest.skip(f"{runtime} is not installed: the extra of that name brings it")
    picture().save(tmp_path / "page.png")
    home = tmp_path / "home"
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "OPENBLAS_NUM_THREADS": "1"}
    offline = ["unshare", "-rn"] if os.geteuid() else ["unshare", "-n"]

    done = subprocess.run(
        [*offline, sys.executable, "-c", _HOST, str(tmp_path / "page.png"), runtime],
        env=environment,
        cwd=_ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    words = " ".join(sorted(" ".join(LINES).split()))
    assert done.stdout.splitlines() == [words, words]
    assert list(home.iterdir()) == []


def test_openvino_is_taken_only_where_it_is_installed_and_the_processor_has_bfloat16() -> None:
    flags = Path("/proc/cpuinfo").read_text()
    has_bfloat16 = any(flag in flags for flag in ("avx512_bf16", "amx_bf16"))
    if find_spec("openvino") and has_bfloat16:
        assert fastest() == "openvino"
    else:
        assert fastest() == "onnxruntime"
