"""EasyOCR's own code reads through our adapter, with weights that the test trains itself in seconds."""

from __future__ import annotations

import hashlib
import importlib
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from services.ocr.engines.easyocr_engine import EasyOcr
from services.ocr.engines.errors import EngineUnavailable
from services.ocr.engines.protocol import PageImage

pytestmark = [
    pytest.mark.heavy,
    # torch and what it loads warn of their own future.
    pytest.mark.filterwarnings("ignore"),
]

_NETWORK = """
import torch
class Model(torch.nn.Module):
    def __init__(self, num_class, hidden):
        super().__init__()
        def block(i, o, s):
            return torch.nn.Sequential(torch.nn.Conv2d(i, o, 3, s, 1), torch.nn.BatchNorm2d(o), torch.nn.ReLU())
        h = hidden // 2
        self.f = torch.nn.Sequential(block(1, h, 2), block(h, hidden, 2), block(hidden, 2*hidden, (2, 1)))
        self.o = torch.nn.Linear(2*hidden*4, num_class)
    def forward(self, x, text=None):
        return self.o(self.f(x).permute(0, 3, 1, 2).flatten(2))
"""
_DESCRIPTION = """
imgH: 32
lang_list: ['en']
character_list: '0123456789'
network_params: {hidden: 32}
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EasyOcr]:
    """An engine with a detector that takes ink for text and a recogniser of digits."""
    pytest.importorskip("torch", reason="the extra easyocr is not installed")
    warnings.simplefilter("ignore")
    from services.ocr.engines.easyocr_import import import_easyocr

    import_easyocr()
    torch: Any = importlib.import_module("torch")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    folder, networks = tmp_path_factory.mktemp("weights"), tmp_path_factory.mktemp("networks")
    (networks / "tinyrec.yaml").write_text(_DESCRIPTION)
    (networks / "tinyrec.py").write_text(_NETWORK)
    detector = _ink_detector(torch)
    sys.path.insert(0, str(networks))
    recogniser = _trained(torch, importlib.import_module("tinyrec").Model(num_class=11, hidden=32))
    for name, network in (("craft_mlt_25k.pth", detector), ("tinyrec.pth", recogniser)):
        torch.save({f"module.{key}": value for key, value in network.state_dict().items()}, folder / name)
    config: Any = importlib.import_module("easyocr.config")
    detector_md5 = hashlib.md5((folder / "craft_mlt_25k.pth").read_bytes()).hexdigest()
    config.detection_models["craft"]["md5sum"] = detector_md5
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in sorted(folder.glob("*.pth"))]
    (folder / "SHA256SUMS").write_text("\n".join(sums) + "\n")
    yield EasyOcr(folder, recog_network="tinyrec", user_network_directory=str(networks))
    sys.path.remove(str(networks))


def _ink_detector(torch: Any) -> Any:
    class Ink(torch.nn.Module):  # type: ignore[misc]
        def __init__(self, pretrained: bool = False, freeze: bool = False) -> None:
            super().__init__()
            self.bias = torch.nn.Parameter(torch.zeros(1))

        def forward(self, batch: Any) -> Any:
            ink = (batch.mean(1, keepdim=True) < 0.5).float()
            spread = torch.nn.functional.max_pool2d(ink, (9, 17), 2, (4, 8))
            spread = torch.nn.functional.avg_pool2d(spread, 5, 1, 2)
            return torch.stack([spread[:, 0], torch.zeros_like(spread[:, 0])], -1) + self.bias, spread

    importlib.import_module("easyocr.detection").CRAFT = Ink  # type: ignore[attr-defined]
    return Ink()


def _trained(torch: Any, network: Any) -> Any:
    align = importlib.import_module("easyocr.recognition").AlignCollate(imgH=32, imgW=256, keep_ratio_with_pad=True)
    optimiser, loss = torch.optim.Adam(network.parameters(), 3e-3), torch.nn.CTCLoss(zero_infinity=True)
    random = np.random.default_rng(0)
    network.train()
    for _ in range(250):
        batch = [_digits(random) for _ in range(16)]
        scores = network(align([image for _, image in batch])).log_softmax(2).permute(1, 0, 2)
        wanted = torch.tensor([int(digit) + 1 for text, _ in batch for digit in text])
        lengths = torch.tensor([len(text) for text, _ in batch])
        optimiser.zero_grad()
        loss(scores, wanted, torch.full((16,), scores.shape[0]), lengths).backward()
        optimiser.step()
    return network


def _digits(random: np.random.Generator) -> tuple[str, Image.Image]:
    text = "".join(random.choice(list("0123456789"), random.integers(4, 11)))
    font = ImageFont.load_default(int(random.integers(22, 34)))
    image = Image.new("L", (int(font.getlength(text)) + int(random.integers(4, 24)), int(font.size * 1.6)), 255)
    ImageDraw.Draw(image).text((int(random.integers(1, 8)), int(random.integers(0, 10))), text, fill=0, font=font)
    return text, image


def _page(*texts: tuple[str, tuple[int, int]], size: tuple[int, int] = (640, 192)) -> PageImage:
    page = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(28)
    for text, place in texts:
        pen.text(place, text, fill="black", font=font)
    return PageImage(np.asarray(page), 96)


def test_it_reads_what_stands_on_the_page_where_it_stands(tiny: EasyOcr) -> None:
    assert tiny.unavailable() is None
    assert tiny.languages() == {"eng"}
    (read,) = tiny.read([_page(("314159", (30, 20)), ("2718281828", (300, 110)))], ["eng"])

    assert sorted(line.text for line in read.lines) == ["2718281828", "314159"]
    first = next(line for line in read.lines if line.text == "314159")
    assert first.quad.min(0) == pytest.approx([30, 20], abs=25)


def test_pages_that_go_through_together_keep_their_own_texts_and_their_order(tiny: EasyOcr) -> None:
    together = EasyOcr(tiny._weights, pages_at_once=2, **tiny._reader_options)
    pages = [
        _page(("314159", (30, 20))),
        _page(("1618033", (30, 20)), size=(512, 128)),
        _page(("2718281828", (300, 110))),
        _page(("1414213", (200, 60))),
    ]

    read = together.read(pages, ["eng"])

    assert [[line.text for line in page.lines] for page in read] == [
        ["314159"],
        ["1618033"],
        ["2718281828"],
        ["1414213"],
    ]


def test_weights_that_were_changed_are_not_loaded(tiny: EasyOcr) -> None:
    weights = tiny._weights / "tinyrec.pth"
    true = weights.read_bytes()
    weights.write_bytes(true + b"x")
    try:
        changed = EasyOcr(tiny._weights, **tiny._reader_options)
        with pytest.raises(EngineUnavailable, match="SHA256SUMS"):
            changed.read([PageImage(np.full((32, 32, 3), 255, np.uint8), 96)])
    finally:
        weights.write_bytes(true)
