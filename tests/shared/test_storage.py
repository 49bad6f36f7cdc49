"""Storage: the same behaviour in a local folder and in S3 (moto's server), and nothing left behind by a failure."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from shared.errors import EmptyFile, StorageFull, StorageUnavailable, TooLarge
from shared.media_types import SNIFFED_BYTES
from shared.storage import Storage, input_key, job_folder, output_key


@pytest.fixture(scope="module")
def s3_bucket() -> Iterator[str]:
    """A bucket on moto's server; obstore and boto3 find it through AWS_* variables."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    client = boto3.client("s3")
    client.create_bucket(Bucket="documents")
    client.close()
    yield "s3://documents/bindery"
    server.stop()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return Storage((tmp_path / "storage").as_uri())
    return Storage(f"{request.getfixturevalue('s3_bucket')}/{uuid.uuid4()}")


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def collected(store: Storage, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in store.read(key, start=start, end=end)])


JOB = uuid.UUID(int=7)


def test_what_was_received_comes_back_with_its_hash(store: Storage, tmp_path: Path):
    document = os.urandom(700_000)
    parts = [document[at : at + 100_000] for at in range(0, len(document), 100_000)]

    received = asyncio.run(store.receive(input_key(JOB, 0), pieces(*parts), limit_bytes=10**6))

    assert received.bytes == len(document)
    assert received.sha256 == hashlib.sha256(document).hexdigest()
    assert received.head == document[:SNIFFED_BYTES]
    store.fetch(input_key(JOB, 0), tmp_path / "copy", sha256=received.sha256)
    assert (tmp_path / "copy").read_bytes() == document
    assert asyncio.run(collected(store, input_key(JOB, 0))) == document
    assert asyncio.run(collected(store, input_key(JOB, 0), 5, 11)) == document[5:11]
    assert asyncio.run(collected(store, input_key(JOB, 0), 699_990)) == document[699_990:]


def test_a_large_upload_is_stored_in_parts(store: Storage):
    part = os.urandom(1024**2)

    received = asyncio.run(store.receive("jobs/x/input/0", pieces(*[part] * 12), limit_bytes=10**8))

    assert received.bytes == 12 * 1024**2
    assert asyncio.run(collected(store, "jobs/x/input/0", 11 * 1024**2)) == part


def test_a_file_beyond_the_limit_leaves_nothing_behind(store: Storage):
    with pytest.raises(TooLarge):
        asyncio.run(store.receive(input_key(JOB, 0), pieces(b"x" * 10, b"y" * 10), limit_bytes=15))

    assert store.erase(job_folder(JOB)) == 0


def test_an_empty_file_is_refused_and_leaves_nothing_behind(store: Storage):
    with pytest.raises(EmptyFile):
        asyncio.run(store.receive(input_key(JOB, 0), pieces(), limit_bytes=15))

    assert store.erase(job_folder(JOB)) == 0


def test_a_client_that_goes_away_leaves_nothing_behind(store: Storage):
    async def broken() -> AsyncIterator[bytes]:
        yield b"half of "
        raise ConnectionResetError

    with pytest.raises((ConnectionResetError, StorageUnavailable)):
        asyncio.run(store.receive(input_key(JOB, 0), broken(), limit_bytes=100))

    assert store.erase(job_folder(JOB)) == 0


def test_a_document_that_changed_in_storage_is_not_used(store: Storage, tmp_path: Path):
    (tmp_path / "out").write_bytes(b"result")
    store.store(output_key(JOB, 1, 0), tmp_path / "out")

    with pytest.raises(StorageUnavailable, match="hash differs"):
        store.fetch(output_key(JOB, 1, 0), tmp_path / "copy", sha256="0" * 64)


def test_a_missing_document_is_a_clear_error(store: Storage, tmp_path: Path):
    with pytest.raises(StorageUnavailable):
        store.fetch("jobs/none/1/0", tmp_path / "copy", sha256="0" * 64)


def test_erasing_a_job_takes_all_of_it_and_nothing_else(store: Storage, tmp_path: Path):
    (tmp_path / "out").write_bytes(b"result")
    other = uuid.UUID(int=8)
    for key in (input_key(JOB, 0), output_key(JOB, 1, 0), output_key(JOB, 2, 0), input_key(other, 0)):
        store.store(key, tmp_path / "out")

    assert store.erase(job_folder(JOB)) == 3

    assert asyncio.run(collected(store, input_key(other, 0))) == b"result"
    assert store.erase(job_folder(JOB)) == 0


def test_a_folder_keeps_no_empty_folders_of_erased_jobs(tmp_path: Path):
    store = Storage((tmp_path / "storage").as_uri())
    (tmp_path / "out").write_bytes(b"result")
    store.store(output_key(JOB, 1, 0), tmp_path / "out")

    store.erase(job_folder(JOB))

    assert list((tmp_path / "storage" / "jobs").iterdir()) == []


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("mount"), reason="a full disk is made with a tmpfs, which needs root"
)
def test_a_full_disk_is_told_apart_and_leaves_nothing_behind(tmp_path: Path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", small], capture_output=True).returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        store = Storage(small.as_uri())
        with pytest.raises(StorageFull):
            asyncio.run(store.receive(input_key(JOB, 0), pieces(*[b"x" * 100_000] * 5), limit_bytes=10**9))
        assert [path for path in small.rglob("*") if path.is_file()] == []
    finally:
        subprocess.run(["umount", small], check=True)
