"""The client of a Bindery gateway, for programs.

    from bindery import Client

    with Client("http://127.0.0.1:8000") as bindery:
        job = bindery.submit("compress", "scan.pdf", preset="small")
        done = bindery.wait(job, on_progress=lambda record: print(record.progress.percent))
        bindery.download(done, "smaller.pdf")

It needs httpx and nothing else of this project. `AsyncClient` has the same methods, to be awaited.
"""

from bindery.async_client import AsyncClient
from bindery.client import Client
from bindery.errors import ClientError, NotAGateway, NotCompleted, Refused, TransferFailed, Unreachable
from bindery.records import Batch, Document, Failure, Job, Pipeline, Progress, Record, Step
from bindery.uploads import Url

__all__ = [
    "AsyncClient",
    "Batch",
    "Client",
    "ClientError",
    "Document",
    "Failure",
    "Job",
    "NotAGateway",
    "NotCompleted",
    "Pipeline",
    "Progress",
    "Record",
    "Refused",
    "Step",
    "TransferFailed",
    "Unreachable",
    "Url",
]
