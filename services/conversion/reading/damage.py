"""Turns what libraries raise on broken or hostile PDFs into errors that say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pikepdf

from shared.errors import DamagedFile, TooComplex

#: What pikepdf, and code that trusts a document's values, raise when these are of the wrong kind.
DAMAGE = (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError)


@contextmanager
def damage_told() -> Iterator[None]:
    """Within this, a broken document ends as DamagedFile and one that is nested too deep as TooComplex."""
    try:
        yield
    except RecursionError as error:
        raise TooComplex("The document is nested too deep.") from error
    except DAMAGE as error:
        raise DamagedFile() from error
