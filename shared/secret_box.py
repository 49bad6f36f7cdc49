"""Encrypts what a caller confides with a job (passwords), so that the database alone does not reveal it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken

from shared import settings
from shared.errors import BinderyError


class SecretUnreadable(BinderyError):
    """The password that was given with this job cannot be decrypted: the server's key has changed."""

    code = "secret_unreadable"
    remedy = "Submit the document again; the operator must give all processes the same BINDERY_SECRET_KEY."


def _box() -> Fernet:
    key = settings.current().secret_key.get_secret_value()
    if not key:
        raise RuntimeError("BINDERY_SECRET_KEY is not set; `bindery up` makes one in its var folder")
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))


def seal(secrets: Mapping[str, str]) -> bytes:
    """Encrypt and authenticate secrets by name (Fernet: AES-128-CBC with HMAC-SHA-256)."""
    return _box().encrypt(json.dumps(dict(secrets)).encode())


def unseal(sealed: bytes) -> dict[str, str]:
    """The secrets again. Raises SecretUnreadable when they were sealed with another key."""
    try:
        opened: dict[str, str] = json.loads(_box().decrypt(sealed))
        return opened
    except InvalidToken as error:
        raise SecretUnreadable from error
