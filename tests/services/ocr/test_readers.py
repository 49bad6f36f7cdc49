"""Processes that read pages: what kills one of them costs its page, and none outlives the document."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.ocr.places import Places
from services.ocr.readers import Lost, Readers
from shared.errors import DamagedFile

_ROOT = Path(__file__).parents[3]


def _outcomes(read: Callable[[int], Any], pages: int, **chosen: Any) -> dict[int, Any]:
    limits = {"places": Places(), "most": 2, "page_limit_s": 60, "memory_bytes": 2 << 30, **chosen}
    ended = list(Readers(read, **limits).outcomes(range(pages)))
    return {one.index if isinstance(one, Lost) else one[0]: one for one in ended}


def test_every_page_is_read_once_and_by_other_processes_than_ours() -> None:
    found = _outcomes(lambda index: (index, os.getpid()), 7)

    assert sorted(found) == list(range(7))
    assert os.getpid() not in {process for _, process in found.values()}


def test_a_page_that_kills_its_process_costs_only_itself() -> None:
    def read(index: int) -> tuple[int, str]:
        if index == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return index, "read"

    found = _outcomes(read, 5)

    assert isinstance(found[2], Lost)
    assert "SIGKILL" in found[2].reason
    assert [found[index] for index in (0, 1, 3, 4)] == [(index, "read") for index in (0, 1, 3, 4)]


def test_a_process_that_earlier_pages_wore_out_does_not_cost_the_page_on_which_it_dies() -> None:
    seen = []

    def read(index: int) -> tuple[int, int]:
        seen.append(index)
        if len(seen) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return index, len(seen)

    found = _outcomes(read, 6, most=1)

    assert [found[index][1] for index in range(6)] == [1, 2, 1, 2, 1, 2]


def test_a_page_that_hangs_is_given_up_and_the_rest_is_read() -> None:
    def read(index: int) -> tuple[int, str]:
        if index == 1:
            time.sleep(600)
        return index, "read"

    found = _outcomes(read, 4, page_limit_s=2)

    assert "longer than the 2 s" in found[1].reason
    assert [type(found[index]) for index in (0, 2, 3)] == [tuple] * 3


def test_a_page_that_needs_too_much_memory_or_meets_a_fault_says_so() -> None:
    def read(index: int) -> tuple[int, int]:
        if index == 0:
            return index, len(bytearray(4 << 30))
        if index == 1:
            raise ZeroDivisionError
        return index, 0

    found = _outcomes(read, 3)

    assert "more than the 2048 MB" in found[0].reason
    assert "ZeroDivisionError" in found[1].reason
    assert found[2] == (2, 0)


def test_an_error_that_concerns_all_pages_ends_the_run_and_every_process() -> None:
    def read(index: int) -> None:
        raise DamagedFile("none of it")

    # Servers of other tests may be children of this process too.
    before = _children()
    with pytest.raises(DamagedFile, match="none of it"):
        _outcomes(read, 5)
    assert _children() == before


def test_pages_that_nobody_began_can_be_taken_back() -> None:
    readers = Readers(lambda index: index, places=Places(), most=1, page_limit_s=60, memory_bytes=2 << 30)
    ended: list[Any] = []
    for outcome in readers.outcomes(range(50)):
        ended.append(outcome)
        ended.extend(readers.give_up("enough"))

    assert ended == [0, *(Lost(index, "enough") for index in range(1, 50))]


def test_documents_side_by_side_have_no_more_processes_than_there_are_places() -> None:
    places = Places()
    assert places.taken() == 0
    others = _takers(places, 2)
    try:
        assert places.taken() == 2
        # One is always there, so that a document goes on; the places are taken for a second one.
        found = _outcomes(lambda index: (index, os.getpid()), 4, places=places)
        assert len({process for _, process in found.values()}) == 1
    finally:
        for other in others:
            os.kill(other, signal.SIGKILL)
            os.waitpid(other, 0)
    assert places.taken() == 0


def test_a_document_gives_a_place_back_between_two_pages_when_another_one_comes() -> None:
    def read(index: int) -> tuple[int, int]:
        time.sleep(0.1)
        return index, os.getpid()

    places = Places()
    outcomes = Readers(read, places=places, most=2, page_limit_s=60, memory_bytes=2 << 30).outcomes(range(12))
    alone = {process for _, process in (next(outcomes) for _ in range(4))}
    others = _takers(places, 1)
    try:
        # Pages that were handed out before may still come from either.
        crowded = {process for _, process in list(outcomes)[4:]}
    finally:
        os.kill(others[0], signal.SIGKILL)
        os.waitpid(others[0], 0)

    assert (len(alone), len(crowded)) == (2, 1)


def _takers(places: Places, count: int) -> list[int]:
    """Processes that take a place and wait."""
    taken: list[int] = []
    for _ in range(count):
        read_end, write_end = os.pipe()
        if not (child := os.fork()):
            places.take()
            os.write(write_end, b".")
            signal.pause()
        os.read(read_end, 1)
        os.close(read_end)
        os.close(write_end)
        taken.append(child)
    return taken


_PARENT = """
import os, signal, sys, time
from services.ocr.places import Places
from services.ocr.readers import Readers
def read(index):
    print(os.getpid(), flush=True)
    time.sleep(600)
list(Readers(read, places=Places(), most=2, page_limit_s=600, memory_bytes=2 << 30).outcomes(range(4)))
"""


def test_when_the_document_is_given_up_no_process_goes_on() -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True, cwd=_ROOT)
    assert parent.stdout
    readers = [int(parent.stdout.readline()) for _ in range(2)]
    parent.kill()
    parent.wait()
    # The end of the pipe comes when the last process that could write to it has ended.
    assert parent.stdout.read() == ""
    parent.stdout.close()
    assert len(set(readers)) == 2


def _children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
