"""An operation on files of any kind takes those that nobody knows, and still says of the others what they are."""

from __future__ import annotations

import httpx

from tests.gateway.documents import PDF, PNG, files


def test_an_operation_on_files_of_any_kind_takes_kinds_that_nobody_knows(client: httpx.Client):
    unknown = bytes(range(256))

    answer = client.post("/v1/attach", files=files(PDF, unknown, PNG, names=("a.pdf", "b.dat", "c.png")))

    assert answer.status_code == 202
    kinds = [given["media_type"] for given in answer.json()["inputs"]]
    assert kinds == ["application/pdf", "application/octet-stream", "image/png"]


def test_an_operation_on_some_kinds_still_refuses_the_others(client: httpx.Client):
    answer = client.post("/v1/split", files=files(bytes(range(256))))

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
