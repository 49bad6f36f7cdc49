"""API keys, sessions and quotas, as a client meets them."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable

import httpx
import pytest

from gateway.key_ring import TRUSTED_S
from shared import api_keys, database
from shared.callers import Scope
from tests.gateway.documents import PDF, files
from tests.gateway.running_gateway import RunningGateway

Callers = Callable[..., httpx.Client]
#: What scanners of source code are told to look for.
_PATTERN = r"bnd_[a-z2-7]{12}_[0-9A-Za-z]{49}"


def refused(answer: httpx.Response, status: int, code: str) -> None:
    """The answer is this problem, with a remedy."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["remedy"]


def with_key(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_a_key_is_made_shown_once_listed_and_revoked(guarded: RunningGateway, caller: Callers):
    admin = caller("root", "admin")
    wish = {"owner": "anna", "name": "laptop", "scopes": ["read"], "running_jobs": 3, "expires_in_days": 2}
    made = admin.post("/v1/keys", json=wish)
    key = made.json().pop("key")
    listed = admin.get("/v1/keys")

    assert made.status_code == 201
    assert re.fullmatch(_PATTERN, key)
    assert made.headers["Location"] == f"/v1/keys/{made.json()['id']}"
    assert {one["name"]: one["created_by"] for one in listed.json()["keys"]} == {"laptop": "root/test", "test": "tests"}
    assert key not in listed.text
    assert key.rpartition("_")[2][:43] not in str(database.rows("SELECT * FROM api_key", {}))
    assert httpx.get(f"{guarded.url}/v1/jobs", headers=with_key(key)).status_code == 200

    revoked = admin.delete(made.headers["Location"])

    assert revoked.json()["revoked_at"]
    refused(httpx.get(f"{guarded.url}/v1/jobs", headers=with_key(key)), 401, "wrong_key")
    actions = [(line["action"], line["actor"]) for line in admin.get("/v1/journal").json()["journal"][:2]]
    assert actions == [("key.revoked", "root/test"), ("key.created", "root/test")]


def test_a_key_revoked_elsewhere_stops_working_within_seconds(caller: Callers):
    anna = caller("anna")
    assert anna.get("/v1/jobs").status_code == 200
    api_keys.revoke(api_keys.listed()[0]["id"])
    deadline_s = time.monotonic() + TRUSTED_S + 5
    while (answer := anna.get("/v1/jobs")).status_code == 200:
        assert time.monotonic() < deadline_s
        time.sleep(0.2)

    refused(answer, 401, "wrong_key")


def test_a_key_that_has_expired_is_refused(caller: Callers):
    anna = caller("anna")
    database.rows("UPDATE api_key SET expires_at = now()", {})

    refused(anna.get("/v1/jobs"), 401, "wrong_key")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Basic YTpi", "unauthenticated"),
        ("Bearer", "wrong_key"),
        ("Bearer nonsense", "wrong_key"),
        ("Bearer bnd_" + "a" * 100_000, "wrong_key"),
    ],
)
def test_what_is_no_key_is_refused(guarded: RunningGateway, header: str, code: str):
    answer = httpx.get(f"{guarded.url}/v1/jobs", headers={"Authorization": header})

    assert answer.status_code in (400, 401, 431)
    if answer.status_code == 401:
        refused(answer, 401, code)


def test_a_key_with_one_other_letter_is_refused_and_so_is_another_keys_secret(caller: Callers):
    shown = [caller(owner).headers["Authorization"].removeprefix("Bearer ") for owner in ("anna", "ben")]
    mistyped = shown[0][:-1] + ("a" if shown[0][-1] != "a" else "b")
    mixed = api_keys._PREFIX + "_" + shown[0].split("_")[1] + "_" + shown[1].split("_")[2][:43]
    client = caller("cleo")
    for key in (mistyped, mixed + api_keys._checksum(mixed)):
        refused(client.get("/v1/jobs", headers=with_key(key)), 401, "wrong_key")


