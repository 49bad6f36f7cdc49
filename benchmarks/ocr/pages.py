"""Which pages are read: documents with true text, by kind and language; odd pages are measured, even ones tune."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image

from benchmarks.ocr.debian import debian_file
from benchmarks.ocr.made_pages import made
from benchmarks.ocr.truth import Truth, truth_of
from benchmarks.ocr.wear import CONDITIONS, worn

#: Kind, language, Debian package (or none: the corpus), file, pages of it that are measured.
_DOCUMENTS = (
    ("prose", "eng", "developers-reference", "usr/share/developers-reference/developers-reference.pdf", 2),
    ("prose", "eng", "debian-policy", "usr/share/doc/debian-policy/policy.pdf.gz", 2),
    ("prose", "eng", "debian-policy", "usr/share/doc/debian-policy/fhs/fhs-3.0.pdf.gz", 1),
    ("prose", "eng", "debian-faq", "usr/share/doc/debian/FAQ/debian-faq.en.pdf.gz", 1),
    ("prose", "eng", None, "pdf/office__us_constitution.pdf", 1),
    ("prose", "deu", "developers-reference-de", "usr/share/developers-reference/de/developers-reference.pdf", 3),
    ("prose", "fra", "developers-reference-fr", "usr/share/developers-reference/fr/developers-reference.pdf", 3),
    ("code", "eng", "r-doc-pdf", "usr/share/R/doc/manual/R-exts.pdf", 2),
    ("code", "eng", "debian-reference-en", "usr/share/debian-reference/debian-reference.en.pdf", 2),
    ("code", "eng", "maint-guide", "usr/share/doc/maint-guide/maint-guide.en.pdf", 1),
    ("columns", "eng", None, "pdf/paper__multi-column.pdf", 2),
    ("columns", "eng", None, "pdf/paper__testJournalParser.pdf", 2),
    ("columns", "eng", None, "pdf/form__tracemonkey_with_editable_annotations.pdf", 2),
    ("tables", "eng", None, "pdf/office__budget.pdf", 1),
    ("tables", "eng", None, "pdf/office__assam.pdf", 1),
    ("tables", "eng", None, "pdf/office__spreadsheet_no_bounding_frame.pdf", 1),
    ("Japanese", "jpn", "maint-guide-ja", "usr/share/doc/maint-guide-ja/maint-guide.ja.pdf", 2),
    ("Japanese", "jpn", "installation-guide-amd64", "usr/share/doc/installation-guide-amd64/ja/install.ja.pdf.gz", 1),
    ("Chinese", "chi_sim", "maint-guide-zh-cn", "usr/share/doc/maint-guide-zh-cn/maint-guide.zh-cn.pdf", 2),
    (
        "Chinese",
        "chi_sim",
        "installation-guide-amd64",
        "usr/share/doc/installation-guide-amd64/zh_CN/install.zh_CN.pdf.gz",
        1,
    ),
)
#: Pages that the benchmark makes itself: kind and how many.
_MADE = (("columns", 2), ("tables", 3), ("receipts", 4))
KINDS = ("prose", "code", "columns", "tables", "receipts", "Japanese", "Chinese")
#: Kinds whose words have no spaces between them.
UNSPACED = frozenset({"Japanese", "Chinese"})
#: Enough characters to tell; cover pages and blank backs have fewer.
_LEAST_CHARACTERS = 700
_MADE_FOLDER = Path(__file__).parents[1] / "results" / "made-pages"
_SEED = 20


@dataclass(frozen=True)
class SourcePage:
    """A page of a document with true text."""

    kind: str
    language: str
    document: Path
    index: int

    @property
    def name(self) -> str:
        return f"{self.document.stem}-{self.index + 1}"


@dataclass(frozen=True)
class TestPage:
    """A worn page on disk, its true text in points, and the matrix from points to pixels of the picture."""

    source: SourcePage
    image: Path
    dpi: int
    truth: Truth
    places: np.ndarray


def chosen_pages(corpus: Path, *, tuning: bool = False) -> list[SourcePage]:
    """The measured pages, or those to tune with. A document of one page is only measured."""
    return [*_of_documents(corpus, tuning), *_of_our_own(tuning)]


def _of_documents(corpus: Path, tuning: bool) -> Iterator[SourcePage]:
    for kind, language, package, file, count in _DOCUMENTS:
        path = debian_file(package, file) if package else corpus / file
        if path is None:
            continue
        if not path.exists():
            print(f"NOT MEASURED: {path} is missing")
            continue
        document = pypdfium2.PdfDocument(path)
        # Page numbers as a reader counts them.
        indexes = [index for index in range(len(document)) if (index % 2 == 1) == tuning]
        random.Random(_SEED).shuffle(indexes)
        taken = 0
        for index in indexes:
            if taken < count and _is_telling(document[index], kind):
                taken += 1
                yield SourcePage(kind, language, path, index)
        document.close()


def _is_telling(page: pypdfium2.PdfPage, kind: str) -> bool:
    text = page.get_textpage().get_text_bounded()
    # Leaders of a table of contents, and letters without a code.
    if text.count(". . .") + text.count("....") > 3 or "\ufffd" in text:
        return False
    if kind in UNSPACED:
        return sum(character > "\u3000" for character in text) > _LEAST_CHARACTERS / 2
    return len(text) > _LEAST_CHARACTERS


def _of_our_own(tuning: bool) -> Iterator[SourcePage]:
    for kind, count in _MADE:
        for number in range(count):
            yield SourcePage(kind, "eng", made(kind, _SEED + 2 * number + tuning, _MADE_FOLDER), 0)


def worn_page(source: SourcePage, condition: str, folder: Path) -> TestPage:
    """Draw and wear a page; the same page and condition give the same pixels."""
    how = CONDITIONS[condition]
    document = pypdfium2.PdfDocument(source.document)
    page = document[source.index]
    drawn = np.squeeze(page.render(scale=how.dpi / 72, grayscale=True).to_numpy())
    truth = truth_of(page)
    document.close()
    result = worn(drawn, how, seed=source.index)
    target = folder / f"{condition}-{source.name}.jpg"
    Image.fromarray(result.pixels).save(target, quality=how.jpeg, dpi=(how.dpi, how.dpi))
    return TestPage(source, target, how.dpi, truth, result.places)
