"""Makes scans that nobody has tuned for: pages of real documents, rendered, worn as a scanner wears them, and wrapped.

python -m benchmarks.made_scans FOLDER [--count 24] [--seed 1]

The same seed gives the same pixels. The pages come from the text documents of the corpus.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf
import pypdfium2
from PIL import Image

from benchmarks import corpus

TEXT_KINDS = frozenset({"paper", "office", "invoice", "form"})
MAX_PAGES = 4
#: Paper as a scanner sees it, red green blue: bright white, recycled, yellowed, warm under a lamp.
PAPERS = ((252, 252, 251), (236, 236, 230), (240, 228, 200), (248, 240, 226))


def worn(page: Any, random: np.random.Generator, grey: bool) -> Image.Image:
    """Return the page (8-bit RGB pixels) tilted, on coloured paper, unevenly lit, slightly blurred and noisy."""
    height, width = page.shape[:2]
    tilt = cv2.getRotationMatrix2D((width / 2, height / 2), float(random.normal(0, 0.5)), 1.0)
    pixels = cv2.warpAffine(page, tilt, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    pixels = cv2.GaussianBlur(pixels, (0, 0), float(random.uniform(0.4, 1.0))).astype(np.float32)
    ink = 25 + 20 * random.random()
    paper = np.array(PAPERS[random.integers(len(PAPERS))], np.float32)
    pixels = ink + pixels / 255 * (paper - ink)
    light = cv2.resize(
        random.uniform(0.88, 1.0, (3, 3)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    grain = cv2.GaussianBlur(random.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 0.7)
    pixels = pixels * light[..., None] + grain[..., None] * random.uniform(2, 8)
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return image.convert("L") if grey else image


def wrapped(scans: list[Image.Image], dpi: int, quality_percent: int, target: Path) -> None:
    """Write a PDF that has each image as one JPEG over the whole page."""
    with pikepdf.new() as pdf:
        for scan in scans:
            jpeg = io.BytesIO()
            scan.save(jpeg, "JPEG", quality=quality_percent)
            image = pdf.make_stream(
                jpeg.getvalue(),
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=scan.width,
                Height=scan.height,
                BitsPerComponent=8,
                ColorSpace=pikepdf.Name.DeviceGray if scan.mode == "L" else pikepdf.Name.DeviceRGB,
                Filter=pikepdf.Name.DCTDecode,
            )
            size = (scan.width * 72 / dpi, scan.height * 72 / dpi)
            page = pdf.add_blank_page(page_size=size)
            page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=image))
            page.obj.Contents = pdf.make_stream(f"q {size[0]} 0 0 {size[1]} 0 0 cm /Scan Do Q".encode())
        pdf.save(target, deterministic_id=True)


def scan_of(document: corpus.Document, random: np.random.Generator, target: Path) -> None:
    """Write what a scanner might have made of the document's first pages."""
    dpi = int(random.choice([200, 240, 300]))
    grey = bool(random.random() < 0.4)
    with pypdfium2.PdfDocument(document.path) as pdf:
        count = min(len(pdf), int(random.integers(1, MAX_PAGES + 1)))
        pages = [
            pdf[index].render(scale=dpi / 72, rev_byteorder=True).to_numpy()[..., :3].copy() for index in range(count)
        ]
    wrapped([worn(page, random, grey) for page in pages], dpi, int(random.integers(80, 96)), target)


def main() -> None:
    """Make the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    documents = [d for d in corpus.indexed() if d.kind in TEXT_KINDS and not d.name.startswith(("form__xfa",))]
    order = np.random.default_rng(chosen.seed).permutation(len(documents))
    for number, place in enumerate(order[: chosen.count]):
        document = documents[place]
        target = chosen.folder / f"scan__made_{number:02d}_{document.name.partition('__')[2] or document.name}.pdf"
        try:
            scan_of(document, np.random.default_rng([chosen.seed, number]), target)
        except pypdfium2.PdfiumError as error:
            print(f"left out {document.name}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
