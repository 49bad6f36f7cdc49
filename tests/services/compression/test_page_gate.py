"""The gate notices a page that looks or reads differently."""

from __future__ import annotations

from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Name

from services.compression.page_gate import PageGate


def _page(path: Path, *words: str) -> Path:
    with pikepdf.new() as pdf:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        for word in words:
            page = pdf.add_blank_page(page_size=(300, 100))
            page.Resources = Dictionary(Font=Dictionary(F=font))
            page.Contents = pdf.make_stream(f"BT /F 24 Tf 20 40 Td ({word}) Tj ET".encode())
        pdf.save(path)
    return path


def test_the_same_text_reads_the_same(tmp_path: Path) -> None:
    gate = PageGate(_page(tmp_path / "source.pdf", "inParabp", "second"), None)
    assert gate.reads_the_same(_page(tmp_path / "draft.pdf", "inParabp", "second"), [0, 1])


def test_a_blank_within_a_word_reads_differently(tmp_path: Path) -> None:
    gate = PageGate(_page(tmp_path / "source.pdf", "first", "inParabp"), None)
    draft = _page(tmp_path / "draft.pdf", "first", "inP arabp")
    assert gate.reads_the_same(draft, [0])
    assert not gate.reads_the_same(draft, [0, 1])


def test_a_page_that_is_gone_reads_and_looks_differently(tmp_path: Path) -> None:
    gate = PageGate(_page(tmp_path / "source.pdf", "first", "second"), None)
    draft = _page(tmp_path / "draft.pdf", "first")
    assert not gate.reads_the_same(draft, [0, 1])
    assert [page.similarity for page in gate.compare(draft, [0, 1])] == [1.0, 0.0]
