"""Where `bindery keys` finds the keys: through the gateway, or in the database, where the first one is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from pydantic import ValidationError

from bindery import Client
from cli.connection import connected
from cli.embedded_postgres import running_url
from cli.errors import UsageError
from cli.keys import path_of
from gateway.keys import KeyWish, UnknownKey
from shared import api_keys, database, operators, settings

Record = dict[str, Any]

#: Who the journal names where nobody shows a key.
_ACTOR = "console"


class KeyStore(Protocol):
    """Makes, lists and revokes keys."""

    def create(self, wish: Record) -> Record:
        """Make a key; its record has the key itself in `key`."""

    def listed(self) -> list[Record]:
        """All keys, the newest first."""

    def revoke(self, key_id: str) -> Record:
        """End a key."""


@contextmanager
def key_store() -> Iterator[KeyStore]:
    """The gateway, where BINDERY_API_KEY is set or no database is at hand; else the database."""
    chosen = settings.current()
    url = chosen.database_url.get_secret_value() or running_url(chosen.var_dir)
    if chosen.api_key.get_secret_value() or not url:
        with connected() as client:
            yield _OfGateway(client)
        return
    database.configure(url, "bindery keys")
    try:
        yield _OfDatabase()
    finally:
        database.disconnect()


class _OfGateway:
    def __init__(self, client: Client) -> None:
        self._client = client

    def create(self, wish: Record) -> Record:
        made: Record = self._client.ask("POST", "/v1/keys", wish)
        return made

    def listed(self) -> list[Record]:
        found: list[Record] = self._client.get("/v1/keys")["keys"]
        return found

    def revoke(self, key_id: str) -> Record:
        revoked: Record = self._client.ask("DELETE", path_of(key_id))
        return revoked


class _OfDatabase:
    def create(self, wish: Record) -> Record:
        try:
            valid = KeyWish.model_validate(wish)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            raise UsageError(f"{wrong}.") from error
        shown, record = api_keys.create(**valid.as_arguments(), actor=_ACTOR)
        self._note("key.created", record)
        return {"key": shown, **record}

    def listed(self) -> list[Record]:
        return api_keys.listed()

    def revoke(self, key_id: str) -> Record:
        revoked = api_keys.revoke(key_id)
        if revoked is None:
            raise UnknownKey
        self._note("key.revoked", revoked)
        return revoked

    def _note(self, action: str, record: Record) -> None:
        operators.note(_ACTOR, action, {name: record[name] for name in ("id", "owner", "name")})
