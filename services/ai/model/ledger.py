"""What the requests of one job cost, and whether another one may be made."""

from __future__ import annotations

import threading
from decimal import Decimal

from services.ai.extraction import Usage
from services.ai.model.errors import BudgetReached
from services.ai.service import AiSettings

_MILLION = Decimal(1_000_000)
#: Tokens of an answer that are worth asking for.
_LEAST_ANSWER = 256
#: Where a server tells no usage; English has about four letters to a token, other languages and figures fewer.
CHARACTERS_PER_TOKEN = 3


class Ledger:
    """Counts tokens. Safe for several threads."""

    def __init__(self, model: str, most_tokens: int, chosen: AiSettings) -> None:
        self._most = most_tokens
        self._chosen = chosen
        self._usage = Usage(model=model)
        self._reserved = 0
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)

    def reserve(self, tokens_in: int, tokens_out: int) -> int:
        """Set tokens aside for a request. Returns how many of them its answer may have; see `settle`.

        Raises:
            BudgetReached: not even a short answer would be left.
        """
        least = min(tokens_out, _LEAST_ANSWER)
        with self._settled:
            while (answer := min(tokens_out, self._left() - tokens_in)) < least:
                if not self._reserved:
                    raise BudgetReached
                # Others set aside more than they will need: most answers are short.
                self._settled.wait()
            self._reserved += tokens_in + answer
            return answer

    def _left(self) -> int:
        return self._most - self._reserved - self._usage.input_tokens - self._usage.output_tokens

    def settle(self, reserved: int, tokens: tuple[int, int] | None, *, estimated: bool = False) -> None:
        """Give back what was set aside and count what a request cost; None where it came to no answer."""
        with self._settled:
            self._reserved -= reserved
            self._settled.notify_all()
            self._usage.requests += 1
            if tokens is None:
                self._usage.failed_requests += 1
                return
            self._usage.input_tokens += tokens[0]
            self._usage.output_tokens += tokens[1]
            self._usage.estimated = self._usage.estimated or estimated

    @property
    def usage(self) -> Usage:
        """So far."""
        with self._lock:
            has_prices = self._chosen.price_in_per_million or self._chosen.price_out_per_million
            return self._usage.model_copy(update={"cost": self._cost() if has_prices else None})

    def _cost(self) -> str:
        chosen, used = self._chosen, self._usage
        parts = used.input_tokens * chosen.price_in_per_million + used.output_tokens * chosen.price_out_per_million
        cost = parts / _MILLION
        return format(cost.quantize(Decimal("0.000001")), "f")


def estimated_tokens(text: str) -> int:
    """A guess at the tokens of a text, on the safe side: scripts without spaces have a token for each character."""
    wide = sum(character > "\u2fff" for character in text)
    return (len(text) - wide) // CHARACTERS_PER_TOKEN + wide + 1
