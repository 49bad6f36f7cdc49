"""The keys that this process knows: looked up when they are shown, then trusted for some seconds."""

from __future__ import annotations

import time
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared import settings
from shared.api_keys import ApiKey, Token, WrongKey
from shared.errors import AuthenticationError, RateLimited
from shared.logs import get_logger

log = get_logger()

#: A key is looked up again after so long: the longest that a revoked one goes on working, in any process.
TRUSTED_S = 5
#: Most keys that are remembered; of the others, those that came longest ago are forgotten.
_MOST_KEYS = 10_000
#: Most addresses whose wrong keys are counted.
_MOST_ADDRESSES = 10_000
_MINUTE_S = 60


class TooManyWrongKeys(RateLimited):
    """Too many wrong keys came from this address."""

    code = "too_many_wrong_keys"
    remedy = "Wait for the seconds that Retry-After names, then send a key that is right."


@dataclass(frozen=True)
class _Known:
    key: ApiKey
    looked_up_s: float


class KeyRing:
    """One per process. `find` asks the database for a key by its id. Times are monotonic."""

    def __init__(self, find: Callable[[str], Awaitable[ApiKey | None]]) -> None:
        self._find = find
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._wrong: defaultdict[str, int] = defaultdict(int)
        self._minute_began_s = 0.0

    async def by_token(self, token: Token, address: str) -> ApiKey:
        """The key that somebody at an address shows.

        Raises:
            WrongKey: there is no such key that may be used.
            TooManyWrongKeys: too many wrong ones came from there; only keys that were right before are looked at.
        """
        if token.key_id not in self._known:
            self._refuse_flood(address)
        key = await self._look_up(token.key_id)
        if key is None or not key.matches(token):
            self._wrong[address] += 1
            if self._wrong[address] == settings.current().wrong_keys_per_minute:
                log.warning("keys.flood", address=address)
            raise WrongKey
        return key

    async def by_id(self, key_id: str | None) -> ApiKey:
        """The key that a session stands for; None: there is no session. Raises AuthenticationError."""
        if key_id is None:
            raise AuthenticationError
        if (key := await self._look_up(key_id)) is None:
            raise WrongKey("The key of this session was revoked or has expired.", remedy="Sign in with another key.")
        return key

    def forget(self, key_id: str) -> None:
        """Look a key up again when it is shown the next time."""
        self._known.pop(key_id, None)

    async def _look_up(self, key_id: str) -> ApiKey | None:
        known, now_s = self._known.get(key_id), time.monotonic()
        if known and now_s - known.looked_up_s < TRUSTED_S:
            return known.key
        key = await self._find(key_id)
        self.forget(key_id)
        if key:
            self._known[key_id] = _Known(key, now_s)
            if len(self._known) > _MOST_KEYS:
                self._known.popitem(last=False)
        return key

    def _refuse_flood(self, address: str) -> None:
        """Raises TooManyWrongKeys. Counts in this process alone: it must cost nothing."""
        now_s = time.monotonic()
        if now_s - self._minute_began_s >= _MINUTE_S or len(self._wrong) > _MOST_ADDRESSES:
            self._wrong.clear()
            self._minute_began_s = now_s
        if self._wrong[address] >= settings.current().wrong_keys_per_minute:
            left_s = int(self._minute_began_s + _MINUTE_S - now_s) + 1
            raise TooManyWrongKeys(retry_after_s=left_s)
