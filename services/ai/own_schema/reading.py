"""`extract`: ask for what the caller's schema describes, find each value on the page, check the data against it."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]

from services.ai.contracts.extraction import ExtractionOptions
from services.ai.contracts.own_schema import OwnSchemaOptions
from services.ai.model.asking import Answer, Questions
from services.ai.model.chunks import chunks_of
from services.ai.model.errors import ModelAnswerUnusable, ModelBudgetSpent, ModelNotConfigured
from services.ai.model.form import Form
from services.ai.model.parsing import Parser
from services.ai.model.session import Session, opened
from services.ai.own_schema.data import Builder
from services.ai.own_schema.merging import merged
from services.ai.own_schema.shapes import asked_for
from services.ai.reading.document import Document
from services.ai.reading.input import pages_of
from shared.media_types import JSON
from shared.operation import Result, Task

_TASK = """Fill in the form that you are given from the data. `text` is what is printed, exactly; `value`, where the
form has it, is what that means. Of what is not printed, the whole entry is null, and a list is empty."""
_WISHES = "\n\nWhat the person who asks adds:\n{wishes}"
_MISFITS = """A program checked your answer, and this does not hold:
{problems}
Either something was copied wrongly or put in the wrong place, or the document itself is so. Look again and answer with
the whole JSON object. Copy only what is printed: do not change a value to make a rule hold."""
_MOST_PROBLEMS = 20


def extract_by_schema(task: Task, options: OwnSchemaOptions) -> Result:
    """Read what the caller's schema asks for.

    Raises:
        ModelNotConfigured, ModelRefused, ModelUnavailable, ModelBudgetSpent, ModelAnswerUnusable: see `model.errors`.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex, PagesOutOfRange: see `reading.document.read`.
    """
    if task.ask is None:
        raise ModelNotConfigured()
    session = opened(task, options)
    task.report(0, 3, "Reading the pages")
    document = pages_of(task, options.pages, pictures=session.chosen.vision)
    task.report(1, 3, "Asking the model")
    result = _Reader(session, task, options, document).read()
    task.report(2, 3, "Writing")
    task.output("data.json", JSON).write_text(json.dumps(result["data"], ensure_ascii=False, indent=2))
    return result


class _Reader:
    """One reading of one document."""

    def __init__(self, session: Session, task: Task, options: OwnSchemaOptions, document: Document) -> None:
        self._session = session
        self._options = options
        self._document = document
        self._schema = options.json_schema
        self._validator = Draft202012Validator(self._schema)
        wishes = _WISHES.format(wishes=options.instructions) if options.instructions else ""
        form = Form("data", asked_for(self._schema))
        self._questions = Questions(session, task, form, _TASK + wishes, language=options.language)
        self._parser = Parser(document, ExtractionOptions(language=options.language))

    def read(self) -> Result:
        """Ask, check, ask once more if the data do not fit the schema."""
        chunks = chunks_of(self._document, self._session.piece_tokens, pictures=self._session.chosen.vision)
        answers = self._asked([partial(self._questions.ask, each) for each in chunks])
        if not answers:
            raise ModelBudgetSpent() if self._questions.out_of_budget else ModelAnswerUnusable()
        found, data, problems = self._checked(answers)
        notes = []
        if problems:
            told = _MISFITS.format(problems="\n".join(f"- {problem}" for problem in problems[:_MOST_PROBLEMS]))
            again = self._asked([partial(self._questions.ask_again, each, told) for each in answers])
            second, other, left = self._checked(again)
            if len(left) < len(problems):
                found, data, problems = second, other, left
                notes.append(
                    "The first answer did not fit the schema; the model was shown where, and corrected itself."
                )
        return self._told(found, data, problems, [*notes, *self._questions.notes])

    def _asked(self, questions: list[Callable[[], list[Answer]]]) -> list[Answer]:
        with ThreadPoolExecutor(self._session.chosen.parallel_requests) as pool:
            return [answer for each in pool.map(lambda ask: ask(), questions) for answer in each]

    def _checked(self, answers: list[Answer]) -> tuple[Builder, dict[str, Any], list[str]]:
        builder = Builder(self._schema, self._parser)
        data = builder.data(merged(answers))
        errors = sorted(self._validator.iter_errors(data), key=lambda error: list(map(str, error.absolute_path)))
        left_out = [f"{path}: what is printed is not of this type" for path in builder.left_out]
        return builder, data, [*map(_problem, errors), *left_out]

    def _told(self, found: Builder, data: dict[str, Any], problems: list[str], notes: list[str]) -> Result:
        notes += self._document.remarks
        return {
            "engine": "model",
            "data": data,
            "fits_schema": not problems,
            "problems": problems[:_MOST_PROBLEMS],
            "values": [leaf.model_dump(mode="json") for leaf in found.leaves],
            "ungrounded": sum(leaf.ungrounded for leaf in found.leaves),
            "pages_read": len(self._document.pages),
            "notes": notes,
            "usage": self._session.usage.model_dump(mode="json"),
        }


def _problem(error: ValidationError) -> str:
    """What does not fit, by rule and place: the value itself stands in the data."""
    path = "/" + "/".join(map(str, error.absolute_path))
    rule = json.dumps(error.validator_value) if not isinstance(error.validator_value, dict) else ""
    return f"{path}: does not fit {error.validator} {rule[:200]}".rstrip()
