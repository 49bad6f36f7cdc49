"""The journal of operators: what they do to the platform is noted, with who did it."""

from __future__ import annotations

import httpx
import pytest

from shared import operators


@pytest.fixture(autouse=True)
def _empty_journal(gateway) -> None:
    from shared import database

    database.rows("TRUNCATE operator_action", {})


def _lines(client: httpx.Client) -> list[dict]:
    return client.get("/v1/journal").json()["journal"]


def test_pausing_resuming_and_clearing_are_noted_with_who_did_it(client: httpx.Client):
    client.post("/v1/queues/compression/pause")
    client.post("/v1/queues/compression/resume")
    client.delete("/v1/cache")

    noted = _lines(client)

    assert [line["action"] for line in noted] == ["cache.cleared", "queue.resumed", "queue.paused"]
    assert [line["details"] for line in noted] == [{"results": 0}, {"queue": "compression"}, {"queue": "compression"}]
    assert all(line["actor"] for line in noted)


def test_what_was_refused_is_not_noted(client: httpx.Client):
    assert client.post("/v1/queues/nothing/pause").status_code == 404

    assert _lines(client) == []


def test_the_pages_of_the_journal_hold_every_line_once_and_the_newest_first(client: httpx.Client):
    for number in range(5):
        operators.note("anna", "queue.paused", {"queue": str(number)})
    found, cursor, pages = [], None, 0

    while pages == 0 or cursor:
        page = client.get("/v1/journal", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        found += [line["details"]["queue"] for line in page["journal"]]
        cursor, pages = page["next_cursor"], pages + 1

    assert (found, pages) == (["4", "3", "2", "1", "0"], 3)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=x", "cursor=-1", "limit=1&limit=2"])
def test_a_wrong_page_is_refused(client: httpx.Client, query: str):
    answer = client.get(f"/v1/journal?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_options")
