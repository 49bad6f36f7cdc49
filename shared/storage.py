"""Documents by key, in a local folder or in S3: streamed, hashed on the way, durable before anyone is told.

Keys: `jobs/<job>/input/<position>` and `jobs/<job>/<attempt>/<position>`. The attempt in the name means that two
attempts never write to one place; readers find a key only through the job's row. What no row names is garbage.
"""

from __future__ import annotations

import asyncio
import builtins
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import obstore
from obstore.exceptions import BaseError as ObstoreError
from obstore.store import LocalStore, from_url

from shared import counts, metrics
from shared.errors import EmptyFile, StorageFull, StorageUnavailable, TooLarge
from shared.media_types import SNIFFED_BYTES

#: Pieces in which documents are read: large enough for the disk, small enough for many at once.
_PIECE_BYTES = 256 * 1024


#: Uploads up to this size are held in memory and stored in one request.
_SMALL_BYTES = 1024**2


#: The prefix of all documents.
ALL_JOBS = "jobs/"


def input_key(job_id: UUID, position: int) -> str:
    """Where an input of a job lies."""
    return f"{job_folder(job_id)}input/{position}"


def output_key(job_id: UUID, attempt: int, position: int) -> str:
    """Where an output of one attempt at a job lies."""
    return f"{attempt_folder(job_id, attempt)}{position}"


def attempt_folder(job_id: UUID, attempt: int) -> str:
    """The prefix of everything that one attempt stored."""
    return f"{job_folder(job_id)}{attempt}/"


def job_folder(job_id: UUID) -> str:
    """The prefix of everything that belongs to a job."""
    return f"{ALL_JOBS}{job_id}/"


@dataclass(frozen=True)
class Received:
    """What is known of bytes that were stored: how many, their SHA-256 in hexadecimal, how they begin."""

    sha256: str
    head: builtins.bytes
    bytes: int


@dataclass(frozen=True)
class Document:
    """What a listing says of one document."""

    key: str
    bytes: int
    modified_at: datetime