@pytest.mark.parametrize(
    "change",
    [
        {"owner": ""},
        {"owner": "An na"},
        {"owner": "a" * 64},
        {"name": ""},
        {"name": "a\u0007b"},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"jobs_per_minute": -1},
        {"bytes_per_day": 10**30},
        {"expires_in_days": 0},
        {"expires_in_days": 1e300},
        {"secret": "mine"},
    ],
)
def test_a_key_that_cannot_be_is_refused_with_the_fields_that_are_wrong(caller: Callers, change: dict[str, object]):
    answer = caller("root", "admin").post("/v1/keys", json={"owner": "anna", "name": "laptop", **change})

    refused(answer, 422, "invalid_options")
    assert answer.json()["problems"][0]["field"].split(".")[0] in change


@pytest.mark.parametrize("key_id", ["nothing", "%00", "a" * 12])
def test_a_key_that_is_not_there_is_told_so(caller: Callers, key_id: str):
    refused(caller("root", "admin").delete(f"/v1/keys/{key_id}"), 404, "unknown_key")


def test_where_no_keys_are_needed_everybody_is_local_with_every_scope(client: httpx.Client):
    session = client.get("/v1/session").json()

    assert session == {"keys_needed": False, "owner": "local", "name": "local", "scopes": ["admin", "read", "submit"]}
    assert client.post("/v1/session").json() == session
    assert "set-cookie" not in client.post("/v1/session").headers


def test_a_browser_signs_in_and_out(guarded: RunningGateway, caller: Callers):
    key = caller("anna").headers["Authorization"]
    with httpx.Client(base_url=guarded.url) as browser:
        assert browser.get("/v1/session").json() == {"keys_needed": True, "owner": None, "name": None, "scopes": []}
        signed_in = browser.post("/v1/session", headers={"Authorization": key})
        cookie = signed_in.headers["Set-Cookie"]

        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
        assert key.rpartition("_")[2][:43] not in cookie
        assert browser.get("/v1/session").json()["name"] == "anna/test"
        assert browser.post("/v1/compress", files=files(PDF)).json()["owner"] == "anna"
        assert browser.delete("/v1/session").status_code == 204
        refused(browser.get("/v1/jobs"), 401, "unauthenticated")


def test_a_session_behind_tls_is_never_sent_without_it(caller: Callers):
    answer = caller("anna").post("/v1/session", headers={"X-Forwarded-Proto": "https"})

    assert "Secure" in answer.headers["Set-Cookie"].split("; ")


def test_a_session_dies_with_its_key(guarded: RunningGateway, caller: Callers):
    admin, anna = caller("root", "admin"), caller("anna")
    with httpx.Client(base_url=guarded.url) as browser:
        browser.post("/v1/session", headers={"Authorization": anna.headers["Authorization"]})
        key = next(one for one in admin.get("/v1/keys").json()["keys"] if one["owner"] == "anna")
        admin.delete(f"/v1/keys/{key['id']}")

        refused(browser.get("/v1/jobs"), 401, "wrong_key")
        assert browser.get("/v1/session").json()["owner"] is None


def test_a_stream_of_events_ends_with_the_key_of_its_reader(caller: Callers):
    admin, anna = caller("root", "admin"), caller("anna")
    job = anna.post("/v1/compress", files=files(PDF)).json()
    with anna.stream("GET", job["links"]["events"]) as stream:
        lines = stream.iter_lines()
        while "created" not in (line := next(lines)):
            assert "cancelled" not in line
        key = next(one for one in admin.get("/v1/keys").json()["keys"] if one["owner"] == "anna")
        admin.delete(f"/v1/keys/{key['id']}")
        assert admin.post(job["links"]["cancel"]).json()["status"] == "cancelled"

        assert not any("cancelled" in line for line in lines)


def test_a_session_that_nobody_made_is_none(guarded: RunningGateway):
    for value in ("", "x", "gAAAAA" + "A" * 100):
        answer = httpx.get(f"{guarded.url}/v1/jobs", headers={"Cookie": f"bindery_session={value}"})
        refused(answer, 401, "unauthenticated")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
    ],
)
def test_a_page_of_another_origin_cannot_use_a_session(
    guarded: RunningGateway, caller: Callers, headers: dict[str, str]
):
    with httpx.Client(base_url=guarded.url) as browser:
        browser.post("/v1/session", headers={"Authorization": caller("anna").headers["Authorization"]})

        refused(browser.post("/v1/compress", files=files(PDF), headers=headers), 403, "foreign_page")
        own = {"Origin": guarded.url, "Sec-Fetch-Site": "same-origin"}
        assert browser.post("/v1/compress", files=files(PDF), headers=own).status_code == 202


