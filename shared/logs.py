"""Log lines are events with fields, as JSON on stderr; secrets and document contents never reach them."""

from __future__ import annotations

import logging
import sys

import structlog

from shared import settings, tracing

#: Fields whose values never reach a log, whoever passes them.
_SECRET_FIELDS = frozenset({"password", "secret", "secret_key", "token", "authorization", "database_url", "redis_url"})


def _hide_secrets(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name in _SECRET_FIELDS & event.keys():
        event[name] = "***"
    return event


def _with_trace(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if place := tracing.current():
        event["trace_id"] = place.trace_id
    return event


def configure(component: str) -> None:
    """Send every log line of this process to stderr, named after `component` (gateway, worker.compression, ...)."""
    chosen = settings.current()

    def with_component(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        # Not bound as a context variable: threads begin without those.
        return {"component": component, **event}

    shared: list[structlog.typing.Processor] = [
        with_component,
        _with_trace,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _hide_secrets,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if chosen.log_format == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[chosen.log_level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries speak through `logging`: the same stream and shape, warnings and worse only.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def get_logger() -> structlog.stdlib.BoundLogger:
    """A logger whose calls are `log.info("job.claimed", job_id=..., attempt=...)`."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger()
    return logger
