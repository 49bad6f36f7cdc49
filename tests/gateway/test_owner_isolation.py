"""Whose documents are whose, on every route: one that is new and that nobody thought of here fails a test."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

from gateway.app import routes
from gateway.chains import Chain
from gateway.process import Process
from gateway.result_cache import cache_key
from shared import catalogue, database
from shared.callers import Scope
from shared.jobs import StoredFile
from shared.models import Job, Status
from shared.storage import Storage
from shared.webhooks import endpoints
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway

Callers = Callable[..., httpx.Client]

#: Routes without a key: they tell nothing of anybody's documents.
OPEN = {("/", "get"), ("/health/live", "get"), ("/health/ready", "get")} | {
    ("/v1/session", method) for method in ("get", "post", "delete")
}
#: What a parameter of an address names belongs to somebody.
OWNED = ("job_id", "batch_id", "pipeline_id", "webhook_id", "delivery_id")
#: It does not, or it names a part of something that does.
COMMON = {
    "operation": "the catalogue is the same for all",
    "name": "an operation, a queue (for admins), or an output of the job that the address names",
    "position": "an input of the job that the address names",
    "key_id": "for admins",
}
#: Routes that list, for each caller what is theirs: walked by `test_a_list_shows_nothing_of_another_owner`.
LISTS = {"/v1/jobs", "/v1/webhooks", "/v1/webhook-deliveries"}
#: Everybody sees the same there, and nothing of anybody.
SAME_FOR_ALL = {"/v1/operations", "/v1/operations/{name}"}
#: They make something new, which is the caller's own.
MAKE = {"/v1/{operation}", "/v1/pipelines", "/v1/webhooks"}


def every_route() -> list[tuple[str, str, Scope | None]]:
    """Address, method and scope of every responder."""
    return [
        (address, name[3:], responder.described.scope)
        for address, resource in routes(Process()).items()
        for name in dir(resource)
        if name.startswith("on_") and hasattr(responder := getattr(resource, name), "described")
    ]


@dataclass(frozen=True)
class Things:
    """What somebody has, by the parameter that names it, and an address's other parts."""

    ids: dict[str, str]

    def address(self, route: str) -> str:
        """The address of a route with these."""
        parts = {**dict.fromkeys(COMMON, "compress"), "position": "0", "name": "out.pdf", **self.ids}
        return re.sub(r"{(\w+)}", lambda found: parts[found[1]], route)


@pytest.fixture
def worker(guarded: RunningGateway) -> Iterator[PlayedWorker]:
    """Plays a worker for the gateway that asks for keys."""
    with PlayedWorker(Storage(guarded.storage.as_uri())) as played:
        yield played


@pytest.fixture
def annas(caller: Callers, worker: PlayedWorker) -> Things:
    """A completed job, a batch, a pipeline, a webhook and a delivery of Anna."""
    anna = caller("anna")
    webhook = endpoints.create("anna", "https://example.org/hook", ["job.completed"], "")
    job = anna.post("/v1/compress", files=files(PDF, names=("secret.pdf",)))
    worker.complete(worker.claim(), ("out.pdf", PDF))
    batch = anna.post("/v1/compress", files=files(PDF, PDF))
    steps = json.dumps([{"operation": "compress"}, {"operation": "compress"}])
    pipeline = anna.post("/v1/pipelines", files=files(PDF), data={"steps": steps})
    assert {answer.status_code for answer in (job, batch, pipeline)} == {202}
    delivery = database.rows("SELECT id FROM webhook_delivery", {})[0]["id"]
    ids = (job.json()["id"], batch.json()["id"], pipeline.json()["id"], str(webhook), str(delivery))
    return Things(dict(zip(OWNED, ids, strict=True)))


@pytest.mark.usefixtures("guarded")
def test_every_route_was_thought_of():
    for address, method, scope in every_route():
        parameters = set(re.findall(r"{(\w+)}", address))
        if scope is None:
            assert (address, method) in OPEN, f"{method} {address} needs no key"
        elif scope is not Scope.ADMIN and not parameters & set(OWNED):
            assert address in LISTS | SAME_FOR_ALL | MAKE, f"whose is what {method} {address} answers?"
        assert parameters <= set(OWNED) | COMMON.keys(), f"whose is what {address} names?"


def test_without_a_key_nothing_is_answered(guarded: RunningGateway, annas: Things):
    for address, method, scope in every_route():
        if scope is not None:
            answer = httpx.request(method, guarded.url + annas.address(address))
            assert answer.status_code == 401, address
            assert answer.headers["WWW-Authenticate"].startswith("Bearer"), address


def test_a_key_without_the_scope_of_the_route_is_refused(caller: Callers, annas: Things):
    others = {scope: caller("anna", *{"submit", "read"} - {scope.value}) for scope in Scope}
    for address, method, scope in every_route():
        if scope is not None:
            answer = others[scope].request(method, annas.address(address))
            assert answer.status_code == 403, (method, address)


