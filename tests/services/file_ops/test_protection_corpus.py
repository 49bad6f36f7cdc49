"""Every operation of this room over the whole corpus: a result that holds, or an error of ours; minutes long."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from services.file_ops.comparing.compare import compare_pdfs
from services.file_ops.contracts.comparing import CompareOptions
from services.file_ops.contracts.protection import (
    LinearizeOptions,
    ProtectOptions,
    RedactOptions,
    RepairOptions,
    SanitizeOptions,
    UnlockOptions,
)
from services.file_ops.protection.linearize import linearize_pdf
from services.file_ops.protection.protect import protect_pdf
from services.file_ops.protection.redaction.redact import redact_pdf
from services.file_ops.protection.repair import repair_pdf
from services.file_ops.protection.sanitizing.sanitize import sanitize_pdf
from services.file_ops.protection.unlock import unlock_pdf
from shared.errors import DamagedFile, EncryptedPdf
from tests.services.file_ops.test_redact import a_box

pytestmark = pytest.mark.heavy

_SIGNED_TOO = {"break_signature": True}
_OPERATIONS: dict[str, Callable[[Path, Path], object]] = {
    "protect": lambda a, b: protect_pdf(a, b, ProtectOptions(owner_password="own", allow_copy=False, **_SIGNED_TOO)),
    "unlock": lambda a, b: unlock_pdf(a, b, UnlockOptions(**_SIGNED_TOO)),
    "repair": lambda a, b: repair_pdf(a, b, RepairOptions(**_SIGNED_TOO)),
    "linearize": lambda a, b: linearize_pdf(a, b, LinearizeOptions(**_SIGNED_TOO)),
    "sanitize": lambda a, b: sanitize_pdf(a, b, SanitizeOptions(external_links=True, annotations=True, **_SIGNED_TOO)),
    "compare": lambda a, b: compare_pdfs([a, a], b, CompareOptions(dpi=50)),
}


def _documents(corpus: Path, most_pages: int) -> list[Path]:
    chosen = []
    for path in sorted(corpus.rglob("*.pdf")):
        try:
            with pikepdf.open(path) as pdf:
                if len(pdf.pages) > most_pages:
                    continue
        except (pikepdf.PdfError, pikepdf.PasswordError):
            pass
        chosen.append(path)
    return chosen


@pytest.mark.parametrize("name", _OPERATIONS)
def test_an_operation_over_the_whole_corpus(corpus: Path, tmp_path: Path, name: str) -> None:
    for source in _documents(corpus, most_pages=150):
        target = tmp_path / "out.pdf"
        try:
            _OPERATIONS[name](source, target)
        except (DamagedFile, EncryptedPdf):
            assert "damaged" in source.name or "encrypted" in source.name, source.name
            continue
        with pikepdf.open(target) as pdf:
            assert len(pdf.pages) >= 1, source.name
        document = pypdfium2.PdfDocument(target)
        assert len(document) >= 1
        document.close()


def test_terms_are_gone_from_every_document_of_the_corpus(corpus: Path, tmp_path: Path) -> None:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext is not installed: the proof by a third program is left out")
    for source in _documents(corpus, most_pages=60):
        try:
            document = pypdfium2.PdfDocument(source)
        except pypdfium2.PdfiumError:
            continue
        words = re.findall(r"[^\W\d_]{6,}", document[0].get_textpage().get_text_bounded())
        document.close()
        terms = random.Random(source.name).sample(sorted(set(words)), min(3, len(set(words))))
        boxes = [a_box(60, 80, 300, 120)]

        redact_pdf(
            source, tmp_path / "out.pdf", RedactOptions(terms="\n".join(terms) or None, boxes=boxes, **_SIGNED_TOO)
        )

        ended = subprocess.run([program, "-q", tmp_path / "out.pdf", "-"], capture_output=True)
        text = ended.stdout.decode("utf-8", "replace").casefold()
        assert not [term for term in terms if term.casefold() in text], source.name
