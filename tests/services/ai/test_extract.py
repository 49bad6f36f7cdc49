"""An extraction from end to end: who reads, what is checked, what the result says of itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.ai.contracts.bank_statement import BankStatementOptions
from services.ai.documents.bank_statement import BankStatement
from services.ai.extract import extract
from services.ai.figures.checks import Check, compared
from services.ai.figures.value import Source, Status
from services.ai.judging import Found, better, judged
from services.ai.kinds import Kind
from services.ai.reading.document import Document, read
from services.ai.reading.input import NoText, NotReadAsPictures
from shared.media_types import PDF, PNG
from shared.operation import InputFile, Result, Task
from tests.services.ai.extractions import STATEMENT, figure, movement, page_of, statement

RULES = {"engine": "rules"}


def sums(found: BankStatement) -> list[Check]:
    """One check: opening and movements are the closing balance."""
    assert found.opening_balance
    assert found.closing_balance
    return [
        compared(
            "sum",
            "Opening balance and movements give the closing balance.",
            expected=found.opening_balance.value + sum(line.amount.value for line in found.movements),
            found=found.closing_balance.value,
            proves=[found.opening_balance, found.closing_balance, *(line.amount for line in found.movements)],
        )
    ]


def kind_that_finds(*statements: BankStatement) -> Kind[BankStatement]:
    """A kind whose reader finds these in every document."""

    def find(_document: Document, _options: object) -> list[BankStatement]:
        return [each.model_copy(deep=True) for each in statements]

    return Kind("bank_statement", BankStatement, find, sums, ("sum",))


def run(folder: Path, kind: Kind[BankStatement], source: Path = STATEMENT, **options: object) -> tuple[Task, Result]:
    """Extract as a job does."""
    out = folder / "out"
    out.mkdir()
    task = Task((InputFile(source, source.name, PDF.name),), out)
    return task, extract(task, BankStatementOptions.model_validate({**RULES, **options}), kind)


def test_the_report_counts_what_holds_and_what_does_not(tmp_path: Path) -> None:
    _, result = run(tmp_path, kind_that_finds(statement(), statement(closing="1788.34")))

    assert result["status"] == "discrepancy"
    one, two = result["report"]["documents"]
    assert (one["status"], two["status"]) == ("verified", "discrepancy")
    assert one["checks"] == {"verified": 1, "discrepancy": 0, "unverifiable": 0}
    assert one["values"]["verified"] == 6
    assert two["values"]["discrepancy"] == 6
    assert one["pages"] == [1]
    assert result["report"]["values"]["verified"] == 6
    # The wrong balance stands on no page.
    assert (one["ungrounded"], two["ungrounded"], result["report"]["ungrounded"]) == (0, 1, 1)
    assert [check["document"] for check in result["checks"]] == [0, 1]
    assert result["checks"][1]["difference"] == "0.01"


def test_the_result_is_json_with_figures_as_text_and_places(tmp_path: Path) -> None:
    task, result = run(tmp_path, kind_that_finds(statement()))

    assert json.loads(json.dumps(result)) == result
    amount = result["documents"][0]["movements"][0]["amount"]
    assert amount["value"] == "-640.00"
    assert amount["status"] == "verified"
    assert amount["evidence"][0]["text"] == "-640,00"
    assert not amount["ungrounded"]
    (output,) = task.outputs
    assert output.name == "extract-bank-statement.json"
    assert json.loads(output.path.read_text()) == result


def test_a_document_of_another_kind_is_an_answer_and_no_failure(tmp_path: Path) -> None:
    task, result = run(tmp_path, kind_that_finds(), formats=["json", "csv", "ofx"])

    assert result["status"] == "unverifiable"
    assert result["documents"] == []
    assert result["notes"][0] == "No bank statement was found on the pages."
    assert any("ofx" in note for note in result["notes"])
    assert [output.name for output in task.outputs] == [
        "extract-bank-statement.json",
        "extract-bank-statement-checks.csv",
    ]


def test_pages_without_text_are_an_error_only_where_the_caller_left_out_their_reading(tmp_path: Path) -> None:
    blank = page_of(tmp_path / "blank.pdf", [])
    _, result = run(tmp_path, kind_that_finds(), blank)

    assert "The pages show no text." in result["notes"]
    with pytest.raises(NoText, match="text"):
        extract(
            Task((InputFile(blank, "blank.pdf", PDF.name),), tmp_path / "out"),
            BankStatementOptions.model_validate({**RULES, "skip_ocr": True}),
            kind_that_finds(),
        )


def test_a_picture_that_nobody_read_before_is_refused_with_the_remedy(tmp_path: Path) -> None:
    task = Task((InputFile(tmp_path / "a.png", "a.png", PNG.name),), tmp_path)
    with pytest.raises(NotReadAsPictures) as caught:
        extract(task, BankStatementOptions.model_validate({"skip_ocr": True}), kind_that_finds())

    assert "skip_ocr" in caught.value.remedy


def test_what_a_model_invents_verifies_nothing() -> None:
    invented = statement(closing="2788.33")
    invented.opening_balance = figure("2250.00")
    document = read(STATEMENT, None, None)
    (report,) = judged(Found(Source.MODEL, "1", [invented]), kind_that_finds(), document).reports

    assert report.status is Status.UNVERIFIABLE
    assert invented.closing_balance
    assert invented.closing_balance.status is Status.UNVERIFIABLE
    # What stands on the page keeps what the check says.
    assert invented.movements[0].amount.status is Status.VERIFIED


def test_the_answer_that_holds_is_chosen_and_of_equals_the_first() -> None:
    document, kind = read(STATEMENT, None, None), kind_that_finds()

    def found(*statements: BankStatement) -> object:
        return judged(Found(Source.RULES, "1", list(statements)), kind, document)

    wrong, right, nothing = found(statement(closing="1.00")), found(statement()), found()
    assert better(wrong, right) is right
    assert better(right, wrong) is right
    assert better(nothing, wrong) is wrong
    assert better(wrong, found(statement(closing="2.00"))) is wrong


def test_a_result_that_is_too_long_stands_in_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.ai.extract._MOST_RESULT_BYTES", 20_000)
    long = statement()
    long.movements = [
        movement("2025-03-03", "2025-03-03", f"Payment {number} to nobody", "0.00", "1250.00") for number in range(60)
    ]
    long.closing_balance = figure("1250.00")
    task, result = run(tmp_path, kind_that_finds(long), formats=["csv"])

    assert result["documents"] == []
    assert result["status"] == "verified"
    assert "too large" in result["notes"][-1]
    whole = next(output for output in task.outputs if output.name.endswith(".json"))
    assert len(json.loads(whole.path.read_text())["documents"][0]["movements"]) == 60


def test_formats_that_are_named_twice_are_written_once(tmp_path: Path) -> None:
    task, _ = run(tmp_path, kind_that_finds(statement()), formats=["json", "json"])

    assert len(task.outputs) == 1
