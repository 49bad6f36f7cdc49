"""The layouts by kind, and what one of them makes of a seed."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

KINDS = ("bank_statement", "trial_balance", "invoice", "receipt")
#: Documents of each layout; the last of them is wrong in itself where the layout can be.
SEEDS = 5


@dataclass(frozen=True)
class Drawn:
    """What a layout made: the file, the documents in it in the words of `services/ai/documents`, what is wrong."""

    pdf: bytes
    documents: list[dict[str, Any]]
    #: What was spoiled on purpose: a check must report a discrepancy.
    flaw: str | None = None
    #: Names of fields that a reader may see either way; they are not counted.
    open_fields: tuple[str, ...] = ()


Draw = Callable[[Random, bool], Drawn]


@dataclass(frozen=True)
class Layout:
    """A way to print one kind of document."""

    kind: str
    name: str
    seen: bool
    draw: Draw = field(repr=False)

    def made(self, seed: int, *, flawed: bool | None = None) -> Drawn:
        """The document of a seed, always the same one."""
        random = Random(f"{self.kind} {self.name} {seed}")
        return self.draw(random, seed % SEEDS == 0 if flawed is None else flawed)


_LAYOUTS: dict[tuple[str, str], Layout] = {}


def layout(kind: str, *, seen: bool = True) -> Callable[[Draw], Draw]:
    """Register a drawing function under its own name."""

    def register(draw: Draw) -> Draw:
        _LAYOUTS[kind, draw.__name__] = Layout(kind, draw.__name__, seen, draw)
        return draw

    return register


def layouts(*, seen: bool, kinds: tuple[str, ...] = KINDS) -> Iterator[Layout]:
    """All layouts of one half, by kind and name."""
    package = "tests.services.ai.made" if seen else "tests.services.ai.made.unseen"
    folder = Path(__file__).parent / ("" if seen else "unseen")
    for module in pkgutil.iter_modules([str(folder)]):
        if module.name.endswith("_layouts"):
            importlib.import_module(f"{package}.{module.name}")
    found = [each for each in _LAYOUTS.values() if each.seen is seen and each.kind in kinds]
    yield from sorted(found, key=lambda each: (KINDS.index(each.kind), each.name))


def written(each: Layout, seed: int, folder: Path) -> Path:
    """Write the document of a seed and its truth beside it; return the path of the PDF."""
    drawn = each.made(seed)
    target = folder / f"{each.kind}__{each.name}__{seed}.pdf"
    target.write_bytes(drawn.pdf)
    truth = {
        "kind": each.kind,
        "layout": each.name,
        "flaw": drawn.flaw,
        "open_fields": list(drawn.open_fields),
        "documents": drawn.documents,
    }
    target.with_suffix(".json").write_text(json.dumps(truth, indent=1, ensure_ascii=False))
    return target