def test_a_gateway_that_asks_for_keys_may_be_called_by_its_name(caller: Callers):
    assert caller("anna").get("/v1/jobs", headers={"Host": "bindery.example.com"}).status_code == 200


def test_jobs_of_a_minute_are_limited(caller: Callers):
    anna = caller("anna", jobs_per_minute=3)
    taken = [anna.post("/v1/compress", files=files(PDF)) for _ in range(2)]
    too_many = anna.post("/v1/compress", files=files(PDF, PDF))
    fits = anna.post("/v1/compress", files=files(PDF))
    refusal = anna.post("/v1/compress", files=files(PDF))

    assert [answer.status_code for answer in (*taken, fits)] == [202] * 3
    for answer in (too_many, refusal):
        refused(answer, 429, "too_many_jobs")
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert len(anna.get("/v1/jobs").json()["jobs"]) == 3
    assert caller("ben").post("/v1/compress", files=files(PDF)).status_code == 202


def test_more_documents_than_any_minute_allows_are_told_so_at_once(caller: Callers):
    refused(caller("anna", jobs_per_minute=1).post("/v1/compress", files=files(PDF, PDF)), 413, "too_many_files")


def test_bytes_of_a_day_are_limited_and_what_is_refused_is_not_kept(guarded: RunningGateway, caller: Callers):
    anna = caller("anna", bytes_per_day=2 * len(PDF))
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = anna.post("/v1/compress", files=files(PDF), headers=key)
    repeated = anna.post("/v1/compress", files=files(PDF), headers=key)
    kept = len(guarded.stored())
    larger = anna.post("/v1/compress", files=files(PDF + b"x"))
    lent = anna.post("/v1/compress", files=files(PDF))

    assert [answer.status_code for answer in (first, repeated, lent)] == [202] * 3
    assert repeated.json()["id"] == first.json()["id"]
    refused(larger, 429, "quota_exceeded")
    assert 1 <= int(larger.headers["Retry-After"]) <= 86_401
    refused(anna.post("/v1/compress", files=files(PDF[:10]), headers={"Idempotency-Key": "new"}), 429, "quota_exceeded")
    # Of the refused ones nothing was kept: the one that fitted is what came since.
    assert len(guarded.stored()) == kept + 1
    assert caller("ben").post("/v1/compress", files=files(PDF)).status_code == 202


def test_a_flood_of_wrong_keys_is_answered_without_a_look_and_good_keys_still_work(
    gateway_with: Callable[..., RunningGateway],
):
    gateway = gateway_with(require_keys="true", wrong_keys_per_minute="3", redis_url="redis://127.0.0.1:1")
    good, _ = api_keys.create("anna", "known", [Scope.READ, Scope.SUBMIT], actor="tests", limits=api_keys.Limits(5))
    wrong = [api_keys.create("anna", "gone", [Scope.READ], actor="tests")[0] for _ in range(6)]
    database.rows("UPDATE api_key SET revoked_at = now() WHERE name = 'gone'", {})
    with httpx.Client(base_url=gateway.url, timeout=30) as client:
        assert client.get("/v1/jobs", headers=with_key(good)).status_code == 200
        answers = [client.get("/v1/jobs", headers=with_key(key)) for key in wrong]

        assert [answer.status_code for answer in answers] == [401] * 3 + [429] * 3
        refused(answers[-1], 429, "too_many_wrong_keys")
        assert int(answers[-1].headers["Retry-After"]) >= 1
        # Redis is away: the limit of jobs per minute holds nobody up.
        sent = [client.post("/v1/compress", files=files(PDF), headers=with_key(good)) for _ in range(7)]
        assert {answer.status_code for answer in sent} == {202}
    assert "quotas.redis_unavailable" in gateway.log.read_text()
