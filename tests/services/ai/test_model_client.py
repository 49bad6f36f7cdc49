"""A question to the model is answered, tried again, or ends with an error that says what to do; nothing leaks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.ai.model.answers import Malformed
from services.ai.model.client import ModelClient
from services.ai.model.errors import (
    BudgetReached,
    CutOff,
    ModelNotConfigured,
    ModelRefused,
    ModelUnavailable,
    TooLong,
)
from services.ai.model.form import Form
from services.ai.model.ledger import Ledger
from services.ai.model.wire import connect
from services.ai.service import AiSettings
from services.ai.service import model_server as upstream_of_settings
from shared.errands import asker_without_sandbox
from tests.conftest import SettingsEnv
from tests.services.ai.asking_documents import KEY, MODEL, settings_for
from tests.services.ai.openai_server import (
    ModelServer,
    drips,
    endless,
    fails,
    hangs_up,
    redirects,
    says,
    slow,
    stops_short,
    streams,
    without_forms,
)

_FORM = Form("answer", {"type": "object", "properties": {"total": {"type": "string"}}, "required": ["total"]})
_QUESTION = [{"role": "system", "content": "Copy the total."}, {"role": "user", "content": "Total 12.00"}]
_ANSWER = {"total": "12.00"}


@pytest.fixture
def asks(model_server: ModelServer, settings_env: SettingsEnv):
    """A client of the scripted server: `asks(request_time_limit_s=1)`."""

    def make(*, time_s: float = 60, most_tokens: int = 100_000, **chosen: object) -> ModelClient:
        settings_env(**settings_for(model_server, **chosen))
        upstream = upstream_of_settings()
        assert upstream
        given = AiSettings()
        ledger = Ledger(MODEL, most_tokens, given)
        return ModelClient(connect(asker_without_sandbox(upstream)), MODEL, ledger, given, time.monotonic() + time_s)

    return make


def test_the_key_is_sent_by_the_worker_and_unknown_to_the_engine(model_server: ModelServer, asks) -> None:
    model_server.script(says(_ANSWER))

    client = asks()
    assert client.ask(_QUESTION, _FORM) == _ANSWER

    request = model_server.requests[0]
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(vars(client)) + repr(vars(client._client))
    assert request.body["response_format"]["json_schema"] == {"name": "answer", "strict": True, "schema": _FORM.schema}
    assert "tools" not in request.body


def test_variables_of_the_openai_package_change_nothing(
    model_server: ModelServer, asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("API_KEY", "ADMIN_KEY", "BASE_URL", "ORG_ID", "PROJECT_ID", "CUSTOM_HEADERS", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"OPENAI_{name}", "X-Foreign: foreign")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    model_server.script(says(_ANSWER))

    assert asks().ask(_QUESTION, _FORM) == _ANSWER

    assert "foreign" not in repr(model_server.requests[0].headers).lower()


def test_no_module_of_the_service_imports_openai_before_a_model_is_asked() -> None:
    modules = "services.ai.model.reading, services.ai.own_schema.reading, services.ai.analysis.analyze"
    code = f"import sys, {modules}; print('openai' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path.cwd(), timeout=60)

    assert told.stdout.strip() == "False", told.stderr


@pytest.mark.parametrize(
    ("known", "forms"),
    [((), ["json_schema", "json_object", None]), (("json_object",), ["json_schema", "json_object"])],
)
def test_a_server_without_schemas_is_told_the_form_in_words_and_asked_so_from_then_on(
    model_server: ModelServer, asks, known: tuple[str, ...], forms: list[str | None]
) -> None:
    model_server.script(without_forms(says('Here it is:\n```json\n{"total": "12.00"}\n```'), *known))
    client = asks()

    assert client.ask(_QUESTION, _FORM) == _ANSWER
    assert client.ask(_QUESTION, _FORM) == _ANSWER

    assert [request.form for request in model_server.requests] == [*forms, forms[-1]]
    assert '"total"' in model_server.requests[-1].system
    assert client.ledger.usage.failed_requests == len(forms) - 1


def test_a_setting_spares_the_requests_that_find_out_the_form(model_server: ModelServer, asks) -> None:
    model_server.script(without_forms(says(_ANSWER)))

    asks(answers="text").ask(_QUESTION, _FORM)

    assert [request.form for request in model_server.requests] == [None]


def test_newer_parameters_are_learnt_from_what_the_server_complains_about(model_server: ModelServer, asks) -> None:
    def picky(request, reply) -> None:
        if "max_tokens" in request.body:
            fails(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")(request, reply)
        elif "temperature" in request.body:
            fails(400, "'temperature' does not support 0 with this model.")(request, reply)
        else:
            says(_ANSWER)(request, reply)

    model_server.script(picky)

    assert asks().ask(_QUESTION, _FORM) == _ANSWER
    assert model_server.requests[-1].form == "json_schema"
    assert "max_completion_tokens" in model_server.requests[-1].body


def test_retry_after_is_honoured_within_the_time_of_the_job(model_server: ModelServer, asks) -> None:
    model_server.script(fails(429, Retry_After="1"), says(_ANSWER))
    started_s = time.monotonic()

    assert asks().ask(_QUESTION, _FORM) == _ANSWER

    assert time.monotonic() - started_s >= 1
    assert len(model_server.requests) == 2


def test_a_wait_beyond_the_time_of_the_job_is_left_to_the_jobs_own_retry(model_server: ModelServer, asks) -> None:
    model_server.script(fails(429, Retry_After="120"))

    with pytest.raises(ModelUnavailable) as raised:
        asks(time_s=30).ask(_QUESTION, _FORM)

    assert raised.value.retryable
    assert len(model_server.requests) == 1


@pytest.mark.parametrize("turn", [fails(500), fails(503), hangs_up, stops_short], ids=["500", "503", "closed", "short"])
def test_a_server_that_stumbles_is_asked_again(model_server: ModelServer, asks, turn) -> None:
    model_server.script(turn, says(_ANSWER))

    assert asks().ask(_QUESTION, _FORM) == _ANSWER


@pytest.mark.parametrize("turn", [slow(30, says(_ANSWER)), drips], ids=["silent", "dripping"])
def test_an_answer_that_takes_too_long_is_broken_off(model_server: ModelServer, asks, turn) -> None:
    model_server.script(turn)
    started_s = time.monotonic()

    with pytest.raises(ModelUnavailable, match="in time"):
        asks(request_time_limit_s=1, time_s=7).ask(_QUESTION, _FORM)

    assert time.monotonic() - started_s < 10


def test_a_server_that_is_not_there_ends_with_an_error_that_names_no_address(asks, model_server: ModelServer) -> None:
    client = asks(base_url="http://127.0.0.1:9/v1", time_s=7)

    with pytest.raises(ModelUnavailable, match="connection refused") as raised:
        client.ask(_QUESTION, _FORM)

    assert "127.0.0.1" not in raised.value.message


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (fails(401, f"Incorrect API key provided: {KEY}"), "key"),
        (fails(403, "Total 12.00 is forbidden"), "key"),
        (fails(404, "The model `scripted` does not exist", "model_not_found"), "does not know this model"),
        (fails(429, "You exceeded your quota", "insufficient_quota"), "quota"),
    ],
)
def test_what_no_retry_heals_ends_at_once_and_quotes_nothing(model_server: ModelServer, asks, turn, words: str) -> None:
    model_server.script(turn)

    with pytest.raises(ModelRefused, match=words) as raised:
        asks().ask(_QUESTION, _FORM)

    assert len(model_server.requests) == 1
    assert not raised.value.retryable
    told = repr(raised.value.as_record())
    assert KEY not in told
    assert "12.00" not in told


def test_a_redirection_is_not_followed_with_the_key(model_server: ModelServer, asks) -> None:
    with ModelServer() as other:
        other.script(says(_ANSWER))
        model_server.script(redirects(f"{other.url}/chat/completions"))

        with pytest.raises(ModelRefused, match="another address"):
            asks().ask(_QUESTION, _FORM)

        assert other.requests == []


@pytest.mark.parametrize(
    "turn",
    [says("I cannot help with that."), says('{"total": "12.00"'), streams, says(""), says("[1, 2]")],
    ids=["prose", "torn", "stream", "empty", "list"],
)
def test_an_answer_without_json_is_malformed_and_counted(model_server: ModelServer, asks, turn) -> None:
    model_server.script(turn)
    client = asks()

    with pytest.raises(Malformed):
        client.ask(_QUESTION, _FORM)

    assert client.ledger.usage.requests == 1


def test_an_answer_of_tens_of_megabytes_is_not_read_to_its_end(model_server: ModelServer, asks) -> None:
    model_server.script(endless)

    with pytest.raises(ModelUnavailable, match="more than"):
        asks(time_s=7).ask(_QUESTION, _FORM)


def test_thoughts_before_the_answer_are_no_part_of_it(model_server: ModelServer, asks) -> None:
    model_server.script(says('<think>{"total": "0"}?</think>{"total": "12.00"}'))

    assert asks().ask(_QUESTION, _FORM) == _ANSWER


def test_a_number_keeps_the_digits_that_the_model_wrote(model_server: ModelServer, asks) -> None:
    model_server.script(says('{"total": 12345678901234.50}'))

    assert asks().ask(_QUESTION, _FORM) == {"total": "12345678901234.50"}


def test_a_cut_off_answer_and_a_request_that_is_too_long_ask_for_smaller_pieces(
    model_server: ModelServer, asks
) -> None:
    model_server.script(says('{"total": "1', finish="length"))
    with pytest.raises(CutOff):
        asks().ask(_QUESTION, _FORM)

    model_server.script(fails(400, "This model's maximum context length is 4096 tokens."))
    with pytest.raises(TooLong):
        asks().ask(_QUESTION, _FORM)


def test_tokens_and_their_price_are_counted_also_for_answers_that_cannot_be_used(
    model_server: ModelServer, asks
) -> None:
    model_server.script(says("nonsense", usage=(1000, 100)), says(_ANSWER, usage=(2000, 50)))
    client = asks(price_in_per_million=2.5, price_out_per_million=10)

    with pytest.raises(Malformed):
        client.ask(_QUESTION, _FORM)
    client.ask(_QUESTION, _FORM)

    usage = client.ledger.usage
    assert (usage.requests, usage.input_tokens, usage.output_tokens) == (2, 3000, 150)
    assert usage.cost == "0.009000"
    assert not usage.estimated


def test_a_server_that_counts_nothing_is_estimated_and_said_to_be(model_server: ModelServer, asks) -> None:
    model_server.script(says(_ANSWER, usage=None))
    client = asks()

    client.ask(_QUESTION, _FORM)

    assert client.ledger.usage.estimated
    assert client.ledger.usage.input_tokens > 5
    assert client.ledger.usage.cost is None


def test_no_request_is_made_beyond_the_budget(model_server: ModelServer, asks) -> None:
    model_server.script(says(_ANSWER, usage=(900, 50)))
    client = asks(most_tokens=1000)

    client.ask(_QUESTION, _FORM)
    with pytest.raises(BudgetReached):
        client.ask(_QUESTION, _FORM)

    assert len(model_server.requests) == 1


def test_without_a_server_the_error_says_what_to_set() -> None:
    with pytest.raises(ModelNotConfigured) as raised:
        connect(None)

    assert "BINDERY_AI_BASE_URL" in raised.value.remedy


def test_a_wrong_address_is_refused_with_the_name_of_its_variable_and_without_its_password(
    settings_env: SettingsEnv,
) -> None:
    settings_env(ai_base_url="http://somebody:hidden@model.example/v1")

    with pytest.raises(ValueError, match="credentials") as raised:
        AiSettings()

    assert "hidden" not in str(raised.value)
    assert os.environ["BINDERY_AI_BASE_URL"]


def test_requests_side_by_side_do_not_spend_each_others_reserve(model_server: ModelServer, asks) -> None:
    model_server.script(slow(0.5, says(_ANSWER, usage=(100, 20))))
    client = asks(most_tokens=1000, max_answer_tokens=800)

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: client.ask(_QUESTION, _FORM), range(3)))

    assert answers == [_ANSWER] * 3
    assert client.ledger.usage.requests == 3
