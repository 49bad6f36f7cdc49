"""Contracts. Locks and dangers: protect, unlock, sanitize, redact, repair, linearize."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator, model_validator

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
