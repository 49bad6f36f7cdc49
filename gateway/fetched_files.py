"""Documents that a form names by URL: opened as the caller's word allows, under a name that the other host claims."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import Message
from urllib.parse import unquote

from shared import settings
from shared.errors import UrlRefused
from shared.outbound.fetching import Answer, Limits, opened

#: The only status that brings a document.
_OK = 200
_MOST_REDIRECTS = 5
#: Longest header that is searched for a name, in characters: the search is quadratic.
_LONGEST_HEADER = 2000


class Fetching:
    """All URLs of one request, which share one time limit."""

    def __init__(self) -> None:
        self._until_s = asyncio.get_running_loop().time() + settings.current().fetch_time_limit_s

    @asynccontextmanager
    async def opened(self, url: str) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        """The name that the host gives the document, unchecked, and its bytes. Raises what `fetching.opened` does."""
        left_s = self._until_s - asyncio.get_running_loop().time()
        limits = Limits(
            total_s=max(left_s, 0),
            most_bytes=settings.current().max_upload_bytes,
            most_redirects=_MOST_REDIRECTS,
        )
        async with opened(url, limits) as answer:
            if answer.status != _OK:
                raise UrlRefused(f"The host of the URL answered with the status {answer.status}.")
            yield _claimed_name(answer), answer.pieces()


def _claimed_name(answer: Answer) -> str:
    """What Content-Disposition says (RFC 6266), else the last part of the path."""
    header, message = answer.headers.get("content-disposition", ""), Message()
    told = None
    if len(header) <= _LONGEST_HEADER:
        message["Content-Disposition"] = header
        with suppress(ValueError, LookupError):
            told = message.get_filename()
    return told or unquote(answer.target.url.path.rpartition("/")[2])
