"""One question to the model and its answer as JSON: tried again where that helps, within time and budget."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping
from typing import Any

import openai
from openai import OpenAI

from services.ai.model.answers import Malformed, object_in
from services.ai.model.dialect import Dialect, says_too_long
from services.ai.model.errors import CutOff, ModelRefused, ModelUnavailable, TooLong
from services.ai.model.form import Form, Message
from services.ai.model.ledger import Ledger, estimated_tokens
from services.ai.model.prompts import FORM_IN_WORDS
from services.ai.service import AiSettings, Answers

#: Waits between tries double from the first to the longest, spread over 50 to 100 percent.
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 20.0
#: Tries after failures of the server itself. One that says when to come back is believed as often as time allows.
_MOST_TRIES = 4
#: A wait is not worth it when less than this would be left for the answer.
_LEAST_ANSWER_S = 5.0
#: What a picture costs, where a server does not count: OpenAI's price of a page at full detail.
_PICTURE_TOKENS = 1500
_TRANSIENT = (408, 409, 425, 429)


class ModelClient:
    """Asks one model on behalf of one job. Safe for several threads."""

    def __init__(self, client: OpenAI, model: str, ledger: Ledger, chosen: AiSettings, deadline_s: float) -> None:
        self.ledger = ledger
        self._client = client
        self._model = model
        self._chosen = chosen
        self._deadline_s = deadline_s
        asked_for = Answers.JSON_SCHEMA if chosen.answers is Answers.AUTO else chosen.answers
        #: What was learnt of the server holds for the rest of the job.
        self._dialect = Dialect(asked_for)

    def ask(self, messages: list[Message], form: Form) -> dict[str, Any]:
        """The JSON object that the model answers; whether it has the form is the caller's to look at.

        Raises:
            Malformed: there is no JSON in it.
            CutOff, TooLong: it must be asked for less at a time.
            BudgetReached: it would cost more than is left.
            ModelRefused, ModelUnavailable: it does not answer.
        """
        failures = 0
        while True:
            dialect = self._dialect
            try:
                return self._once(messages, form, dialect)
            except openai.APIStatusError as error:
                self._raise_if_final(error)
                if simpler := dialect.simpler(error.status_code, _complaint(error)):
                    self._dialect = simpler
                    continue
                if not _may_pass(error):
                    raise ModelRefused(
                        f"The language model's server answered with status {error.status_code}."
                    ) from None
                failures += 1
                reason = f"status {error.status_code}"
                asked_to_wait_s = _retry_after_s(error.response.headers)
            except openai.APITimeoutError:
                failures, reason, asked_to_wait_s = failures + 1, "no answer in time", None
            except openai.APIConnectionError as error:
                failures, reason, asked_to_wait_s = failures + 1, str(error.__cause__ or "no connection"), None
            self._wait(failures, reason, asked_to_wait_s)

    def _once(self, messages: list[Message], form: Form, dialect: Dialect) -> dict[str, Any]:
        if dialect.answers is not Answers.JSON_SCHEMA:
            messages = _with_form(messages, form)
        tokens_in = _weight(messages)
        most_tokens = self.ledger.reserve(tokens_in, self._chosen.max_answer_tokens)
        reserved = tokens_in + most_tokens
        cost: tuple[int, int] | None = None
        counted = False
        try:
            left_s = self._deadline_s - time.monotonic()
            if left_s < 1:
                raise ModelUnavailable("The language model did not answer within the time that the job may take.")
            answer = self._client.chat.completions.create(
                model=self._model,
                messages=messages,  # type: ignore[arg-type]
                timeout=min(self._chosen.request_time_limit_s, left_s),
                **dialect.arguments(form.schema, form.name, most_tokens),
            )
            text, finish, told = _content(answer)
            counted = told is not None
            cost = told or (tokens_in, estimated_tokens(text))
        finally:
            self.ledger.settle(reserved, cost, estimated=not counted and cost is not None)
        if finish == "length":
            raise CutOff
        return object_in(text)

    def _raise_if_final(self, error: openai.APIStatusError) -> None:
        complaint = _complaint(error)
        if says_too_long(error.status_code, complaint):
            raise TooLong from None
        status = error.status_code
        if status in (401, 403):
            raise ModelRefused(f"The language model's server does not accept the key (status {status}).") from None
        if 300 <= status < 400:
            raise ModelRefused(
                "The language model's server sends requests on to another address, which would get the key.",
                remedy="The operator must set BINDERY_AI_BASE_URL to the final address.",
            ) from None
        if "insufficient_quota" in complaint:
            raise ModelRefused("The quota at the language model's server is used up.") from None
        if "model_not_found" in complaint or (status == 404 and "model" in complaint.lower()):
            raise ModelRefused("The language model's server does not know this model.") from None

    def _wait(self, failures: int, reason: str, asked_to_wait_s: float | None) -> None:
        """Wait before the next try. Raises ModelUnavailable when there is no use in one."""
        doubled_s = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** (failures - 1)) * random.uniform(0.5, 1)  # noqa: S311
        wait_s = doubled_s if asked_to_wait_s is None else asked_to_wait_s
        left_s = self._deadline_s - time.monotonic() - wait_s
        if left_s < _LEAST_ANSWER_S or (failures >= _MOST_TRIES and asked_to_wait_s is None):
            raise ModelUnavailable(f"The language model's server did not answer: {reason}.")
        time.sleep(wait_s)


def _content(answer: Any) -> tuple[str, str, tuple[int, int] | None]:
    """Text, reason of its end, tokens in and out. Servers answer all sorts of things; the client checks none."""
    try:
        choice = answer.choices[0]
        text = choice.message.content
        finish = str(choice.finish_reason)
    except (AttributeError, TypeError, IndexError):
        raise Malformed("the answer has no choices") from None
    usage = getattr(answer, "usage", None)
    sent, written = getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
    told = (sent, written) if isinstance(sent, int) and isinstance(written, int) and min(sent, written) >= 0 else None
    return text if isinstance(text, str) else "", finish, told


def _complaint(error: openai.APIStatusError) -> str:
    """What the server says, for looking at only: it may quote the request."""
    return error.response.text[:4000]


def _may_pass(error: openai.APIStatusError) -> bool:
    return error.status_code in _TRANSIENT or error.status_code >= 500


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers.get(name, "")) * unit_s)
        except ValueError:
            continue
    return None


def _with_form(messages: list[Message], form: Form) -> list[Message]:
    """The form told in words, for servers that take no schema."""
    system, *rest = messages
    return [
        {**system, "content": f"{system['content']}\n\n{FORM_IN_WORDS.format(schema=json.dumps(form.schema))}"},
        *rest,
    ]


def _weight(messages: list[Message]) -> int:
    tokens = 0
    for message in messages:
        parts = message["content"] if isinstance(message["content"], list) else [{"text": message["content"]}]
        tokens += sum(estimated_tokens(part["text"]) if "text" in part else _PICTURE_TOKENS for part in parts)
    return tokens
