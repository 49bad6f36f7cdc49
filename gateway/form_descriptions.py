"""The forms that documents are submitted with, as /openapi.json describes them."""

from __future__ import annotations

from typing import Any

from gateway.fields import DEFAULT_PRIORITY
from gateway.pipeline_form import MOST_STEPS
from gateway.schemas import reference
from shared.catalogue import Catalogue
from shared.operation import Operation
from shared.outbound.rules import LONGEST_URL

#: Says how its media type is read, where it is no JSON.
BINARY: dict[str, Any] = {"type": "string", "contentMediaType": "application/octet-stream"}
_URLS: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "string", "format": "uri", "maxLength": LONGEST_URL},
    "description": "Instead of files or beside them: http or https URLs, from which the server fetches them.",
}
#: Fields that every form has.
_BESIDE: dict[str, Any] = {
    "password": {"type": "string", "description": "Opens an encrypted document. Erased when the job ends."},
    "priority": {
        "type": "integer",
        "minimum": 0,
        "maximum": 9,
        "default": DEFAULT_PRIORITY,
        "description": "0 is first.",
    },
    "webhook_url": {"type": "string", "description": "Is told of the end of these jobs: see docs/webhooks.md."},
}


def form_of(operation: Operation) -> tuple[dict[str, Any], dict[str, Any]]:
    """The multipart form of an operation, and the schemas that it refers to."""
    options = operation.options.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = options.pop("$defs", {})
    kinds = ", ".join(media_type.label for media_type in operation.accepts)
    several = "one job takes them all" if operation.inputs == "many" else "several files make a batch of jobs"
    file = {"type": "array", "minItems": 1, "items": BINARY, "description": f"{kinds}; {several}."}
    job = {
        "type": "array",
        "items": {"type": "string"},
        "description": "Instead of files or beside them: earlier jobs by id, whose outputs of these kinds are inputs; "
        "or one document of a job, as `{id}/outputs/{name}` or `{id}/inputs/0`.",
    }
    files: dict[str, Any] = {} if operation.inputs == "none" else {"file": file, "url": _URLS, "job": job}
    name = operation.options.__name__
    form = {
        "type": "object",
        **({"anyOf": [{"required": [name]} for name in files]} if files else {}),
        "properties": {
            **files,
            **options.get("properties", {}),
            "options": {**reference(name), "description": "All options as one JSON object, instead of a field each."},
            **_BESIDE,
        },
        "additionalProperties": False,
    }
    return form, {name: options, **definitions}


def pipeline_form(catalogue: Catalogue) -> dict[str, Any]:
    """The multipart form of a pipeline."""
    operations = sorted(name for name, operation in catalogue.operations.items() if operation.inputs != "none")
    step = {
        "type": "object",
        "required": ["operation"],
        "properties": {
            "operation": {"enum": operations},
            "options": {"type": "object", "description": "Those of the operation."},
            "password": {"type": "string", "description": "Opens what the step before made."},
        },
        "additionalProperties": False,
    }
    files = {
        "file": {"type": "array", "minItems": 1, "items": BINARY, "description": "What the first step takes."},
        "url": _URLS,
    }
    return {
        "type": "object",
        "required": ["steps"],
        "anyOf": [{"required": [name]} for name in files],
        "properties": {
            **files,
            "steps": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_STEPS,
                "items": step,
                "description": "In their order, as JSON; each takes what the one before made.",
            },
            "keep_intermediate": {"type": "boolean", "default": False, "description": "Keep what steps hand on."},
            **_BESIDE,
        },
        "additionalProperties": False,
    }
