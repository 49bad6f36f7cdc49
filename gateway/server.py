"""Starts the gateway: `python -m gateway.server`."""

from __future__ import annotations

import logging
import math
import sys
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers import gasgi

from gateway.lingering import Lingering
from gateway.scheduler import BadSchedule, schedules
from gateway.slow_clients import PunctualProtocol
from shared import catalogue, settings
from shared.logs import configure, get_logger

log = get_logger()

#: When the process is told to stop, requests get so long to finish; who only waits is sent home at once.
_GRACE_S = 15
#: A process whose event loop is stuck for so long is replaced.
_STUCK_S = 30
#: A connection without a request is kept so long. Gunicorn waits for idle ones, too, before it ends.
_IDLE_S = 5


class QuietLogger(Logger):
    """Gunicorn's messages, in our log; no access log, whose lines would hold names and queries."""

    def setup(self, cfg: Any) -> None:
        """Leave the handlers to the root logger."""
        self.cfg = cfg
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)
        self.access_log.propagate = False

    @property
    def access_log_enabled(self) -> bool:
        """Never."""
        return False


class GatewayWorker(gasgi.ASGIWorker):
    """Gunicorn's ASGI worker, which sends those home who only wait when it is told to stop."""

    asgi: Lingering

    def init_process(self) -> None:
        """Serve with our protocol: gunicorn has no setting for it."""
        gasgi.ASGIProtocol = PunctualProtocol  # type: ignore[attr-defined]
        super().init_process()

    def handle_exit_signal(self) -> None:
        """SIGTERM: finish what is under way."""
        self.asgi.process.stop()
        super().handle_exit_signal()


class Server(BaseApplication):
    """The gateway's processes."""

    def load_config(self) -> None:
        """Everything that gunicorn is told."""
        chosen = settings.current()
        told: dict[str, Any] = {
            "bind": chosen.bind,
            "workers": chosen.gateway_processes,
            "worker_class": GatewayWorker,
            "asgi_loop": "uvloop",
            "asgi_lifespan": "on",
            # Also the longest silence inside a body; a client is told earlier than that.
            "timeout": max(_STUCK_S, math.ceil(chosen.client_silent_s) + 5),
            "graceful_timeout": _GRACE_S,
            "keepalive": _IDLE_S,
            "logger_class": QuietLogger,
            "control_socket_disable": True,
            "proc_name": "bindery-gateway",
        }
        assert self.cfg
        for name, value in told.items():
            self.cfg.set(name, value)

    def load(self) -> Lingering:
        """The application, made in each process."""
        from gateway.app import create

        return create()


def main() -> None:
    """Serve until told to stop."""
    chosen = settings.current()
    configure("gateway")
    try:
        schedules(catalogue.load())
    except BadSchedule as error:
        log.error("gateway.refuses_to_start", reason=str(error))
        sys.exit(2)
    log.info("gateway.starting", bind=chosen.bind, processes=chosen.gateway_processes, keys_needed=chosen.keys_needed)
    if chosen.allow_open_bind and not chosen.keys_needed:
        log.warning("gateway.open", remedy="whatever stands in front of it must ask for a key")
    Server().run()


if __name__ == "__main__":
    main()
