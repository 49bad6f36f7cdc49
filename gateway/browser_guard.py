"""Keeps web pages that somebody visits from using a gateway on the same machine through that person's browser.

As long as there is no authentication, loopback is the only fence, and a browser stands inside it.
"""

from __future__ import annotations

import ipaddress

from falcon.asgi import Request, Response

from shared import settings
from shared.errors import ForeignHost, ForeignPage

_HARMLESS = ("GET", "HEAD", "OPTIONS")


class BrowserGuard:
    """Refuses what only a page of another site would send."""

    async def process_request(self, req: Request, _resp: Response) -> None:
        """Raises ForeignPage or ForeignHost."""
        # Every browser says where a request comes from (Fetch Metadata); programs say nothing.
        if req.method not in _HARMLESS and req.get_header("Sec-Fetch-Site") in ("cross-site", "same-site"):
            raise ForeignPage
        # A page can have its own name resolved to 127.0.0.1 (DNS rebinding), but it cannot change that name.
        if not settings.current().allow_open_bind and not _is_ours(req.host):
            raise ForeignHost


def _is_ours(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
