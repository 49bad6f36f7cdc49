"""The HTTP interface: every route of it, on one screen."""

from __future__ import annotations

from typing import Any

import orjson
from falcon import MEDIA_JSON
from falcon.asgi import App, Request, Response
from falcon.media import JSONHandler

from gateway import (
    batches,
    cache,
    chains,
    events,
    health,
    home,
    jobs,
    journal,
    keys,
    many_jobs,
    metrics,
    operations,
    pipelines,
    problem_details,
    queues,
    results,
    sessions,
    submissions,
    web_page,
    webhook_deliveries,
    webhooks,
)
from gateway.authentication import Authentication
from gateway.browser_guard import BrowserGuard
from gateway.fields import RESERVED
from gateway.lingering import Lingering
from gateway.observed import Observed, RouteNote
from gateway.openapi import OpenApi
from gateway.process import Process
from gateway.slow_clients import Unstalled


def routes(process: Process) -> dict[str, object]:
    """The resource behind each address."""
    return {
        "/": home.Home(),
        "/health/live": health.Live(),
        "/health/ready": health.Ready(process),
        "/metrics": metrics.Metrics(process),
        "/v1/operations": operations.OperationList(process),
        "/v1/operations/{name}": operations.OperationDetails(process),
        "/v1/{operation}": submissions.Submissions(process),
        "/v1/jobs": jobs.JobList(process),
        "/v1/jobs/retry": many_jobs.JobsRetry(process),
        "/v1/jobs/cancel": many_jobs.JobsCancel(process),
        "/v1/jobs/{job_id}": jobs.Job(process),
        "/v1/jobs/{job_id}/events": events.JobEvents(process),
        "/v1/jobs/{job_id}/journal": jobs.JobJournal(process),
        "/v1/jobs/{job_id}/result": results.JobResult(process),
        "/v1/jobs/{job_id}/outputs/{name}": results.JobOutput(process),
        "/v1/jobs/{job_id}/inputs/{position}": results.JobInput(process),
        "/v1/jobs/{job_id}/cancel": jobs.JobCancel(process),
        "/v1/jobs/{job_id}/retry": jobs.JobRetry(process),
        "/v1/batches/{batch_id}": batches.Batch(process),
        "/v1/batches/{batch_id}/events": events.BatchEvents(process),
        "/v1/batches/{batch_id}/result": results.BatchResult(process),
        "/v1/batches/{batch_id}/cancel": batches.BatchCancel(process),
        "/v1/pipelines": pipelines.Pipelines(process),
        "/v1/pipelines/{pipeline_id}": pipelines.Pipeline(process),
        "/v1/pipelines/{pipeline_id}/events": events.PipelineEvents(process),
        "/v1/pipelines/{pipeline_id}/result": results.PipelineResult(process),
        "/v1/pipelines/{pipeline_id}/cancel": pipelines.PipelineCancel(process),
        "/v1/pipelines/{pipeline_id}/retry": pipelines.PipelineRetry(process),
        "/v1/queues": queues.QueueList(process),
        "/v1/queues/{name}/history": queues.QueueHistory(process),
        "/v1/queues/{name}/pause": queues.QueuePause(process),
        "/v1/queues/{name}/resume": queues.QueueResume(process),
        "/v1/workers": queues.WorkerList(process),
        "/v1/journal": journal.OperatorJournal(process),
        "/v1/webhooks": webhooks.WebhookList(process),
        "/v1/webhooks/{webhook_id}": webhooks.Webhook(process),
        "/v1/webhooks/{webhook_id}/secret": webhooks.WebhookSecret(process),
        "/v1/webhooks/{webhook_id}/rotate-secret": webhooks.WebhookRotation(process),
        "/v1/webhooks/{webhook_id}/deliveries": webhook_deliveries.DeliveriesOfWebhook(process),
        "/v1/webhooks/{webhook_id}/redeliver": webhooks.WebhookRedelivery(process),
        "/v1/webhook-deliveries": webhook_deliveries.DeliveryList(process),
        "/v1/webhook-deliveries/{delivery_id}": webhook_deliveries.Delivery(process),
        "/v1/webhook-deliveries/{delivery_id}/redeliver": webhook_deliveries.Redelivery(process),
        "/v1/cache": cache.Cache(process),
        "/v1/keys": keys.KeyList(process),
        "/v1/keys/{key_id}": keys.Key(process),
        "/v1/session": sessions.Session(process),
    }


class _Headers:
    """Headers that every answer carries."""

    async def process_response(self, _req: Request, resp: Response, _resource: object, _succeeded: bool) -> None:
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.set_header("Referrer-Policy", "no-referrer")
        # Results are downloads: a document that is opened in place can load and run nothing.
        if resp.get_header("Content-Security-Policy") is None:
            resp.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
        if resp.get_header("Cache-Control") is None:
            resp.set_header("Cache-Control", "no-store")


def create(process: Process | None = None) -> Lingering:
    """The ASGI application of one process. Raises ValueError when an operation cannot have what it needs."""
    process = process or Process()
    app: App[Any, Any] = App(middleware=[RouteNote(), process, BrowserGuard(), Authentication(process), _Headers()])
    problem_details.install(app)
    app.resp_options.media_handlers[MEDIA_JSON] = JSONHandler(dumps=orjson.dumps, loads=orjson.loads)
    addresses = routes(process)
    for address, resource in addresses.items():
        app.add_route(address, resource)
    app.add_route("/openapi.json", OpenApi(process, addresses))
    app.add_route("/docs", web_page.Reference())
    app.add_route("/page/{content}/{path:path}", web_page.PageFile())
    _check_names(process, addresses)
    chains.check(process.catalogue)
    return Lingering(Observed(Unstalled(app)), process)


def _check_names(process: Process, addresses: dict[str, object]) -> None:
    for name, operation in process.catalogue.operations.items():
        if f"/v1/{name}" in addresses or any(address.startswith(f"/v1/{name}/") for address in addresses):
            raise ValueError(f"the operation {name!r} is called as a part of the interface")
        if taken := set(RESERVED) & set(operation.options.model_fields):
            raise ValueError(f"options of {name!r} are called as fields that every operation has: {taken}")
