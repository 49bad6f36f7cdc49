"""The openai client with the worker as its network: importing it takes half a second and more, so only when needed."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx2
from openai import OpenAI

from services.ai.model.errors import ModelNotConfigured
from shared.asking import Asker, NotAnswered

#: Engines know neither address nor key: the worker puts both in place of these.
_NO_ADDRESS, _NO_KEY = "http://model.invalid", "not-known-here"


class _ThroughTheWorker(httpx2.BaseTransport):
    """Hands each request to the worker."""

    def __init__(self, ask: Asker) -> None:
        self._ask = ask

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        limit_s = float(request.extensions["timeout"]["read"])
        try:
            answered = self._ask(urlsplit(str(request.url)).path, request.read(), limit_s)
        except NotAnswered as error:
            kind = httpx2.ReadTimeout if error.kind == "time_limit" else httpx2.NetworkError
            raise kind(f"{error.kind}: {error}") from None
        return httpx2.Response(answered.status, headers=dict(answered.headers), content=answered.body)


def connect(ask: Asker | None) -> OpenAI:
    """A client that tries nothing twice, follows no redirection, and takes nothing from the environment.

    Raises:
        ModelNotConfigured: the worker has no server to ask.
    """
    if ask is None:
        raise ModelNotConfigured()
    # What is not given here the client would look for in OPENAI_* variables.
    return OpenAI(
        api_key=_NO_KEY,
        admin_api_key="",
        organization="",
        project="",
        webhook_secret="",
        base_url=_NO_ADDRESS,
        max_retries=0,
        http_client=httpx2.Client(transport=_ThroughTheWorker(ask), follow_redirects=False, trust_env=False),
    )
