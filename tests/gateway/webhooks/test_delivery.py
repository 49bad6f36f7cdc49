"""How a delivery reaches its receiver, whatever happens on the way, and what is remembered of it."""

from __future__ import annotations

import threading
from typing import Any

import httpx
import pytest
from standardwebhooks import WebhookVerificationError

from services.maintenance.old_webhooks import delete_old_webhooks
from shared import database, settings
from tests.gateway.documents import PDF, files
from tests.gateway.webhooks.conftest import deliver_and_die, deliveries, delivering, register
from tests.gateway.webhooks.receiver import Receiver, until
from tests.running_platform import free_port

_OK: dict[str, str] = {}


pytestmark = pytest.mark.usefixtures("gateway")


def ended(client: httpx.Client, number: int = 1) -> list[str]:
    """Cancel so many fresh jobs, and return their ids: the shortest way to an event."""
    job_ids = []
    for _ in range(number):
        job = client.post("/v1/compress", files=files(PDF)).raise_for_status().json()
        client.post(f"/v1/jobs/{job['id']}/cancel").raise_for_status()
        job_ids.append(job["id"])
    return job_ids


def settled(client: httpx.Client, state: str, number: int = 1) -> list[dict[str, Any]]:
    """The deliveries in a state, once there are so many."""
    found: list[dict[str, Any]] = until(
        lambda: here if len(here := deliveries(client, state=state)) >= number else None
    )
    return found


def statuses(delivery: dict[str, Any]) -> list[int | None]:
    """The status of each attempt."""
    return [each["status_code"] for each in delivery["log"]]


