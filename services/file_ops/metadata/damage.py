"""What pikepdf raises for objects that are not of the kind that their place in a document demands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pikepdf

from shared.errors import DamagedFile

#: To be caught around work on objects of a client's document, and nowhere else.
DAMAGE = (pikepdf.PdfError, TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError, RuntimeError)


@contextmanager
def damage_is_told() -> Iterator[None]:
    """Raises DamagedFile where the document's objects are not what they must be."""
    try:
        yield
    except DAMAGE as error:
        raise DamagedFile() from error
