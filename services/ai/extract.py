"""An extraction from end to end: read the document, choose who reads it, check, tell, write the files."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from pydantic import BaseModel

from services.ai.contracts.extraction import Engine, ExtractionOptions, Format
from services.ai.exports.files import write_files
from services.ai.extraction import Extraction, whole_report
from services.ai.figures.value import Source, Status
from services.ai.judging import Found, Judged, better, judged
from services.ai.kinds import Kind
from services.ai.model.reading import read_with_model
from services.ai.reading.document import Document
from services.ai.reading.input import NoText, pages_of
from services.ai.service import AiSettings
from shared.errors import BinderyError
from shared.media_types import XML
from shared.operation import Result, Task

M = TypeVar("M", bound=BaseModel)

#: Of the rules: raised together with the version of the operations.
RULES_VERSION = "1"
#: A worker takes no larger result; the file has all.
_MOST_RESULT_BYTES = 4_000_000
#: Failed ones that stand in the result all the same.
_MOST_CHECKS = 100


def extract(task: Task, options: ExtractionOptions, kind: Kind[M]) -> Result:
    """Read the documents of one kind in the task's input.

    Raises:
        NoText: without the step before that would have read its pages.
        NotReadAsPictures: see `reading.input`.
        ModelNotConfigured, ModelUnavailable and others of `model.errors`: only where the model alone can answer.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex, PagesOutOfRange: see `reading.document.read`.
    """
    task.report(0, 4, "Reading the pages")
    # A file that is XML has no pages; one without text may still carry XML, or be looked at by a model.
    is_xml = task.input.media_type == XML.name
    document = Document([]) if is_xml else pages_of(task, options.pages, pictures=True)
    task.report(1, 4, f"Reading the {kind.words}")
    outcome = _by_xml(task, options, kind, document) or _by_engine(task, options, kind, document)
    extraction = _told(outcome, kind, document)
    task.report(3, 4, "Writing")
    # What does not fit into the result must be had in a file.
    is_long = len(extraction.model_dump_json()) > _MOST_RESULT_BYTES
    formats = (*options.formats, Format.JSON) if is_long else options.formats
    extraction.notes.extend(write_files(task, formats, extraction, kind.shape))
    return _without_documents(extraction) if is_long else extraction.as_result()


def _by_xml(task: Task, options: ExtractionOptions, kind: Kind[M], document: Document) -> Judged[M] | None:
    """What the document says of itself for machines: that counts, whoever else could read it."""
    if kind.electronic is None:
        return None
    inside = kind.electronic(task.input, task.password)
    if inside is None:
        return None
    version = " ".join(part for part in (inside.syntax, inside.profile) if part)
    found = Found(Source.XML, version, [cast("M", inside.invoice)], inside.notes)
    compare = kind.agreement
    if compare is None or not document.words:
        return judged(found, kind, document)
    return judged(found, kind, document, lambda each: compare(each, document, options))


def _by_engine(task: Task, options: ExtractionOptions, kind: Kind[M], document: Document) -> Judged[M]:
    sees = options.engine is not Engine.RULES and task.ask is not None and AiSettings().vision
    if not document.words and not sees:
        if options.skip_ocr:
            raise NoText()
        return judged(Found(Source.RULES, RULES_VERSION, [], ["The pages show no text."]), kind, document)
    if options.engine is Engine.MODEL:
        return _by_model(task, options, kind, document)
    by_rules = judged(Found(Source.RULES, RULES_VERSION, kind.read(document, options)), kind, document)
    doubtful = not by_rules.reports or by_rules.status is Status.DISCREPANCY
    if options.engine is Engine.RULES or task.ask is None or not doubtful:
        return by_rules
    task.report(2, 4, "Asking the model")
    try:
        by_model = _by_model(task, options, kind, document)
    except BinderyError as error:
        if not by_rules.reports:
            raise
        by_rules.found.notes.append(f"The model could not help: {error.message}")
        return by_rules
    chosen = better(by_rules, by_model)
    chosen.found.usage = by_model.found.usage
    if chosen is by_rules and by_rules.reports:
        chosen.found.notes.append("The model was asked too, and its answer holds no better.")
    return chosen


def _by_model(task: Task, options: ExtractionOptions, kind: Kind[M], document: Document) -> Judged[M]:
    return judged(read_with_model(task, options, kind, document), kind, document)


def _told(outcome: Judged[M], kind: Kind[M], document: Document) -> Extraction[M]:
    found = outcome.found
    notes = list(found.notes)
    if not found.documents:
        notes.append(f"No {kind.words} was found on the pages.")
    notes.extend(document.remarks)
    return Extraction(
        document_type=kind.name,
        engine=found.source.value,
        engine_version=found.version,
        status=outcome.status,
        documents=found.documents,
        checks=outcome.checks,
        notes=notes,
        usage=found.usage,
        report=whole_report(document.pages, document.unreadable, outcome.reports),
    )


def _without_documents(extraction: Extraction[Any]) -> Result:
    """The result of a very long document: what it is worth, and where the rest is."""
    note = "The result is too large to stand here: the JSON file has the documents and all checks."
    failed = [check for check in extraction.checks if check.status is Status.DISCREPANCY]
    short = extraction.model_copy(
        update={"documents": [], "checks": failed[:_MOST_CHECKS], "notes": [*extraction.notes, note]}
    )
    return short.as_result()
