"""Reads the form of a pipeline: documents and steps; makes all jobs of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any
from uuid import UUID

from falcon.asgi import Request
from uuid_utils.compat import uuid7

from gateway import fields, idempotency
from gateway.acceptance import Submission
from gateway.authentication import caller_of, key_used
from gateway.chain_jobs import Link, links
from gateway.chains import chain_of
from gateway.fields import Problems
from gateway.job_creation import NewJob, NewPipeline, PipelinePlace
from gateway.quotas import bytes_per_day
from gateway.uploads import Upload, not_accepted
from shared.catalogue import Catalogue
from shared.errors import MissingFile, OptionsError, UnknownOperation
from shared.jobs import StoredFile
from shared.media_types import ANY, accepted
from shared.operation import PASSWORD, Operation, Options, Service
from shared.storage import Storage

#: Most steps of one pipeline.
MOST_STEPS = 20
_FIELDS = ("file", "url", "steps", "keep_intermediate", PASSWORD, "priority", "webhook_url")
_STEP_KEYS = ("operation", "options", PASSWORD)
#: Takes in the documents before it is known which operation comes first.
_ANY_DOCUMENTS = Operation(
    name="pipelines",
    service=Service("pipelines", summary="No service: a form."),
    summary="Take documents of any kind.",
    options=Options,
    accepts=(ANY,),
    inputs="many",
)


@dataclass(frozen=True)
class _Step:
    """One step that was found good."""

    operation: Operation
    choices: fields.Choices

    def with_its_own(self, catalogue: Catalogue, kinds: Iterable[str]) -> list[Link]:
        """The step with those that go along, for documents that may be of these kinds."""
        assert self.choices.valid
        chain = chain_of(catalogue, self.operation, self.choices.valid, kinds)
        return links(self.operation, self.choices.options, self.choices.secrets, chain)


class PipelineForm:
    """One request on its way in."""

    def __init__(self, catalogue: Catalogue, storage: Storage) -> None:
        self._catalogue = catalogue
        self.upload = Upload(_ANY_DOCUMENTS, storage)

    async def receive(self, req: Request, key: str | None) -> Submission:
        """Take in the form and check all of it. Raises what `Upload.receive` does, and OptionsError."""
        problems = Problems()
        await self.upload.receive(req, problems)
        given = dict(self.upload.received.fields)
        for name in given.keys() - set(_FIELDS):
            problems.add(name[:80], "unknown_field", f"A pipeline has the fields {', '.join(_FIELDS)}.")
        priority = fields.priority(given.get("priority"), problems)
        receiver = fields.webhook_url(given.get("webhook_url"), problems)
        keep = _flag(given.get("keep_intermediate", "false"), problems)
        steps = self._steps(given.get("steps"), given.get(PASSWORD), problems)
        if not problems.found:
            # Only then: nobody is asked for a document that cannot be used.
            await self.upload.fetch([value for name, value in self.upload.received.fields if name == "url"], problems)
        files = [stored for _, stored in self.upload.received.files]
        if not files and not problems.files and "url" not in given:
            problems.add_file(None, MissingFile())
        if steps:
            _check_files(files, steps[0].operation, problems)
            _check_order(steps, problems)
        problems.raise_if_any()
        pipeline_id = uuid7()
        new = _jobs(self._expanded(steps, files), files, priority, pipeline_id, self.upload.job_ids[0])
        secrets = given.get(PASSWORD, "") + json.dumps([step.choices.secrets for step in steps])
        return Submission(
            caller_of(req),
            new,
            bytes_per_day=bytes_per_day(key_used(req)),
            pipeline=NewPipeline(pipeline_id, new, keep),
            idempotency=idempotency.with_fingerprint(key, new, {"steps": secrets}, receiver) if key else None,
            webhook_url=receiver,
        )

    def _expanded(self, steps: list[_Step], files: list[StoredFile]) -> list[Link]:
        """The steps with those that go before and after each of them."""
        found: list[Link] = []
        for step in steps:
            kinds = {kind.name for kind in found[-1].operation.produces} if found else {s.media_type for s in files}
            found.extend(step.with_its_own(self._catalogue, kinds))
        if found[0].added and not all(stored.media_type in {k.name for k in found[0].takes} for stored in files):
            message = f"Some files go through {found[0].operation.name!r} first and some do not: submit them apart."
            raise OptionsError(message, remedy="Submit files of different kinds in requests of their own.")
        return found

    def _steps(self, text: str | None, password: str | None, problems: Problems) -> list[_Step]:
        try:
            given = json.loads(text or "null")
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, list) or not 1 <= len(given) <= MOST_STEPS:
            problems.add("steps", "malformed_steps", f"A JSON list of 1 to {MOST_STEPS} objects with 'operation'.")
            return []
        found = []
        for number, each in enumerate(given):
            own = Problems()
            if step := self._step(each, password if number == 0 else None, own):
                found.append(step)
            for wrong in own.found:
                problems.add(f"steps.{number}.{wrong['field']}", wrong["code"], wrong["message"])
        return found if len(found) == len(given) else []

    def _step(self, given: Any, password: str | None, problems: Problems) -> _Step | None:
        if not isinstance(given, dict) or not isinstance(given.get("operation"), str) or given.keys() - set(_STEP_KEYS):
            problems.add("operation", "malformed_step", f"A step is an object of {', '.join(_STEP_KEYS)}.")
            return None
        try:
            operation = self._catalogue.operation(given["operation"])
        except UnknownOperation as error:
            problems.add("operation", error.code, error.message)
            return None
        if operation.inputs == "none":
            problems.add("operation", "takes_no_files", f"{operation.name} takes no file.")
        values: list[tuple[str, str]] = [("options", json.dumps(given.get("options", {})))]
        if secret := given.get(PASSWORD, password):
            values.append((PASSWORD, str(secret)))
        return _Step(operation, fields.read(values, operation, problems))


def _flag(text: str, problems: Problems) -> bool:
    if text not in ("true", "false"):
        problems.add("keep_intermediate", "no_boolean", "true or false is wanted.")
    return text == "true"


def _check_files(files: list[StoredFile], first: Operation, problems: Problems) -> None:
    kinds = {kind.name for kind in first.accepts}
    for stored in files:
        if stored.media_type not in kinds and ANY not in first.accepts:
            problems.add_file(stored.name, not_accepted(first, stored.media_type))


def _check_order(steps: list[_Step], problems: Problems) -> None:
    """Each step must be able to make what the next one takes."""
    for number, (step, following) in enumerate(pairwise(steps), start=1):
        if not any(accepted(kind, following.operation.accepts) for kind in step.operation.produces):
            message = f"{following.operation.name} takes nothing of what {step.operation.name} makes."
            problems.add(f"steps.{number}.operation", "steps_do_not_fit", message)


def _jobs(steps: list[Link], files: list[StoredFile], priority: int, pipeline_id: UUID, first_id: UUID) -> list[NewJob]:
    """The jobs of all steps. A step that takes many files joins what ran side by side before it."""
    together = steps[0].operation.inputs == "many"
    inputs = [files] if together else [[stored] for stored in files]
    new: list[NewJob] = []
    parts = len(inputs)
    for number, step in enumerate(steps):
        joins = number > 0 and step.operation.inputs == "many" and parts > 1
        parts = 1 if joins else parts
        new.extend(step.job(PipelinePlace(pipeline_id, number, part, joins), priority) for part in range(parts))
    firsts = [replace(job, inputs=given) for job, given in zip(new, inputs, strict=False)]
    # The first job's folder is where the uploads lie.
    firsts[0] = replace(firsts[0], id=first_id)
    return [*firsts, *new[len(firsts) :]]
