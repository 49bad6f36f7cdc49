"""File names that are safe to keep, to show, to put into a header and into an archive."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import quote

#: Longest name in UTF-8: 255 is the limit of common file systems, less room for ` (123)` and a directory.
_LONGEST_BYTES = 200
_SEPARATORS = re.compile(r"[/\\]")
#: Unicode categories that show nothing or turn the writing direction: control, format, surrogate, line ends.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: Dots and spaces, in any mixture.
_AT_THE_ENDS = re.compile(r"^[\s.]+|[\s.]+$")
#: Not allowed in names on Windows, where archives are opened too.
_RESERVED = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
#: What a quoted string in a header may hold as it is (RFC 9110, 5.6.4), less the quotes and `%`, which old
#: browsers decode.
_HEADER_SAFE = re.compile(r"[^A-Za-z0-9 !#$&'()+,.;=@\[\]^_`{}~-]")


def safe(claimed: str | None, *, otherwise: str) -> str:
    """The last part of the name that a client claims, without anything that hides, misleads or leads elsewhere.

    `otherwise` is the name of a file whose claimed name has nothing left.
    """
    last = _SEPARATORS.split(claimed or "")[-1]
    shown = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c) not in _INVISIBLE)
    # A leading dot would hide the file, a trailing one Windows drops; nothing but dots names a folder.
    name = _AT_THE_ENDS.sub("", shown.translate(_RESERVED))
    return _shortened(name) if name else otherwise


def _shortened(name: str) -> str:
    path = PurePosixPath(name)
    suffix = path.suffix if len(path.suffix.encode()) <= 16 else ""
    stem = name.removesuffix(suffix).encode()[: _LONGEST_BYTES - len(suffix.encode())]
    return stem.decode(errors="ignore").rstrip() + suffix


def unique(names: Iterable[str]) -> list[str]:
    """The names in order, later ones of the same name numbered: `a.pdf`, `a (2).pdf`. Letter case does not tell
    names apart, because some file systems see none."""
    taken: set[str] = set()
    kept = []
    # Where numbering goes on for each name: a thousand files may have the same.
    numbers: dict[str, int] = {}
    for name in names:
        candidate, number = name, numbers.get(name, 2)
        if candidate.casefold() in taken:
            path = PurePosixPath(name)
            stem, suffix = path.stem, path.suffix
            while candidate.casefold() in taken:
                candidate = f"{stem} ({number}){suffix}"
                number += 1
            numbers[name] = number
        taken.add(candidate.casefold())
        kept.append(candidate)
    return kept


def content_disposition(name: str) -> str:
    """The header that makes a browser save a download as `name` (RFC 6266): no name can end the header."""
    plain = _HEADER_SAFE.sub("_", unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()) or "download"
    header = f'attachment; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"
