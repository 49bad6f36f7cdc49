"""Pages a second on a GPU, detection and recognition batched across pages; run by hand where there is one.

Needs the packages of the extra `ocr` with `onnxruntime-gpu` in place of onnxruntime, and CUDA as that package asks:

    python -m benchmarks.ocr.gpu --pages 200 --detect 8 --recognise 128

For EasyOCR instead, the extra `easyocr` with a torch built for CUDA, and its weights with SHA256SUMS in a folder:

    python -m benchmarks.ocr.gpu --easyocr /opt/bindery/easyocr

Drawing the pages and reading them into memory is not counted. `--cpu` runs the same way without a GPU, to see that it
works. On a GPU the rule of the CPU is reversed: lines of all pages are pooled, sorted by width and read many at once.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from benchmarks.corpus import CORPUS
from benchmarks.ocr.pages import UNSPACED, TestPage, chosen_pages, worn_page
from benchmarks.ocr.score import FoundWord, Score, scored
from services.ocr.engines import ppocr_models
from services.ocr.engines.easyocr_engine import EasyOcr
from services.ocr.engines.ppocr_detection import MEAN_AND_SCALE, USUAL_SIDE, quads_of, small_size
from services.ocr.engines.ppocr_recognition import as_line, cut_out, recognise
from services.ocr.engines.ppocr_runtimes import OnnxRuntime
from services.ocr.engines.protocol import PageImage, PageText, Pixels, Quad


def main() -> None:
    """Read the measured pages over and over, print pages a second and the error rate that they were bought at."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--condition", default="scan200")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--detect", type=int, default=8, help="pages that go through the detector together")
    parser.add_argument("--recognise", type=int, default=128, help="lines that go through the recogniser together")
    parser.add_argument("--pool", type=int, default=32, help="pages whose lines are pooled")
    parser.add_argument("--easyocr", type=Path, help="folder of weights")
    parser.add_argument("--cpu", action="store_true")
    chosen = parser.parse_args()
    sources = [page for page in chosen_pages(chosen.corpus) if page.kind not in UNSPACED]
    with tempfile.TemporaryDirectory(prefix="bench-ocr-") as name:
        count = min(chosen.pages, len(sources))
        pages = [worn_page(page, chosen.condition, Path(name)) for page in sources[:count]]
        images = [np.asarray(Image.open(page.image).convert("RGB")) for page in pages]
    repeated = [images[number % count] for number in range(chosen.pages)]
    if chosen.easyocr:
        engine = EasyOcr(chosen.easyocr)
        _report(pages, repeated, lambda some: engine.read([PageImage(image, 200) for image in some], ["eng"]))
        return
    OnnxRuntime.providers = ["CPUExecutionProvider"] if chosen.cpu else ["CUDAExecutionProvider"]
    ppocr_models.use("onnxruntime")

    def read(some: Sequence[Pixels]) -> list[PageText]:
        found = []
        for start in range(0, len(some), chosen.pool):
            found += _pooled(some[start : start + chosen.pool], chosen.detect, chosen.recognise)
        return found

    _report(pages, repeated, read)


def _report(pages: Sequence[TestPage], images: Sequence[Pixels], read: Any) -> None:
    # The first call chooses kernels and takes memory.
    read(images[: len(pages)])
    begun = time.monotonic()
    texts = read(images)
    spent = time.monotonic() - begun
    total = Score()
    for page, text in zip(pages, texts, strict=False):
        total += scored(page.truth, [FoundWord(word.text, word.quad) for word in text.words], page.places)
    print(
        f"{len(images)} pages in {spent:.2f} s: {len(images) / spent:.2f} pages a second, CER {total.cer_percent:.2f} %"
    )


def _pooled(images: Sequence[Pixels], detect: int, recognise_at_once: int) -> list[PageText]:
    places: list[list[Quad]] = []
    for start in range(0, len(images), detect):
        places += _detected(images[start : start + detect])
    cuts = [cut_out(image, quad) for image, quads in zip(images, places, strict=True) for quad in quads]
    readings = iter(zip(cuts, recognise(cuts, at_once=recognise_at_once), strict=True))
    return [
        PageText(tuple(line for quad in quads if (line := as_line(quad, *next(readings))) is not None))
        for quads in places
    ]


def _detected(images: Sequence[Pixels]) -> list[list[Quad]]:
    """Detect on pages laid into one size; what a smaller page lacks is paper."""
    sizes = [small_size(image, USUAL_SIDE) for image in images]
    columns, rows = (max(size[axis] for size in sizes) for axis in (0, 1))
    batch = np.ones((len(images), 3, rows, columns), np.float32)
    for place, (image, (width, height)) in enumerate(zip(images, sizes, strict=True)):
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
        mean, scale = MEAN_AND_SCALE
        batch[place, :, :height, :width] = ((small - mean) * scale).transpose(2, 0, 1)
    maps = ppocr_models.load(ppocr_models.DETECTION)(batch)
    return [
        quads_of(found[0, :height, :width], image)
        for found, image, (width, height) in zip(maps, images, sizes, strict=True)
    ]


if __name__ == "__main__":
    main()
