"""Documents read right but for one thing: no gate may call the wrong figure verified."""

from __future__ import annotations

import importlib
from random import Random

import pytest

from services.ai.figures.checks import whole
from services.ai.figures.value import Status
from tests.services.ai.made.catalogue import KINDS, layouts
from tests.services.ai.made.fonts import FontMissing
from tests.services.ai.made.misreadings import (
    Misreading,
    another_digit,
    believed,
    exchanged_columns,
    exchanged_lines,
    lost_line,
    lost_separator,
    mirrored_signs,
    typed,
    wrong_sign,
)

#: Sums see the first three. The others hold in every sum: only places tell, and the figures made here have none.
NEVER_BELIEVED = (another_digit, lost_separator, wrong_sign, exchanged_lines, mirrored_signs, exchanged_columns)


@pytest.fixture(scope="module")
def truths() -> dict[str, list[dict[str, object]]]:
    """True documents of each kind, one of each layout."""
    found: dict[str, list[dict[str, object]]] = {kind: [] for kind in KINDS}
    for layout in layouts(seen=True):
        try:
            found[layout.kind] += layout.made(3).documents
        except FontMissing:
            continue
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("misread", NEVER_BELIEVED)
def test_a_figure_that_was_misread_is_never_verified(
    kind: str, misread: Misreading, truths: dict[str, list[dict[str, object]]]
) -> None:
    gate = importlib.import_module(f"services.ai.gates.{kind}")
    lies = []
    for truth in truths[kind]:
        for seed in range(4):
            found = typed(kind, truth)
            misread(found, Random(seed))
            gate.check(found)
            lies += list(believed(found, typed(kind, truth)))
    assert not lies


@pytest.mark.parametrize("kind", ["bank_statement", "invoice", "receipt"])
def test_a_line_that_took_the_figure_of_a_lost_one_is_never_whole(
    kind: str, truths: dict[str, list[dict[str, object]]]
) -> None:
    gate = importlib.import_module(f"services.ai.gates.{kind}")
    for truth in truths[kind]:
        found = typed(kind, truth)
        before = found.model_dump_json()
        lost_line(found, Random(1))
        if found.model_dump_json() == before:
            continue
        gate.check(found)
        wrong = [lie for lie in believed(found, typed(kind, truth)) if not lie.startswith(("movements", "lines"))]
        assert not wrong


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_read_right_is_not_doubted(kind: str, truths: dict[str, list[dict[str, object]]]) -> None:
    gate = importlib.import_module(f"services.ai.gates.{kind}")
    for truth in truths[kind]:
        checks = gate.check(typed(kind, truth))
        assert whole(checks, gate.NEEDED) is not Status.DISCREPANCY, [
            check.says for check in checks if check.status is Status.DISCREPANCY
        ]
