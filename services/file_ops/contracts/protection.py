"""Contracts. Locks and dangers: protect, unlock, sanitize, redact, repair, linearize."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from services.file_ops.service import SERVICE
from shared.media_types import PDF
from shared.operation import Options

#: Longest password of a PDF in bytes of UTF-8 (ISO 32000-2, 7.6.4.3.3); readers cut what is longer.
LONGEST_PASSWORD_BYTES = 127
_BREAK_SIGNATURE = "Change a digitally signed PDF although its signature breaks."


class ProtectOptions(Options):
    """The passwords, and what someone may do who opens the file with the user password."""

    user_password: SecretStr | None = Field(None, description="Needed to open the file. Without one everybody may.")
    owner_password: SecretStr | None = Field(
        None, description="Lifts all restrictions. Without one a random password is set that nobody knows."
    )
    allow_print: bool = Field(True, description="Print at low resolution.")
    allow_high_quality_print: bool = Field(True, description="Print at full resolution; needs allow_print.")
    allow_copy: bool = Field(True, description="Copy text and pictures.")
    allow_change: bool = Field(True, description="Change the content.")
    allow_annotate: bool = Field(True, description="Add and change comments.")
    allow_fill: bool = Field(True, description="Fill in form fields.")
    allow_assemble: bool = Field(True, description="Insert, turn and delete pages.")
    allow_accessibility: bool = Field(True, description="Read the text aloud; current viewers always allow it.")
    encrypt_metadata: bool = Field(True, description="False leaves title, author and XMP metadata readable.")
    break_signature: bool = Field(False, description=_BREAK_SIGNATURE)

    @field_validator("user_password", "owner_password")
    @classmethod
    def _usable(cls, password: SecretStr | None) -> SecretStr | None:
        if password is None:
            return None
        text = password.get_secret_value()
        if not text:
            raise ValueError("The password is empty: leave the option out, or send a password.")
        if len(text.encode("utf-8", "replace")) > LONGEST_PASSWORD_BYTES:
            raise ValueError(f"A PDF password has at most {LONGEST_PASSWORD_BYTES} bytes in UTF-8.")
        if any(ord(character) < 32 or ord(character) == 127 for character in text):
            raise ValueError("The password has a control character, which nobody can type into a viewer.")
        return password

    @model_validator(mode="after")
    def _protects(self) -> ProtectOptions:
        if self.user_password is None and self.owner_password is None:
            raise ValueError("Send user_password (to open the file), owner_password (to lift restrictions), or both.")
        if self.user_password == self.owner_password:
            raise ValueError("user_password and owner_password are equal: whoever opens the file would be its owner.")
        if self.allow_high_quality_print and not self.allow_print:
            raise ValueError("allow_high_quality_print needs allow_print; send both as false to forbid printing.")
        return self


class UnlockOptions(Options):
    """The password itself is sent in the field `password`."""

    break_signature: bool = Field(False, description=_BREAK_SIGNATURE)


class RepairOptions(Options):
    """Repairing needs no choices but one."""

    break_signature: bool = Field(False, description=_BREAK_SIGNATURE)


class LinearizeOptions(Options):
    """Linearizing needs no choices but one."""

    break_signature: bool = Field(False, description=_BREAK_SIGNATURE)


class SanitizeOptions(Options):
    """What to take out. What runs, reaches out or hides goes by default; what people see stays."""

    scripts: bool = Field(True, description="JavaScript of the document, pages, fields, annotations; XFA forms.")
    actions: bool = Field(
        True,
        description="Actions that start programs, send or import form data, open other files or play media; "
        "links to files.",
    )
    embedded_files: bool = Field(True, description="Attachments, file annotations, embedded media and 3D models.")
    hidden_layers: bool = Field(True, description="Content of layers that are switched off.")
    metadata: bool = Field(
        True,
        description="Title, author, dates, XMP, thumbnails, private data of programs, camera data in photographs.",
    )
    external_links: bool = Field(False, description="Links to web addresses and mail addresses.")
    annotations: bool = Field(False, description="Comments, highlights, drawings and stamps; links and fields stay.")
    break_signature: bool = Field(False, description=_BREAK_SIGNATURE)


class SecretKind(StrEnum):
    """Kinds of personal data that are found by their form."""

    EMAIL = "email"
    IBAN = "iban"
    PHONE = "phone"
    CARD = "card"


class RedactBox(Options):
    """A rectangle on a page as it is shown: points (1/72 inch) from the upper left corner of the visible page."""

    page: int = Field(ge=1, description="Page, counted from 1.")
    left: float = Field(ge=-1e5, le=1e5, allow_inf_nan=False)
    top: float = Field(ge=-1e5, le=1e5, allow_inf_nan=False)
    right: float = Field(ge=-1e5, le=1e5, allow_inf_nan=False)
    bottom: float = Field(ge=-1e5, le=1e5, allow_inf_nan=False)

    @model_validator(mode="after")
    def _has_area(self) -> RedactBox:
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError("right must be greater than left, and bottom greater than top (y grows downwards).")
        return self


#: Limits that keep searching bounded beside its time limit.
_MOST_TERMS, _LONGEST_TERM = 1000, 1000
_COLOR = r"^#[0-9a-fA-F]{6}$"
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class RedactOptions(Options):
    """What to remove: rectangles, search terms, regular expressions, kinds of data. At least one of them."""

    boxes: list[RedactBox] = Field(default_factory=list, max_length=10_000, description="Rectangles to clear.")
    terms: SecretStr | None = Field(
        None, description="Texts to remove, one per line. Kept encrypted and shown nowhere, also not in the result."
    )
    patterns: list[Pattern] = Field(
        default_factory=list, max_length=50, description="Regular expressions (Python's syntax); text to remove."
    )
    kinds: list[SecretKind] = Field(default_factory=list, description="Kinds of personal data to remove.")
    match_case: bool = Field(False, description="Terms and patterns tell capital from small letters.")
    whole_words: bool = Field(False, description="Terms match whole words only.")
    color: str = Field("#000000", pattern=_COLOR, description="Colour of the boxes that cover what was removed.")
    label: str | None = Field(
        None, min_length=1, max_length=60, pattern=r"^[ -~]+$", description="Written into each box; plain ASCII."
    )
    keep_attachments: bool = Field(
        False, description="Keep embedded files, which may repeat what is removed from the pages."
    )
    break_signature: bool = Field(False, description=_BREAK_SIGNATURE)

    @field_validator("patterns")
    @classmethod
    def _compile(cls, patterns: list[str]) -> list[str]:
        for number, pattern in enumerate(patterns, start=1):
            try:
                empty = re.compile(pattern).search("")
            except (re.error, OverflowError, RecursionError) as error:
                raise ValueError(f"Pattern {number} is no regular expression: {error}.") from None
            if empty:
                raise ValueError(f"Pattern {number} matches the empty text: it would match everywhere.")
        return patterns

    @model_validator(mode="after")
    def _asks_for_something(self) -> RedactOptions:
        terms = self.wanted_terms
        if not (self.boxes or terms or self.patterns or self.kinds):
            raise ValueError("Nothing to redact: send boxes, terms, patterns or kinds.")
        if len(terms) > _MOST_TERMS or any(len(term) > _LONGEST_TERM for term in terms):
            raise ValueError(f"At most {_MOST_TERMS} terms of at most {_LONGEST_TERM} characters each.")
        return self

    @property
    def wanted_terms(self) -> list[str]:
        """The search terms, without the empty lines between them."""
        text = self.terms.get_secret_value() if self.terms else ""
        return [line.strip() for line in text.splitlines() if line.strip()]


PROTECT = SERVICE.operation(
    "protect",
    "Encrypt a PDF with passwords and permissions (AES-256).",
    options=ProtectOptions,
    accepts=(PDF,),
    produces=(PDF,),
    # Each run draws its own keys: an old result under new passwords would be wrong.
    cacheable=False,
    self_test_options={"user_password": "open", "owner_password": "own", "allow_copy": False},
)
UNLOCK = SERVICE.operation(
    "unlock",
    "Remove the passwords and restrictions of a PDF that its password opens.",
    options=UnlockOptions,
    accepts=(PDF,),
    produces=(PDF,),
)
REPAIR = SERVICE.operation(
    "repair", "Repair a damaged PDF, and say what was lost.", options=RepairOptions, accepts=(PDF,), produces=(PDF,)
)
LINEARIZE = SERVICE.operation(
    "linearize",
    "Order a PDF so that a browser shows page 1 before it has all.",
    options=LinearizeOptions,
    accepts=(PDF,),
    produces=(PDF,),
)
SANITIZE = SERVICE.operation(
    "sanitize",
    "Remove scripts, dangerous actions, embedded files, hidden layers and metadata from a PDF.",
    options=SanitizeOptions,
    accepts=(PDF,),
    produces=(PDF,),
)
REDACT = SERVICE.operation(
    "redact",
    "Remove text and pictures from a PDF for good, and prove that they are gone.",
    options=RedactOptions,
    accepts=(PDF,),
    produces=(PDF,),
    soft_time_limit_s=600,
    hard_time_limit_s=900,
    cacheable=False,
    self_test_options={"terms": "self-test", "boxes": [{"page": 1, "left": 30, "top": 30, "right": 60, "bottom": 60}]},
)