def test_a_receiver_that_is_down_gets_it_when_it_is_up_again(client: httpx.Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BINDERY_MAINTENANCE_WEBHOOK_DELAYS_S", ",".join(["0.1"] * 200))
    port = free_port()
    secret = register(client, f"http://127.0.0.1:{port}/hook")["secret"]
    ended(client)
    with delivering():
        until(lambda: len(deliveries(client)[0]["log"]) > 1)
        assert client.get("/v1/webhooks").json()["webhooks"][0]["failing_since"]
        with Receiver(port=port) as receiver:
            (delivery,) = settled(client, "delivered")

    assert {each["error"]["code"] for each in delivery["log"][:-1]} == {"url_unreachable"}
    assert (statuses(delivery)[-1], delivery["last_error"]) == (204, None)
    (request,) = receiver.received
    assert request.verified(secret)["type"] == "job.cancelled"
    assert client.get("/v1/webhooks").json()["webhooks"][0]["failing_since"] is None


def test_a_delivery_that_is_refused_each_time_is_dead_and_can_be_delivered_again(
    client: httpx.Client, receiver: Receiver, delivery: None
):
    receiver.answering = lambda _number: (500, _OK)
    webhook = register(client, receiver.url)
    ended(client)
    (dead,) = settled(client, "dead")

    assert statuses(dead) == [500, 500, 500]
    assert (dead["last_error"]["code"], dead["last_status"], dead["next_at"]) == ("refused", 500, None)
    assert client.get(webhook["links"]["self"]).json()["deliveries"] == {"pending": 0, "dead": 1}
    assert 'bindery_webhook_deliveries{state="dead"} 1.0' in client.get("/metrics").text

    receiver.answering = lambda _number: (200, _OK)
    answer = client.post(dead["links"]["redeliver"])
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    (delivered,) = settled(client, "delivered")
    assert statuses(delivered) == [500, 500, 500, 200]
    # The receiver can tell that it is the same.
    assert {request.id for request in receiver.received} == {dead["id"]}
    journal = client.get("/v1/journal").json()["journal"]
    assert [(line["action"], line["details"]) for line in journal] == [
        ("webhook.redelivered", {"delivery_id": dead["id"]})
    ]


def test_all_dead_deliveries_of_a_webhook_are_delivered_again_at_once(
    client: httpx.Client, receiver: Receiver, delivery: None
):
    receiver.answering = lambda number: (200 if number == 1 else 404, _OK)
    webhook = register(client, receiver.url)
    ended(client)
    settled(client, "delivered")
    ended(client, 2)
    settled(client, "dead", 2)
    receiver.answering = lambda _number: (200, _OK)

    assert client.post(webhook["links"]["redeliver"]).json() == {"redelivered": 2}
    assert [len(each["log"]) for each in settled(client, "delivered", 3)] == [1, 4, 4]


def test_a_receiver_that_is_gone_is_left_alone_until_somebody_enables_it(client: httpx.Client, receiver: Receiver):
    receiver.answering = lambda _number: (410, _OK)
    webhook = register(client, receiver.url)
    ended(client, 6)
    with delivering():
        dead = settled(client, "dead", 6)
        seen = client.get(webhook["links"]["self"]).json()
        assert (seen["enabled"], seen["disabled_because"]) == (False, "The receiver answered 410 Gone.")
        assert "endpoint_disabled" in {each["last_error"]["code"] for each in dead}
        ended(client)
        assert len(deliveries(client)) == 6
        refused = client.post(webhook["links"]["redeliver"])
        assert (refused.status_code, refused.json()["code"]) == (409, "webhook_disabled")
        assert client.post(dead[0]["links"]["redeliver"]).json()["code"] == "webhook_disabled"

        receiver.answering = lambda _number: (200, _OK)
        client.patch(webhook["links"]["self"], json={"enabled": True}).raise_for_status()
        client.post(webhook["links"]["redeliver"]).raise_for_status()
        settled(client, "delivered", 6)


def test_a_redirection_is_a_failure_and_is_not_followed(client: httpx.Client, receiver: Receiver, delivery: None):
    with Receiver() as elsewhere:
        receiver.answering = lambda _number: (307, {"Location": elsewhere.url})
        register(client, receiver.url)
        ended(client)
        (dead,) = settled(client, "dead")

        assert dead["last_error"]["code"] == "redirected"
        assert elsewhere.received == []


def test_a_receiver_that_asks_for_patience_gets_it(client: httpx.Client, receiver: Receiver, delivery: None):
    receiver.answering = lambda _number: (503, {"Retry-After": "3600"})
    register(client, receiver.url)
    ended(client)
    (waiting,) = until(lambda: [each for each in deliveries(client) if each["log"] and each["next_at"]])

    waits = database.rows(
        "SELECT extract(epoch FROM next_at - now()) AS s FROM webhook_delivery WHERE id = %(id)s", waiting
    )
    assert waits[0]["s"] > 3000


def test_a_name_that_leads_inside_is_refused_when_it_is_sent_and_the_log_says_why(
    client: httpx.Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    register(client, f"http://localhost:{receiver.port}/hook")
    ended(client)
    # The gateway did not look the name up; who sends does, each time.
    monkeypatch.setenv("BINDERY_ALLOWED_PRIVATE_NETWORKS", "")
    settings.current.cache_clear()
    with delivering():
        (dead,) = settled(client, "dead")

    assert {each["error"]["code"] for each in dead["log"]} == {"url_not_allowed"}
    assert "public internet" in dead["log"][0]["error"]["message"]
    assert receiver.received == []


def test_what_a_killed_sender_had_sent_is_sent_again_under_the_same_id(client: httpx.Client, receiver: Receiver):
    secret = register(client, receiver.url)["secret"]
    ended(client)
    deliver_and_die("after_webhook_before_update")
    (lost,) = deliveries(client)
    assert (lost["state"], lost["sending"], len(receiver.received)) == ("pending", True, 1)
    # Its lease is over.
    database.rows("UPDATE webhook_delivery SET next_at = now()", {})
    with delivering():
        (delivered,) = settled(client, "delivered")

    assert [request.id for request in receiver.received] == [delivered["id"]] * 2
    assert receiver.received[0].verified(secret) == receiver.received[1].verified(secret)
    assert (delivered["attempts"], [each["number"] for each in delivered["log"]]) == (2, [2])


def test_two_workers_deliver_everything_once(client: httpx.Client, receiver: Receiver):
    register(client, receiver.url)
    ended(client, 20)
    with delivering(), delivering():
        settled(client, "delivered", 20)

    ids = [request.id for request in receiver.received]
    assert (len(ids), len(set(ids))) == (20, 20)


def test_one_endpoint_gets_only_so_many_at_a_time_from_all_workers_together(
    client: httpx.Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BINDERY_MAINTENANCE_WEBHOOK_PARALLEL_PER_ENDPOINT", "3")
    receiver.awake.clear()
    register(client, receiver.url)
    ended(client, 10)
    with delivering(), delivering():
        receiver.wait_for(3)
        # Both have looked again and again by then.
        looks = database.rows("SELECT count(*) AS n FROM webhook_delivery WHERE sending", {})[0]["n"]
        client.post(register(client, f"{receiver.url}/other")["links"]["redeliver"]).raise_for_status()
        at_once = len(receiver.received)
        receiver.awake.set()
        settled(client, "delivered", 10)

    assert (looks, at_once) == (3, 3)


def test_a_receiver_that_never_answers_delays_no_other(
    client: httpx.Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    # Fewer places than the silent receiver has deliveries waiting.
    monkeypatch.setenv("BINDERY_MAINTENANCE_WEBHOOK_PARALLEL", "6")
    with Receiver() as silent:
        silent.awake.clear()
        register(client, silent.url)
        ended(client, 10)
        with delivering():
            silent.wait_for(4)
            register(client, receiver.url)
            (job_id,) = ended(client)
            (request,) = receiver.wait_for(1)
            still_waiting = [each for each in deliveries(client) if each["sending"] and each["url"] == silent.url]
            silent.awake.set()

    assert job_id.encode() in request.body
    assert len(still_waiting) == 4


def test_a_receiver_that_takes_too_long_has_not_got_it(
    client: httpx.Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BINDERY_MAINTENANCE_WEBHOOK_TIME_LIMIT_S", "0.2")
    receiver.awake.clear()
    register(client, receiver.url)
    ended(client)
    with delivering():
        (dead,) = settled(client, "dead")

    assert {each["error"]["code"] for each in dead["log"]} == {"url_timed_out"}


# -- secrets -----------------------------------------------------------------------------------------------------


def test_both_secrets_sign_while_they_overlap_and_then_only_the_new_one(
    client: httpx.Client, receiver: Receiver, delivery: None
):
    webhook = register(client, receiver.url)
    fresh = client.post(webhook["links"]["rotate_secret"], json={"overlap_s": 3600}).raise_for_status().json()["secret"]
    assert fresh == client.get(webhook["links"]["secret"]).json()["secret"] != webhook["secret"]
    ended(client)
    (request,) = receiver.wait_for(1)
    assert request.verified(webhook["secret"]) == request.verified(fresh)
    assert client.get(webhook["links"]["self"]).json()["older_secret_until"]

    newest = client.post(webhook["links"]["rotate_secret"], json={"overlap_s": 0}).raise_for_status().json()["secret"]
    ended(client)
    _, request = receiver.wait_for(2)
    assert request.verified(newest)
    for old in (webhook["secret"], fresh):
        with pytest.raises(WebhookVerificationError):
            request.verified(old)


def test_a_secret_lies_encrypted_in_the_database(client: httpx.Client, receiver: Receiver):
    secret = register(client, receiver.url)["secret"]
    (row,) = database.rows("SELECT sealed FROM webhook_secret", {})

    assert secret.startswith("whsec_")
    assert secret.removeprefix("whsec_").encode() not in bytes(row["sealed"])


# -- what goes ---------------------------------------------------------------------------------------------------


def test_what_was_told_of_a_job_goes_with_it(client: httpx.Client, receiver: Receiver):
    register(client, receiver.url)
    (job_id,) = ended(client)
    client.delete(f"/v1/jobs/{job_id}").raise_for_status()

    assert deliveries(client) == []


def test_old_deliveries_go_and_young_and_waiting_ones_stay(client: httpx.Client, receiver: Receiver):
    register(client, receiver.url)
    ended(client, 3)
    old, young, _waiting = deliveries(client)
    for delivery, days in ((old, 31), (young, 29)):
        database.rows(
            "UPDATE webhook_delivery SET state = 'dead', next_at = NULL, created_at = now() - interval '60 days', "
            "settled_at = now() - make_interval(days => %(days)s) WHERE id = %(id)s",
            {"id": delivery["id"], "days": days},
        )
    assert delete_old_webhooks(30, dry_run=True)["deleted_deliveries"] == 1
    assert delete_old_webhooks(30, dry_run=False)["deleted_deliveries"] == 1

    assert old["id"] not in [each["id"] for each in deliveries(client)]
    assert len(deliveries(client)) == 2


def test_an_address_that_only_jobs_named_goes_with_the_last_of_them(client: httpx.Client, receiver: Receiver):
    job = client.post("/v1/compress", files=files(PDF), data={"webhook_url": receiver.url}).json()
    client.post(f"/v1/jobs/{job['id']}/cancel")
    register(client, f"{receiver.url}/registered")
    database.rows("UPDATE webhook_endpoint SET created_at = now() - interval '2 days'", {})
    assert delete_old_webhooks(30, dry_run=False)["deleted_webhooks"] == 0
    client.delete(f"/v1/jobs/{job['id']}").raise_for_status()
    assert delete_old_webhooks(30, dry_run=False)["deleted_webhooks"] == 1

    (left,) = client.get("/v1/webhooks").json()["webhooks"]
    assert left["url"] == f"{receiver.url}/registered"


def test_a_worker_that_stops_finishes_what_it_sends(client: httpx.Client, receiver: Receiver):
    receiver.awake.clear()
    register(client, receiver.url)
    ended(client)
    with delivering():
        receiver.wait_for(1)
        threading.Timer(0.2, receiver.awake.set).start()

    assert deliveries(client)[0]["state"] == "delivered"
