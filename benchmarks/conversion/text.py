"""Text of pages: how fast beside pdftotext and pdfminer, how many of pdftotext's words, and in which order."""

from __future__ import annotations

import difflib
import re
import subprocess
import tempfile
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.conversion.programs import Cost, Program, cost_of_ours, costs_of_programs, page_count, readable
from benchmarks.corpus import Document
from benchmarks.platform.figure import Figure
from services.conversion.contracts.convert import ConvertOptions
from services.conversion.text.convert import write_text
from shared.media_types import PDF
from shared.operation import InputFile, Task
from tests.services.conversion.known_pages import KNOWN
from tests.services.conversion.text_documents import save, text_of

#: Of each document, at most so many pages from the first on: pdfminer needs a minute for a thousand.
_PAGES = 40
#: Targets of the project.
_STREAM_OVER_PDFTOTEXT, _READING_OVER_PDFMINER, _WORDS_KEPT = 1.0, 15.0, 0.98

_RIVALS = (
    Program("pdftotext", ("pdftotext", "-l", str(_PAGES), "{source}", "{folder}/text")),
    Program("pdftotext -layout", ("pdftotext", "-layout", "-l", str(_PAGES), "{source}", "{folder}/text")),
    Program("mutool", ("mutool", "draw", "-q", "-F", "txt", "-o", "{folder}/text", "{source}", f"1-{_PAGES}")),
    Program("pdfminer.six", ("pdf2txt.py", "-m", str(_PAGES), "-o", "{folder}/text", "{source}")),
)


def convert(source: str, options: dict[str, Any]) -> dict[str, int]:
    """Convert a document to text, as the fork servers of `benchmarks.measure` call it; return pages and bytes."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        task = Task((InputFile(Path(source), "document.pdf", PDF.name),), Path(folder))
        result = write_text(Path(source), task, ConvertOptions.model_validate(options))
        return {"pages": result["pages"], "bytes": sum(output.path.stat().st_size for output in task.outputs)}


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Rates in the three orders, words kept, order on pages where it is known."""
    documents = [document for document in readable(quick=quick) if _has_text(document)]
    rivals = costs_of_programs(_RIVALS, documents, lambda written: _form_feeds(written[0]))
    figures = []
    for order, rival, factor in (
        ("stream", "pdftotext", _STREAM_OVER_PDFTOTEXT),
        ("reading", "pdfminer.six", _READING_OVER_PDFMINER),
        ("layout", "pdftotext -layout", None),
    ):
        figures.append(_rate(order, _ours(documents, order), rivals, rival, factor, len(documents)))
    return [*figures, _words_kept(documents), _true_order(folder)]


def _ours(documents: list[Document], order: str) -> Cost:
    def options(document: Document) -> dict[str, Any]:
        return {"to": "txt", "text_order": order, "pages": f"1-{min(page_count(document), _PAGES)}"}

    return cost_of_ours("benchmarks.conversion.text:convert", documents, options)


def _rate(order: str, ours: Cost, rivals: dict[str, Cost], rival: str, factor: float | None, documents: int) -> Figure:
    other = rivals.get(rival)
    times = ours.pages_per_cpu_s / other.pages_per_cpu_s if other and other.pages_per_cpu_s else None
    texts = {
        name: f"{cost.pages_per_cpu_s:.0f} (we: {ours.pages_per_cpu_s / cost.pages_per_cpu_s:.2f} x)"
        for name, cost in rivals.items()
        if cost.pages_per_cpu_s
    }
    return Figure(
        f"text in {order} order, pages per CPU second, {ours.pages} pages of {documents} files",
        f"{ours.pages_per_cpu_s:.0f}" + (f", failed on {', '.join(ours.failed)}" if ours.failed else ""),
        texts,
        reach=f"{factor:g} x {rival}" if factor else "",
        reached=times >= factor if factor and times else None,
        numbers={
            name: {"pages": cost.pages, "cpu_s": cost.cpu_s, "failed": cost.failed}
            for name, cost in {"ours": ours, **rivals}.items()
        },
    )


def _words_kept(documents: list[Document]) -> Figure:
    """The share of pdftotext's words that our text has, file by file. Files below the target are named."""
    shares: dict[str, float] = {}
    letters: dict[str, float] = {}
    for document in documents:
        theirs = _words(_pdftotext(document.path))
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            pages = f"1-{min(page_count(document), _PAGES)}"
            ours = _words(text_of(document.path, Path(folder) / "out", pages=pages))
        shares[document.name] = 1 - (theirs - ours).total() / max(theirs.total(), 1)
        letters[document.name] = _shared_letters(theirs, ours)
    below = {name: share for name, share in shares.items() if share < _WORDS_KEPT}
    named = ", ".join(f"{name} {share:.3f} (letters {letters[name]:.3f})" for name, share in below.items())
    return Figure(
        "words of pdftotext that our reading order has: mean over files, and files below the target",
        f"{sum(shares.values()) / max(len(shares), 1):.4f}; below: {named or 'none'}",
        reach=f"each at least {_WORDS_KEPT}",
        reached=not below,
        numbers={"words": shares, "letters": letters},
    )


def _shared_letters(theirs: Counter[str], ours: Counter[str]) -> float:
    """The same by letters: words that are only parted differently count as kept."""
    one, other = (Counter(letter for word in words.elements() for letter in word) for words in (theirs, ours))
    return 1 - (one - other).total() / max(one.total(), 1)


def _true_order(folder: Path) -> Figure:
    """Agreement with the true order of words on made pages, as difflib's ratio."""
    ratios: dict[str, list[float]] = {"ours": [], "pdftotext": []}
    for name, make in KNOWN.items():
        page, truth = make()
        source = save(folder / f"{name}.pdf", page)
        wanted = " ".join(truth).split()
        for who, text in (("ours", text_of(source, folder / name)), ("pdftotext", _pdftotext(source))):
            ratios[who].append(difflib.SequenceMatcher(None, wanted, text.split(), autojunk=False).ratio())
    ours, theirs = (sum(each) / len(each) for each in ratios.values())
    return Figure(
        f"agreement with the true order of {len(KNOWN)} made pages: mean, worst",
        f"{ours:.4f}, {min(ratios['ours']):.3f}",
        {"pdftotext": f"{theirs:.4f}, {min(ratios['pdftotext']):.3f}"},
        reach="better than pdftotext",
        reached=ours > theirs,
        numbers={who: dict(zip(KNOWN, each, strict=True)) for who, each in ratios.items()},
    )


def _pdftotext(source: Path) -> str:
    command = ["pdftotext", "-l", str(_PAGES), str(source), "-"]
    return subprocess.run(command, capture_output=True, timeout=120, check=True).stdout.decode("utf-8", "replace")


def _has_text(document: Document) -> bool:
    return bool(_pdftotext(document.path).strip())


def _form_feeds(path: Path) -> int:
    return max(path.read_bytes().count(b"\f"), 1)


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", unicodedata.normalize("NFKC", text)))
