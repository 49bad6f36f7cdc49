"""`/openapi.json`: the description of every route, made of the catalogue, the responders and their docstrings."""

from __future__ import annotations

import inspect
import re
from importlib.metadata import version
from typing import Any

from falcon.asgi import Request, Response

from gateway.authentication import OF_CALLERS, SECURITY_SCHEMES
from gateway.described import Description, Parameter, describes
from gateway.form_descriptions import BINARY, form_of, pipeline_form
from gateway.problem_details import MEDIA_TYPE
from gateway.process import Process
from gateway.schemas import SCHEMAS, reference
from shared.errors import BinderyError

#: The address that stands for one of each operation.
OPERATIONS = "/v1/{operation}"
PIPELINES = "/v1/pipelines"
_METHODS = ("get", "post", "patch", "delete")


class OpenApi:
    """The description of this interface."""

    def __init__(self, process: Process, addresses: dict[str, object]) -> None:
        self._process = process
        self._addresses = {**addresses, "/openapi.json": self}

    @describes({200: "Anything"}, scope=None)
    async def on_get(self, _req: Request, resp: Response) -> None:
        """Describe every route (OpenAPI 3.1)."""
        resp.media = self.document()

    def document(self) -> dict[str, Any]:
        """The whole description."""
        paths: dict[str, Any] = {}
        schemas = dict(SCHEMAS)
        for address, resource in self._addresses.items():
            if address != OPERATIONS:
                path, definitions = _path(address, resource)
                if address == PIPELINES:
                    path["post"]["requestBody"] = _body(pipeline_form(self._process.catalogue), as_json=("steps",))
                paths[address] = path
                schemas |= definitions
                continue
            for operation in self._process.catalogue.operations.values():
                form, definitions = form_of(operation)
                schemas |= definitions
                path, _ = _path(f"/v1/{operation.name}", resource)
                path["post"] |= {
                    "operationId": operation.name,
                    "summary": operation.summary,
                    "tags": [operation.queue],
                    "requestBody": _body(form),
                }
                paths[f"/v1/{operation.name}"] = path
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Bindery",
                "version": version("bindery"),
                "description": "Documents go in over HTTP, jobs run in the background, results come out.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "tags": [
                {"name": service.name, "description": service.summary}
                for service in self._process.catalogue.services.values()
            ],
            "paths": paths,
            "components": {"schemas": schemas, "securitySchemes": SECURITY_SCHEMES},
        }


def _path(address: str, resource: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """The methods of an address, and the schemas that their bodies refer to."""
    described: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    in_path = [Parameter(name, _in_path(name), "", "path") for name in re.findall(r"{(\w+)}", address)]
    for method in _METHODS:
        if (responder := getattr(resource, f"on_{method}", None)) is None:
            continue
        description: Description = responder.described
        summary, _, more = inspect.cleandoc(responder.__doc__).partition("\n\n")
        described[method] = {
            "operationId": f"{method}_{re.sub(r'[^a-z0-9]+', '_', address.lower()).strip('_') or 'home'}",
            "summary": " ".join(summary.split()),
            "tags": [_room(address)],
            "parameters": [_parameter(parameter) for parameter in (*in_path, *description.parameters)],
            "responses": {
                **{str(status): _answer(status, what) for status, what in description.answers.items()},
                **_problems((*description.problems, *(OF_CALLERS if description.scope else ()))),
                "default": _problem("Any other error."),
            },
        }
        if description.scope is not None:
            described[method]["security"] = [{name: [description.scope.value]} for name in SECURITY_SCHEMES]
        if more:
            described[method]["description"] = " ".join(more.split())
        if body := description.body:
            schema = body.model_json_schema(ref_template="#/components/schemas/{model}")
            definitions |= {**schema.pop("$defs", {}), body.__name__: schema}
            described[method]["requestBody"] = {"content": {"application/json": {"schema": reference(body.__name__)}}}
    return described, definitions


def _body(form: dict[str, Any], *, as_json: tuple[str, ...] = ()) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": form}
    if as_json:
        content["encoding"] = {name: {"contentType": "application/json"} for name in as_json}
    return {"required": True, "content": {"multipart/form-data": content}}


def _room(address: str) -> str:
    """The heading that an address stands under: what it is about."""
    parts = [part for part in address.split("/") if part and part != "v1"]
    return parts[0] if parts and "." not in parts[0] else "about"


def _in_path(name: str) -> dict[str, Any]:
    """The schema of a parameter of an address, by its name."""
    if name == "position":
        return {"type": "integer", "minimum": 0}
    # The id of a key is a word of its own.
    return {"type": "string", "format": "uuid"} if name.endswith("_id") and name != "key_id" else {"type": "string"}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    found: dict[str, Any] = {"name": parameter.name, "in": parameter.place, "schema": parameter.schema}
    if parameter.place == "path":
        found["required"] = True
    return found | ({"description": parameter.description} if parameter.description else {})


def _answer(status: int, what: str | None) -> dict[str, Any]:
    if what is None:
        return {"description": {204: "Done.", 303: "The result is at Location.", 304: "Not modified."}[status]}
    if what in SCHEMAS:
        return {"description": what, "content": {"application/json": {"schema": reference(what)}}}
    return {"description": what, "content": {what: {"schema": BINARY if what != "text/event-stream" else {}}}}


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": reference("Problem")}}}


def _problems(errors: tuple[type[BinderyError], ...]) -> dict[str, Any]:
    by_status: dict[int, list[type[BinderyError]]] = {}
    for error in errors:
        by_status.setdefault(error.status, []).append(error)
    return {
        str(status): _problem(" ".join(f"`{error.code}`: {error().message}" for error in of_status))
        for status, of_status in sorted(by_status.items())
    }
