"""Every operation on pages comes through every document of the corpus, and what it writes is sound."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest

from services.file_ops.contracts.pages import (
    CropOptions,
    DeleteOptions,
    NUpOptions,
    RemoveBlankOptions,
    ReorderOptions,
    ResizeOptions,
    RotateOptions,
)
from services.file_ops.pages import actors
from services.file_ops.pages.selection import NoPageLeft
from shared.errors import DamagedFile, EncryptedPdf, FileProcessingError
from tests.end_to_end.hostile_files import HOSTILE
from tests.services.file_ops.page_documents import task_of
from tests.services.file_ops.test_protection_locks import assert_sound

OPERATIONS = [
    (actors.rotate_pages, RotateOptions(break_signature=True)),
    (actors.reorder_pages, ReorderOptions(pages="-1-1,1", break_signature=True)),
    (actors.delete_pages, DeleteOptions(pages="1", break_signature=True)),
    (actors.crop_pages, CropOptions(to_content=True, break_signature=True)),
    (actors.resize_pages, ResizeOptions(paper="a5", break_signature=True)),
    (actors.place_pages, NUpOptions(pages_per_sheet=4, break_signature=True)),
    (actors.remove_blank_pages, RemoveBlankOptions(break_signature=True)),
]
#: What costs the renderer minutes or the process itself: the sandbox ends those.
_FOR_THE_SANDBOX = {"forms-multiply", "tiny-tiles", "operator-bomb"}
#: What is read to its limit before it is refused.
_SLOW = {"content-bomb", "image-bomb"}
_HOSTILE = [
    pytest.param(name, marks=pytest.mark.heavy if name in _SLOW else ())
    for name in sorted(set(HOSTILE) - _FOR_THE_SANDBOX)
]


def _names(value: object) -> str | None:
    return getattr(value, "__name__", None)


@pytest.mark.parametrize(("perform", "options"), OPERATIONS, ids=_names)
@pytest.mark.parametrize("name", _HOSTILE)
def test_a_hostile_file_ends_in_a_result_or_an_error_of_ours(tmp_path: Path, name: str, perform, options) -> None:
    source = tmp_path / f"{name}.pdf"
    source.write_bytes(HOSTILE[name]())

    try:
        result = perform(task_of(source, tmp_path), options)
    except FileProcessingError:
        return
    assert result


@pytest.mark.heavy
@pytest.mark.parametrize(("perform", "options"), OPERATIONS, ids=_names)
def test_every_file_of_the_corpus_comes_through(corpus: Path, tmp_path: Path, perform, options) -> None:
    written = 0
    for source in sorted((corpus / "pdf").glob("*.pdf")):
        task = task_of(source, tmp_path)
        try:
            perform(task, options)
        except (EncryptedPdf, DamagedFile):
            assert source.name.startswith(("encrypted", "damaged"))
            continue
        except NoPageLeft:
            assert perform in (actors.delete_pages, actors.remove_blank_pages)
            continue
        assert_sound(task.outputs[0].path)
        document = pypdfium2.PdfDocument(task.outputs[0].path)
        written += len(document)
        document.close()
    assert written > 200
