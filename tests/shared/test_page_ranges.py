"""Page ranges as people write them."""

from __future__ import annotations

import pytest

from shared.pdf.page_ranges import PagesOutOfRange, check_syntax, chosen_pages


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        (None, [0, 1, 2, 3, 4]),
        ("1", [0]),
        ("2-4", [1, 2, 3]),
        ("1-2, 5", [0, 1, 4]),
        ("-1", [4]),
        ("4-", [3, 4]),
        ("-2-", [3, 4]),
        ("1--1", [0, 1, 2, 3, 4]),
        ("3-1", [2, 1, 0]),
        ("odd", [0, 2, 4]),
        ("even", [1, 3]),
        ("2,2,all", [1, 1, 0, 1, 2, 3, 4]),
    ],
)
def test_ranges_name_pages_in_their_order(text: str | None, pages: list[int]):
    assert chosen_pages(text, 5) == pages


@pytest.mark.parametrize("text", ["6", "1-6", "-6", "all,9"])
def test_a_page_that_is_not_there_is_named_with_the_page_count(text: str):
    with pytest.raises(PagesOutOfRange, match="has 5 pages"):
        chosen_pages(text, 5)


def test_ranges_cannot_name_more_pages_than_anyone_wants():
    with pytest.raises(PagesOutOfRange, match="100,000"):
        chosen_pages(",".join(["all"] * 30), 5000)


@pytest.mark.parametrize("text", ["", "0", "a", "1,,2", "1;2", "1-2-3", "--1", "1.5"])
def test_what_is_no_list_of_pages_is_refused_before_there_is_a_document(text: str):
    with pytest.raises(ValueError, match="no page or range"):
        check_syntax(text)
