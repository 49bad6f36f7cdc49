"""`/v1/webhooks`: who is told of the end of jobs, and with which secret."""

from __future__ import annotations

from typing import Annotated

from falcon.asgi import Request, Response
from pydantic import Field

from gateway import json_bodies, request_parts
from gateway.authentication import caller_of
from gateway.described import OF_DATABASE, describes
from gateway.json_bodies import Body
from gateway.process import Process
from shared import operators
from shared.callers import Scope
from shared.errors import MalformedId, UrlNotAllowed
from shared.secret_box import SecretUnreadable
from shared.webhooks import deliveries, endpoint_secrets, endpoints, receivers
from shared.webhooks.endpoints import TooManyWebhooks, UnknownWebhook, WebhookDisabled, WebhookExists
from shared.webhooks.events import Event

_DAY_S = 86_400
_Text = Annotated[str, Field(max_length=500)]
_Url = Annotated[str, Field(max_length=4096, description="Where each event is posted to: http or https.")]
_OF_ONE = (MalformedId, UnknownWebhook, *OF_DATABASE)


class NewWebhook(Body):
    """A webhook to register."""

    url: _Url
    events: list[Event] = Field(
        list(Event), description="Of all jobs; an empty list: only of those that name the URL as their webhook_url."
    )
    description: _Text = Field("", description="For people.")


class WebhookChange(Body):
    """What is to change; what is not named stays."""

    url: _Url | None = None
    events: list[Event] | None = None
    description: _Text | None = None
    enabled: bool | None = Field(None, description="A disabled one gets nothing, and what waits for it dies.")


class Rotation(Body):
    """How a secret is followed by another."""

    overlap_s: float = Field(
        _DAY_S, ge=0, le=30 * _DAY_S, description="Seconds for which the old secret signs too; 0 ends it at once."
    )


def owner_of(req: Request) -> str | None:
    """Whose webhooks the caller may touch; None: everybody's."""
    caller = caller_of(req)
    return None if caller.is_admin else caller.owner


class WebhookList:
    """The webhooks of the caller."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "WebhookList"}, problems=OF_DATABASE, scope=Scope.READ)
    async def on_get(self, req: Request, resp: Response) -> None:
        """List the webhooks, with the number of their deliveries that wait or are dead."""
        resp.media = {"webhooks": await self._process.query(endpoints.listed, owner_of(req))}

    @describes(
        {201: "NewWebhookAnswer"},
        problems=(*json_bodies.PROBLEMS, UrlNotAllowed, WebhookExists, TooManyWebhooks, *OF_DATABASE),
        body=NewWebhook,
        scope=Scope.SUBMIT,
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        """Register a webhook: it is told of the end of every job of its owner. The answer has its secret."""
        wanted, owner = await json_bodies.read(req, NewWebhook), caller_of(req).owner
        receivers.check(wanted.url)
        made = await self._process.in_thread(endpoints.create, owner, wanted.url, wanted.events, wanted.description)
        record = await self._process.query(endpoints.endpoint, made, owner)
        resp.media = {**record, "secret": await self._process.query(endpoint_secrets.secret, made, owner)}
        resp.status, resp.location = 201, record["links"]["self"]


class Webhook:
    """One webhook."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "Webhook"}, problems=_OF_ONE, scope=Scope.READ)
    async def on_get(self, req: Request, resp: Response, webhook_id: str) -> None:
        """Look at a webhook."""
        resp.media = await self._process.query(endpoints.endpoint, request_parts.an_id(webhook_id), owner_of(req))

    @describes(
        {200: "Webhook"},
        problems=(*json_bodies.PROBLEMS, UrlNotAllowed, WebhookExists, *_OF_ONE),
        body=WebhookChange,
        scope=Scope.SUBMIT,
    )
    async def on_patch(self, req: Request, resp: Response, webhook_id: str) -> None:
        """Change the URL, the events or the description of a webhook; disable it or enable it again."""
        wanted, change = request_parts.an_id(webhook_id), await json_bodies.read(req, WebhookChange)
        if change.url is not None:
            receivers.check(change.url)
        await self._process.query(endpoints.change, wanted, owner_of(req), **dict(change))
        resp.media = await self._process.query(endpoints.endpoint, wanted, owner_of(req))

    @describes({204: None}, problems=_OF_ONE, scope=Scope.SUBMIT)
    async def on_delete(self, req: Request, resp: Response, webhook_id: str) -> None:
        """Forget a webhook, with its secrets and all its deliveries."""
        await self._process.in_thread(endpoints.delete, request_parts.an_id(webhook_id), owner_of(req))
        resp.status = 204


class WebhookSecret:
    """What signs the deliveries to one webhook."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "WebhookSecret"}, problems=(*_OF_ONE, SecretUnreadable), scope=Scope.SUBMIT)
    async def on_get(self, req: Request, resp: Response, webhook_id: str) -> None:
        """Show the secret with which a receiver verifies what it gets."""
        wanted = request_parts.an_id(webhook_id)
        resp.media = {"secret": await self._process.query(endpoint_secrets.secret, wanted, owner_of(req))}


class WebhookRotation:
    """The wish to have another secret."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({200: "WebhookSecret"}, problems=(*json_bodies.PROBLEMS, *_OF_ONE), body=Rotation, scope=Scope.SUBMIT)
    async def on_post(self, req: Request, resp: Response, webhook_id: str) -> None:
        """Make a fresh secret; for a time both sign, so that a receiver can change over when it likes."""
        wanted, rotation = request_parts.an_id(webhook_id), await json_bodies.read(req, Rotation)
        fresh = await self._process.in_thread(endpoint_secrets.rotate, wanted, owner_of(req), rotation.overlap_s)
        details = {"webhook_id": str(wanted), "overlap_s": rotation.overlap_s}
        await self._process.in_thread(operators.note, caller_of(req).name, "webhook.secret_rotated", details)
        resp.media = {"secret": fresh}


class WebhookRedelivery:
    """The wish to deliver what could not be delivered."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @describes({202: "Redelivered"}, problems=(*_OF_ONE, WebhookDisabled), scope=Scope.SUBMIT)
    async def on_post(self, req: Request, resp: Response, webhook_id: str) -> None:
        """Deliver all dead deliveries of a webhook again."""
        wanted, owner = request_parts.an_id(webhook_id), owner_of(req)
        found = await self._process.query(endpoints.endpoint, wanted, owner)
        if not found["enabled"]:
            raise WebhookDisabled(f"The webhook is disabled: {found['disabled_because']}")
        again = await self._process.in_thread(deliveries.redeliver_dead, wanted, owner)
        details = {"webhook_id": str(wanted), "deliveries": again}
        await self._process.in_thread(operators.note, caller_of(req).name, "webhook.redelivered", details)
        resp.media, resp.status = {"redelivered": again}, 202
