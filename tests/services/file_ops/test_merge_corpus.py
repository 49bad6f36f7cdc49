"""The whole corpus goes through merging and splitting and keeps its looks, words, links and fields."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from services.file_ops.assembly.merge import merge
from services.file_ops.assembly.split import split
from services.file_ops.contracts.assembly import MergeOptions, SplitOptions
from shared.errors import FileProcessingError
from tests.services.file_ops.assembled_documents import check, given, looks, task_of, texts

#: What each file that cannot be opened is refused with.
_REFUSED = {
    "damaged__corrupted.pdf": "file_damaged",
    "encrypted__encrypted.pdf": "pdf_encrypted",
    "encrypted__graph-encrypted.pdf": "pdf_encrypted",
}
#: Its fields are drawn by the viewer alone and by us beside others: not to the pixel.
_ASKS_VIEWERS = "form__libreoffice-form.pdf"


@pytest.mark.heavy
# pdfium says that its build shows no XFA.
@pytest.mark.filterwarnings("ignore")
def test_every_document_of_the_corpus_survives_merge_and_split(tmp_path: Path, corpus: Path) -> None:
    refused = {}
    for number, path in enumerate(sorted([*(corpus / "pdf").glob("*.pdf"), *(corpus / "invoices").glob("*.pdf")])):
        folder = tmp_path / str(number)
        folder.mkdir()
        merged = folder / "merged.pdf"
        try:
            result = merge(given(path, path), merged, MergeOptions(break_signature=True))
        except FileProcessingError as error:
            refused[path.name] = error.code
            continue
        check(merged)
        pages = result["pages"] // 2
        ranges = [f"1-{pages}", f"{pages + 1}-{2 * pages}"]
        task = task_of(folder, merged)
        split(task, SplitOptions(by="ranges", ranges=ranges))
        for part in (output.path for output in task.outputs):
            check(part)
            assert texts(part) == texts(path), path.name
            if pages < 100 and path.name != _ASKS_VIEWERS:
                assert looks(part) == looks(path), path.name
            with pikepdf.open(part) as after, pikepdf.open(path) as before:
                assert _annotations(after) == _annotations(before), path.name
    assert refused == _REFUSED


def _annotations(pdf: pikepdf.Pdf) -> list[list[str]]:
    """The kinds of the annotations on each page."""
    return [
        [str(each.get("/Subtype")) for each in page.obj.get("/Annots", []) if isinstance(each, pikepdf.Dictionary)]
        for page in pdf.pages
    ]
