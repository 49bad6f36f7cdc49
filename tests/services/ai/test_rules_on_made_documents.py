"""Rules and gates on made documents of seen layouts: how much is right at least, and that nothing wrong is verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.ai.figures.value import Status
from tests.services.ai.made.catalogue import KINDS, SEEDS, Drawn, Layout, layouts
from tests.services.ai.made.extraction import Found, by_rules
from tests.services.ai.made.fonts import FontMissing
from tests.services.ai.made.scoring import Score, score

#: Shares of lines that must be exactly right, descriptions included; the benchmark tells what is reached.
LEAST_LINES_RIGHT = {"bank_statement": 0.99, "trial_balance": 0.99, "invoice": 0.99, "receipt": 0.99}
#: Shares of documents in which nothing at all is missed, wrong or too much.
LEAST_FULLY_RIGHT = {"bank_statement": 0.0, "trial_balance": 0.7, "invoice": 0.85, "receipt": 0.35}
#: The first document of each layout, and the one that is wrong in itself; the others in the heavy test.
FEW = (1, SEEDS)


@dataclass(frozen=True)
class _Result:
    layout: Layout
    seed: int
    drawn: Drawn
    found: Found
    score: Score

    @property
    def name(self) -> str:
        return f"{self.layout.name} {self.seed}"


def _results(kind: str, seeds: tuple[int, ...], folder: Path) -> Iterator[_Result]:
    for layout in layouts(seen=True, kinds=(kind,)):
        for seed in seeds:
            try:
                drawn = layout.made(seed)
            except FontMissing:
                # Another machine has other fonts; most layouts need none but those that every viewer has.
                continue
            path = folder / f"{layout.name}-{seed}.pdf"
            path.write_bytes(drawn.pdf)
            found = by_rules(path, kind)
            yield _Result(layout, seed, drawn, found, score(kind, found.documents, drawn.documents, drawn.open_fields))


@pytest.fixture(scope="module", params=KINDS)
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[_Result]]:
    """What the rules made of a few documents of each layout of one kind."""
    kind = str(request.param)
    return kind, list(_results(kind, FEW, tmp_path_factory.mktemp(kind)))


def test_nothing_wrong_is_verified(results: tuple[str, list[_Result]]) -> None:
    lies = [f"{each.name}: {lie}" for each in results[1] for lie in each.score.lies]
    assert not lies


def test_a_document_that_is_wrong_in_itself_is_a_discrepancy(results: tuple[str, list[_Result]]) -> None:
    flawed = [each for each in results[1] if each.drawn.flaw]
    assert flawed
    unnoticed = [f"{each.name}: {each.drawn.flaw}" for each in flawed if not each.found.discrepancies]
    assert not unnoticed
    assert not [each.name for each in flawed if Status.DISCREPANCY not in each.found.statuses]


def test_a_sound_document_is_not_doubted(results: tuple[str, list[_Result]]) -> None:
    sound = [each for each in results[1] if not each.drawn.flaw]
    assert not [(each.name, each.found.discrepancies) for each in sound if each.found.discrepancies]


def test_enough_is_exactly_right(results: tuple[str, list[_Result]]) -> None:
    kind, every = results
    _assert_enough(kind, every)


@pytest.mark.heavy
@pytest.mark.parametrize("kind", KINDS)
def test_enough_is_exactly_right_in_all_seen_documents(kind: str, tmp_path: Path) -> None:
    every = list(_results(kind, tuple(range(1, SEEDS + 1)), tmp_path))
    assert not [f"{each.name}: {lie}" for each in every for lie in each.score.lies]
    _assert_enough(kind, every)


def _assert_enough(kind: str, every: list[_Result]) -> None:
    lines = sum(each.score.lines + each.score.lines_extra for each in every)
    right = sum(each.score.lines_right for each in every)
    faults = [f"{each.name}: {fault}" for each in every for fault in each.score.faults]
    assert right >= LEAST_LINES_RIGHT[kind] * lines, faults[:40]
    whole = sum(each.score.fully_right for each in every)
    assert whole >= LEAST_FULLY_RIGHT[kind] * len(every), faults[:40]
