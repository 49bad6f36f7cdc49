"""Turns what pikepdf raises for a broken document into the error that a caller can understand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.file_ops.metadata.damage import DAMAGE
from shared.errors import DamagedFile


@contextmanager
def damage_is_told() -> Iterator[None]:
    """Raises DamagedFile where the document's objects are not what they must be."""
    try:
        yield
    except DAMAGE as error:
        raise DamagedFile() from error
