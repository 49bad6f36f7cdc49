"""The model for one job: who is asked, with how much time and how many tokens."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.ai.contracts.extraction import SOFT_TIME_LIMIT_S, ReadingOptions
from services.ai.extraction import Usage
from services.ai.model.errors import ModelNotConfigured
from services.ai.model.ledger import Ledger
from services.ai.service import AiSettings
from shared.operation import Task

if TYPE_CHECKING:
    from services.ai.model.client import ModelClient

#: Of the time that a job may take, what is left for all but the model.
_OTHER_WORK_S = 120
#: The instructions, the form and an answer that is sent back for repair take room too.
_INSTRUCTION_TOKENS = 2500
#: An answer has more tokens than the rows that it is about: so many of these fit the longest answer.
_ROWS_TO_ANSWER = 0.6


@dataclass(frozen=True)
class Session:
    """One job's way to the model."""

    client: ModelClient
    chosen: AiSettings

    @property
    def usage(self) -> Usage:
        """What the job cost so far."""
        return self.client.ledger.usage

    @property
    def piece_tokens(self) -> int:
        """Most tokens of rows that are asked for at once."""
        return max(300, min(self.reading_tokens, int(self.chosen.max_answer_tokens * _ROWS_TO_ANSWER)))

    @property
    def reading_tokens(self) -> int:
        """Most tokens of rows in one request whose answer is short."""
        return max(300, self.chosen.context_tokens - self.chosen.max_answer_tokens - _INSTRUCTION_TOKENS)


def opened(task: Task, options: ReadingOptions) -> Session:
    """Raises ModelNotConfigured where there is no server, or no name of a model."""
    chosen = AiSettings()
    model = options.model or chosen.model
    if task.ask is None or not model:
        raise ModelNotConfigured()
    # Importing openai takes most of a second: only jobs that ask pay for it.
    from services.ai.model.client import ModelClient
    from services.ai.model.wire import connect

    most_tokens = min(options.max_tokens or chosen.max_tokens, chosen.max_tokens)
    ledger = Ledger(model, most_tokens, chosen)
    deadline_s = time.monotonic() + SOFT_TIME_LIMIT_S - _OTHER_WORK_S
    return Session(ModelClient(connect(task.ask), model, ledger, chosen, deadline_s), chosen)
