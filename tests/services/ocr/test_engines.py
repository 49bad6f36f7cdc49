"""Engines: models are verified; languages that nobody reads are refused by name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pydantic
import pytest

from services.ocr.contracts.ocr import Engine, OcrOptions
from services.ocr.engines import ppocr_models
from services.ocr.engines.choice import chosen, engines
from services.ocr.engines.easyocr_engine import EasyOcr
from services.ocr.engines.errors import EngineUnavailable, LanguageNotCovered
from services.ocr.engines.ppocr_models import DETECTION, ModelChanged
from tests.services.ocr.scans import LINES, picture, read, scan, text_of


def test_a_model_that_is_another_than_it_should_be_is_not_loaded(tmp_path: Path) -> None:
    true = ppocr_models._folder() / DETECTION
    with pytest.raises(ModelChanged, match="cannot be read"):
        ppocr_models.load(DETECTION, tmp_path)
    shutil.copyfile(true, tmp_path / DETECTION)
    with (tmp_path / DETECTION).open("r+b") as file:
        file.write(b"x")
    with pytest.raises(ModelChanged, match="not the file"):
        ppocr_models.load(DETECTION, tmp_path)


def test_auto_takes_the_first_engine_that_knows_all_the_languages() -> None:
    assert chosen(Engine.AUTO, ()).name == "ppocr"
    assert chosen(Engine.AUTO, ("deu", "jpn", "chi_tra")).name == "ppocr"
    assert [engine.name for engine in engines()] == ["ppocr", "tesseract", "easyocr"]


@pytest.mark.parametrize("engine", ["auto", "ppocr"])
def test_a_script_that_no_engine_reads_is_an_error_that_names_what_to_install(tmp_path: Path, engine: str) -> None:
    with pytest.raises(LanguageNotCovered, match=r"Tibetan \(bod\)") as refused:
        read(scan(tmp_path / "a.pdf", picture()), tmp_path, languages="en+bo", engine=engine)

    assert "tesseract-ocr-bod" in refused.value.remedy


def test_languages_are_taken_in_every_common_spelling_and_nonsense_is_refused() -> None:
    assert OcrOptions(languages="DE, en").languages == "deu+eng"
    assert OcrOptions(languages="zho+chi_tra+zh").languages == "chi_sim+chi_tra"
    assert OcrOptions().languages == "auto"
    for wrong in ("", "klingon", "auto+de", "+"):
        with pytest.raises(pydantic.ValidationError):
            OcrOptions(languages=wrong)


def test_easyocr_without_weights_says_which_files_belong_where(tmp_path: Path) -> None:
    remedy = EasyOcr(tmp_path).unavailable()
    assert remedy is not None
    assert str(tmp_path) in remedy
    if EasyOcr().unavailable() is None:
        pytest.skip("this machine has weights of EasyOCR")
    with pytest.raises(EngineUnavailable) as refused:
        read(scan(tmp_path / "a.pdf", picture()), tmp_path, engine="easyocr")
    assert "/opt/bindery/easyocr" in refused.value.remedy


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="the program tesseract is not installed")
def test_tesseract_reads_through_the_same_protocol(tmp_path: Path) -> None:
    task, result = read(scan(tmp_path / "a.pdf", picture()), tmp_path, engine="tesseract", languages="eng")

    assert text_of(task.outputs[0].path) == " ".join(LINES).split()
    assert result["engine"] == "tesseract"
    assert result["engine_version"].startswith("tesseract ")
    assert result["mean_confidence_percent"] > 80
