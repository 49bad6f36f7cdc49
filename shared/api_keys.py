"""API keys: how one looks, what of it is kept, and their life: made, shown once, used, revoked.

A key reads `bnd_<id>_<secret><checksum>`. The prefix and the checksum (CRC-32) let scanners of source code find a key
that leaked, and let a mistyped one be refused without asking the database. The secret is 256 random bits, of which
only the SHA-256 is kept: nobody can try that many, so that the slowness of a password's hash would protect nothing and
cost every request.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared import database
from shared.callers import Caller, Scope
from shared.errors import AuthenticationError
from shared.job_records import timestamp

_PREFIX = "bnd"
_ID_ALPHABET, _ID_LENGTH = "abcdefghijklmnopqrstuvwxyz234567", 12
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#: So many digits of base 62 hold 256 bits, and 32.
_SECRET_LENGTH, _CHECKSUM_LENGTH = 43, 6
_KEY = re.compile(rf"{_PREFIX}_([a-z2-7]{{{_ID_LENGTH}}})_([0-9A-Za-z]{{{_SECRET_LENGTH}}})([0-9A-Za-z]{{6}})")

#: The use of a key is noted this seldom, in seconds.
_NOTED_EVERY_S = 60


class WrongKey(AuthenticationError):
    """The API key is unknown, was revoked or has expired."""

    code = "wrong_key"
    remedy = "Check that the key was copied whole; if so, ask the operator for a new one."


@dataclass(frozen=True)
class Token:
    """A key as its holder shows it, taken apart."""

    key_id: str
    secret_hash: bytes


@dataclass(frozen=True)
class Limits:
    """How much a key may ask for; None: as the settings say, 0: no limit."""

    jobs_per_minute: int | None = None
    bytes_per_day: int | None = None


@dataclass(frozen=True)
class ApiKey:
    """A key as it is kept."""

    id: str
    owner: str
    name: str
    secret_hash: bytes
    scopes: frozenset[Scope]
    limits: Limits

    def matches(self, token: Token) -> bool:
        """Whether the token is this key. Takes equally long whatever is wrong with it."""
        return hmac.compare_digest(self.secret_hash, token.secret_hash)

    @property
    def caller(self) -> Caller:
        """The one who shows it."""
        return Caller(self.owner, f"{self.owner}/{self.name}", self.id, self.scopes)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), _CHECKSUM_LENGTH)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def token_of(text: str) -> Token:
    """What was shown, taken apart. Raises WrongKey for what cannot be a key."""
    found = _KEY.fullmatch(text)
    if not found or _checksum(f"{_PREFIX}_{found[1]}_{found[2]}") != found[3]:
        raise WrongKey("This is no API key, or not a whole one.")
    return Token(found[1], _hash(found[2]))


_CREATE = """
    WITH made AS (
        INSERT INTO api_key (id, owner, name, secret_hash, scopes, jobs_per_minute, bytes_per_day, created_by,
                             expires_at)
        VALUES (%(id)s, %(owner)s, %(name)s, %(secret_hash)s, %(scopes)s, %(jobs_per_minute)s, %(bytes_per_day)s,
                %(created_by)s, now() + make_interval(secs => %(days)s::float8 * 86400))
        RETURNING *
    ), owned AS (
        INSERT INTO owner (name, running_jobs) SELECT owner, %(running_jobs)s::integer FROM made
        ON CONFLICT (name) DO UPDATE SET running_jobs = coalesce(excluded.running_jobs, owner.running_jobs)
        RETURNING running_jobs
    )
    SELECT made.*, owned.running_jobs FROM made, owned"""


def create(
    owner: str,
    name: str,
    scopes: Sequence[Scope],
    *,
    actor: str,
    limits: Limits = Limits(),
    running_jobs: int | None = None,
    days: float | None = None,
) -> tuple[str, dict[str, Any]]:
    """Make a key. Returns the key itself, which nobody can read again, and its record.

    `running_jobs` limits the jobs of this owner that run at once, whichever key they came with; None leaves that as
    it is. The key expires after `days`; None: never.
    """
    key_id = "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))
    secret = _base62(secrets.randbits(256), _SECRET_LENGTH)
    shown = f"{_PREFIX}_{key_id}_{secret}"
    found = database.rows(
        _CREATE,
        {
            "id": key_id,
            "owner": owner,
            "name": name,
            "secret_hash": _hash(secret),
            "scopes": [scope.value for scope in scopes],
            **vars(limits),
            "created_by": actor,
            "running_jobs": running_jobs,
            "days": days,
        },
    )
    return shown + _checksum(shown), _record(found[0])


_USABLE = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"


def find(key_id: str) -> ApiKey | None:
    """The key with this id, if it may be used at this moment; its use is noted."""
    found = database.rows(
        f"""SELECT id, owner, name, secret_hash, scopes, jobs_per_minute, bytes_per_day,
                   coalesce(last_used_at < now() - make_interval(secs => {_NOTED_EVERY_S}), true) AS unnoted
            FROM api_key WHERE id = %(id)s AND {_USABLE}""",
        {"id": key_id},
    )
    if not found:
        return None
    row = found[0]
    if row["unnoted"]:
        database.rows("UPDATE api_key SET last_used_at = now() WHERE id = %(id)s", {"id": key_id})
    return ApiKey(
        row["id"],
        row["owner"],
        row["name"],
        bytes(row["secret_hash"]),
        frozenset(map(Scope, row["scopes"])),
        Limits(row["jobs_per_minute"], row["bytes_per_day"]),
    )


_LIST = "SELECT api_key.*, owner.running_jobs FROM api_key LEFT JOIN owner ON owner.name = api_key.owner"


def listed() -> list[dict[str, Any]]:
    """The records of all keys, the newest first; revoked ones too, so that the journal's names can be looked up."""
    return [_record(row) for row in database.rows(f"{_LIST} ORDER BY created_at DESC, id", {})]


def revoke(key_id: str) -> dict[str, Any] | None:
    """End a key for good; returns its record, or None when there is none with this id."""
    database.rows(
        "UPDATE api_key SET revoked_at = now() WHERE id = %(id)s AND revoked_at IS NULL RETURNING id", {"id": key_id}
    )
    found = database.rows(f"{_LIST} WHERE api_key.id = %(id)s", {"id": key_id})
    return _record(found[0]) if found else None


def any_usable() -> bool:
    """Whether there is a key at all."""
    return bool(database.rows(f"SELECT id FROM api_key WHERE {_USABLE} LIMIT 1", {}))


def _record(row: dict[str, Any]) -> dict[str, Any]:
    times = {name: timestamp(row[name]) for name in ("created_at", "last_used_at", "expires_at", "revoked_at")}
    kept = ("id", "owner", "name", "scopes", "jobs_per_minute", "bytes_per_day", "running_jobs", "created_by")
    return {**{name: row[name] for name in kept}, **times}
