"""What the gateway derives from the declarations of operations: routes, forms, their description."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from openapi_spec_validator import validate

from gateway.app import routes
from gateway.process import Process
from gateway.schemas import SCHEMAS
from shared import catalogue
from tests.gateway.documents import PDF, PNG, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway
from tests.gateway.test_bad_input import refused

_PLUGINS = Path(__file__).with_name("plugins")


@pytest.fixture
def folders(gateway_with: Callable[..., RunningGateway]) -> Iterator[httpx.Client]:
    """A client of a gateway that also has a service of operations on many documents and on none."""
    gateway = gateway_with(plugins=_PLUGINS)
    with httpx.Client(base_url=gateway.url, timeout=30) as client:
        yield client


def test_an_operation_on_many_files_gets_them_in_one_job_in_order(folders: httpx.Client):
    names = ("b.pdf", "a.png", "b.pdf")

    job = folders.post("/v1/join", files=files(PDF, PNG, PDF + b"2", names=names), data={"title": "x"}).json()

    assert [stored["name"] for stored in job["inputs"]] == list(names)
    assert [stored["media_type"] for stored in job["inputs"]] == ["application/pdf", "image/png", "application/pdf"]
    assert (job["queue"], job["options"]) == ("folders", {"title": "x"})


def test_an_operation_on_no_file_needs_no_form(folders: httpx.Client):
    answer = folders.post("/v1/sweep")

    assert (answer.status_code, answer.json()["inputs"]) == (202, [])


def test_an_operation_on_no_file_refuses_one(folders: httpx.Client):
    problem = refused(folders.post("/v1/sweep", files=files(PDF)), 422, "invalid_options")

    assert problem["problems"][0]["code"] == "unwanted_file"


def test_a_new_service_needs_nothing_but_its_declaration(folders: httpx.Client):
    names = [operation["name"] for operation in folders.get("/v1/operations").json()["operations"]]
    queues = [queue["name"] for queue in folders.get("/v1/queues").json()["queues"]]
    document = folders.get("/openapi.json").json()

    assert {"compress", "join", "sweep"} <= set(names)
    assert {"compression", "folders"} <= set(queues)
    form = document["paths"]["/v1/join"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["properties"]["title"]["maxLength"] == 20
    validate(document)


def test_an_operation_tells_what_it_takes_and_makes(client: httpx.Client):
    operation = client.get("/v1/operations/compress").json()

    assert (operation["accepts"], operation["produces"]) == (["application/pdf"], ["application/pdf"])
    assert operation["limits"]["max_files"] == 5
    assert operation["options"]["properties"]["image_dpi"]["description"]
    jsonschema.Draft202012Validator.check_schema(operation["options"])


# -- /openapi.json -----------------------------------------------------------------------------------------------


def test_the_description_is_valid_and_names_every_route_and_method(client: httpx.Client):
    document = client.get("/openapi.json").json()

    validate(document)
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    # The probe's too, which this process does not know.
    operations = [operation["name"] for operation in client.get("/v1/operations").json()["operations"]]
    assert set(catalogue.load().operations) < set(operations)
    expected = {("/openapi.json", "get")}
    for path, resource in routes(Process()).items():
        paths = [f"/v1/{name}" for name in operations] if path == "/v1/{operation}" else [path]
        methods = [method for method in ("get", "post", "delete", "put", "patch") if hasattr(resource, f"on_{method}")]
        expected |= {(path, method) for path in paths for method in methods}
    assert described == expected


def conforms(name: str, value: Any) -> None:
    """Check a value against a schema of the interface."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}}
    jsonschema.validate(value, schema, format_checker=jsonschema.FormatChecker())


def test_every_answer_is_as_described(client: httpx.Client, worker: PlayedWorker):
    worker.appear()
    conforms("Job", client.post("/v1/compress", files=files(PDF)).json())
    batch = client.post("/v1/compress", files=files(PDF, PDF)).json()
    conforms("Batch", batch)
    claim = worker.claim()
    conforms("Job", client.get(f"/v1/jobs/{claim.job_id}").json())
    worker.complete(claim, ("a.pdf", b"%PDF-a"), result={"ratio": 1})
    conforms("Job", client.get(f"/v1/jobs/{claim.job_id}").json())
    conforms("Journal", client.get(f"/v1/jobs/{claim.job_id}/journal").json())
    conforms("JobList", client.get("/v1/jobs", params={"limit": 1}).json())
    conforms("Batch", client.get(f"/v1/batches/{batch['id']}").json())
    conforms("QueueList", client.get("/v1/queues").json())
    conforms("Queue", client.post("/v1/queues/compression/pause").json())
    conforms("WorkerList", client.get("/v1/workers").json())
    conforms("OperationList", client.get("/v1/operations").json())
    conforms("Health", client.get("/health/live").json())
    conforms("Health", client.get("/health/ready").json())
    conforms("Problem", client.get("/nowhere").json())
    conforms("Problem", client.post("/v1/compress", files=files(b"x"), data={"a": "b"}).json())
