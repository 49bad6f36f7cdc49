"""`analyze`: a type only where it is clear; no sentence passes for true that the pages do not bear out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.ai.analysis.analyze import analyze
from services.ai.contracts.analyze import AnalyzeOptions
from services.ai.model.errors import ModelAnswerUnusable, ModelNotConfigured
from tests.conftest import SettingsEnv
from tests.services.ai.asking_documents import settings_for, task_for, write_pdf
from tests.services.ai.openai_server import ModelServer, Request, says, thinks

_INVOICE = [
    "Brightwater Services Ltd",
    "Invoice",
    "Invoice number\tINV-2041",
    "Invoice date\t3 March 2026",
    "Consulting, two days\t1,200.00",
    "Subtotal\t1,200.00",
    "VAT 20%\t240.00",
    "Total due\t1,440.00",
    "Payable until\t2 April 2026",
]
_LETTER = ["Dear Ms Okafor", "we met in May and agreed on the garden fence.", "Kind regards", "Tom"]


def _run(tmp_path: Path, lines: list[str], *, asks: bool = False, pages: int = 1, **options: Any) -> dict[str, Any]:
    task = task_for(write_pdf(tmp_path / "document.pdf", *[lines] * pages), asks=asks)
    result = analyze(task, AnalyzeOptions(**options))
    (output,) = task.outputs
    assert json.loads(output.path.read_text()) == result
    return result


@pytest.fixture
def asked(model_server: ModelServer, settings_env: SettingsEnv, tmp_path: Path):
    """Analyze with the scripted server."""

    def run(lines: list[str] = _INVOICE, *, pages: int = 1, settings: dict[str, object] | None = None, **options: Any):
        settings_env(**settings_for(model_server, **(settings or {})))
        return _run(tmp_path, lines, asks=True, pages=pages, **options)

    return run


def _cited(sentence: str, *citations: tuple[int, str]) -> dict[str, Any]:
    return {"sentence": sentence, "citations": [{"page": 1, "row": row, "quote": quote} for row, quote in citations]}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (_INVOICE, "invoice"),
        (_LETTER, "letter"),
        (["Muster AG", "Mahnung", "Rechnung 17 ist überfällig", "Offener Betrag\t12,00"], "reminder"),
        (
            ["Kontoauszug", "Alter Kontostand\t12,00", "Buchungstag\tValuta", "Neuer Kontostand\t13,00"],
            "bank_statement",
        ),
        (["Employment agreement", "The parties agree", "Governing law", "Termination", "hereinafter"], "contract"),
    ],
)
def test_the_type_is_told_by_titles_and_words(tmp_path: Path, lines: list[str], expected: str) -> None:
    result = _run(tmp_path, lines)

    assert result["document_type"] == expected
    assert 0.5 < result["classification"]["score"] <= 1
    assert result["classification"]["evidence"]


@pytest.mark.parametrize(
    "lines",
    [
        ["Minutes of the garden club", "It rained, and everybody was content.", "No motion was put to a vote."],
        ["Order 12 for the invoice and the receipt of the statement", "nothing else"],
        ["Payroll run\tNomina\tpaid\t1.200,00", "Rent\tMiete\tpaid\t800,00"],
    ],
)
def test_what_is_not_clear_has_no_type(tmp_path: Path, lines: list[str]) -> None:
    assert _run(tmp_path, lines)["document_type"] is None


def test_without_a_model_the_summary_is_null_and_says_why(tmp_path: Path) -> None:
    result = _run(tmp_path, _INVOICE)

    assert result["summary"] is None
    assert "BINDERY_AI_BASE_URL" in result["notes"][0]
    assert result["engine"] == "rules"


def test_a_question_without_a_model_ends_at_once(tmp_path: Path) -> None:
    with pytest.raises(ModelNotConfigured):
        _run(tmp_path, _INVOICE, question="What is due?")


def test_each_sentence_carries_the_place_that_bears_it_out(model_server: ModelServer, asked) -> None:
    summary = [_cited("Brightwater Services bills 1440.00 in all.", (1, "Brightwater Services Ltd"), (8, "1,440.00"))]
    answer = [_cited("It must be paid until 2 April 2026.", (9, "Payable until 2 April 2026"))]
    model_server.script(says({"document_type": "invoice", "summary": summary, "answer": answer}))

    result = asked(question="Until when must it be paid?")

    assert result["document_type"] == "invoice"
    assert [each["verified"] for each in (*result["summary"], *result["answer"])] == [True, True]
    assert result["answer"][0]["citations"][0]["text"] == "Payable until 2 April 2026"
    assert "Until when must it be paid?" in model_server.requests[0].system


@pytest.mark.parametrize(
    "sentence",
    [
        _cited("The total is 9,999.00.", (8, "Total due 9,999.00")),
        _cited("The total is 9,999.00.", (8, "Total due")),
        _cited("The total is 1,440.00."),
        _cited("It was signed by a lawyer.", (8, "by")),
    ],
    ids=["a quote that does not stand there", "a figure that is not cited", "no citation", "a quote too short"],
)
def test_a_sentence_that_the_document_does_not_bear_out_is_marked(
    model_server: ModelServer, asked, sentence: dict[str, Any]
) -> None:
    model_server.script(says({"document_type": "invoice", "summary": [sentence]}))

    result = asked()

    assert [each["verified"] for each in result["summary"]] == [False]
    assert any("marked" in note for note in result["notes"])


def test_the_sentences_of_a_long_document_are_chosen_and_not_written_anew(model_server: ModelServer, asked) -> None:
    def reads_or_chooses(request: Request) -> dict[str, Any]:
        if "numbered sentences" in request.user:
            return {"numbers": [2, 1, 99, 2]}
        return {
            "document_type": "invoice",
            "summary": [_cited("Consulting was billed.", (5, "Consulting, two days")), _cited("It was free.")],
        }

    model_server.script(thinks(reads_or_chooses))

    result = asked(pages=40, summary_sentences=2, settings={"context_tokens": 3500, "max_answer_tokens": 500})

    assert len(model_server.requests) > 3
    assert len(result["summary"]) == 2
    assert all(each["verified"] for each in result["summary"])


def test_a_type_that_nobody_knows_is_not_taken_over(model_server: ModelServer, asked) -> None:
    model_server.script(says({"document_type": "treasure map", "summary": []}))

    assert asked()["document_type"] == "invoice"


def test_an_unusable_answer_is_an_error(model_server: ModelServer, asked) -> None:
    model_server.script(says("no"))

    with pytest.raises(ModelAnswerUnusable):
        asked()
