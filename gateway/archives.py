"""Streams several documents as one zip, without a copy on disk or in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from falcon.asgi import Request, Response
from stream_zip import ZIP_AUTO, AsyncMemberFile, async_stream_zip

from shared import names
from shared.storage import Storage

_MODE = 0o600
#: The documents are compressed in themselves: they are stored as they are.
_STORED = 0


def deliver_zip(
    req: Request,
    resp: Response,
    store: Storage,
    name: str,
    at: datetime,
    documents: list[dict[str, Any]],
    manifest: tuple[str, dict[str, Any]] | None = None,
) -> None:
    """Answer with a zip called `name` of documents, all dated `at`, whose names differ.

    `manifest` is the name and the content of a JSON file that comes first.
    """
    resp.content_type = "application/zip"
    resp.set_header("Content-Disposition", names.content_disposition(name))
    if req.method == "HEAD":
        return

    async def members() -> AsyncIterator[AsyncMemberFile]:
        if manifest:
            text = json.dumps(manifest[1], indent=2, ensure_ascii=False).encode()
            yield manifest[0], at, _MODE, ZIP_AUTO(len(text), level=_STORED), _once(text)
        for document in documents:
            method = ZIP_AUTO(document["bytes"], level=_STORED)
            yield document["name"], at, _MODE, method, store.read(document["storage_key"])

    resp.stream = aiter(async_stream_zip(members()))


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
