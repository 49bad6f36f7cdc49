"""`/v1/operations`: what this server can do, derived from the declarations of its services."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from gateway.described import describes
from gateway.process import Process
from shared import settings
from shared.callers import Scope
from shared.errors import UnknownOperation
from shared.operation import Operation


def described(operation: Operation) -> dict[str, Any]:
    """The public record of an operation; `options` is a JSON Schema."""
    chosen = settings.current()
    return {
        "name": operation.name,
        "summary": operation.summary,
        "queue": operation.queue,
        "accepts": [media_type.name for media_type in operation.accepts],
        "produces": [media_type.name for media_type in operation.produces],
        "inputs": operation.inputs,
        "steps_before": [{"operation": step.operation, "when": step.when} for step in operation.preceded_by],
        "steps_after": [{"operation": step.operation, "when": step.when} for step in operation.followed_by],
        "limits": {
            "max_upload_bytes": chosen.max_upload_bytes,
            "max_files": chosen.max_files,
            "soft_time_limit_s": operation.soft_time_limit_s,
            "hard_time_limit_s": operation.hard_time_limit_s,
            "memory_mb": operation.service.memory_mb,
        },
        "options": operation.options.model_json_schema(),
        "links": {"self": f"/v1/operations/{operation.name}", "submit": f"/v1/{operation.name}"},
    }


class OperationList:
    """All operations."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "OperationList"}, scope=Scope.READ)
    async def on_get(self, _req: Request, resp: Response) -> None:
        """List the operations and their options."""
        operations = self._process.catalogue.operations
        resp.media = {"operations": [described(operations[name]) for name in sorted(operations)]}


class OperationDetails:
    """One operation."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "Operation"}, problems=(UnknownOperation,), scope=Scope.READ)
    async def on_get(self, _req: Request, resp: Response, name: str) -> None:
        """Look at an operation: what it takes, what it makes, its options and limits."""
        resp.media = described(self._process.catalogue.operation(name))
