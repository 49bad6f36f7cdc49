"""Keeps web pages that somebody visits from using a gateway on the same machine through that person's browser.

Where no keys are needed, loopback is the only fence, and a browser stands inside it; where they are, a browser that
signed in sends its session with whatever any page makes it send.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from falcon.asgi import Request, Response

from shared import settings
from shared.errors import ForeignHost, ForeignPage

_HARMLESS = ("GET", "HEAD", "OPTIONS")


class BrowserGuard:
    """Refuses what only a page of another site would send."""

    async def process_request(self, req: Request, _resp: Response) -> None:
        """Raises ForeignPage or ForeignHost."""
        # Every browser says where a request comes from (Fetch Metadata); programs say nothing.
        if req.method not in _HARMLESS and (
            req.get_header("Sec-Fetch-Site") in ("cross-site", "same-site") or _of_other_origin(req)
        ):
            raise ForeignPage
        # A page can have its own name resolved to 127.0.0.1 (DNS rebinding), but it cannot change that name.
        chosen = settings.current()
        if not chosen.keys_needed and not chosen.allow_open_bind and not _is_ours(req.host):
            raise ForeignHost


def _of_other_origin(req: Request) -> bool:
    """Whether a page of another address, also of another port of this one, sends the request.

    Browsers leave Fetch Metadata out where the page did not come over TLS; Origin they always send with a POST.
    """
    origin = req.get_header("Origin")
    return origin is not None and urlsplit(origin).netloc not in (req.netloc, req.forwarded_host)


def _is_ours(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
