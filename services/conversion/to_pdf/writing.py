"""Saves PDFs without the library's advice."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf


def save(pdf: pikepdf.Pdf, target: Path | BytesIO, **how: Any) -> None:
    """Save a document; widgets outside of its form were so in the source, and saving does not part them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
        pdf.save(target, **how)
