"""The documents of the benchmark with their truth: made ones of seen and unseen layouts, worn scans of them."""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2

from benchmarks.made_scans import worn, wrapped
from tests.services.ai.made import catalogue
from tests.services.ai.made.fonts import FontMissing
from tests.services.ai.made.programs import ProgramMissing

#: Drawing takes longer than reading: what was drawn is kept until the code that draws changes.
_KEPT = Path(__file__).parents[1] / "results" / "cache" / "extract"
#: Modules of the made documents that read and compare them.
_NOT_DRAWING = frozenset({"__main__", "alignment", "extraction", "misreadings", "scoring"})
_DPI = 200


@dataclass(frozen=True)
class Case:
    """One file and what is true of it."""

    group: str
    kind: str
    name: str
    path: Path
    documents: list[dict[str, Any]]
    flaw: str | None = None
    open_fields: tuple[str, ...] = field(default=())
    #: Whether the truth tells only some of what the pages show: what it does not tell is not counted.
    partial: bool = False

    @property
    def layout(self) -> str:
        """Without the number of the document."""
        return self.name.rpartition(" ")[0]


def made(*, seen: bool, kinds: tuple[str, ...], every: int = 1) -> Iterator[Case]:
    """Documents of all layouts of one half; with `every`, only each so-maniest of a layout."""
    folder = _KEPT / _version() / ("seen" if seen else "unseen")
    folder.mkdir(parents=True, exist_ok=True)
    for layout in catalogue.layouts(seen=seen, kinds=kinds):
        for seed in range(1, catalogue.SEEDS + 1, every):
            path = folder / f"{layout.kind}__{layout.name}__{seed}.pdf"
            try:
                if not path.with_suffix(".json").exists():
                    catalogue.written(layout, seed, folder)
            except (FontMissing, ProgramMissing) as missing:
                print(f"LEFT OUT: {layout.kind} {layout.name}, no {missing} here", file=sys.stderr)
                break
            truth = json.loads(path.with_suffix(".json").read_text())
            name = f"{layout.name} {seed}"
            group = "seen" if seen else "unseen"
            yield Case(group, layout.kind, name, path, truth["documents"], truth["flaw"], tuple(truth["open_fields"]))


def scans(cases: list[Case], count: int) -> Iterator[Case]:
    """Image-only copies of a sample of documents, worn as a scanner wears them; at most three pages each."""
    folder = _KEPT / _version() / "scans"
    folder.mkdir(parents=True, exist_ok=True)
    chosen = random.Random(11).sample(cases, min(count, len(cases)))
    for number, case in enumerate(chosen):
        with pypdfium2.PdfDocument(case.path) as pdf:
            if len(pdf) > 3:
                continue
            target = folder / f"{case.group}__{case.path.name}"
            if not target.exists():
                shades = np.random.default_rng([7, number])
                drawn = [page.render(scale=_DPI / 72, rev_byteorder=True).to_numpy()[..., :3].copy() for page in pdf]
                wrapped([worn(page, shades, grey=True) for page in drawn], _DPI, 85, target)
        yield replace(case, group="scan", path=target)


def _version() -> str:
    """A name for the state of the code that draws."""
    state = hashlib.sha256()
    for path in sorted(Path(catalogue.__file__).parent.rglob("*")):
        if path.suffix in (".py", ".json") and path.stem not in _NOT_DRAWING:
            state.update(path.read_bytes())
    return state.hexdigest()[:16]
