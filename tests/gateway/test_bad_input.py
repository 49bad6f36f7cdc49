"""Every bad request is answered with a code and a remedy, and leaves neither a row nor a document behind."""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import time
from collections.abc import Callable

import httpx
import pytest

from shared import database
from tests.gateway.documents import PDF, PNG, files
from tests.gateway.running_gateway import RunningGateway

_UNKNOWN = "01a20164-e816-72f2-b577-59f024a9b2d8"


def refused(answer: httpx.Response, status: int, code: str) -> dict:
    """Check that an answer is a problem document, and return it."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    assert problem["type"] == f"urn:bindery:problem:{code}"
    assert all(problem[member].strip() for member in ("title", "detail", "remedy"))
    return problem


@pytest.mark.parametrize(
    ("contents", "status", "code"),
    [
        ([b"MZ this is a program"], 415, "unsupported_media_type"),
        ([PNG], 415, "unsupported_media_type"),
        ([b""], 422, "empty_file"),
        ([], 422, "missing_file"),
        ([PDF, b"", PDF], 422, "empty_file"),
        ([PDF] * 6, 413, "too_many_files"),
        ([PDF + b"x" * 2_000_000], 413, "too_large"),
        ([PDF, PDF + b"x" * 5_000_000], 413, "too_large"),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_kept(
    client: httpx.Client, gateway: RunningGateway, contents: list[bytes], status: int, code: str
):
    # Without a file the form still is one: a field makes it so.
    answer = client.post("/v1/compress", files=[*files(*contents), ("preset", (None, "small"))])

    refused(answer, status, code)
    assert gateway.kept_nothing()


@pytest.mark.parametrize(
    ("form", "field", "code"),
    [
        ({"presets": "small"}, "presets", "unknown_option"),
        ({"preset": "tiny"}, "preset", "enum"),
        ({"image_dpi": "many"}, "image_dpi", "int_parsing"),
        ({"image_dpi": "5"}, "image_dpi", "greater_than_equal"),
        ({"grayscale": "maybe"}, "grayscale", "bool_parsing"),
        ({"priority": "10"}, "priority", "out_of_range"),
        ({"priority": "\u0663"}, "priority", "out_of_range"),
        ({"preset": ["small", "print"]}, "preset", "given_twice"),
        ({"options": "{'preset': 'small'}"}, "options", "malformed_json"),
        ({"options": "[1]"}, "options", "malformed_json"),
        ({"options": "[" * 60_000}, "options", "malformed_json"),
        ({"options": '{"preset": {"a": 1}}'}, "preset", "enum"),
        ({"options": '{"preset": "small"}', "preset": "print"}, "preset", "given_twice"),
        ({"password": "x" * 2000}, "password", "too_long"),
        ({"": "x"}, "", "unknown_option"),
        ({"password": "a\0b"}, "password", "zero_character"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_kept(
    client: httpx.Client, gateway: RunningGateway, form: dict, field: str, code: str
):
    answer = client.post("/v1/compress", files=files(PDF), data=form)

    problem = refused(answer, 422, "invalid_options")
    assert [(found["field"], found["code"]) for found in problem["problems"]] == [(field, code)]
    assert gateway.kept_nothing()


def test_all_problems_of_a_request_are_named_in_one_answer(client: httpx.Client, gateway: RunningGateway):
    form = {"preset": "tiny", "colour": "red", "image_dpi": "x", "priority": "11"}

    answer = client.post("/v1/compress", files=files(b"no pdf", PDF, b""), data=form)

    problem = refused(answer, 422, "invalid_options")
    assert sorted((found["field"], found["code"]) for found in problem["problems"]) == [
        ("colour", "unknown_option"),
        ("file", "empty_file"),
        ("file", "unsupported_media_type"),
        ("image_dpi", "int_parsing"),
        ("preset", "enum"),
        ("priority", "out_of_range"),
    ]
    assert "document-0.pdf" in problem["detail"]
    assert gateway.kept_nothing()


def test_an_answer_does_not_repeat_what_was_sent(client: httpx.Client):
    answer = client.post(
        "/v1/compress", files=files(b"no pdf"), data={"password": "s3cret" * 400, "image_dpi": "s3cret"}
    )

    assert "s3cret" not in answer.text


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"Content-Type": "application/json"}, b"{}", 415, "not_multipart"),
        ({"Content-Type": "application/pdf"}, PDF, 415, "not_multipart"),
        ({}, PDF, 415, "not_multipart"),
        ({"Content-Type": "multipart/form-data"}, b"xx", 400, "malformed_multipart"),
        ({"Content-Type": "multipart/form-data; boundary=a"}, b"", 400, "malformed_multipart"),
        ({"Content-Type": "multipart/form-data; boundary=a"}, b"no parts", 400, "malformed_multipart"),
        ({"Content-Type": "multipart/form-data; boundary=a"}, b"--a\r\nContent-Disp", 400, "malformed_multipart"),
        (
            {"Content-Type": "multipart/form-data; boundary=a"},
            b'--a\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + PDF,
            400,
            "malformed_multipart",
        ),
        (
            {"Content-Type": "multipart/form-data; boundary=a"},
            b'--a\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + PDF + b"\r\n--a\r\n",
            400,
            "malformed_multipart",
        ),
        (
            {"Content-Type": "multipart/form-data; boundary=a"},
            b'--a\r\nContent-Disposition: form-data; name="file"; filename="\xff\xfe"\r\n\r\n' + PDF + b"\r\n--a--\r\n",
            400,
            "malformed_multipart",
        ),
        (
            {"Content-Type": "multipart/form-data; boundary=a"},
            b'--a\r\nContent-Disposition: form-data; name="preset"\r\n\r\n\xff\xfe\r\n--a--\r\n',
            400,
            "malformed_multipart",
        ),
        (
            {"Content-Type": "multipart/form-data; boundary=a"},
            b'--a\r\nContent-Disposition: form-data; name="preset"\r\n\r\n' + b"x" * 70_000 + b"\r\n--a--\r\n",
            400,
            "malformed_multipart",
        ),
    ],
)
def test_a_malformed_body_is_refused_and_nothing_kept(
    client: httpx.Client, gateway: RunningGateway, headers: dict, body: bytes, status: int, code: str
):
    answer = client.post("/v1/compress", content=body, headers=headers)

    refused(answer, status, code)
    assert gateway.kept_nothing()


def test_too_many_fields_are_refused(client: httpx.Client, gateway: RunningGateway):
    parts = [*files(PDF), *((f"field-{number}", (None, "x")) for number in range(300))]

    refused(client.post("/v1/compress", files=parts), 400, "malformed_multipart")
    assert gateway.kept_nothing()


def test_a_client_that_sends_everything_before_it_listens_hears_that_it_was_too_much(gateway: RunningGateway):
    head = b'--a\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + PDF
    connection = http.client.HTTPConnection(gateway.url.removeprefix("http://"), timeout=60)

    connection.request(
        "POST",
        "/v1/compress",
        body=itertools.chain([head], itertools.repeat(b"x" * 1_000_000, 60)),
        headers={"Content-Type": "multipart/form-data; boundary=a"},
        encode_chunked=True,
    )
    answer = connection.getresponse()
    problem = json.load(answer)
    connection.close()

    assert (answer.status, problem["code"]) == (413, "too_large")
    assert gateway.kept_nothing()


@pytest.mark.parametrize("framing", [b"Content-Length: 50000000\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_nothing_is_kept_of_a_client_that_goes_away_in_the_middle(
    gateway_with: Callable[..., RunningGateway], framing: bytes
):
    gateway = gateway_with()
    host, port = gateway.url.removeprefix("http://").split(":")
    part = b'--a\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + PDF + b"x" * 12_000_000
    body = part if framing.startswith(b"Content") else b"%x\r\n%b\r\n" % (len(part), part)
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            b"POST /v1/compress HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=a\r\n"
            + framing
            + b"\r\n"
            + body
        )
        deadline_s = time.monotonic() + 20
        while not gateway.stored() and time.monotonic() < deadline_s:
            time.sleep(0.02)
        assert gateway.stored(), "the upload did not begin"

    while not gateway.kept_nothing() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert gateway.kept_nothing()


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("POST", "/v1/shrink", 404, "unknown_operation"),
        ("GET", "/v1/operations/shrink", 404, "unknown_operation"),
        ("GET", f"/v1/jobs/{_UNKNOWN}", 404, "unknown_job"),
        ("GET", f"/v1/jobs/{_UNKNOWN}?wait=1", 404, "unknown_job"),
        ("GET", f"/v1/jobs/{_UNKNOWN}/events", 404, "unknown_job"),
        ("GET", f"/v1/jobs/{_UNKNOWN}/journal", 404, "unknown_job"),
        ("GET", f"/v1/jobs/{_UNKNOWN}/result", 404, "unknown_job"),
        ("GET", f"/v1/jobs/{_UNKNOWN}/outputs/x.pdf", 404, "unknown_job"),
        ("POST", f"/v1/jobs/{_UNKNOWN}/cancel", 404, "unknown_job"),
        ("POST", f"/v1/jobs/{_UNKNOWN}/retry", 404, "unknown_job"),
        ("DELETE", f"/v1/jobs/{_UNKNOWN}", 404, "unknown_job"),
        ("GET", f"/v1/batches/{_UNKNOWN}", 404, "unknown_batch"),
        ("GET", f"/v1/batches/{_UNKNOWN}/events", 404, "unknown_batch"),
        ("GET", f"/v1/batches/{_UNKNOWN}/result", 404, "unknown_batch"),
        ("POST", f"/v1/batches/{_UNKNOWN}/cancel", 404, "unknown_batch"),
        ("DELETE", f"/v1/batches/{_UNKNOWN}", 404, "unknown_batch"),
        ("POST", "/v1/queues/nowhere/pause", 404, "unknown_queue"),
        ("POST", "/v1/queues/nowhere/resume", 404, "unknown_queue"),
        ("GET", "/v1/jobs/12345", 400, "malformed_id"),
        ("GET", "/v1/batches/not-an-id", 400, "malformed_id"),
        ("GET", "/v1/jobs?cursor=x", 400, "malformed_id"),
        ("GET", "/v1/jobs?status=done", 422, "invalid_options"),
        ("GET", "/v1/jobs?limit=0", 422, "invalid_options"),
        ("GET", "/v1/jobs?created_after=yesterday", 422, "invalid_options"),
        ("GET", "/v1/jobs?created_after=2026-01-01T00:00:00", 422, "invalid_options"),
        ("GET", "/v1/jobs?limit=1&limit=2", 422, "invalid_options"),
        ("GET", f"/v1/jobs/{_UNKNOWN}?wait=soon", 422, "invalid_options"),
        ("GET", "/v1/jobs?operation=a%00b", 422, "invalid_options"),
        ("GET", "/v2/anything", 404, "not_found"),
        ("GET", "/v1/jobs/x/y/z", 404, "not_found"),
        ("GET", "/%ff%fe", 404, "not_found"),
        ("GET", "/v1/compress", 405, "method_not_allowed"),
        ("DELETE", "/v1/jobs", 405, "method_not_allowed"),
    ],
)
def test_a_wrong_address_is_answered_with_a_problem(
    client: httpx.Client, method: str, address: str, status: int, code: str
):
    refused(client.request(method, address), status, code)


def test_an_unexpected_error_tells_nothing_of_the_inside(gateway_with: Callable[..., RunningGateway]):
    gateway = gateway_with()
    database.rows("ALTER TABLE job RENAME TO lost", {})

    problem = refused(httpx.get(f"{gateway.url}/v1/jobs"), 500, "internal")

    assert problem["detail"] == "Something went wrong inside Bindery."
    assert "lost" not in json.dumps(problem)
    assert "SELECT" not in json.dumps(problem)
    assert "request.crashed" in gateway.log.read_text()
