"""Who reads: rules first, the model where they do not suffice and one is configured, and never against the caller."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.ai.contracts.bank_statement import BankStatementOptions
from services.ai.extract import extract
from services.ai.model.errors import ModelNotConfigured, ModelUnavailable
from services.ai.readers import BANK_STATEMENT
from tests.conftest import SettingsEnv
from tests.services.ai.asking_documents import settings_for, task_for, write_pdf
from tests.services.ai.model_answers import STATEMENT, answer_with, at, line_of
from tests.services.ai.openai_server import ModelServer, fails, says

#: No column, no heading: nothing that rules could read by.
_PROSE = [
    "Dear customer, on 1 March 2026 there were 1.000,00 EUR in account DE89 3704 0044 0532 0130 00.",
    "On 3 March 2026 we paid your rent of 500,00 EUR for you, which left 500,00 EUR at the end of the month.",
]


def _told() -> dict[str, Any]:
    paid = {**line_of(2, "3 March 2026", "rent", "500,00", ""), "balance": None, "side": "debit"}
    return answer_with(
        bank=None,
        iban=at("DE89 3704 0044 0532 0130 00", 1),
        currency=at("EUR", 1),
        period_start=at("1 March 2026", 1),
        period_end=None,
        opening_balance=at("1.000,00", 1),
        closing_balance=at("500,00", 2),
        movements=[paid],
    )


@pytest.fixture
def run(model_server: ModelServer, settings_env: SettingsEnv, tmp_path: Path):
    """Extract from lines: `run(_PROSE, engine="model")`."""

    def extracted(lines: list[str], *, asks: bool = True, **options: Any) -> dict[str, Any]:
        if asks:
            settings_env(**settings_for(model_server))
        task = task_for(write_pdf(tmp_path / "statement.pdf", lines), asks=asks)
        return extract(task, BankStatementOptions(**options), BANK_STATEMENT)

    return extracted


def test_the_model_reads_what_rules_do_not_find(model_server: ModelServer, run) -> None:
    model_server.script(says(_told()))

    result = run(_PROSE)

    assert result["engine"] == "model"
    (statement,) = result["documents"]
    assert statement["movements"][0]["amount"]["value"] == "-500.00"
    assert statement["movements"][0]["amount"]["source"] == "model"
    assert statement["movements"][0]["amount"]["evidence"]
    assert result["usage"]["requests"] == 1


def test_what_rules_read_and_arithmetic_bears_out_costs_nothing(model_server: ModelServer, run) -> None:
    model_server.script(fails(500))

    result = run(STATEMENT)

    assert (result["engine"], result["status"]) == ("rules", "verified")
    assert model_server.requests == []


def test_rules_alone_send_nothing_whatever_they_find(model_server: ModelServer, run) -> None:
    model_server.script(fails(500))

    assert run(_PROSE, engine="rules", asks=False)["documents"] == []
    assert model_server.requests == []


def test_the_better_of_both_answers_counts(model_server: ModelServer, run) -> None:
    broken = [line.replace("2.250,40\t2.750,40", "2.250,40\t2.750,41") for line in STATEMENT]
    model_server.script(says({"documents": []}))

    result = run(broken)

    assert (result["engine"], result["status"]) == ("rules", "discrepancy")
    assert len(model_server.requests) == 1
    assert result["usage"]["input_tokens"] == 100
    assert any("no better" in note for note in result["notes"])


def test_a_model_that_is_away_fails_only_what_needs_it(model_server: ModelServer, run) -> None:
    model_server.script(fails(429, Retry_After="100000"))

    with pytest.raises(ModelUnavailable):
        run(_PROSE)


def test_asking_for_a_model_where_there_is_none_says_what_to_set(run) -> None:
    with pytest.raises(ModelNotConfigured, match="none is configured"):
        run(STATEMENT, engine="model", asks=False)
