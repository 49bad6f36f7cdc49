"""Sends one stored document: Range, ETag, a name that is safe in a header."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

from falcon.asgi import Request, Response

from shared import names
from shared.errors import RangeNotSatisfiable
from shared.storage import Storage

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


async def deliver(req: Request, resp: Response, store: Storage, document: dict[str, Any]) -> None:
    """Answer with a document, or the part of it that the request asks for (RFC 9110, 13 and 14).

    `document` has `name`, `media_type`, `bytes`, `sha256`, `storage_key`. Several ranges at once are answered with
    the whole, as the standard allows. Raises StorageUnavailable before anything was sent.
    """
    size, etag = document["bytes"], f'"{document["sha256"]}"'
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
    if _matches(req.get_header("If-None-Match"), etag):
        resp.set_headers(headers)
        resp.status = 304
        return
    try:
        part = _asked_part(req, etag, size)
    except RangeNotSatisfiable:
        resp.set_header("Content-Range", f"bytes */{size}")
        raise
    start, end = part or (0, size)
    if req.method != "HEAD":
        resp.stream = await _opened(store.read(document["storage_key"], start=start, end=end))
    # Not before: an error must not carry the headers of the document.
    resp.set_headers({**headers, "Content-Disposition": names.content_disposition(document["name"])})
    if part:
        resp.set_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        resp.status = 206
    resp.content_type = document["media_type"]
    resp.content_length = end - start


def _matches(given: str | None, etag: str) -> bool:
    return given is not None and (given.strip() == "*" or etag in re.findall(r'"[^"]*"', given))


def _asked_part(req: Request, etag: str, size: int) -> tuple[int, int] | None:
    """First byte and the one behind the last, or None for the whole document. Raises RangeNotSatisfiable."""
    found = _RANGE.fullmatch((req.get_header("Range") or "").replace(" ", ""))
    if not found or not (found[1] or found[2]):
        return None
    if (known := req.get_header("If-Range")) is not None and known.strip() != etag:
        return None
    if found[1]:
        start, end = int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
        if found[2] and int(found[2]) < start:
            return None
    else:
        start, end = max(size - int(found[2]), 0), size
    if start >= end:
        raise RangeNotSatisfiable(f"The document has {size} bytes.")
    return start, end


async def _opened(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, of which the first has been read: what is missing in storage is found before the answer."""
    first = await anext(pieces, b"")

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return all_of_them()
