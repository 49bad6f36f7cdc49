"""What has no end or explodes when it is read is refused at once: nothing holds up the gateway, nothing is kept."""

from __future__ import annotations

import gzip
import json

import httpx
import pytest

from tests.gateway.documents import PDF, files
from tests.gateway.running_gateway import RunningGateway
from tests.gateway.test_bad_input import refused

#: Far longer than an answer takes, far shorter than what tries every way to read the worst of these.
_PATIENCE_S = 20


@pytest.mark.parametrize(
    "text",
    [
        *(b"<!---->" * 1100, b"<!--" * 2000, b" " * 8000 + b"x", b"<!-- -->" * 900 + b"<" * 500),
        *(b"-->" * 2700, b"<?xml" + b"<!---->" * 1000, b"<!doctype" + b" " * 8000, b"%PDF" * 2000),
    ],
    ids=range(8),
)
def test_recognising_a_text_takes_no_time_whatever_it_is_made_of(gateway: RunningGateway, text: bytes):
    answer = httpx.post(f"{gateway.url}/v1/compress", files=files(text), timeout=_PATIENCE_S)

    refused(answer, 415, "unsupported_media_type")
    assert gateway.kept_nothing()


@pytest.mark.parametrize(
    "steps",
    [
        *("[" * 60_000, '[{"operation":' * 4000, json.dumps([{"operation": "compress"}] * 2000)),
        *('[{"operation": "compress", "options": ' + "[" * 900 + "]" * 900 + "}]", "9" * 60_000, "1e999999999"),
        *('[{"operation": "' + "x" * 60_000 + '"}]', '[{"' + "k" * 60_000 + '": 1}]', '"\\ud800"'),
        '[{"operation": "compress", "options": {"target_bytes": ' + "9" * 60_000 + "}}]",
        '[{"operation": "compress", "options": {"target_bytes": NaN}}]',
        '[{"operation": "compress", "options": {"target_bytes": 1e400}}]',
    ],
    ids=range(12),
)
def test_json_without_measure_is_refused(client: httpx.Client, gateway: RunningGateway, steps: str):
    answer = client.post("/v1/pipelines", files=[*files(PDF), ("steps", (None, steps))])

    refused(answer, 422, "invalid_options")
    assert len(answer.content) < 100_000
    assert gateway.kept_nothing()


def test_a_million_steps_are_refused(client: httpx.Client, gateway: RunningGateway):
    steps = "[" + "{}," * 1_000_000 + "{}]"

    refused(client.post("/v1/pipelines", files=[*files(PDF), ("steps", (None, steps))]), 400, "malformed_multipart")
    assert gateway.kept_nothing()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_a_packed_request_is_not_unpacked(client: httpx.Client, gateway: RunningGateway, coding: str):
    packed = gzip.compress(b"\0" * 50_000_000)
    headers = {"Content-Type": "multipart/form-data; boundary=a", "Content-Encoding": coding}

    refused(client.post("/v1/compress", content=packed, headers=headers), 400, "malformed_multipart")
    assert gateway.kept_nothing()


def test_a_long_body_of_json_is_not_read(client: httpx.Client):
    answer = client.post(
        "/v1/webhooks", content=b'{"url": "' + b"x" * 5_000_000, headers={"Content-Type": "application/json"}
    )

    refused(answer, 413, "too_large")