def test_what_belongs_to_another_owner_is_as_if_it_did_not_exist(caller: Callers, annas: Things):
    ben, nothing = caller("ben"), Things({name: str(uuid.uuid4()) for name in OWNED})
    before = sorted((str(job.id), job.status, job.attempt) for job in Job.select())
    tried = 0
    for address, method, scope in every_route():
        if scope is Scope.ADMIN or not any(f"{{{name}}}" in address for name in OWNED):
            continue
        body = {"json": {}} if method in ("post", "patch") and "webhook" in address else {}
        answer, unknown = (ben.request(method, things.address(address), **body) for things in (annas, nothing))
        assert answer.status_code == 404, (method, address)
        assert answer.content == unknown.content, (method, address)
        tried += 1

    assert tried > 25
    assert sorted((str(job.id), job.status, job.attempt) for job in Job.select()) == before


def test_a_list_shows_nothing_of_another_owner(caller: Callers, annas: Things):
    ben, anna = caller("ben"), caller("anna")
    for address in LISTS:
        assert not any(thing in ben.get(address).text for thing in annas.ids.values()), address
        assert any(thing in anna.get(address).text for thing in annas.ids.values()), address
    assert ben.get("/v1/jobs", params={"batch_id": annas.ids["batch_id"]}).json()["jobs"] == []
    for asked in ("anna", "*"):
        assert ben.get("/v1/jobs", params={"owner": asked}).status_code == 403


def test_an_admin_sees_and_handles_what_belongs_to_others(caller: Callers, annas: Things):
    admin = caller("root", "admin")
    job, batch = annas.ids["job_id"], annas.ids["batch_id"]

    assert admin.get(f"/v1/jobs/{job}").json()["owner"] == "anna"
    assert admin.get(f"/v1/jobs/{job}/result").content == PDF
    assert admin.get("/v1/jobs").json()["jobs"] == []
    assert {one["owner"] for one in admin.get("/v1/jobs", params={"owner": "*"}).json()["jobs"]} == {"anna"}
    assert admin.post(f"/v1/batches/{batch}/cancel").json()["status"] == Status.CANCELLED
    journal = admin.get(f"/v1/jobs/{job}/journal").json()["journal"]
    assert journal[0]["actor"] == "anna/test"


@pytest.mark.parametrize("part", ["", "/outputs/out.pdf", "/inputs/0"])
def test_a_job_of_another_owner_lends_nothing(caller: Callers, annas: Things, part: str):
    ben = caller("ben")
    answer = ben.post("/v1/compress", files={"job": (None, annas.ids["job_id"] + part)})
    unknown = ben.post("/v1/compress", files={"job": (None, f"{uuid.uuid4()}{part}")})

    assert (answer.status_code, answer.json()) == (404, unknown.json())
    assert caller("anna").post("/v1/compress", files={"job": (None, annas.ids["job_id"] + part)}).status_code == 202


def test_an_idempotency_key_is_the_owners(caller: Callers):
    anna, ben = caller("anna"), caller("ben")
    jobs = [
        each.post("/v1/compress", files=files(PDF), headers={"Idempotency-Key": "same"}).json() for each in (anna, ben)
    ]

    assert [job["owner"] for job in jobs] == ["anna", "ben"]
    assert jobs[0]["id"] != jobs[1]["id"]


def test_steps_inherit_the_owner(caller: Callers):
    steps = json.dumps([{"operation": "probe"}, {"operation": "probe"}])
    anna = caller("anna")
    anna.post("/v1/pipelines", files=files(PDF), data={"steps": steps})
    anna.post("/v1/chained-probe", files=files(PDF), data={"options": json.dumps({"before": "echo", "after": "echo"})})

    assert {job.owner for job in Job.select()} == {"anna"}
    assert Job.select().count() == 6
    assert database.rows("SELECT DISTINCT owner FROM pipeline", {}) == [{"owner": "anna"}]


def test_a_result_is_not_handed_to_another_owner(caller: Callers, worker: PlayedWorker):
    caller("anna").post("/v1/compress", files=files(PDF))
    worker.complete(worker.claim(), ("out.pdf", PDF))

    assert not caller("ben").post("/v1/compress", files=files(PDF)).json()["cached"]
    assert caller("anna").post("/v1/compress", files=files(PDF)).json()["cached"]


def test_results_are_shared_where_a_setting_says_so(settings_env):
    operation = catalogue.load().operations["compress"]
    document = StoredFile("a.pdf", "application/pdf", 1, "0" * 64, "somewhere")

    def keys() -> set[str | None]:
        return {cache_key(operation, {}, [document], Chain(), owner=owner, secret=False) for owner in ("anna", "ben")}

    assert len(keys()) == 2
    settings_env(share_results="true")
    assert len(keys()) == 1
