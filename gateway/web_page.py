"""Serves the page for people: the files of `gateway/page/`, from memory, under an address that names their content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from falcon.asgi import Request, Response

from gateway.described import describes
from shared.errors import NotFound

_FOLDER = Path(__file__).with_name("page")
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
#: The page loads nothing from elsewhere and runs nothing that stands in a document, a name or an address.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
#: The address of the files changes with them, so that they never need to be asked for again.
_FOR_EVER = "public, max-age=31536000, immutable"


@cache
def files() -> dict[str, bytes]:
    """The content of each file, by its path in the folder."""
    paths = [path for path in _FOLDER.rglob("*") if path.suffix in _TYPES]
    return {path.relative_to(_FOLDER).as_posix(): path.read_bytes() for path in sorted(paths)}


@cache
def version() -> str:
    """Names the content of all files."""
    digest = hashlib.sha256()
    for path, content in files().items():
        digest.update(b"%s\0%d\0" % (path.encode(), len(content)))
        digest.update(content)
    return digest.hexdigest()[:20]


@cache
def _start(document: str) -> bytes:
    # Modules import each other by relative addresses: what the first one's address begins with holds for all.
    return files()[document].replace(b'"page/', f'"page/{version()}/'.encode())


def answer(req: Request, resp: Response, document: str = "index.html") -> None:
    """Answer with a document that a browser starts with."""
    _send(req, resp, _start(document), _TYPES[".html"], f'"{version()}"', "no-cache")


class Reference:
    """The description of every route, to read and to try."""

    @describes({200: "text/html", 304: None}, scope=None)
    async def on_get(self, req: Request, resp: Response) -> None:
        """Show /openapi.json to people; the page asks no other host for anything."""
        answer(req, resp, "reference.html")


class PageFile:
    """One file of the page."""

    @describes({200: "application/octet-stream", 304: None}, problems=(NotFound,), scope=None)
    async def on_get(self, req: Request, resp: Response, content: str, path: str) -> None:
        """Fetch a file of the page."""
        if path not in files():
            raise NotFound(f"The page has no file {path[:200]!r}.")
        etag = f'"{hashlib.sha256(files()[path]).hexdigest()[:20]}"'
        # While gateways are replaced, one may be asked for a file of the other's page: right now the best there is.
        keep = _FOR_EVER if content == version() else "no-cache"
        _send(req, resp, files()[path], _TYPES[Path(path).suffix], etag, keep)


def _send(req: Request, resp: Response, content: bytes, media_type: str, etag: str, keep: str) -> None:
    resp.set_headers({"ETag": etag, "Cache-Control": keep, "Content-Security-Policy": CONTENT_SECURITY_POLICY})
    if etag in (req.get_header("If-None-Match") or ""):
        resp.status = 304
        return
    resp.content_type, resp.data = media_type, content
