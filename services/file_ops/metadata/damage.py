"""What pikepdf raises for objects that are not of the kind that their place in a document demands."""

from __future__ import annotations

import pikepdf

#: To be caught around work on objects of a client's document, and nowhere else.
DAMAGE = (pikepdf.PdfError, TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError, RuntimeError)
