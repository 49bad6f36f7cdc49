"""Questions about the pieces of a document: smaller ones when answers are cut off, repeated when they have no form."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Any

from services.ai.model.answers import Malformed
from services.ai.model.chunks import Chunk, halves
from services.ai.model.errors import BudgetReached, CutOff, TooLong
from services.ai.model.form import Form, Message, fitted
from services.ai.model.page_pictures import pictures
from services.ai.model.page_text import as_data, new_mark
from services.ai.model.prompts import WRONG_FORM, system
from services.ai.model.session import Session
from shared.operation import Task


@dataclass(frozen=True)
class Answer:
    """What the model says of one piece, in the form that was asked for."""

    chunk: Chunk
    content: dict[str, Any]


class Questions:
    """Asks one question about the pieces of one document. Safe for several threads."""

    def __init__(self, session: Session, task: Task, form: Form, instruction: str, *, language: str | None) -> None:
        self._session = session
        self._task = task
        self._form = form
        #: What the data of this job stand between.
        self.mark = new_mark()
        self._system = system(instruction, self.mark, language=language, pictures=session.chosen.vision)
        #: pdfium draws for one thread at a time.
        self._drawing = threading.Lock()
        self.notes: list[str] = []
        self.out_of_budget = False

    def ask(self, chunk: Chunk, *, more: str = "") -> list[Answer]:
        """The answer about a piece, or those about its halves; none where there is no usable one, which is noted."""
        try:
            content = self._in_form(self._messages(chunk, more))
        except (CutOff, TooLong):
            smaller = halves(chunk)
            if not smaller:
                self._note(chunk, "the answer is longer than BINDERY_AI_MAX_ANSWER_TOKENS or the model's own limit")
            return [answer for each in smaller for answer in self.ask(each, more=more)]
        except BudgetReached:
            self.out_of_budget = True
            self._note(chunk, "the tokens that the job may cost are used up")
            return []
        if content is None:
            self._note(chunk, "the model gave no usable answer")
            return []
        return [Answer(chunk, content)]

    def ask_again(self, answer: Answer, told: str) -> list[Answer]:
        """The answer after the model was told what is wrong with its first one; the first one where it has no other."""
        messages = [*self._messages(answer.chunk, ""), _said(answer.content), {"role": "user", "content": told}]
        try:
            content = self._in_form(messages)
        except (CutOff, TooLong, BudgetReached):
            return [answer]
        return [Answer(answer.chunk, content)] if content is not None else [answer]

    def _in_form(self, messages: list[Message]) -> dict[str, Any] | None:
        """An answer of the right form, after one repair at most; None where there is nothing to be had."""
        found, problems = self._tried(messages)
        if not problems:
            return found
        problem = "; ".join(problems)
        repeated = [*messages, _said(found), {"role": "user", "content": WRONG_FORM.format(problem=problem)}]
        try:
            second, left = self._tried(repeated)
        except (BudgetReached, CutOff, TooLong):
            return found
        return second if second is not None and (found is None or len(left) <= len(problems)) else found

    def _tried(self, messages: list[Message]) -> tuple[dict[str, Any] | None, list[str]]:
        try:
            content = self._session.client.ask(messages, self._form)
        except Malformed as error:
            return None, [str(error)]
        return fitted(content, self._form.schema)

    def _messages(self, chunk: Chunk, more: str) -> list[Message]:
        data = as_data(chunk.parts, self.mark, context=chunk.context, following=chunk.following)
        text = {"type": "text", "text": f"{data}\n{more}".rstrip()}
        if not self._session.chosen.vision:
            return [{"role": "system", "content": self._system}, {"role": "user", "content": text["text"]}]
        with self._drawing:
            shown = pictures(self._task.input.path, self._task.password, chunk.pages)
        return [{"role": "system", "content": self._system}, {"role": "user", "content": [text, *shown]}]

    def _note(self, chunk: Chunk, why: str) -> None:
        pages = chunk.pages
        which = f"page {pages[0]}" if len(pages) == 1 else f"pages {pages[0]} to {pages[-1]}"
        self.notes.append(f"Of {which}: {why}.")


def _said(content: dict[str, Any] | None) -> Message:
    """The model's own answer as the conversation has it."""
    return {"role": "assistant", "content": json.dumps(content or {}, ensure_ascii=False)}
