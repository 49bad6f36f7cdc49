"""The documents that a benchmark runs over: the shared corpus by its index, or any folder of PDFs."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

#: Beside the checkout; `--corpus` names another place. Read-only.
CORPUS = Path(__file__).parents[2] / "shared" / "corpus"


@dataclass(frozen=True)
class Document:
    """One PDF: `name` is unique within the run and stable, `kind` groups it in the tables."""

    path: Path
    name: str
    kind: str

    @cached_property
    def size_bytes(self) -> int:
        return self.path.stat().st_size

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


def indexed(corpus: Path = CORPUS) -> list[Document]:
    """Return the PDFs of the corpus, by name. Raises FileNotFoundError when it has no index.csv."""
    with (corpus / "index.csv").open(encoding="utf-8", newline="") as index:
        rows = [row for row in csv.DictReader(index) if row["file"].endswith(".pdf")]
    return sorted(
        (Document(corpus / row["file"], Path(row["file"]).stem, row["kind"].split(" ")[0]) for row in rows),
        key=lambda document: document.name,
    )


def folder(path: Path) -> list[Document]:
    """Return every PDF below `path`, by name; the kind is the name's part before `__`, else the folder's name."""
    found = []
    for file in sorted(path.rglob("*.pdf")):
        kind, joined, _ = file.stem.partition("__")
        found.append(Document(file, str(file.relative_to(path).with_suffix("")), kind if joined else file.parent.name))
    return found


def sampled(documents: list[Document], every: int, kinds: set[str]) -> list[Document]:
    """Return every N-th document of the wanted kinds (all kinds when the set is empty)."""
    return [document for document in documents if not kinds or document.kind in kinds][::every]
