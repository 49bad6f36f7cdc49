"""File names are safe wherever they go, whatever a client claims."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import names

_NAMES = st.text(max_size=400) | st.from_regex(r"(\.\./|\\)*[a-z.\"%\r\n ]*\.pdf", fullmatch=True)


@given(_NAMES)
def test_a_safe_name_names_a_file_in_the_same_folder(claimed: str):
    name = names.safe(claimed, otherwise="document.pdf")

    assert name == PurePosixPath(name).name == PureWindowsPath(name).name
    assert name.strip(" .") == name
    assert 0 < len(name.encode()) <= 200
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in name)


@given(_NAMES)
def test_a_safe_name_stays_as_it_is(claimed: str):
    name = names.safe(claimed, otherwise="document.pdf")

    assert names.safe(name, otherwise="other.pdf") == name


@pytest.mark.parametrize(
    ("claimed", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a/b/..", "none"),
        (".htaccess", "htaccess"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("\u00e9" * 150 + ".pdf", "\u00e9" * 98 + ".pdf"),
        ("re\u0301sume\u0301.pdf", "r\u00e9sum\u00e9.pdf"),
        ("a:b?.pdf", "a_b_.pdf"),
        (None, "none"),
    ],
)
def test_what_becomes_of_a_name(claimed: str | None, safe: str):
    assert names.safe(claimed, otherwise="none") == safe


@given(st.lists(st.sampled_from(["a.pdf", "A.PDF", "a (2).pdf", "b", "b (2)", "b"]), max_size=12))
def test_names_of_one_archive_differ_even_without_letter_case(given_names: list[str]):
    kept = names.unique(given_names)

    assert len({name.casefold() for name in kept}) == len(given_names) == len(kept)
    assert all(
        PurePosixPath(name).suffix == PurePosixPath(given).suffix for name, given in zip(kept, given_names, strict=True)
    )


@given(st.text(max_size=200))
def test_no_name_ends_the_header_and_the_whole_name_can_be_read_back(name: str):
    if any(unicodedata.category(character) == "Cs" for character in name):
        return  # no name that was made safe holds half a character
    header = names.content_disposition(name)

    assert re.fullmatch(
        r'attachment; filename="[^"\\\x00-\x1f\x7f-\uffff]+"(; filename\*=UTF-8\'\'[A-Za-z0-9_.~%-]*)?', header
    )
    plain, _, encoded = header.partition("; filename*=UTF-8''")
    assert name == (unquote(encoded) if encoded or name == "" else plain.split('"')[1])
