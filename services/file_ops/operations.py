"""The contracts of the file operations service: importing them declares their operations."""

from __future__ import annotations

from services.file_ops.contracts import assembly as assembly
from services.file_ops.contracts import comparing as comparing
from services.file_ops.contracts import forms as forms
from services.file_ops.contracts import marks as marks
from services.file_ops.contracts import metadata as metadata
from services.file_ops.contracts import pages as pages
from services.file_ops.contracts import protection as protection
from services.file_ops.service import SERVICE as SERVICE
