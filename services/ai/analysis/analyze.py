"""`analyze`: the type by rules or by the model; summary and answer by the model, each sentence with its places."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from services.ai.analysis.classify import Guess, classify
from services.ai.analysis.questions import CHOICE, CHOSEN, form
from services.ai.analysis.questions import task as instruction
from services.ai.analysis.sentences import Sentence, checked
from services.ai.contracts.analyze import AnalyzeOptions
from services.ai.contracts.extraction import Engine
from services.ai.model.answers import Malformed
from services.ai.model.asking import Answer, Questions
from services.ai.model.chunks import chunks_of
from services.ai.model.errors import (
    BudgetReached,
    CutOff,
    ModelAnswerUnusable,
    ModelBudgetSpent,
    ModelNotConfigured,
    TooLong,
)
from services.ai.model.form import Form, fitted
from services.ai.model.places import Places
from services.ai.model.prompts import system
from services.ai.model.session import Session, opened
from services.ai.reading.document import Document
from services.ai.reading.input import pages_of
from services.ai.service import AiSettings
from shared.media_types import JSON
from shared.operation import Result, Task

_NO_MODEL = (
    "Summaries and answers need a language model, and none is configured "
    "(the operator sets BINDERY_AI_BASE_URL and BINDERY_AI_MODEL)."
)
_BY_RULES = "Summaries and answers need a language model, and engine=rules asks none."


def analyze(job: Task, options: AnalyzeOptions) -> Result:
    """Tell what a document is and what it says.

    Raises:
        ModelNotConfigured: a question or engine=model without a model.
        ModelRefused, ModelUnavailable, ModelBudgetSpent, ModelAnswerUnusable: see `model.errors`.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex, PagesOutOfRange: see `reading.document.read`.
    """
    by_model = job.ask is not None and options.engine is not Engine.RULES
    if not by_model and (options.engine is Engine.MODEL or options.question):
        raise ModelNotConfigured()
    job.report(0, 3, "Reading the pages")
    document = pages_of(job, options.pages, pictures=by_model and AiSettings().vision)
    guess = classify(document)
    if by_model:
        job.report(1, 3, "Asking the model")
        result = _Analysis(opened(job, options), job, options, document).told(guess)
    else:
        result = _by_rules(guess, options)
    result["pages_read"] = len(document.pages)
    result["notes"] += document.remarks
    job.report(2, 3, "Writing")
    job.output("analysis.json", JSON).write_text(json.dumps(result, ensure_ascii=False, indent=2))
    return result


def _by_rules(guess: Guess, options: AnalyzeOptions) -> Result:
    why = _BY_RULES if options.engine is Engine.RULES else _NO_MODEL
    return {
        "engine": "rules",
        "document_type": guess.document_type,
        "classification": _classification(guess, None),
        "summary": None,
        "answer": None,
        "notes": [why] if options.summary else [],
        "usage": None,
    }


def _classification(guess: Guess, by_model: str | None) -> dict[str, Any]:
    """What each engine says; the score is that of the rules, for a model's own would mean nothing."""
    return {
        "by_rules": guess.document_type,
        "score": guess.score,
        "others": guess.others,
        "by_model": by_model,
        "evidence": [each.model_dump(mode="json") for each in guess.evidence],
    }


class _Analysis:
    """One document before the model."""

    def __init__(self, session: Session, job: Task, options: AnalyzeOptions, document: Document) -> None:
        self._session = session
        self._options = options
        self._document = document
        self._places = Places(document, spaced=False)
        most = options.summary_sentences if options.summary else None
        wanted = Form("analysis", form(summary=options.summary, answer=bool(options.question)))
        asked = instruction(summary_sentences=most, question=options.question)
        self._questions = Questions(session, job, wanted, asked, language=options.language)

    def told(self, guess: Guess) -> Result:
        """The result."""
        chunks = chunks_of(self._document, self._session.reading_tokens, pictures=self._session.chosen.vision)
        with ThreadPoolExecutor(self._session.chosen.parallel_requests) as pool:
            answers = [answer for each in pool.map(self._questions.ask, chunks) for answer in each]
        if not answers:
            raise ModelBudgetSpent() if self._questions.out_of_budget else ModelAnswerUnusable()
        by_model = _agreed(answers)
        options, notes = self._options, list(self._questions.notes)
        summary = self._sentences(answers, "summary", "summarise it", options.summary_sentences)
        answer = self._sentences(answers, "answer", f"answer the question: {options.question}", 8)
        doubtful = sum(not each.verified for each in [*summary, *answer])
        if doubtful:
            notes.append(f"Of {doubtful} sentences the document does not bear out all: they are marked.")
        if options.question and not answer:
            notes.append("The model found no answer in the document.")
        return {
            "engine": "model",
            "document_type": by_model or guess.document_type,
            "classification": _classification(guess, by_model),
            "summary": [each.model_dump(mode="json") for each in summary] if options.summary else None,
            "answer": [each.model_dump(mode="json") for each in answer] if options.question else None,
            "notes": notes,
            "usage": self._session.usage.model_dump(mode="json"),
        }

    def _sentences(self, answers: list[Answer], name: str, purpose: str, most: int) -> list[Sentence]:
        told = [sentence for answer in answers for sentence in answer.content.get(name) or []]
        found = checked(told, self._places)
        if len(answers) == 1 or len(found) <= most:
            return found[:most]
        # Sentences that the document bears out are chosen from first: a model that was fooled says others.
        found = [each for each in found if each.verified] or found
        return [found[number] for number in self._chosen(found, purpose, most)]

    def _chosen(self, sentences: list[Sentence], purpose: str, most: int) -> list[int]:
        """Indexes of the best sentences; the first ones where the model does not tell."""
        numbered = "\n".join(f"{number}| {each.sentence}" for number, each in enumerate(sentences, start=1))
        asked = CHOICE.format(most=most, purpose=purpose, sentences=numbered)
        messages = [
            {"role": "system", "content": system("Choose sentences.", self._questions.mark)},
            {"role": "user", "content": asked},
        ]
        try:
            content, _ = fitted(self._session.client.ask(messages, Form("choice", CHOSEN)), CHOSEN)
        except (Malformed, CutOff, TooLong, BudgetReached):
            content = None
        numbers = [number - 1 for number in (content or {}).get("numbers") or []]
        known = list(dict.fromkeys(number for number in numbers if 0 <= number < len(sentences)))
        return (known or list(range(len(sentences))))[:most]


def _agreed(answers: list[Answer]) -> str | None:
    """The type that the first piece tells: it has the title."""
    told = [answer.content.get("document_type") for answer in answers]
    return next((each for each in told if each), None)
