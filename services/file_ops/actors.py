"""Bind the operations of this service to their engines, room by room."""

from __future__ import annotations

from services.file_ops.assembly import actors as assembly
from services.file_ops.comparing import actors as comparing
from services.file_ops.forms import actors as forms
from services.file_ops.marks import actors as marks
from services.file_ops.metadata import actors as metadata
from services.file_ops.pages import actors as pages
from services.file_ops.protection import actors as protection

__all__ = ["assembly", "comparing", "forms", "marks", "metadata", "pages", "protection"]
