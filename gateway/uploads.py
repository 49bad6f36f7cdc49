"""Receives a multipart form: files go to storage while they arrive and are hashed, fields are kept in memory."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from falcon import HTTPInvalidHeader
from falcon.asgi import Request
from falcon.asgi.multipart import BodyPart
from falcon.media import MultipartFormHandler
from falcon.media.multipart import MultipartParseError
from uuid_utils.compat import uuid7

from gateway.fetched_files import Fetching
from gateway.fields import Problems
from gateway.fields import not_accepted as not_accepted
from shared import names, settings, storage
from shared.errors import (
    EmptyFile,
    MalformedMultipart,
    NotMultipart,
    TooManyFiles,
    UnsupportedMediaType,
    UrlError,
    UrlTooLarge,
)
from shared.jobs import StoredFile
from shared.media_types import accepted, recognise
from shared.operation import Operation

#: Form fields beside the files: more than any operation has options.
MOST_FIELDS = 200
#: Longest value of one field, in bytes.
LONGEST_FIELD_BYTES = 64 * 1024
#: All fields together, in bytes.
_ALL_FIELDS_BYTES = 1024 * 1024
#: Pieces are gathered to this size: each costs a call into storage.
_PIECE_BYTES = 256 * 1024


@dataclass
class Received:
    """What came with a request, complete."""

    #: The id of the job that each file belongs to; one job takes all files of an operation on many.
    files: list[tuple[UUID, StoredFile]] = field(default_factory=list)
    #: Name and value of each field, as they came.
    fields: list[tuple[str, str]] = field(default_factory=list)


class Upload:
    """One form on its way in. Everything it stored can be erased until its jobs exist."""

    def __init__(self, operation: Operation, store: storage.Storage) -> None:
        self._operation = operation
        self._store = store
        #: Jobs for which something may have been stored.
        self.job_ids: list[UUID] = []
        self.received = Received()

    async def receive(self, req: Request, problems: Problems) -> None:
        """Take in the whole form. Files that are wrong become `problems`, so that all are named in one answer.

        Raises:
            NotMultipart, MalformedMultipart: there is no form, or not a whole one.
            TooLarge, TooManyFiles: a limit of this server was met; the rest is not read.
            StorageFull, StorageUnavailable: a file could not be kept.
        """
        if self._operation.inputs == "none":
            self.job_ids.append(uuid7())
            if not req.content_type:
                return
        if not (req.content_type or "").lower().startswith("multipart/form-data"):
            raise NotMultipart
        handler = MultipartFormHandler()
        # One too many of each, so that it is met where there are words for it.
        handler.parse_options.max_body_part_count = settings.current().max_files + MOST_FIELDS + 2
        try:
            form = await handler.deserialize_async(req.stream, req.content_type, req.content_length)
            async for part in form:
                if part.name == "file":
                    await self._take_file(part, problems)
                else:
                    await self._take_field(part)
        except (HTTPInvalidHeader, MultipartParseError, ValueError) as error:
            raise MalformedMultipart from error

    async def _take_file(self, part: BodyPart, problems: Problems) -> None:
        if self._operation.inputs == "none":
            problems.add("file", "unwanted_file", f"{self._operation.name} takes no file.")
            return
        await self._keep(part.filename, part.stream, problems)

    async def fetch(self, urls: Sequence[str], problems: Problems) -> None:
        """Fetch documents as if they had come with the form. What cannot be had becomes `problems`."""
        most = settings.current().max_urls
        if len(urls) > most:
            said = (
                f"This server fetches at most {most} URLs for one request." if most else "This server fetches no URLs."
            )
            problems.add("url", "too_many_urls", said)
            return
        fetching = Fetching()
        for number, url in enumerate(urls):
            try:
                async with fetching.opened(url) as (claimed, pieces):
                    await self._keep(claimed, pieces, problems)
            except (UrlError, UrlTooLarge) as error:
                problems.add_error("url" if len(urls) == 1 else f"url.{number}", error)

    async def _keep(self, claimed: str | None, pieces: AsyncIterable[bytes], problems: Problems) -> None:
        """Store one document under the name that somebody claims. What is wrong with it becomes `problems`."""
        number = self._number(len(self.received.files) + problems.files)
        job_id, position = self._place(number)
        key = storage.input_key(job_id, position)
        name = names.safe(claimed, otherwise=f"document{self._operation.accepts[0].suffix}")
        limit_bytes = settings.current().max_upload_bytes
        try:
            stored = await self._store.receive(key, _gathered(pieces), limit_bytes=limit_bytes)
            found = recognise(stored.head, name)
            media_type = accepted(found, self._operation.accepts)
            if media_type is None:
                raise not_accepted(self._operation, found.label if found else None)
        except (EmptyFile, UnsupportedMediaType) as error:
            problems.add_file(name, error)
            return
        kept = StoredFile(name, media_type.name, stored.bytes, stored.sha256, key)
        self.received.files.append((job_id, kept))

    def lend(self, stored: StoredFile) -> None:
        """Take a document that an earlier job made as if it had come with the form. Raises TooManyFiles."""
        number = self._number(len(self.received.files))
        self.received.files.append((self._place(number)[0], stored))

    def _number(self, so_far: int) -> int:
        if so_far >= settings.current().max_files:
            raise TooManyFiles(f"This server accepts at most {settings.current().max_files} files in one request.")
        return so_far + 1

    def _place(self, number: int) -> tuple[UUID, int]:
        """The job and the position that the file with this number belongs to."""
        if number == 1 or self._operation.inputs == "one":
            self.job_ids.append(uuid7())
        return self.job_ids[-1], 0 if self._operation.inputs == "one" else number - 1

    async def _take_field(self, part: BodyPart) -> None:
        if len(self.received.fields) >= MOST_FIELDS:
            raise MalformedMultipart(f"The form has more than {MOST_FIELDS} fields.")
        value = await part.stream.read(LONGEST_FIELD_BYTES + 1)
        so_far = sum(len(earlier) for _, earlier in self.received.fields)
        if len(value) > LONGEST_FIELD_BYTES or so_far + len(value) > _ALL_FIELDS_BYTES:
            raise MalformedMultipart(f"A field of the form is longer than {LONGEST_FIELD_BYTES:,} bytes.")
        self.received.fields.append((part.name or "", value.decode()))


async def _gathered(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    gathered = bytearray()
    async for piece in pieces:
        gathered += piece
        if len(gathered) >= _PIECE_BYTES:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)