class Storage:
    """One place for documents: `file:///folder` or `s3://bucket/prefix` (credentials from AWS_* variables)."""

    def __init__(self, url: str) -> None:
        """Raises StorageUnavailable when a folder cannot be made, or the URL names no storage."""
        options: dict[str, Any] = {"mkdir": True} if urlsplit(url).scheme == "file" else {}
        with _clear_errors():
            self._store = from_url(url, **options)
        self._folder = Path(self._store.prefix) if isinstance(self._store, LocalStore) and self._store.prefix else None

    async def receive(self, key: str, pieces: AsyncIterator[bytes], *, limit_bytes: int) -> Received:
        """Store what `pieces` yields; when this returns the bytes are durable. On an error nothing stays behind.

        Raises:
            TooLarge: more than `limit_bytes` came.
            EmptyFile: nothing came.
            StorageFull, StorageUnavailable: the bytes could not be written.
        """
        digest, head, count = hashlib.sha256(), bytearray(), 0

        async def measured() -> AsyncIterator[bytes]:
            nonlocal count
            async for piece in pieces:
                count += len(piece)
                if count > limit_bytes:
                    raise TooLarge(f"The file is larger than the {limit_bytes:,} bytes that this server accepts.")
                digest.update(piece)
                if len(head) < SNIFFED_BYTES:
                    head.extend(piece[: SNIFFED_BYTES - len(head)])
                yield piece

        stream = measured()
        start = bytearray()
        with _clear_errors():
            async for piece in stream:
                start += piece
                if len(start) > _SMALL_BYTES:
                    await obstore.put_async(self._store, key, _joined(bytes(start), stream))
                    break
            else:
                if not start:
                    raise EmptyFile
                # In S3 a stream costs three requests, bytes in hand cost one.
                await asyncio.to_thread(self._put, key, bytes(start))
                return Received(digest.hexdigest(), bytes(head), count)
            if self._folder:
                await asyncio.to_thread(_make_durable, self._folder, key)
        return Received(digest.hexdigest(), bytes(head), count)

    def _put(self, key: str, content: builtins.bytes) -> None:
        obstore.put(self._store, key, content)
        if self._folder:
            _make_durable(self._folder, key)

    def store(self, key: str, source: Path) -> Received:
        """Store a local file durably. Raises StorageFull or StorageUnavailable."""
        digest, head, count = hashlib.sha256(), b"", 0
        with source.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                digest.update(piece)
                head = head or piece[:SNIFFED_BYTES]
                count += len(piece)
        with _clear_errors():
            obstore.put(self._store, key, source)
            if self._folder:
                _make_durable(self._folder, key)
        return Received(digest.hexdigest(), head, count)

    def fetch(self, key: str, target: Path, *, sha256: str) -> None:
        """Copy a document to a local file.

        Raises:
            StorageUnavailable: it is not there, cannot be read, or is not what was stored.
        """
        digest = hashlib.sha256()
        with _clear_errors(), target.open("wb") as file:
            for piece in obstore.get(self._store, key).stream(min_chunk_size=_PIECE_BYTES):
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != sha256:
            raise StorageUnavailable("A stored document is not what was stored: its hash differs.")

    async def copy(self, source: str, target: str) -> None:
        """Copy a document within the storage, durably. Raises StorageUnavailable when it is not there."""
        with _clear_errors():
            await obstore.copy_async(self._store, source, target)
            if self._folder:
                await asyncio.to_thread(_make_durable, self._folder, target)

    async def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to, not including, `end`. Raises StorageUnavailable."""
        with _clear_errors():
            options: Any = {"range": (start, end)} if end is not None else {"range": {"offset": start}}
            found = await obstore.get_async(self._store, key, options=options)
            async for piece in found.stream(min_chunk_size=_PIECE_BYTES):
                yield bytes(piece)

    def documents(self, prefix: str) -> Iterator[Document]:
        """Everything below a folder, in no particular order. Raises StorageUnavailable."""
        with _clear_errors():
            for page in obstore.list(self._store, prefix.rstrip("/")):
                for entry in page:
                    yield Document(entry["path"], entry["size"], entry["last_modified"])

    def erase(self, key: str) -> int:
        """Delete a document, or a folder with all below it (`key` ends in /). Returns how many documents went."""
        with _clear_errors():
            keys = [document.key for document in self.documents(key)] if key.endswith("/") else [key]
            for each in keys:
                with suppress(FileNotFoundError):
                    obstore.delete(self._store, each)
        if self._folder:
            _remove_empty_folders(
                self._folder / key if key.endswith("/") else (self._folder / key).parent, self._folder
            )
        return len(keys)

    async def erase_async(self, key: str) -> int:
        """`erase`, for the gateway."""
        return await asyncio.to_thread(self.erase, key)

    def check(self) -> None:
        """Write, read and delete a small object. Raises StorageFull or StorageUnavailable."""
        # Of its own: with that of another process, or host, one would read what the other has just deleted.
        key = f"checks/{uuid4()}"
        with _clear_errors():
            obstore.put(self._store, key, b"bindery")
            obstore.get(self._store, key).bytes()
            obstore.delete(self._store, key)


async def _joined(start: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield start
    async for piece in rest:
        yield piece


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (ObstoreError, OSError) as error:
        # The local store reports ENOSPC and EDQUOT only in the text of a generic error.
        if any(text in str(error) for text in ("No space left", "StorageFull", "QuotaExceeded", "Disk quota")):
            counts.add(metrics.STORAGE_ERRORS, StorageFull.code)
            raise StorageFull from error
        counts.add(metrics.STORAGE_ERRORS, StorageUnavailable.code)
        raise StorageUnavailable from error


def _make_durable(folder: Path, key: str) -> None:
    # A rename is durable only when its folder is: flush the file, then each folder up to the root.
    path = folder / key
    while True:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if path == folder:
            return
        path = path.parent


def _remove_empty_folders(path: Path, root: Path) -> None:
    if path == root or not path.is_relative_to(root):
        return
    with suppress(OSError):
        for child in path.iterdir():
            if child.is_dir():
                with suppress(OSError):
                    child.rmdir()
        path.rmdir()
