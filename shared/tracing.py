"""One trace from a request over the job's row into the worker's attempt: W3C trace context, and spans by OpenTelemetry.

Every request has a trace id, which log lines and the row carry. Spans are made and sent (OTLP over HTTP) only where an
endpoint is configured; without one, OpenTelemetry is not even imported. Attributes name no document.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

from shared import settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

#: What an attribute of a span may be.
Attribute = str | int | float | bool

_HEADER = re.compile(r"^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$")
_STANDARD_VARIABLES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
#: How long a process that ends tries to send what is left.
_LAST_FLUSH_S = 3.0


@dataclass(frozen=True)
class Place:
    """Where in which trace something happens."""

    trace_id: str
    span_id: str
    sampled: bool = False

    @property
    def header(self) -> str:
        """As W3C Trace Context writes it: the value of `traceparent`."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


def parse(header: str | None) -> Place | None:
    """The place that a `traceparent` names; None for what is none."""
    found = _HEADER.match(header or "")
    return Place(found[1], found[2], bool(int(found[3], 16) & 1)) if found else None


_place: ContextVar[Place | None] = ContextVar("trace_place", default=None)


def current() -> Place | None:
    """Where this thread, or this task, is at the moment."""
    return _place.get()


class Tracing:
    """Sends spans, where an endpoint is configured. One per process."""

    def __init__(self) -> None:
        self._provider: TracerProvider | None = None

    def start(self, component: str) -> None:
        """Begin to send spans as `bindery-<component>`. In the process that makes them: its thread survives no fork."""
        endpoint = settings.current().otlp_endpoint
        if not endpoint and not any(os.environ.get(name) for name in _STANDARD_VARIABLES):
            return
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        resource = Resource.create({"service.name": f"bindery-{component}", "service.version": version("bindery")})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces") if endpoint else OTLPSpanExporter()
        self._provider.add_span_processor(BatchSpanProcessor(exporter))

    def stop(self) -> None:
        """Send what is left, for at most a few seconds."""
        if self._provider:
            # Its own limits are longer than a process that was told to stop has.
            last = threading.Thread(target=self._provider.shutdown, name="last-spans", daemon=True)
            last.start()
            last.join(_LAST_FLUSH_S)
            self._provider = None

    @contextmanager
    def span(
        self, name: str, *, parent: Place | None = None, kind: Literal["internal", "server"] = "internal"
    ) -> Iterator[dict[str, Attribute]]:
        """What happens inside is a part of `parent`, or of where this thread is; a trace of its own without either.

        Yields the attributes: whatever is put there until the end belongs to the span.
        """
        parent = parent or current()
        attributes: dict[str, Attribute] = {}
        if self._provider is None:
            # One place per trace is enough for those who only read the log.
            with _at(parent or Place(secrets.token_hex(16), secrets.token_hex(8))):
                yield attributes
            return
        span = self._started(name, parent, kind=kind)
        try:
            with _at(_place_of(span)):
                yield attributes
        except BaseException as error:
            # Its text may quote a document.
            attributes["error.type"] = type(error).__name__
            raise
        finally:
            span.set_attributes(attributes)
            span.end()

    def record(self, name: str, parent: Place | None, since_s: float, until_s: float, **attributes: Attribute) -> None:
        """A part of `parent` that is over already, between two moments in seconds since 1970."""
        if self._provider is None:
            return
        span = self._started(name, parent, start_ns=int(since_s * 1e9))
        span.set_attributes(attributes)
        span.end(int(max(since_s, until_s) * 1e9))

    def _started(self, name: str, parent: Place | None, *, kind: str = "internal", start_ns: int | None = None) -> Any:
        from opentelemetry import trace

        assert self._provider
        context = None
        if parent:
            flags = trace.TraceFlags(trace.TraceFlags.SAMPLED if parent.sampled else trace.TraceFlags.DEFAULT)
            of_parent = trace.SpanContext(int(parent.trace_id, 16), int(parent.span_id, 16), True, flags)
            context = trace.set_span_in_context(trace.NonRecordingSpan(of_parent))
        return self._provider.get_tracer("bindery").start_span(
            name, context, kind=trace.SpanKind[kind.upper()], start_time=start_ns or time.time_ns()
        )


@contextmanager
def _at(place: Place) -> Iterator[None]:
    token = _place.set(place)
    try:
        yield
    finally:
        _place.reset(token)


def _place_of(span: Any) -> Place:
    found = span.get_span_context()
    return Place(f"{found.trace_id:032x}", f"{found.span_id:016x}", found.trace_flags.sampled)


#: The tracing of this process.
TRACING = Tracing()
