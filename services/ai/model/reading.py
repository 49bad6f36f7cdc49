"""Documents of a known kind read by the model: asked piece by piece, checked, asked once more where checks fail."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.figures.checks import Check
from services.ai.figures.value import Source, Status
from services.ai.judging import Found, Judged, judged
from services.ai.kinds import Kind
from services.ai.model.asking import Answer, Questions
from services.ai.model.chunks import chunks_of
from services.ai.model.errors import BudgetReached, ModelAnswerUnusable, ModelBudgetSpent, ModelUnavailable
from services.ai.model.form import Form
from services.ai.model.merging import merged
from services.ai.model.prompts import FAILED_CHECKS, KINDS
from services.ai.model.session import Session, opened
from services.ai.model.shapes import asked_for
from services.ai.model.values import Values
from services.ai.reading.document import Document
from shared.operation import Task

M = TypeVar("M", bound=BaseModel)

#: Of the instructions and of what is made of answers: raised together with the version of the operations.
MODEL_VERSION = "1"
_MOST_CHECKS_TOLD = 20


def read_with_model(task: Task, options: ExtractionOptions, kind: Kind[M], document: Document) -> Found[M]:
    """The documents of one kind that the model finds, every value parsed from the page by our own code.

    Raises:
        ModelNotConfigured, ModelRefused, ModelUnavailable, ModelBudgetSpent, ModelAnswerUnusable: see `errors`.
    """
    session = opened(task, options)
    if not document.words and not session.chosen.vision:
        notes = ["The pages have no text, and the configured model sees no pictures (BINDERY_AI_VISION)."]
        return Found(Source.MODEL, MODEL_VERSION, [], notes, session.usage)
    reader = _Reader(session, task, options, kind, document)
    return reader.read()


class _Reader:
    """One reading of one document."""

    def __init__(
        self, session: Session, task: Task, options: ExtractionOptions, kind: Kind[Any], document: Document
    ) -> None:
        self._session = session
        self._kind = kind
        self._document = document
        self._values = Values(document, options)
        shape: type[BaseModel] = kind.shape
        form = Form(kind.name, asked_for(shape))
        self._questions = Questions(session, task, form, KINDS[kind.name], language=options.language)
        self._notes: list[str] = []

    def read(self) -> Found[Any]:
        """Ask, check, and ask again if the checks fail."""
        chunks = chunks_of(self._document, self._session.piece_tokens, pictures=self._session.chosen.vision)
        answers = self._asked([partial(self._questions.ask, each) for each in chunks])
        if not answers:
            raise self._failure()
        found = self._judged(answers)
        if found.status is Status.DISCREPANCY:
            answers = self._repaired(answers, found)
        self._notes += self._questions.notes
        documents = self._documents(answers)
        if self._values.left_out:
            self._notes.append(
                f"{self._values.left_out} values that the model gave are left out: what is printed can mean several "
                "things, or is no figure or date."
            )
        return Found(Source.MODEL, MODEL_VERSION, documents, self._notes, self._session.usage)

    def _asked(self, questions: list[Callable[[], list[Answer]]]) -> list[Answer]:
        """The answers to all questions, in their order; those that came to nothing are left out and noted."""
        with ThreadPoolExecutor(self._session.chosen.parallel_requests) as pool:
            return [answer for each in pool.map(lambda ask: ask(), questions) for answer in each]

    def _documents(self, answers: list[Answer]) -> list[Any]:
        self._values.left_out = 0
        told = merged(self._kind.shape, [(answer.chunk, answer.content) for answer in answers])
        return [self._values.document(self._kind.shape, each) for each in told]

    def _judged(self, answers: list[Answer]) -> Judged[Any]:
        found = Found(Source.MODEL, MODEL_VERSION, self._documents(answers))
        return judged(found, self._kind, self._document)

    def _repaired(self, answers: list[Answer], before: Judged[Any]) -> list[Answer]:
        """Show the model which checks fail; the better of both answers counts."""
        failed = [check for check in before.checks if check.status is Status.DISCREPANCY]
        told = FAILED_CHECKS.format(checks="\n".join(_told(check) for check in failed[:_MOST_CHECKS_TOLD]))
        try:
            repaired = self._asked([partial(self._questions.ask_again, each, told) for each in answers])
        except (BudgetReached, ModelUnavailable, ModelAnswerUnusable):
            repaired = []
        if len(repaired) != len(answers):
            self._notes.append("Checks failed, and the model could not be asked again.")
            return answers
        after = self._judged(repaired)
        if _standing(after) <= _standing(before):
            self._notes.append("Checks failed; the model was shown which, and its second answer is no better.")
            return answers
        self._notes.append("Checks of the first answer failed; the model was shown which, and corrected itself.")
        return repaired

    def _failure(self) -> Exception:
        if self._questions.out_of_budget:
            return ModelBudgetSpent()
        return ModelAnswerUnusable()


def _told(check: Check) -> str:
    """A failed check in our own words and figures."""
    figures = [
        f"{name} {value}"
        for name, value in (("expected", check.expected), ("found", check.found), ("difference", check.difference))
        if value is not None
    ]
    where = f" (entry {check.line + 1})" if check.line is not None else ""
    return f"- {check.code}{where}: {', '.join(figures) or 'does not hold'}"


def _standing(found: Judged[Any]) -> tuple[bool, int, int, int]:
    """What makes one result better than another: documents, few contradictions, many proofs, little invented."""
    failed = sum(check.status is Status.DISCREPANCY for check in found.checks)
    proven = sum(report.values.verified for report in found.reports)
    invented = sum(report.ungrounded for report in found.reports)
    return bool(found.reports), -failed, proven, -invented
