"""`/v1/webhook-deliveries`: what was told to whom, what came of it, and once more."""

from __future__ import annotations

from uuid import UUID

from falcon.asgi import Request, Response

from gateway import request_parts
from gateway.authentication import caller_of
from gateway.described import OF_DATABASE, Parameter, describes
from gateway.process import Process
from gateway.webhooks import owner_of
from shared import operators
from shared.callers import Scope
from shared.errors import ConflictError, MalformedId, OptionsError
from shared.webhooks import deliveries, delivery_records, endpoints
from shared.webhooks.delivery_records import UnknownDelivery
from shared.webhooks.endpoints import UnknownWebhook, WebhookDisabled

_FILTERS = (
    Parameter("state", {"enum": list(delivery_records.STATES)}, "Only deliveries in this state."),
    Parameter("limit", {"type": "integer", "minimum": 1, "maximum": delivery_records.MOST_PER_PAGE}, "Per page."),
    Parameter("cursor", {"type": "string", "format": "uuid"}, "The `next_cursor` of the page before."),
)
_PROBLEMS = (MalformedId, OptionsError, *OF_DATABASE)


async def _page(process: Process, req: Request, resp: Response, endpoint_id: UUID | None) -> None:
    state = request_parts.choice(req, "state", list(delivery_records.STATES))
    limit = request_parts.number(req, "limit", default=50, least=1, most=delivery_records.MOST_PER_PAGE)
    cursor = request_parts.text(req, "cursor")
    page, after = await process.query(
        delivery_records.listed,
        owner_of(req),
        endpoint_id=endpoint_id,
        state=state,
        limit=limit,
        before=request_parts.an_id(cursor) if cursor is not None else None,
    )
    resp.media = {"deliveries": page, "next_cursor": str(after) if after else None}


class DeliveriesOfWebhook:
    """What one webhook was told."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "DeliveryList"}, *_FILTERS, problems=(UnknownWebhook, *_PROBLEMS), scope=Scope.READ)
    async def on_get(self, req: Request, resp: Response, webhook_id: str) -> None:
        """List the deliveries of a webhook with the log of their attempts, the newest first."""
        wanted = request_parts.an_id(webhook_id)
        await self._process.query(endpoints.endpoint, wanted, owner_of(req))
        await _page(self._process, req, resp, wanted)


class DeliveryList:
    """What all webhooks were told."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "DeliveryList"}, *_FILTERS, problems=_PROBLEMS, scope=Scope.READ)
    async def on_get(self, req: Request, resp: Response) -> None:
        """List deliveries of all webhooks; `?state=dead`: those that nobody tries any more."""
        await _page(self._process, req, resp, None)


class Delivery:
    """One delivery."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "Delivery"}, problems=(MalformedId, UnknownDelivery, *OF_DATABASE), scope=Scope.READ)
    async def on_get(self, req: Request, resp: Response, delivery_id: str) -> None:
        """Look at a delivery: its payload, and the log of its attempts."""
        wanted = request_parts.an_id(delivery_id)
        resp.media = await self._process.query(delivery_records.delivery, wanted, owner_of(req))


class Redelivery:
    """The wish to deliver something once more."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes(
        {202: "Delivery"},
        problems=(MalformedId, UnknownDelivery, ConflictError, WebhookDisabled, *OF_DATABASE),
        scope=Scope.SUBMIT,
    )
    async def on_post(self, req: Request, resp: Response, delivery_id: str) -> None:
        """Deliver again, now and with all tries, under the same webhook-id; whatever came of it before."""
        wanted, owner = request_parts.an_id(delivery_id), owner_of(req)
        if not await self._process.in_thread(deliveries.redeliver, wanted, owner):
            found = await self._process.query(delivery_records.delivery, wanted, owner)
            endpoint = await self._process.query(endpoints.endpoint, UUID(found["endpoint_id"]), owner)
            if not endpoint["enabled"]:
                raise WebhookDisabled(f"The webhook is disabled: {endpoint['disabled_because']}")
            raise ConflictError("It is being sent at this moment.", remedy="Look at what comes of it first.")
        details = {"delivery_id": str(wanted)}
        await self._process.in_thread(operators.note, caller_of(req).name, "webhook.redelivered", details)
        resp.media = await self._process.query(delivery_records.delivery, wanted, owner)
        resp.status = 202
